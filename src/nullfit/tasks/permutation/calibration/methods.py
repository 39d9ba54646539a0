"""The tests that a cell is about."""

from dataclasses import dataclass

from nullfit.tasks.permutation.calibration.cell import Cell
from nullfit.tasks.permutation.p_values import adjustments
from nullfit.tasks.permutation.statistics import Statistic

ADJUSTED = {"p_holm": "Holm", "p_bh": "Benjamini–Hochberg", "p_max_t": "max-T"}


@dataclass(frozen=True)
class Method:
    """A test: of relevance (a statistic against a null, or another's), or of non-linearity.

    With an ``adjustment`` it is one of all inputs together.
    """

    statistic: str
    null: str
    nonlinearity: bool = False
    adjustment: str = ""

    @property
    def kind(self) -> str:
        """What is counted: rejections of single inputs, or of any input of a family."""
        if self.adjustment:
            return "familywise"
        return "nonlinearity" if self.nonlinearity else "relevance"


LINEAR = Method("t or F", "linear model")
F_TEST = Method("F of x², x³", "linear model", nonlinearity=True)
IMPORTANCE = Method("permutation importance", "scikit-learn")


def methods(cell: Cell) -> list[Method]:
    """The tests of a cell, in the order of `experiment.p_values_of`."""
    own = [
        Method(statistic, _named(null), null == "nonlinearity", adjustment)
        for null in cell.nulls
        for statistic in statistics_of(null)
        for adjustment in _adjusted(cell, null)
    ]
    if cell.settings.family:
        return own
    curvature = [F_TEST] if "nonlinearity" in cell.nulls else []
    return [LINEAR, *curvature, IMPORTANCE, *own]


def statistics_of(null: str) -> tuple[Statistic, ...]:
    """The statistics that are held against a null of a cell."""
    return ("variance",) if null == "nonlinearity" else ("squared", "share")


def _named(null: str) -> str:
    """As ``task=permutation_test`` names it."""
    return "freedman_lane" if null == "nonlinearity" else null


def _adjusted(cell: Cell, null: str) -> list[str]:
    """What a family's p-values are adjusted by; single inputs' are not."""
    if not cell.settings.family:
        return [""]
    return [ADJUSTED[name] for name in adjustments(null) if name in ADJUSTED]
