"""A search over settings: asks Optuna what to try, and tells it what came out."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nullfit.config.search import Between, OneOf, Space
from nullfit.console.messages import name_files, number_of, say
from nullfit.errors import UserError, nearest
from nullfit.results.formats import short
from nullfit.results.result import read_result
from nullfit.system.files import write_text

if TYPE_CHECKING:
    import optuna

TRIALS = "search.csv"


@dataclass(frozen=True)
class Tried:
    """A job, its folder, and the metric that it came to; None if it failed or diverged."""

    words: list[str]
    folder: Path
    value: float | None


class Search:
    """The trials so far. It follows from its settings and from the values that it is told.

    Raises:
        UserError: Optuna is not installed.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        at_once: int,
        metric: str,
        direction: Literal["maximize", "minimize"],
        until: float | None,
        seed: int,
    ) -> None:
        if find_spec("optuna") is None:
            raise UserError("hydra/sweeper=optuna needs a package: pip install 'nullfit[optuna]'.")
        import optuna  # noqa: PLC0415

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.space, self.trials, self.at_once = space, trials, at_once
        self.metric, self.until = metric, until
        self.maximize = direction == "maximize"
        self.tried: list[Tried] = []
        self._asked: list[tuple[optuna.Trial, list[str]]] = []
        sampler = optuna.samplers.TPESampler(seed=seed)
        self._study = optuna.create_study(direction=direction, sampler=sampler)
        self._study.enqueue_trial(space.first)

    @property
    def best(self) -> Tried | None:
        """The trial with the best value, the first of them."""
        known = [one for one in self.tried if one.value is not None]
        sign = 1 if self.maximize else -1
        return max(known, key=lambda one: sign * (one.value or 0.0), default=None)

    @property
    def reached(self) -> bool:
        """Whether the value that ends the search was reached."""
        best = self.best
        if self.until is None or best is None or best.value is None:
            return False
        return best.value >= self.until if self.maximize else best.value <= self.until

    @property
    def over(self) -> bool:
        """Whether nothing more is to be tried."""
        return self.reached or len(self.tried) >= self.trials

    def ask(self) -> list[list[str]]:
        """The overrides of the next jobs."""
        for _ in range(min(self.at_once, self.trials - len(self.tried))):
            trial = self._study.ask({k: _distribution(axis) for k, axis in self.space.axes.items()})
            self._asked.append((trial, self.space.job(trial.params)))
        return [words for _, words in self._asked]

    def tell(self, folders: Sequence[Path]) -> None:
        """Where the jobs that were asked for have left what they came to, in their order.

        Raises:
            UserError: their results have no such metric.
        """
        from optuna.trial import TrialState  # noqa: PLC0415

        for (trial, words), folder in zip(self._asked, folders, strict=True):
            value = self._value(folder)
            self.tried.append(Tried(words, folder, value))
            say(self._told(self.tried[-1]))
            if value is None:
                self._study.tell(trial, state=TrialState.FAIL)
            else:
                self._study.tell(trial, value)
        self._asked = []

    def _value(self, folder: Path) -> float | None:
        result = read_result(folder)
        if result is None or result.get("status") == "diverged":
            return None
        metrics: dict[str, float | None] = result["metrics"]
        if self.metric not in metrics:
            raise UserError(
                f"hydra.sweeper.metric={self.metric} is no metric of {folder.name}."
                + nearest(self.metric, metrics)
            )
        return metrics[self.metric]

    def conclude(self, study: Path) -> None:
        """Say what was best; the trials stand in ``search.csv`` of the study's folder."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["trial", *self.space.axes, self.metric, "job"])
        for number, one in enumerate(self.tried, start=1):
            chosen = dict(word.split("=", 1) for word in one.words)
            own = [chosen[key] for key in self.space.axes]
            writer.writerow([number, *own, "" if one.value is None else one.value, one.folder.name])
        write_text(study / TRIALS, text.getvalue())
        say(self._summary())
        name_files([study / TRIALS])

    def _searched(self, one: Tried) -> str:
        return " ".join(word for word in one.words if word.split("=")[0] in self.space.axes)

    def _told(self, one: Tried) -> str:
        value = "without a value" if one.value is None else f"{self.metric} {short(one.value)}"
        return f"  trial {len(self.tried)}: {self._searched(one)}: {value}"

    def _summary(self) -> str:
        lost = sum(one.value is None for one in self.tried)
        counted = number_of(len(self.tried), "trial") + (
            f", {lost} without a value" if lost else ""
        )
        best = self.best
        if best is None or best.value is None:
            return f"search: no value of {self.metric} in {counted}"
        words = self._searched(best)
        told = f"search: {self.metric} {short(best.value)} with {words} is best of {counted}"
        if self.until is None:
            return told
        return f"{told}; {short(self.until)} was {'' if self.reached else 'not '}reached"


def _distribution(axis: Between | OneOf) -> "optuna.distributions.BaseDistribution":
    from optuna import distributions  # noqa: PLC0415

    if isinstance(axis, OneOf):
        return distributions.CategoricalDistribution(axis.choices)
    if axis.whole:
        low, high = int(axis.low), int(axis.high)
        return distributions.IntDistribution(low, high, log=axis.log, step=axis.step)
    return distributions.FloatDistribution(axis.low, axis.high, log=axis.log)
