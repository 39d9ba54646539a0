"""Figures of each network, and the note below one."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from nullfit.charts.appearance import network_words
from nullfit.charts.figure import Figure
from nullfit.report.section import NamedFigure
from nullfit.report.summary import data_note, many
from nullfit.results.confusion import Confusion
from nullfit.results.curves import Curves
from nullfit.results.settings import Setting
from nullfit.results.thresholds import threshold_note

M = TypeVar("M", Curves, Confusion)


def by_network(
    stem: str, measured: Iterable[M], draw: Callable[[list[M], list[Setting]], Figure]
) -> list[NamedFigure]:
    """A figure of each network; where there are several, their files are named by it."""
    networks: dict[str, list[M]] = {}
    for one in measured:
        networks.setdefault(one.setting.network, []).append(one)
    return [
        NamedFigure(
            f"{stem}_{network}" if len(networks) > 1 else stem,
            network_words(network),
            draw(members, [one.setting for one in members]),
        )
        for network, members in networks.items()
    ]


def note_on(settings: Sequence[Setting], drawn: str) -> str:
    """Below a figure: the network, if it is one, the data, n, and what is drawn."""
    runs = [run for setting in settings for run in setting.runs]
    networks = list(dict.fromkeys(setting.network for setting in settings))
    on = f"{network_words(networks[0])} on " if len(networks) == 1 else ""
    n = sorted({len(setting.runs) for setting in settings})
    seeds = f"{n[0]} to {n[-1]} seeds" if len(n) > 1 else many(n[0], "seed")
    return " ".join(filter(None, [f"{on}{data_note(runs)}; {seeds}.", drawn, threshold_note(runs)]))


def from_to(networks: Iterable[str]) -> str:
    """The names of the first and the last network, for a title."""
    names = [network_words(network) for network in dict.fromkeys(networks)]
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
