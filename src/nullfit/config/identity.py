"""Which run a configuration is: its hash and the name of its folder.

Both are functions of the settings alone, never of the clock, so that the same command finds its
own results again and a changed one never takes another's.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from nullfit.config.content import content_of, content_of_corruption, content_of_left_out
from nullfit.config.revised_files import read_otherwise
from nullfit.config.revisions import revisions
from nullfit.config.run_length import with_known_length
from nullfit.config.targets import without_place
from nullfit.config.weights import content_of_final, content_of_run, content_of_start

# These say where and how a run is carried out, not what it computes.
_CIRCUMSTANCES = {
    "": {"study", "outputs", "job", "allow_targets", "logger", "hydra", "experiment", "scale"},
    "data": {"download", "cache", "streaming", "workers"},
    "trainer": {"accelerator", "threads", "checkpoint_seconds", "progress", "devices", "nodes"},
    "model": {"learning_rate"},  # counts through optimizer.lr
    "task": {"uses"},  # names jobs
    "prediction_depth": {"run"},  # a place; what lies there counts
    "critical_samples": {"run"},
    "pac_bayes": {"run"},
}
# Tasks on the network that a run ended with.
OF_A_RUN = ("prediction_depth", "pac_bayes")
# Runs that differ in these alone are repetitions of one setting.
RANDOMNESS = ("seed", "seeds")
# What names a job, unless its task uses less of it.
_NAMING = ("model", "data", "corruption")
_OF_A_STUDY = ("table", "scoreboard", "report", "card", "dashboard", "sync", "query")
# These have no use for the length of a training.
_UNTRAINED = (
    "evaluate",
    "expressivity",
    "factorization",
    "implicit_regularization",
    "kernel",
    "permutation_calibration",
)
# What a setting was before null came to mean that it is recognized.
_BEFORE_NULL = {"table": {"separator": ","}}
# Settings that were no choice once, with the value that they had: absent and this are the same.
_BEFORE_A_CHOICE = (
    ("corruption", "always_change", False),
    ("data", "background", "white"),
    ("schedule", "start_factor", 1.0),
    ("trainer", "record_confusion", False),
)
_BEFORE_LOSSES = "cross_entropy"
# The same data wherever the files lie.
_FIXED_DATA = {"digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "svhn", "ratings"}


def identity(config: Mapping[str, Any], *, content: bool = True) -> dict[str, Any]:
    """The part of a plain configuration that decides the outcome.

    Without ``content`` the data files that it names count by their names alone, and none is looked
    at: a stored configuration may be a stranger's, and name any.
    """
    kept = {key: value for key, value in config.items() if key not in _CIRCUMSTANCES[""]}
    for section, value in kept.items():
        if isinstance(value, Mapping):
            left_out = _CIRCUMSTANCES.get(section, set())
            kept[section] = {k: v for k, v in value.items() if k not in left_out}
            if isinstance(target := value.get("_target_"), str):
                kept[section]["_target_"] = without_place(section, target)
    for name, probe in (kept.get("probes") or {}).items():
        target = without_place("probe", str(probe.get("_target_")))
        kept["probes"][name] = {**probe, "_target_": target}
    trainer = config.get("trainer")
    if isinstance(trainer, Mapping) and (processes := _processes(trainer)) > 1:
        kept["trainer"]["processes"] = processes  # batch norm sees the part of each
    data = kept.get("data")
    if isinstance(data, dict) and data.get("name") in _FIXED_DATA:
        data.pop("root", None)
    if isinstance(data, dict):
        before = _BEFORE_NULL.get(str(data.get("name")), {})
        data.update({key: value for key, value in before.items() if data.get(key) is None})
    if content and isinstance(data, dict):
        digests = {"content": content_of(data), "left_out": content_of_left_out(data)}
        data.update({key: digest for key, digest in digests.items() if digest is not None})
    corruption = kept.get("corruption")
    if content and isinstance(corruption, dict) and (read := content_of_corruption(corruption)):
        corruption["content"] = read
    _name_weights(config, kept, content)
    _leave_out_what_was_no_choice(kept)
    with_known_length(kept, trains=_task(config) not in _UNTRAINED)
    if kept.get("probe", {}).get("name") == "none":  # as before there were probes
        del kept["probe"]
    mended = revisions(config)
    if content and isinstance(data, dict) and read_otherwise(data):
        mended.append("tables and ratings read strictly")
    if mended:
        kept["revisions"] = mended
    return kept


def _name_weights(config: Mapping[str, Any], kept: dict[str, Any], content: bool) -> None:
    """Put which weights they are in the place of the run that has them; its path is none of it."""
    start, rewind = kept.get("start"), kept.get("rewind")
    if isinstance(kept.get("freeze"), str):  # one name is a list of one
        kept["freeze"] = [kept["freeze"]]
    if isinstance(start, dict) and start.get("run") is None:
        del kept["start"]
    elif content and isinstance(start, dict):
        model = str((kept.get("model") or {}).get("name"))
        seed = kept.get("seed")
        weights = content_of_start(start, model, seed if isinstance(seed, int) else 0)
        kept["start"] = {"weights": weights}
    if content and isinstance(rewind, dict) and isinstance(rewind.get("run"), str):
        kept["rewind"] = {**rewind, "run": content_of_run(rewind["run"])}
    for task in OF_A_RUN:
        own = config.get(task)
        if content and isinstance(own, Mapping) and (final := content_of_final(own.get("run"))):
            kept[task]["content"] = final
    critical = config.get("critical_samples")
    if content and isinstance(critical, Mapping) and isinstance(critical.get("run"), str):
        kept["critical_samples"]["content"] = content_of_run(critical["run"])


def _leave_out_what_was_no_choice(kept: dict[str, Any]) -> None:
    """Leave out settings that are as they were before there was a choice."""
    if not any(seed is not None for seed in (kept.get("seeds") or {}).values()):
        kept.pop("seeds", None)
    if (kept.get("loss") or {}).get("name") == _BEFORE_LOSSES and not kept["loss"].get(
        "label_smoothing"
    ):
        del kept["loss"]
    for section, key, value in _BEFORE_A_CHOICE:
        settings = kept.get(section)
        if isinstance(settings, dict) and settings.get(key) == value:
            del settings[key]


def _task(config: Mapping[str, Any]) -> Any:
    task = config.get("task")
    return task.get("name") if isinstance(task, Mapping) else None


def _processes(trainer: Mapping[str, Any]) -> int:
    return int(trainer.get("devices", 1)) * int(trainer.get("nodes", 1))


def config_hash(config: Mapping[str, Any], *, content: bool = True) -> str:
    """16 hexadecimal digits that differ where `identity` does."""
    return _hash(identity(config, content=content))


def hash_without_content(config: Mapping[str, Any]) -> str:
    """What `config_hash` was before the content of a folder of images was part of it."""
    return config_hash(config, content=False)


def _hash(kept: Mapping[str, Any]) -> str:
    canonical = json.dumps(_normal(kept), sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _normal(value: Any) -> Any:
    """The same for 1 and 1.0, and for what is absent and what is null."""
    if isinstance(value, Mapping):
        return {str(key): _normal(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def looks_at_a_study(task: str) -> bool:
    """Whether a task reads what others found, and computes nothing that could be gone on with."""
    return task in _OF_A_STUDY


def used_groups(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups that say what a job is about: ``task.uses``, all of them unless it is given."""
    uses = config["task"].get("uses")
    return _NAMING if uses is None else tuple(uses)


