"""Two classes made of many: ``data.binary``."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.errors import UserError

_MOST = 5  # names of classes that are joined in full


def with_two_classes(dataset: Dataset, groups: Sequence[Sequence[int]]) -> Dataset:
    """The same images with label 0 or 1, by the group that their class is in.

    ``groups`` are two lists of numbers of classes. A new class is called by those that it is made
    of: ``0-4`` for numbers in a row, else ``cat+dog``.

    Raises:
        UserError: a class is in neither group, or there is no such class.
    """
    names = dataset.train.classes
    _check(groups, names)
    known = f"{dataset.account}\n" if dataset.account else ""
    made = [_joined([names[number] for number in sorted(group)]) for group in groups]
    return replace(
        dataset,
        train=_divided(dataset.train, groups, made),
        test=_divided(dataset.test, groups, made),
        account=f"{known}two classes of {len(names)}: {made[0]} and {made[1]}",
    )


def _check(groups: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    given = [number for group in groups for number in group]
    absent = sorted(set(range(len(names))) - set(given))
    if absent or max(given) >= len(names):
        half = len(names) // 2
        example = f"[{list(range(half))},{list(range(half, len(names)))}]".replace(" ", "")
        some = ", ".join(
            names[number] if names[number] == str(number) else f"{number} ({names[number]})"
            for number in absent[:_MOST]
        )
        rest = f" and {len(absent) - _MOST} more" if len(absent) > _MOST else ""
        what = f"leaves out {some}{rest}" if absent else f"names a class {max(given)}"
        allowed = f"each of the {len(names)} classes stands in one of the two lists"
        shown = f", e.g. 'data.binary={example}'" if len(names) <= 2 * _MOST else ""
        raise UserError(f"data.binary {what}: {allowed}, counted from 0{shown}.")


def _divided(images: ImageSet, groups: Sequence[Sequence[int]], names: Sequence[str]) -> ImageSet:
    of = torch.zeros(len(images.classes), dtype=torch.int64)
    of[torch.tensor(groups[1])] = 1
    source = images.source_labels
    return replace(
        images,
        labels=of[images.labels],
        classes=tuple(names),
        source_labels=None if source is None else of[source],
    )


def _joined(names: Sequence[str]) -> str:
    """One name for several classes."""
    first, last = names[0], names[-1]
    in_a_row = all(name.isdecimal() for name in names) and [int(name) for name in names] == list(
        range(int(first), int(first) + len(names))
    )
    if in_a_row and len(names) > 1:
        return f"{first}-{last}"
    if len(names) > _MOST:
        return f"{first}+…+{last} ({len(names)})"
    return "+".join(names)
