"""The accuracy on each class of the test set."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.results.confusion import Confusion

_PANEL_HEIGHT = 1.35  # inches
_BELOW = 0.45
_ROWS = 5  # networks in one figure
_NAMED = 30  # more classes are numbered by the axis, not named
_SPREAD = 0.7  # width of a class's markers, of the distance between classes


def draw_class_accuracy(confusions: Sequence[Confusion], note: str) -> list[Figure]:
    """A panel for each network, a column for each class, a marker for each corruption.

    Accuracies are over the test samples of a class in all runs. Grey is the share of the class
    among the test labels: what blind predictions in the right proportions reach.
    """
    networks = list(dict.fromkeys(c.setting.network for c in confusions))
    return [
        _figure(networks[start : start + _ROWS], confusions, note)
        for start in range(0, len(networks), _ROWS)
    ]


def _figure(networks: list[str], confusions: Sequence[Confusion], note: str) -> Figure:
    with style.applied():
        height = len(networks) * _PANEL_HEIGHT + _BELOW
        figure = style.new_figure(height, note)
        panels = figure.subplots(len(networks), 1, squeeze=False)[:, 0]
        for axes, network in zip(panels, networks, strict=True):
            _draw_network(axes, [c for c in confusions if c.setting.network == network])
            axes.set_title(network, loc="left")
            axes.set_ylabel("accuracy (%)")
        figure.set_figheight(height + add_legend(figure, panels))
    return figure


def _draw_network(axes: Axes, confusions: list[Confusion]) -> None:
    classes = [style.literal(name) for name in confusions[0].classes]
    for number, confusion in enumerate(confusions):
        look = style.look(confusion.setting.corruption)
        offset = _SPREAD * ((number + 0.5) / len(confusions) - 0.5)
        axes.plot(
            [place + offset for place in range(len(confusion.classes))],
            100 * confusion.class_accuracy,
            linestyle="none",
            marker=look.marker,
            color=look.color,
            alpha=style.opacity(confusion.setting.shade),
            label=confusion.setting.label,
        )
    edges = [place - 0.5 for place in range(len(classes) + 1)]
    axes.stairs(100 * confusions[0].of_classes, edges, color=style.FAINT, linewidth=0.5, zorder=0)
    axes.set_ylim(-4, 104)
    axes.set_xlim(-0.6, len(classes) - 0.4)
    axes.grid(visible=True, axis="y")
    if len(classes) <= _NAMED:
        crowded = sum(map(len, classes)) > 70
        axes.set_xticks(
            range(len(classes)),
            classes,
            rotation=30 if crowded else 0,
            ha="right" if crowded else "center",
        )
        axes.tick_params(axis="x", length=0)
    else:
        axes.set_xlabel("class")
