"""The figures of a report for print, in parallel processes where there are many."""

from collections.abc import Mapping
from pathlib import Path

from joblib import Parallel, cpu_count, delayed

from nullfit.charts import printed
from nullfit.charts.figure import Figure
from nullfit.console.messages import warn
from nullfit.console.progress import track
from nullfit.errors import StorageError

_EACH = 4  # figures that a process draws in about the time that it takes to start


def print_figures(figures: Mapping[Path, Figure]) -> dict[Path, list[Path]]:
    """Write each figure as PDF, SVG and PNG; its files by its path without a suffix.

    A line tells of each that its numbers and names keep from being drawn.

    Raises:
        StorageError: a file cannot be written.
    """
    processes = max(min(cpu_count(), len(figures) // _EACH), 1)
    drawn = Parallel(n_jobs=processes, return_as="generator_unordered")(
        delayed(_save)(figure, path) for path, figure in figures.items()
    )
    written = {}
    for path, files, refusal in track(drawn, len(figures), "drawing figures"):
        if refusal is None:
            written[path] = files
        else:
            warn(f"left out of the report: figure {path.name} cannot be drawn ({refusal})")
    return written


def _save(figure: Figure, path: Path) -> tuple[Path, list[Path], str | None]:
    try:
        return path, printed.save(figure, path), None
    except StorageError:
        raise
    except Exception as error:  # of many kinds, from the drawing library
        return path, [], repr(error).partition("\n")[0]
