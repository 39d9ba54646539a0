"""A training set without some of its samples: ``data.leave_out``."""

from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor

from nullfit.console.messages import number_of
from nullfit.corruptions.array_files import content_of
from nullfit.corruptions.sample_rows import SampleRows
from nullfit.data.image_set import ImageSet, origin_of
from nullfit.errors import UserError, shown

_TRUE = "true_label"  # as suspects.csv has it
_WEIGHT = "weight"


class Kept(NamedTuple):
    """What stays of a training set.

    ``indices`` are the samples that stay, ascending; ``elsewhere`` counts samples that the file
    names and that limits or ``data.val_fraction`` had taken away before.
    """

    indices: Int64[Tensor, " kept"]
    elsewhere: int

    @property
    def account(self) -> str:
        """A line about what the file named without effect, or nothing."""
        if not self.elsewhere:
            return ""
        them = number_of(self.elsewhere, "more sample")
        verb = "is" if self.elsewhere == 1 else "are"
        return (
            f"data.leave_out: {them} that it names {verb} not in this "
            "training set (data.train_limit, data.val_fraction)"
        )


def kept_samples(train: ImageSet, path: str) -> Kept:
    """The samples that a CSV file does not name.

    Its rows name samples by ``index``, their place in the training set of the source, or by
    ``file``; twice is no harm. Those that limits or ``data.val_fraction`` took away already may be
    among them.

    Raises:
        UserError: the file cannot be read, belongs to other data, or names no sample of this
            training set, all, or all those of a class.
    """
    setting = f"data.leave_out={path}"
    rows = SampleRows(content_of(path, "data.leave_out"), path, origin_of(train))
    if _WEIGHT in rows.heading:
        raise UserError(
            f"{setting} has a column {_WEIGHT}, and samples can only be left out, not weighted: "
            "name those to be left out, without that column."
        )
    labels = train.labels if train.source_labels is None else train.source_labels
    left_out = torch.zeros(len(labels), dtype=torch.bool)
    for place, row, where in rows:
        true = row.get(_TRUE) or str(int(labels[place]))
        if true != str(int(labels[place])):
            raise UserError(
                f"{where}: the sample has the {_TRUE} {int(labels[place])} here, so that the file "
                "belongs to other data."
            )
        left_out[place] = True
    if rows.strangers:
        others = len(rows.strangers) - 1
        more = f" ({others:,} more are unknown)" if others else ""
        raise UserError(
            f"{setting}: no training image has the name {shown(rows.strangers[0])}{more}; take the "
            "row out."
        )
    own = left_out if train.places is None else left_out[train.places]
    if not own.any():
        raise UserError(
            f"{setting} names none of the {len(own):,} training samples, so that nothing is left "
            "out. Use data.leave_out=null."
        )
    if own.all():
        raise UserError(f"{setting} leaves out all {len(own):,} training samples: name fewer.")
    lost = sorted(set(train.labels.tolist()) - set(train.labels[~own].tolist()))
    if lost:
        raise UserError(
            f"{setting} leaves no training sample of {train.classes[lost[0]]}"
            f"{f' and {len(lost) - 1} more classes' if len(lost) > 1 else ''}: name fewer."
        )
    return Kept((~own).nonzero().flatten(), int(left_out.sum()) - int(own.sum()))
