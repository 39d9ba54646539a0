"""Evaluating all networks of a stack at once."""

from collections.abc import Sequence
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.fused.stack import Stack
from nullfit.training.evaluation import EVALUATION_BATCH, Evaluation
from nullfit.training.measures import EvaluateSplit

# Images × networks of one pass: the activations should stay in a processor's cache.
_AT_ONCE = 8192


class SplitEvaluations:
    """Evaluations of all members after an epoch, split by split, made when the first is asked for.

    ``data`` are the members' own, in the order of the stack.
    """

    def __init__(self, stack: Stack, data: Sequence[RandomizedData]) -> None:
        self.stack = stack
        self.data = data
        self._found: dict[str, list[Evaluation]] = {}

    def of(self, member: int) -> EvaluateSplit:
        """What evaluates the splits of one member."""
        return partial(self._evaluate, member)

    def _evaluate(self, member: int, split: Split) -> Evaluation:
        names = ("train", "val", "test", "test_clean")
        name = next(name for name in names if getattr(self.data[member], name) is split)
        if name not in self._found:
            splits = [getattr(data, name) for data in self.data]
            self._found[name] = evaluate_together(self.stack, splits)
        return self._found[name][member]


def evaluate_together(stack: Stack, splits: Sequence[Split]) -> list[Evaluation]:
    """One pass of each network over its own split, in evaluation mode.

    Networks whose splits have the same images see them together.
    """
    found: list[Evaluation | None] = [None] * len(splits)
    for members in _by_images(splits):
        part = stack if len(members) == len(stack) else stack.select(members)
        chosen = [splits[member] for member in members]
        for member, evaluation in zip(members, _of_same_images(part, chosen), strict=True):
            found[member] = evaluation
    return [evaluation for evaluation in found if evaluation is not None]


def _by_images(splits: Sequence[Split]) -> list[list[int]]:
    groups: dict[tuple[int, int], list[int]] = {}
    for member, split in enumerate(splits):
        groups.setdefault((split.images.data_ptr(), id(split.prepare)), []).append(member)
    return list(groups.values())


def _of_same_images(stack: Stack, splits: Sequence[Split]) -> list[Evaluation]:
    images, prepare = splits[0].images, splits[0].prepare
    labels = torch.stack([split.labels for split in splits])
    size = min(EVALUATION_BATCH, max(1, _AT_ONCE // len(splits)))
    losses, predictions = [], []
    for batch, target in zip(images.split(size), labels.split(size, dim=1), strict=True):
        logits = stack.logits(batch if prepare is None else prepare(batch), shared=True)
        losses.append(_losses(logits, target))
        predictions.append(logits.argmax(2))
    return [
        Evaluation(split.labels, predicted, loss)
        for split, predicted, loss in zip(
            splits, torch.cat(predictions, 1), torch.cat(losses, 1), strict=True
        )
    ]


def _losses(logits: Float[Tensor, "m n classes"], labels: Tensor) -> Float[Tensor, "m n"]:
    return functional.cross_entropy(logits.movedim(2, 1), labels, reduction="none")