def job_name(config: Mapping[str, Any]) -> str:
    """The name of the run's folder, e.g. ``mlp_1x512-digits-random_labels-seed0-1f2e3d4c``.

    Settings of the corruption (its probability, …) stand behind its name, since grids sweep them.
    Tasks other than training come first: ``kernel-mnist-none-seed0-5a6b7c8d``.
    """
    task = config["task"].get("name")
    if looks_at_a_study(task):
        return str(task)
    used = used_groups(config)
    parts = [
        *([] if task == "train" else [task]),
        *(config[group].get("name") for group in ("model", "data") if group in used),
        *([corruption_name(config["corruption"])] if "corruption" in used else []),
        _seeds(config),
        config_hash(config)[:8],
    ]
    return "-".join(str(part) for part in parts)


def _seeds(config: Mapping[str, Any]) -> str:
    given = {name: seed for name, seed in (config.get("seeds") or {}).items() if seed is not None}
    own = "".join(f"_{name}{seed}" for name, seed in given.items())
    return f"seed{config.get('seed')}{own}"


def corruption_name(corruption: Mapping[str, Any]) -> str:
    """A corruption's name and its numeric settings, e.g. ``gaussian_noise_sigma0.2``."""
    strength = [
        f"{key}{value}"
        for key, value in corruption.items()
        if key not in ("name", "_target_", "apply_to", "fresh") and isinstance(value, int | float)
        if ("corruption", key, value) not in _BEFORE_A_CHOICE
    ]
    return "_".join([str(corruption.get("name")), *strength])
