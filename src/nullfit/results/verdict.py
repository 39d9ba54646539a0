"""What a training shows: whether its network memorizes, learns, or was not trained long enough."""

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nullfit.results.formats import percent

Word = Literal["memorizes", "learns", "not fitted", "diverged"]
Epochs = Sequence[Mapping[str, Any]]

MEANING = (
    "A network memorizes if it fits changed labels, or fits its training set and predicts unseen "
    "images hardly better than chance (by less than a tenth of what is left above it, or than two "
    "standard deviations of guessing on so many images); it learns if it predicts them better."
)

# Of the way from the largest class to a perfect prediction: less of it is called memorizing.
_LITTLE = 0.1
# The loss still falls if it lost so much of itself from one tenth of the epochs to the next.
_FALLS = 0.01
_NO_LIMIT = "trainer.max_epochs=null"
# A run of fewer steps, cut off by a number of epochs, was too short to say anything of its rate.
_FEW_STEPS = 1000
# A learning rate below this share of its highest moves little any more.
_DECAYED = 0.1


@dataclass(frozen=True)
class Verdict:
    """One word, and the reason in a sentence; ``advice`` is a setting that may help."""

    word: Word
    reason: str
    advice: str | None = None

    def __str__(self) -> str:
        """The sentence for people."""
        return f"{self.word}: {self.reason}"


def in_words(verdicts: Sequence[Verdict]) -> str:
    """The words of all runs with their counts, and the advice where all of one word agree."""
    parts = []
    for word, count in Counter(found.word for found in verdicts).most_common():
        advice = {found.advice for found in verdicts if found.word == word}
        agreed = advice.pop() if len(advice) == 1 else None
        which = word if count == len(verdicts) else f"{count} of {len(verdicts)} {word}"
        parts.append(which if agreed is None else f"{which} (give {agreed})")
    return ", ".join(parts)


def verdict(
    result: Mapping[str, Any], rows: Epochs, trainer: Mapping[str, Any], chance: float | None
) -> Verdict:
    """The verdict on a training.

    It memorizes if it fits labels that were changed, or fits its training set and predicts unseen
    images hardly better than someone who always names the largest class of the test set: not by a
    tenth of what is left, or not by more than luck. One that fits changed labels may learn all the
    same from the others.

    Args:
        result: the fields of result.json.
        rows: those of metrics.csv, in order.
        trainer: the section of its configuration.
        chance: the share of the largest class among the test labels, if it is known.
    """
    if result["status"] == "diverged":
        return _diverged(rows)
    if result["fit"]["epochs_to_fit"] is None:
        return _not_fitted(result, rows, trainer)
    return _fitted(result, chance)


def _diverged(rows: Epochs) -> Verdict:
    rates = [float(row["lr"]) for row in rows]
    advice = f"optimizer.lr={max(rates) / 10:.2g}" if rates else None
    return _advised("diverged", "the loss is no longer finite", advice)


def _fitted(result: Mapping[str, Any], chance: float | None) -> Verdict:
    test, share = result["metrics"]["test/accuracy"], result["corruption"]["labels_changed"]
    tested = f"{percent(test)}% of the test {_samples(result)} are right"
    if chance is not None:
        tested += f" (the largest class has {percent(chance)}%)"
    learns = chance is None or test - chance >= max(
        _LITTLE * (1 - chance), _by_chance(chance, result["data"].get("test_samples"))
    )
    # Most labels moved on by one class, or to a similar one, are another rule, which can be learnt.
    corruption = result["corruption"]
    another_rule = (corruption["name"] == "pair_flip_labels" and share > 1 / 2) or (
        corruption["name"] == "asymmetric_labels" and corruption["probability"] > 1 / 2
    )
    if share and not another_rule:
        changed = round(share * result["data"]["train_samples"])
        fitted = result["metrics"]["train/accuracy_corrupted"]
        labels = f"{percent(fitted)}% of {changed:,} changed labels"
        also = ", and learns: " if learns else "; "
        return Verdict("memorizes", f"it fits {labels}{also}{tested}")
    word: Word = "learns" if learns or another_rule else "memorizes"
    return Verdict(word, f"it fits its training set; {tested}")


def _by_chance(chance: float, samples: int | None) -> float:
    """What a prediction of so many samples is above chance by luck in one of forty cases."""
    return 2 * math.sqrt(chance * (1 - chance) / samples) if samples else 0.0


def _samples(result: Mapping[str, Any]) -> str:
    return "rows" if result["data"].get("name") == "table" else "images"


def _not_fitted(result: Mapping[str, Any], rows: Epochs, trainer: Mapping[str, Any]) -> Verdict:
    stop = trainer.get("stop_at_train_accuracy")
    if stop is not None and result["metrics"].get("train/accuracy", 0.0) >= stop:
        reason = f"it was to stop at a training accuracy of {percent(stop)}%"
        return _advised("not fitted", reason, "trainer.stop_at_train_accuracy=1.0")
    if not rows:
        return Verdict("not fitted", "none of its epochs was recorded")
    losses = [float(row["train/running_loss"]) for row in rows]
    rates = [float(row["lr"]) for row in rows]
    falls, decayed = _still_falls(losses), rates[-1] < _DECAYED * max(rates)
    reason = "the loss still falls" if falls else f"the loss stays at {losses[-1]:.2g}"
    if decayed:
        reason += f", while the learning rate has decayed to {rates[-1]:.2g}"
        return _advised("not fitted", reason, "schedule=constant")
    short = result["steps"] < _FEW_STEPS
    if short and not falls:
        reason += f" after {result['steps']:,} steps, which are few"
    if (falls or short) and trainer.get("max_epochs") is not None:
        advice = _NO_LIMIT
        if not trainer.get("stop_at_train_accuracy", 1.0):  # it would go on to the end
            advice += " trainer.stop_at_train_accuracy=1.0"
        reason += "; for as long as it takes"
        return Verdict("not fitted", f"{reason} give {advice}", advice)
    if falls:
        return _advised("not fitted", reason, f"trainer.max_epochs={2 * len(losses)}")
    return _advised("not fitted", reason, f"optimizer.lr={max(rates) / 3:.1g}")


def _advised(word: Word, reason: str, setting: str | None) -> Verdict:
    return Verdict(word, reason if setting is None else f"{reason}; give {setting}", setting)


def _still_falls(losses: Sequence[float]) -> bool:
    """Whether the mean loss of the last tenth of the epochs is below that of the tenth before."""
    tenth = max(1, len(losses) // 10)
    before, last = losses[-2 * tenth : -tenth], losses[-tenth:]
    if not before:
        return True
    return statistics.fmean(last) < (1 - _FALLS) * statistics.fmean(before)
