"""Differences of two settings seed by seed.

Two runs with equal seeds share what these decide: which labels are drawn, initial weights of the
same network, the order of samples. What they share cancels in the difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.results.formats import points, signed_points
from nullfit.results.intervals import Interval, interval_text, t_interval
from nullfit.results.settings import Setting, differing, flat_settings
from nullfit.results.spread_by_part import PARTS, seed_of
from nullfit.results.study import Run

Seeds = tuple[int, ...]

MOST = 40  # comparisons in a table: more are not read
MEASURES = {"test accuracy": "test/accuracy", "train accuracy": "train/accuracy"}
_FIELDS = {"difference": "mean", "sd": "sd", "low": "low", "high": "high"}
_EACH_ALONE = (
    "Each interval stands on its own: of twenty such intervals one is expected to miss the true "
    "difference."
)


@dataclass(frozen=True)
class Paired:
    """``setting`` less ``other``: a difference of each measure over the seeds that both have.

    ``key`` is the one setting in which they differ, None where ``other`` is what ``setting`` is
    referred to: true labels of the same network and data, else the first setting of the study.
    """

    setting: Setting
    other: Setting
    key: str | None
    differences: Mapping[str, Interval]

    @property
    def pairs(self) -> int:
        """The seeds that both have with a test accuracy."""
        found = self.differences.get("test accuracy")
        return 0 if found is None else found.n


@dataclass(frozen=True)
class Comparisons:
    """As many comparisons as a table has room for; ``left`` more were not made."""

    made: list[Paired]
    left: int = 0

    @property
    def any_interval(self) -> bool:
        """Whether one of them is over two seeds or more."""
        return any(paired.pairs > 1 for paired in self.made)


def comparisons(settings: Sequence[Setting], most: int = MOST) -> Comparisons:
    """Each setting less its reference, then settings less others that differ in one key.

    Runs that diverged are in no pair. Comparisons without a common seed are not counted.
    """
    found: list[Paired] = []
    known: set[frozenset[int]] = set()
    runs = [_by_seed(one) for one in settings]
    left = 0
    for first, second, key in _candidates(settings):
        both = frozenset((first, second))
        if both in known or runs[first].keys().isdisjoint(runs[second]):
            continue
        known.add(both)
        if len(found) < most:
            differences = _differences(runs[first], runs[second])
            found.append(Paired(settings[first], settings[second], key, differences))
        else:
            left += 1
    return Comparisons(found, left)


def setting_name(setting: Setting, among: Sequence[Setting]) -> str:
    """A setting in words: network, corruption, and the data where they differ among some."""
    data = [setting.data] if len({one.data for one in among}) > 1 else []
    return ", ".join([network_words(setting.network), setting.label, *data])


def other_name(paired: Paired, among: Sequence[Setting]) -> str:
    """What its setting is compared with; what both have in common stands with the setting."""
    one, other = paired.setting, paired.other
    same = (one.network, one.data) == (other.network, other.data)
    return other.label if same else setting_name(other, among)


def paired_table(found: Comparisons, settings: Sequence[Setting]) -> pandas.DataFrame:
    """The comparisons as numbers: differences, sd and the ends of intervals are fractions.

    Columns: setting, less, differs in (of a comparison by one key), pairs, then
    ``<measure> difference``, ``sd``, ``low`` and ``high`` of each measure.
    """
    return pandas.DataFrame(
        {
            "setting": setting_name(paired.setting, settings),
            "less": setting_name(paired.other, settings),
            "differs in": paired.key or "",
            "pairs": paired.pairs,
            **{
                f"{measure} {name}": getattr(paired.differences.get(measure), field, None)
                for measure in MEASURES
                for name, field in _FIELDS.items()
            },
        }
        for paired in found.made
    )


def readable_paired(found: Comparisons, settings: Sequence[Setting]) -> pandas.DataFrame:
    """The same for people, in points: "+1.20 ± 0.35 [+0.33, +2.07]"."""
    return pandas.DataFrame(
        {
            "setting": setting_name(paired.setting, settings),
            "less": other_name(paired, settings),
            "pairs": str(paired.pairs),
            **{
                f"{measure}, points": difference_text(paired.differences.get(measure))
                for measure in MEASURES
            },
        }
        for paired in found.made
    )


def paired_note(found: Comparisons) -> str:
    """What has to stand beside such a table."""
    alone = any(paired.pairs == 1 for paired in found.made)
    left = f" {found.left:,} more comparisons are left out." if found.left else ""
    return (
        "Differences by seed in points: mean ± standard deviation [95 % interval of the mean, "
        "Student's t, pairs − 1 degrees of freedom], over runs with equal seeds that did not "
        f"diverge.{' One pair has no interval.' if alone else ''} {_EACH_ALONE}{left}"
    )


def difference_text(difference: Interval | None) -> str:
    """A difference of accuracies in points."""
    return interval_text(difference, signed_points, points)


def _candidates(settings: Sequence[Setting]) -> Iterator[tuple[int, int, str | None]]:
    """Pairs of places in ``settings``, the more important first."""
    true = {
        (one.network, one.data): place
        for place, one in reversed(list(enumerate(settings)))
        if one.corruption == "none"
    }
    first = min(true.values(), default=0)
    for place, one in enumerate(settings):
        reference = true.get((one.network, one.data), first)
        reference = first if reference == place else reference
        if reference != place:
            yield place, reference, None
    yield from _by_one_key([flat_settings(one.runs[0].config) for one in settings])


def _by_one_key(flats: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, str]]:
    """Later less earlier settings that agree in all keys but one."""
    keys = [key for key in differing(flats) if key != "seed"]
    for key in keys:
        alike: dict[tuple[str, ...], list[int]] = {}
        for place, flat in enumerate(flats):
            others = tuple(str(flat.get(other)) for other in keys if other != key)
            alike.setdefault(others, []).append(place)
        for places in alike.values():
            for first, second in combinations(places, 2):
                yield second, first, key


def _by_seed(setting: Setting) -> dict[Seeds, Run]:
    """The runs of a setting by all that their seeds decide; of copies the first."""
    found: dict[Seeds, Run] = {}
    for run in setting.finite:
        seeds = (int(run.result["seed"]), *(seed_of(run, part) for part in PARTS))
        found.setdefault(seeds, run)
    return found


def _differences(ours: Mapping[Seeds, Run], theirs: Mapping[Seeds, Run]) -> dict[str, Interval]:
    found = {}
    both = [(run, theirs[seeds]) for seeds, run in ours.items() if seeds in theirs]
    for measure, metric in MEASURES.items():
        pairs = [[run.result["metrics"].get(metric) for run in pair] for pair in both]
        interval = t_interval(a - b for a, b in pairs if a is not None and b is not None)
        if interval is not None:
            found[measure] = interval
    return found
