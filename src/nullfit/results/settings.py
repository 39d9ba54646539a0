"""The settings of a study: runs that differ in nothing but the seed, under names for people."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nullfit.config.identity import identity
from nullfit.results.grouping import Group, groups_of
from nullfit.results.study import Run

N = TypeVar("N", bound=Hashable)

_LONGEST_VALUE = 60
_NUMBER = re.compile(r"(\d+(?:\.\d+)?(?:e[-+]?\d+)?)")
# Not part of a network's name: shown elsewhere, or the same thing twice.
_TOLD = ("seed", "task.", "model.name", "corruption.")
# Part of it only where networks have the same name without.
_HOW_MEASURED = ("trainer.", "data.test_corruptions")
# Absent unless a run begins with the weights of another.
_START = ("start.run", "start.layers", "start.epoch", "start.rewind", "freeze")
_LEFT_OUT = "data.leave_out"
# Settings of data that leave the samples and their labels as they are.
_SAME_DATA = {
    f"data.{key}"
    for key in ("crop", "image_size", "whitening", "batch_size", "val_fraction", "test_corruptions")
}


@dataclass(frozen=True)
class Setting:
    """Runs that differ in the seed only.

    ``network`` is the model's name with whatever else sets it apart in this study; ``label`` tells
    the corruption in words, with its settings where they differ; ``data`` is the data set's name
    with whatever else sets it apart. ``level`` is the corruption's one numeric setting, such as its
    probability, and 0 for true labels.
    """

    network: str
    data: str
    corruption: str
    label: str
    level: float | None
    runs: list[Run]

    @property
    def diverged(self) -> list[Run]:
        """Its runs whose loss did not stay finite."""
        return [run for run in self.runs if run.diverged]

    @property
    def finite(self) -> list[Run]:
        """Its other runs: those that means, bands and figures are of."""
        return [run for run in self.runs if not run.diverged]

    @property
    def fitted(self) -> list[Run]:
        """Its runs that fitted their training set."""
        return [run for run in self.finite if run.result["fit"]["epochs_to_fit"] is not None]

    def values(self, metric: str) -> list[float]:
        """The final values of a metric, one for each run that has one and did not diverge."""
        found = (run.result["metrics"].get(metric) for run in self.finite)
        return [float(value) for value in found if value is not None]


def settings_of(runs: Sequence[Run]) -> list[Setting]:
    """All settings of trainings, network by network, true labels first and mild before strong.

    Networks come as their first runs do, settings of one network or of one data set by value.
    """
    groups = groups_of(runs)
    grouped = [group.runs for group in groups]
    flats = [flat_settings(members[0].config) for members in grouped]
    labels = _labels_apart(groups, flats)
    networks = _network_names(grouped, flats, (*_TOLD, *_HOW_MEASURED))
    if len(set(zip(networks, labels, strict=True))) < len(grouped):
        networks = _network_names(grouped, flats, _TOLD)
    data = _data_names(flats)
    models = list(dict.fromkeys(run.network for run in runs))
    made = [
        Setting(network, of, members[0].corruption, label, _level(members[0]), members)
        for network, of, label, members in zip(networks, data, labels, grouped, strict=True)
    ]
    return sorted(
        made,
        key=lambda setting: (
            models.index(setting.runs[0].network),
            _by_value(setting.network),
            labels.index(setting.label),  # groups come by corruption
            _by_value(setting.data),
        ),
    )


def networks_of(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """The settings by network, in their order."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        found.setdefault(setting.network, []).append(setting)
    return found


