"""Matrix factorization: errors against iteration, rank, penalty and training share."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

from nullfit.charts import style
from nullfit.charts.legend import add_legend
from nullfit.tasks.factorization.factorization_settings import (
    FactorizationSetting,
    axes_of,
    best,
    slices,
)

_ROW = 1.75  # inches
_BELOW = 0.4
_COLUMNS = 2
TITLES = {
    "rank": "rank K",
    "lambda_u": "penalty λ of the rows",
    "lambda_v": "penalty λ of the columns",
    "train_share": "training share p",
    "iterations": "iterations",
}
ONE_PENALTY = "penalty λ"
TRAIN, TEST = "train/mse", "test/mse"


def title_of(key: str, settings: Sequence[FactorizationSetting]) -> str:
    """What stands at the axis of a setting."""
    one = key == "lambda_u" and all(s.tied for s in settings)
    return ONE_PENALTY if one else TITLES[key]


def is_logarithmic(key: str, settings: Sequence[FactorizationSetting]) -> bool:
    """Penalties are, unless one of them is zero."""
    return key.startswith("lambda") and all(s.values[key] > 0 for s in settings)


def draw_factorization(settings: Sequence[FactorizationSetting], note: str) -> Figure:
    """A panel for the iterations of the best setting, and one for each key that differs.

    Thick lines with markers are test errors, thin dashed ones training errors; bars reach from the
    lowest to the highest run. All other settings are those of the lowest test error on true
    entries. Grey: the variance of the noise and the true rank, where they are known.
    """
    keys = axes_of(settings)
    rows = -(-(1 + len(keys)) // _COLUMNS)
    with style.applied():
        figure = style.new_figure(rows * _ROW + _BELOW, note)
        panels = figure.subplots(rows, _COLUMNS, squeeze=False).flatten()
        _draw_iterations(panels[0], settings)
        for axes, key in zip(panels[1:], keys, strict=False):
            _draw_key(axes, settings, key)
        for axes in panels[1 + len(keys) :]:
            axes.set_axis_off()
        for axes in panels[: 1 + len(keys)]:
            _finish(axes, settings)
        figure.set_figheight(rows * _ROW + _BELOW + add_legend(figure, panels))
    return figure


def _draw_iterations(axes: Axes, settings: Sequence[FactorizationSetting]) -> None:
    at = best(settings).values
    for setting in settings:
        if all(setting.values[key] == at[key] for key in axes_of(settings)):
            test, look = setting.curve(TEST), style.look(setting.corruption)
            numbers = range(1, len(test) + 1)
            every = max(1, len(test) // 6)
            line = {**look.line(), "label": setting.label, "linestyle": "-"}
            axes.plot(numbers, test, markevery=every, **line)
            axes.plot(numbers, setting.curve(TRAIN), color=look.color, linewidth=0.8, dashes=(4, 2))
    axes.set_xlabel("iteration")


def _draw_key(axes: Axes, settings: Sequence[FactorizationSetting], key: str) -> None:
    for label, members in slices(settings, key).items():
        look = style.look(members[0].corruption)
        places = [s.values[key] for s in members]
        test = [s.measured(TEST) for s in members]
        train = [s.measured(TRAIN).mean for s in members]
        bars = [[s.mean - s.low for s in test], [s.high - s.mean for s in test]]
        axes.errorbar(
            places,
            [s.mean for s in test],
            yerr=bars if any(s.n > 1 for s in test) else None,
            elinewidth=0.6,
            color=look.color,
            marker=look.marker,
            label=label,
        )
        axes.plot(places, train, color=look.color, linewidth=0.8, dashes=(4, 2))
    if is_logarithmic(key, settings):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    elif key == "rank":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    known = settings[0].runs[0].result["factorization"]["true_rank"]
    if key == "rank" and known is not None:
        axes.axvline(known, color=style.FAINT, linewidth=0.5, zorder=0)
    axes.set_xlabel(title_of(key, settings))


def _finish(axes: Axes, settings: Sequence[FactorizationSetting]) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("mean squared error")
    axes.grid(visible=True, axis="y")
    variance = settings[0].runs[0].result["factorization"]["noise_variance"]
    if variance:
        axes.axhline(variance, color=style.FAINT, linewidth=0.5, linestyle=":", zorder=0)
