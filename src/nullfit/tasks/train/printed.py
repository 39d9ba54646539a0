"""The figures of a report for print, as PDF and PNG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.console.progress import track
from nullfit.results.confusion import Confusion
from nullfit.results.curves import Curves
from nullfit.results.levels import LevelSeries
from nullfit.results.settings import Setting
from nullfit.tasks.train.figure_class_accuracy import draw_class_accuracy
from nullfit.tasks.train.figure_confusion_matrices import draw_confusion_matrices
from nullfit.tasks.train.figure_corruption_level import draw_corruption_level
from nullfit.tasks.train.figure_generalization import draw_generalization
from nullfit.tasks.train.figure_learning_curves import draw_learning_curves


@dataclass(frozen=True)
class Material:
    """What there is to draw of a study. ``note`` says what the data are."""

    settings: Sequence[Setting]
    curves: Sequence[Curves]
    series: Sequence[LevelSeries]
    confusions: Sequence[Confusion]
    matrices: Sequence[Confusion]
    pictures: dict[str, Figure]
    note: str


def print_figures(material: Material, folder: Path) -> dict[str, list[Path]]:
    """Write all figures to ``folder``; returns the files of each by its name."""
    parts = list(_parts(material).items())
    return {
        name: _save(draw(), folder / name)
        for name, draw in track(parts, len(parts), "drawing figures")
    }


def _parts(material: Material) -> dict[str, Callable[[], list[Figure]]]:
    note = material.note
    parts: dict[str, Callable[[], list[Figure]]] = {
        "generalization": partial(draw_generalization, material.settings, note)
    }
    if material.curves:
        parts["learning_curves"] = partial(draw_learning_curves, material.curves, note)
    if material.series:
        parts["corruption_level"] = lambda: [draw_corruption_level(material.series, note)]
    if material.confusions:
        parts["class_accuracy"] = partial(draw_class_accuracy, material.confusions, note)
    if material.matrices:
        parts["confusion_matrices"] = partial(draw_confusion_matrices, material.matrices, note)
    for data, figure in material.pictures.items():
        parts[f"samples_{data}"] = partial(list, [figure])
    return parts


def _save(figures: list[Figure], path: Path) -> list[Path]:
    names = [f"{path.name}_{number}" if number > 1 else path.name for number in range(1, 1000)]
    pairs = zip(figures, names, strict=False)
    return [file for figure, name in pairs for file in style.save(figure, path.with_name(name))]