def flat_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """What decides a run's outcome, by dotted key; its regularizers' names joined by " + "."""
    kept = identity(config, content=False)
    for key in ("revisions", "seeds"):  # which version computed it, and what draws: no settings
        kept.pop(key, None)
    regularizers = kept.pop("regularizer", None)
    flat = dict.fromkeys(_START) | flatten(kept)
    rewound = {key: flat.pop(key) for key in list(flat) if key.startswith("start.rewind.")}
    if rewound:  # layers and epochs, which are one setting
        epochs = (f"{key.removeprefix('start.rewind.')}:{epoch}" for key, epoch in rewound.items())
        flat["start.rewind"] = f"{{{','.join(epochs)}}}"
    if isinstance(regularizers, Mapping):
        present = {name: value for name, value in regularizers.items() if value is not None}
        flat["regularizer"] = " + ".join(present) or "none"
        flat |= flatten(present, "regularizer.")
    return flat


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by dotted key."""
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def differing(flats: Iterable[Mapping[str, Any]]) -> list[str]:
    """The keys that have more than one value among configurations that have them."""
    values: dict[str, set[str]] = defaultdict(set)
    for flat in flats:
        for key, value in flat.items():
            values[key].add(str(value))
    return [key for key, found in values.items() if len(found) > 1 and "_target_" not in key]


def _network_names(
    grouped: list[list[Run]], flats: list[dict[str, Any]], shown: tuple[str, ...]
) -> list[str]:
    models = [runs[0].network for runs in grouped]
    keys = differing_by(models, flats)
    return [
        ", ".join(
            filter(
                None,
                [
                    model,
                    *(
                        _words(key, flat[key])
                        for key in keys[model]
                        if key in flat and not key.startswith(shown)
                    ),
                ],
            )
        )
        for model, flat in zip(models, flats, strict=True)
    ]


def _data_names(flats: list[dict[str, Any]]) -> list[str]:
    """The data set of each setting: its name, and what else says which samples it has."""
    names = [str(flat["data.name"]) for flat in flats]
    keys = differing_by(names, flats)
    return [
        ", ".join(
            [
                name,
                *(
                    words
                    for key in keys[name]
                    if key in flat and key.startswith("data.") and key not in _SAME_DATA
                    if (words := _words(key, flat[key]))
                ),
            ]
        )
        for name, flat in zip(names, flats, strict=True)
    ]


def differing_by(names: Sequence[N], flats: Sequence[Mapping[str, Any]]) -> dict[N, list[str]]:
    """The keys that have more than one value among configurations of the same name."""
    groups: dict[N, list[Mapping[str, Any]]] = defaultdict(list)
    for name, flat in zip(names, flats, strict=True):
        groups[name].append(flat)
    return {name: differing(members) for name, members in groups.items()}


def _words(key: str, value: Any) -> str:
    if key == "regularizer":
        return "" if value == "none" else str(value)
    if key == "data.name":
        return str(value)
    if key in (*_START, _LEFT_OUT) and value is None:
        return ""
    if key == _LEFT_OUT:
        return f"without {Path(str(value)).name}"
    if key == "start.run":
        return f"start={_short(value)}"
    section, _, name = key.rpartition(".")
    return f"{section if name == 'name' else name}={_short(value)}"


def _labels_apart(groups: Sequence[Group[Run]], flats: list[dict[str, Any]]) -> list[str]:
    """Their labels, with what else of the corruption differs in the study."""
    names = [group.corruption for group in groups]
    by_name = differing_by(names, flats)
    labels = []
    for group, flat in zip(groups, flats, strict=True):
        keys = [key for key in by_name[group.corruption] if key.startswith("corruption.")]
        others = {key.rpartition(".")[2]: flat.get(key) for key in keys}
        shown = [f"{k}={_short(v)}" for k, v in others.items() if k not in group.runs[0].strength]
        labels.append(group.label + (f" ({', '.join(shown)})" if shown else ""))
    return labels


def _by_value(name: str) -> list[tuple[float, str]]:
    """A key that sorts numbers in names by their value."""
    parts = _NUMBER.split(name)  # text and numbers in turn
    return [(float(part), "") if n % 2 else (0.0, part) for n, part in enumerate(parts)]


def _short(value: Any) -> str:
    """A value as the command line takes it, if it is not too long."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if value is None or isinstance(value, bool):
        text = "null" if value is None else text.lower()
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _level(run: Run) -> float | None:
    if run.corruption == "none":
        return 0.0
    strength = list(run.strength.values())
    return float(strength[0]) if len(strength) == 1 else None
