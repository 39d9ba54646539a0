"""``data=table``: the rows of a CSV file, a column of which is to be predicted."""

from typing import Annotated

import torch
from annotated_types import Interval

from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.table_account import account
from nullfit.data.sources.table_columns import encode_columns
from nullfit.data.sources.table_data import Table
from nullfit.data.sources.table_file import FileFormat, read_file
from nullfit.data.sources.table_numbers import Decimal
from nullfit.data.sources.table_target import TableProblem, may_be_classes, read_target
from nullfit.data.subset import stratified_split
from nullfit.errors import UserError

TestShare = Annotated[float, Interval(gt=0, lt=1)]


def read_table(
    *,
    path: str | None,
    target: str | None,
    problem: TableProblem,
    drop: list[str],
    categorical: list[str],
    form: FileFormat,
    test_share: float,
) -> Table:
    """Read a file; ``test_share`` 0 holds no rows out.

    Columns are standardized by the rows that are not held out. The split is always the same, and
    keeps the share of each class.

    Raises:
        UserError: as `read_file`, `encode_columns` and `read_target`.
    """
    file = read_file(path, target, drop, form)
    frame, target = file.frame, str(target).strip()
    predicted = read_target(frame[target], problem)
    rows = torch.arange(len(frame))
    kept, held_out = rows, rows[:0]
    if test_share:
        strata = predicted.values if predicted.classes else torch.zeros_like(rows)
        kept, held_out = stratified_split(strata, test_share, seed=0, key="data.test_share")
    named = [name.strip() for name in categorical]
    inputs, columns = encode_columns(frame.drop(columns=target), named, kept)
    return Table(
        inputs,
        predicted.values,
        columns,
        predicted.classes,
        held_out,
        str(path),
        predicted.reason,
        file,
    )


def file_format(
    separator: str | None,
    decimal: Decimal | None = None,
    encoding: str | None = None,
    missing: list[str | int | float] | None = None,
) -> FileFormat:
    """The settings that say how a file is written; numbers among ``missing`` count as texts."""
    texts = None if missing is None else [str(text) for text in missing]
    return FileFormat(separator, decimal, encoding, texts)


def table(
    *,
    path: str | None,
    target: str | None,
    problem: TableProblem,
    drop: list[str],
    categorical: list[str],
    separator: str | None,
    test_share: TestShare,
    # Configurations of runs from before there were these have none.
    decimal: Decimal | None = None,
    encoding: str | None = None,
    missing: list[str | int | float] | None = None,
) -> Dataset:
    """A table with classes as a data set of images one pixel high, a pixel for each input.

    So all that trains on images trains on it; corruptions of pixels act on its inputs.

    Raises:
        UserError: as `read_table`, or numbers are to be predicted.
    """
    read = read_table(
        path=path,
        target=target,
        problem=problem,
        drop=drop,
        categorical=categorical,
        form=file_format(separator, decimal, encoding, missing),
        test_share=test_share,
    )
    if not read.classes:
        few = may_be_classes(len(set(read.targets.tolist())), len(read.targets))
        or_classes = ", or data.problem=classification if its values are classes" if few else ""
        raise UserError(
            f"data.target={target} is a number, and this task trains classifiers only.\nChoose "
            f"another column, task=permutation_test{or_classes}."
        )
    assert not read.targets.is_floating_point()
    images = read.inputs.view(len(read.inputs), 1, 1, -1)
    everything = ImageSet(images, read.targets, read.classes, read.source, any_scale=True)
    is_held_out = torch.zeros(len(images), dtype=torch.bool)
    is_held_out[read.held_out] = True
    return Dataset(
        "table",
        everything.subset((~is_held_out).nonzero().flatten()),
        everything.subset(read.held_out),
        account=account(read, str(target).strip()),
    )
