"""The figures of a report for print, in parallel processes where there are many."""

from collections.abc import Mapping
from pathlib import Path

from joblib import Parallel, cpu_count, delayed

from nullfit.charts import printed
from nullfit.charts.figure import Figure
from nullfit.console.progress import track

_EACH = 4  # figures that a process draws in about the time that it takes to start


def print_figures(figures: Mapping[Path, Figure]) -> dict[Path, list[Path]]:
    """Write each figure as PDF, SVG and PNG; its files by its path without a suffix.

    Raises:
        StorageError: a file cannot be written.
    """
    processes = max(min(cpu_count(), len(figures) // _EACH), 1)
    drawn = Parallel(n_jobs=processes, return_as="generator_unordered")(
        delayed(_save)(figure, path) for path, figure in figures.items()
    )
    return dict(track(drawn, len(figures), "drawing figures"))


def _save(figure: Figure, path: Path) -> tuple[Path, list[Path]]:
    return path, printed.save(figure, path)
