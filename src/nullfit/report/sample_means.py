"""The samples of a setting with several seeds, scored by the means over these."""

import re
from pathlib import Path

from nullfit.console.messages import warn
from nullfit.errors import UserError
from nullfit.results.formats import csv_text
from nullfit.results.grouping import Group, groups_of
from nullfit.results.samples import has_samples, mean_samples, samples_table
from nullfit.results.study import Run, Study
from nullfit.system.files import write_text

_SEED = re.compile(r"-seed\d+\w*-[0-9a-f]+$")


def write_sample_means(study: Study, folder: Path) -> list[Path]:
    """Write ``samples_<setting>.csv`` of each setting with several runs that scored their samples.

    A line tells of each that is left out, because a table cannot be read or the runs trained on
    other samples.
    """
    written: list[Path] = []
    for group in groups_of(run for run in study.runs if not run.diverged):
        stem = f"samples_{_SEED.sub('', group.runs[0].folder.name)}"
        path = folder / f"{stem}.csv"
        if path in written:  # of other settings than the name tells
            path = folder / f"{stem}_{group.runs[0].folder.name[-8:]}.csv"
        try:
            found = _means(group)
        except UserError as error:
            warn(f"left out of the report: {path.name} ({error})")
            continue
        if found is not None:
            write_text(path, found)
            written.append(path)
    return written


def _means(group: Group[Run]) -> str | None:
    """The table of a setting as CSV; None where fewer than two of its runs have one."""
    tables = [samples_table(run.folder) for run in group.runs if has_samples(run.folder)]
    if len(tables) < 2:
        return None
    means = mean_samples(tables)
    if means is None:
        raise UserError("its runs trained on other samples")
    return csv_text(means.map(_short))


def _short(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value
