"""Evaluating all networks of a stack at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.fused.stack import Stack
from nullfit.losses import Loss, cross_entropy
from nullfit.training.evaluation import EVALUATION_BATCH, Evaluation, can_reach
from nullfit.training.margins import margins

# Images × networks of one pass: the activations should stay in a processor's cache.
_AT_ONCE = 8192


class SplitEvaluations:
    """Evaluations of all members after an epoch, split by split, made when the first is asked for.

    ``data`` are the members' own, in the order of the stack.
    """

    def __init__(self, stack: Stack, data: Sequence[RandomizedData], loss: Loss) -> None:
        self.stack = stack
        self.data = data
        self.loss = loss
        self._found: dict[tuple[str, float], list[Evaluation | None]] = {}

    def of(self, member: int) -> "MemberEvaluator":
        """What evaluates the splits of one member."""
        return MemberEvaluator(self, member)

    def evaluate(self, member: int, split: Split, accuracy: float) -> Evaluation | None:
        """The evaluation of one member's split if it comes to at least ``accuracy``."""
        own = self.data[member].splits
        name = next(name for name, known in own.items() if known is split)
        if (name, 0.0) in self._found:
            whole = self._found[name, 0.0][member]
            return whole if whole is not None and whole.accuracy >= accuracy else None
        if (name, accuracy) not in self._found:
            splits = [data.splits[name] for data in self.data]
            self._found[name, accuracy] = evaluate_together(self.stack, splits, accuracy, self.loss)
        return self._found[name, accuracy][member]


@dataclass(frozen=True)
class MemberEvaluator:
    """Evaluates the splits of one member, as `NetworkEvaluator` does for a training alone."""

    evaluations: SplitEvaluations
    member: int

    def __call__(self, split: Split, /) -> Evaluation:
        """The evaluation of one split."""
        found = self.evaluations.evaluate(self.member, split, 0.0)
        assert found is not None  # every accuracy reaches 0
        return found

    def reaching(self, accuracy: float, split: Split, /) -> Evaluation | None:
        """The same where it comes to that accuracy."""
        return self.evaluations.evaluate(self.member, split, accuracy)


def evaluate_together(
    stack: Stack,
    splits: Sequence[Split],
    accuracy: float = 0.0,
    loss: Loss = cross_entropy,
) -> list[Evaluation | None]:
    """One pass of each network over its own split, in evaluation mode.

    Networks whose splits have the same images see them together. Those that do not come to
    ``accuracy`` have None; the pass ends when none can any more.
    """
    found: list[Evaluation | None] = [None] * len(splits)
    for members in _by_images(splits):
        part = stack if len(members) == len(stack) else stack.select(members)
        chosen = [splits[member] for member in members]
        for member, evaluation in zip(
            members, _of_same_images(part, chosen, accuracy, loss), strict=True
        ):
            found[member] = evaluation
    return found


def _by_images(splits: Sequence[Split]) -> list[list[int]]:
    groups: dict[tuple[int, int], list[int]] = {}
    for member, split in enumerate(splits):
        groups.setdefault((split.images.data_ptr(), id(split.prepare)), []).append(member)
    return list(groups.values())


def _of_same_images(
    stack: Stack, splits: Sequence[Split], accuracy: float, loss: Loss
) -> list[Evaluation | None]:
    images, prepare = splits[0].images, splits[0].prepare
    labels = torch.stack([split.labels for split in splits])
    size = min(EVALUATION_BATCH, max(1, _AT_ONCE // len(splits)))
    losses, predictions, above = [], [], []
    errors = torch.zeros(len(splits), dtype=torch.int64, device=labels.device)
    indices = torch.arange(len(images)).split(size)
    batches = zip(indices, images.split(size), labels.split(size, dim=1), strict=True)
    for chosen, batch, target in batches:
        logits = stack.logits(batch if prepare is None else prepare(batch, chosen), shared=True)
        losses.append(_losses(logits, target, loss))
        predictions.append(logits.argmax(2))
        above.append(margins(logits, target))
        if accuracy > 0:
            errors += (predictions[-1] != target).sum(1)
            if not can_reach(accuracy, labels.shape[1], int(errors.min())):
                return [None] * len(splits)
    return [
        Evaluation(split.labels, *columns) if can_reach(accuracy, len(split), wrong) else None
        for split, wrong, *columns in zip(
            splits,
            errors.tolist(),
            *(torch.cat(parts, 1) for parts in (predictions, losses, above)),
            strict=True,
        )
    ]


def _losses(
    logits: Float[Tensor, "m n classes"], labels: Int64[Tensor, "m n"], loss: Loss
) -> Float[Tensor, "m n"]:
    found: Tensor = loss(logits.flatten(0, 1), labels.flatten(), "none")
    losses: Tensor = found.unflatten(0, labels.shape)
    return losses
