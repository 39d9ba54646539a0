"""What was fitted and what was predicted: steps to fit, test error, generalization gap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.settings import Setting, networks_of
from nullfit.results.spread import Spread
from nullfit.results.study import Run

_LINE = 0.13  # inches a corruption takes
_ABOVE, _BELOW = 0.25, 0.55
_LINES = 45  # corruptions of all networks in one figure
_BETWEEN = 1.0  # empty lines between networks


@dataclass(frozen=True)
class Measure:
    """A column: its title and what it takes from a run, None if that run has none."""

    title: str
    of: Callable[[Run], float | None]
    logarithmic: bool = False


def _steps(run: Run) -> float | None:
    steps = run.result["fit"]["steps_to_fit"]
    return None if steps is None else float(steps)


def _test_error(run: Run) -> float | None:
    accuracy = run.result["metrics"].get("test/accuracy")
    return None if accuracy is None else 100 * (1 - float(accuracy))


def _gap(run: Run) -> float | None:
    metrics = run.result["metrics"]
    train, test = metrics.get("train/accuracy"), metrics.get("test/accuracy")
    return None if train is None or test is None else 100 * (float(train) - float(test))


MEASURES = (
    Measure("steps to fit", _steps, logarithmic=True),
    Measure("test error (%)", _test_error),
    Measure("generalization gap (points)", _gap),
)


def spread(setting: Setting, measure: Measure) -> Spread | None:
    """A measure over the runs of a setting that have it and did not diverge."""
    values = (measure.of(run) for run in setting.finite)
    return Spread.of(value for value in values if value is not None)


def positions(settings: Sequence[Setting]) -> tuple[list[float], dict[str, float]]:
    """The height of each setting, downwards from 0, and of the middle of each network."""
    heights, middles, top = [], {}, 0.0
    for network, members in networks_of(settings).items():
        heights += [top - number for number in range(len(members))]
        middles[network] = top - (len(members) - 1) / 2
        top -= len(members) + _BETWEEN
    return heights, middles


def draw_generalization(settings: Sequence[Setting], note: str) -> list[Figure]:
    """Three columns, a group of lines for each network; bars reach from lowest to highest run.

    The gap is training accuracy (on the labels trained on) less test accuracy, in points of a per
    cent. A setting that no run fitted has no point in the first column.
    """
    figures, page = [], list[Setting]()
    for members in networks_of(settings).values():
        if page and len(page) + len(members) > _LINES:
            figures.append(_figure(page, note))
            page = []
        page += members
    return [*figures, _figure(page, note)] if page else figures


def _figure(settings: Sequence[Setting], note: str) -> Figure:
    heights, middles = positions(settings)
    size = (1 - heights[-1]) * _LINE + _ABOVE + _BELOW
    with style.applied():
        figure = style.new_figure(size, note)
        columns = figure.subplots(1, len(MEASURES), sharey=True)
        for axes, measure in zip(columns, MEASURES, strict=True):
            for setting, height in zip(settings, heights, strict=True):
                _draw(axes, setting, measure, height)
            if measure.logarithmic:
                axes.set_xscale("log")
                axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
                axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
                axes.xaxis.set_minor_formatter(NullFormatter())
            else:
                axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
            axes.set_xlabel(measure.title)
            axes.grid(visible=True, axis="x")
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        names = [name.replace(", ", ",\n") for name in middles]
        columns[0].set_yticks(list(middles.values()), names)
        columns[0].set_ylim(heights[-1] - 0.8, 0.8)
        figure.set_figheight(size + add_legend(figure, columns))
    return figure


def _draw(axes: Axes, setting: Setting, measure: Measure, height: float) -> None:
    found, look = spread(setting, measure), style.look(setting.corruption)
    if found is None:
        # Nothing to see, but the legend names it.
        found = Spread(float("nan"), float("nan"), float("nan"), 0)
    axes.errorbar(
        [found.mean],
        [height],
        xerr=[[found.mean - found.low], [found.high - found.mean]] if found.n > 1 else None,
        elinewidth=0.8,
        linestyle="none",
        marker=look.marker,
        color=look.color,
        alpha=style.opacity(setting.shade),
        label=setting.label,
    )
