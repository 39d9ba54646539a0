"""Exact solutions with kernels: training error, test error and norm."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.tasks.kernel.kernel_settings import KernelSetting, by_name

_LINE = 0.16  # inches a setting takes
_ABOVE, _BELOW = 0.3, 0.55
_BETWEEN = 0.8  # empty lines between kernels


@dataclass(frozen=True)
class Column:
    """A panel: a metric of the result, and the number that it is shown in units of."""

    metric: str
    title: str
    unit: float = 1.0
    logarithmic: bool = False


COLUMNS = (
    Column("train/error", "training error (%)", unit=0.01),
    Column("test/error", "test error (%)", unit=0.01),
    Column("solution_norm", "norm of the solution", logarithmic=True),
)


def heights_of(settings: Sequence[KernelSetting]) -> tuple[list[float], dict[str, float]]:
    """The height of each setting, downwards from 0, and of the middle of each name's settings."""
    heights, middles, top = list[float](), dict[str, float](), 0.0
    for name, members in by_name(settings).items():
        heights += [top - number for number in range(len(members))]
        middles[name] = top - (len(members) - 1) / 2
        top -= len(members) + _BETWEEN
    return heights, middles


def draw_kernels(settings: Sequence[KernelSetting], note: str) -> Figure:
    """A line for each setting; bars reach from the lowest to the highest run over the seeds."""
    heights, middles = heights_of(settings)
    size = (1 - heights[-1]) * _LINE + _ABOVE + _BELOW
    with style.applied():
        figure = style.new_figure(size, note)
        panels = figure.subplots(1, len(COLUMNS), sharey=True)
        for axes, column in zip(panels, COLUMNS, strict=True):
            for setting, height in zip(settings, heights, strict=True):
                _draw(axes, setting, column, height)
            _finish(axes, column)
        panels[0].set_yticks(list(middles.values()), [_broken(name) for name in middles])
        panels[0].set_ylim(heights[-1] - 0.8, 0.8)
        figure.set_figheight(size + add_legend(figure, panels))
    return figure


def _broken(name: str) -> str:
    return name.replace(", ", ",\n")


def _finish(axes: Axes, column: Column) -> None:
    if column.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(x=0.15)
    else:
        _, high = axes.get_xlim()
        axes.set_xlim(-0.04 * max(high, 1.0), max(1.05 * high, 1.0))
    axes.set_xlabel(column.title)
    axes.grid(visible=True, axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw(axes: Axes, setting: KernelSetting, column: Column, height: float) -> None:
    found, look = setting.spread(column.metric), style.look(setting.corruption)
    if found is None:
        return
    shown = found.over(column.unit)
    axes.errorbar(
        [shown.mean],
        [height],
        xerr=[[shown.mean - shown.low], [shown.high - shown.mean]] if shown.n > 1 else None,
        elinewidth=0.8,
        linestyle="none",
        marker=look.marker,
        color=look.color,
        label=setting.label,
    )
