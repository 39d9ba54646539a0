"""Time to fit and test error against the corruption level (Zhang et al. 2017, figures 1b, 1c)."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.levels import LevelSeries
from nullfit.results.spread import Spread

_HEIGHT = 2.3  # inches


def draw_corruption_level(series: Sequence[LevelSeries], note: str) -> Figure:
    """Two panels; a line for each network, in the colour of the corruption.

    Times are relative to true labels where every network has runs on them, and in steps otherwise.
    Error bars reach from the lowest to the highest run. A hollow marker says that not all runs at
    that level fitted. Grey is the error of guessing, for each data set.
    """
    relative = all(line.reference for line in series)
    with style.applied():
        figure = style.new_figure(_HEIGHT, note)
        time, error = figure.subplots(1, 2)
        for number, line in enumerate(series):
            _draw_time(time, line, number, relative)
            _draw_error(error, line, number)
        time.set_ylabel("steps to fit, relative to true labels" if relative else "steps to fit")
        time.set_ylim(bottom=0)
        error.set_ylabel("test error (%)")
        error.set_ylim(0, 103)
        for chance in errors_of_guessing(series):
            error.axhline(100 * chance, color=style.FAINT, linewidth=0.5, zorder=0)
        for axes in (time, error):
            axes.set_xlabel("corruption level")
            axes.grid(visible=True, axis="y")
        figure.set_figheight(_HEIGHT + add_legend(figure, (time, error)))
    return figure


def errors_of_guessing(series: Sequence[LevelSeries]) -> list[float]:
    """Where grey lines stand: the different errors of guessing, as far as they are known."""
    return sorted({1 - line.chance for line in series if line.chance is not None})


def series_name(line: LevelSeries) -> str:
    """How a line is called in legends."""
    return f"{line.network}, {style.look(line.corruption).label}"


def _draw_time(axes: Axes, line: LevelSeries, number: int, relative: bool) -> None:
    unit = (line.reference if relative else None) or 1.0
    fitted = [level for level in line.levels if level.steps_to_fit]
    spreads = [level.steps_to_fit.over(unit) for level in fitted if level.steps_to_fit]
    _draw(axes, line, number, [level.level for level in fitted], spreads)
    for level, spread in zip(fitted, spreads, strict=True):
        if spread.n < level.runs:
            axes.plot(
                level.level,
                spread.mean,
                marker=style.NETWORK_MARKERS[number % len(style.NETWORK_MARKERS)],
                color="white",
                markeredgecolor=style.look(line.corruption).color,
                markeredgewidth=0.8,
                zorder=5,
            )


def _draw_error(axes: Axes, line: LevelSeries, number: int) -> None:
    known = [level for level in line.levels if level.test_error]
    spreads = [level.test_error.over(0.01) for level in known if level.test_error]
    _draw(axes, line, number, [level.level for level in known], spreads)


def _draw(
    axes: Axes, line: LevelSeries, number: int, levels: list[float], spreads: list[Spread]
) -> None:
    bars = [[s.mean - s.low for s in spreads], [s.high - s.mean for s in spreads]]
    axes.errorbar(
        levels,
        [s.mean for s in spreads],
        yerr=bars if any(s.n > 1 for s in spreads) else None,
        elinewidth=0.6,
        label=series_name(line),
        color=style.look(line.corruption).color,
        linestyle=style.NETWORK_LINES[number % len(style.NETWORK_LINES)],
        marker=style.NETWORK_MARKERS[number % len(style.NETWORK_MARKERS)],
    )
