"""Labels that others gave: of people, of a model, of an earlier run."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from nullfit.corruptions.corruption import Corrupted, Origin, changes, numbers
from nullfit.corruptions.label_files import NOT_GIVEN, LabelFile, Order, read_label_file
from nullfit.errors import UserError


def _percent(part: int, whole: int) -> str:
    share = 100 * part / max(whole, 1)
    return f"{share:.2f}"


def _account(
    labels: Int64[Tensor, " n"],
    origin: Origin,
    *,
    path: str | None = None,
    key: str | None = None,
    order: Order = "source",
) -> str:
    """How many of the training samples are in the file, and how many labels there are true."""
    found = _read(path, key, order, origin)
    given = found.at(numbers(origin, len(labels)))
    covered = given != NOT_GIVEN
    there, true = int(covered.sum()), int((given == labels)[covered].sum())
    strangers = f"; {found.strangers:,} names in it are no training images" * (found.strangers > 0)
    return (
        f"labels of {path}{f' ({key})' if key else ''}: {there:,} of {len(labels):,} training "
        f"samples have one ({_percent(there, len(labels))} %), {true:,} of these the true one "
        f"({_percent(true, there)} %){strangers}"
    )


@changes("labels", account=_account)
def labels_from_file(
    images: Float32[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    seed: int,
    origin: Origin | None = None,
    *,
    path: str | None = None,
    key: str | None = None,
    order: Order = "source",
) -> Corrupted:
    """Replace labels by those of a file; nothing is drawn. What it leaves out keeps its label.

    ``path`` is a CSV file with the columns ``index`` or ``file``, and ``label``; an .npy or .npz
    file with a label for each sample; or CIFAR-10N's ``CIFAR-10_human.pt`` (Wei et al., ICLR 2022,
    arXiv 2110.12088). ``key`` names the array, or the column of labels. An index is the place in
    the source; ``order`` says whether the file counts so: `read_label_file`.

    Raises:
        UserError: there is no such file, or it is none of labels for these data.
    """
    origin = origin or Origin.of(images, labels)
    given = _read(path, key, order, origin).at(numbers(origin, len(labels))).to(labels.device)
    new_labels = torch.where(given == NOT_GIVEN, labels, given)
    return Corrupted.compared(images, labels, images, new_labels)


def _read(path: str | None, key: str | None, order: Order, origin: Origin) -> LabelFile:
    if path is None:
        raise UserError(
            "corruption=labels_from_file needs corruption.path, a CSV file of index,label or "
            "file,label, an .npy or .npz file, or CIFAR-10_human.pt."
        )
    return read_label_file(path, key, order, origin)
