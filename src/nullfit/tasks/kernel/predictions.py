"""What a solution predicts for each split, and how often that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Int64
from torch import Tensor

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.tasks.kernel.interpolation import Interpolant


def held_out(data: RandomizedData) -> dict[str, Split]:
    """The splits to predict for; the clean test set only where it is another."""
    splits = {"test": data.test}
    if data.test_clean is not data.test:
        splits["test_clean"] = data.test_clean
    if data.val is not None:
        splits["val"] = data.val
    return splits | {f"test_{name}": split for name, split in data.other_tests.items()}


@dataclass(frozen=True)
class Predictions:
    """The class with the largest value, for the samples of each split."""

    data: RandomizedData
    classes: Mapping[str, Int64[Tensor, " _"]]

    @classmethod
    def of(cls, data: RandomizedData, found: Interpolant) -> "Predictions":
        """Of a solution for the training set and for what `held_out` gives."""
        scores = {"train": found.train, **dict(zip(held_out(data), found.others, strict=True))}
        return cls(data, {name: values.argmax(1).cpu() for name, values in scores.items()})

    def errors(self) -> dict[str, float]:
        """Shares of wrong predictions; on the training set, against the labels fitted.

        Where labels were corrupted, ``train/error_true_labels`` is against the true ones.
        """
        data, classes = self.data, self.classes
        splits = {"train": data.train, **held_out(data)}
        found = {f"{name}/error": _share(classes[name] != s.labels) for name, s in splits.items()}
        found.setdefault("test_clean/error", found["test/error"])
        if data.labels_changed:
            found["train/error_true_labels"] = _share(classes["train"] != data.train.true_labels)
        return found

    def arrays(self) -> dict[str, Tensor]:
        """The predictions, and the test set's confusion matrix: rows are true classes."""
        count = len(self.data.classes)
        pairs = self.data.test.labels * count + self.classes["test"]
        confusion = pairs.bincount(minlength=count**2).reshape(count, count)
        named = {f"{name}_predictions": classes for name, classes in self.classes.items()}
        return {"confusion_matrix": confusion, **named}


def _share(wrong: Tensor) -> float:
    return float(wrong.double().mean())
