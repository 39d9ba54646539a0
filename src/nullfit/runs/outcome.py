"""What every task with a result does around its computation: skip, begin, complete."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.content import content_digests
from nullfit.config.identity import config_hash
from nullfit.config.revisions import revisions
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say, warn
from nullfit.results.commit import commit
from nullfit.results.earlier import dropped_transparency, result_without_content
from nullfit.results.result import (
    RESULT,
    Result,
    command,
    read_result,
    versions,
    write_arrays,
    write_result,
)
from nullfit.system.files import write_text

if TYPE_CHECKING:
    from nullfit.data.randomized_data import RandomizedData
    from nullfit.tracking.task_run import TaskRecord


def finished(config: RunConfig, folder: Path) -> Result | None:
    """The stored result of exactly this configuration, if there is one; says so."""
    stored = _stored(config, folder)
    if stored is None:
        return None
    where, result = stored
    say(f"{config.job}: finished before, nothing to do ({where})")
    return result


def has_result(config: RunConfig, folder: Path) -> bool:
    """Whether there is a stored result of exactly this configuration; says nothing."""
    return _stored(config, folder) is not None


def _stored(config: RunConfig, folder: Path) -> tuple[Path, Result] | None:
    """The result of exactly this configuration, and where it lies."""
    result = read_result(folder)
    if result is None or result["config_hash"] != config_hash(config.plain()):
        return result_without_content(config, folder)
    return None if dropped_transparency(config, folder) else (folder, result)


def begin(config: RunConfig, folder: Path) -> None:
    """Write config.yaml, which says that the job was started."""
    from omegaconf import OmegaConf

    commit()  # as it is now
    write_text(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(config.plain())))


def complete(
    config: RunConfig,
    folder: Path,
    fields: Result,
    arrays: Mapping[str, Any] | None = None,
    record: "TaskRecord | None" = None,
) -> Result:
    """Write the arrays, then the result: ``fields`` with identity and circumstances added.

    ``fields`` may set any of the added ones itself (status, device, …). W&B gets the result
    through ``record``, or in a run of its own where the task keeps none while it computes.
    """
    from nullfit.results.samples import SAMPLES, has_samples

    result = result_of(config, fields)
    if arrays:
        write_arrays(folder, **arrays)
    write_result(folder, result)
    _record(config, folder, result, record)
    samples = f", {SAMPLES}" if has_samples(folder) else ""
    say(f"  wrote {folder}/: {RESULT}{', arrays.npz' if arrays else ''}{samples}, config.yaml")
    return result


def _record(config: RunConfig, folder: Path, result: Result, record: "TaskRecord | None") -> None:
    from nullfit.tracking.task_run import task_run

    if record is not None:
        record.result(result)
        return
    with task_run(config, folder) as own:
        own.result(result)


def result_of(config: RunConfig, fields: Result) -> Result:
    """``fields`` with which run it is before them, and what it was made with after them."""
    import torch

    made_with = {
        "device": "cpu",
        "threads": torch.get_num_threads(),
        "versions": versions(),
        "command": command(),
    }
    said = {"status": "completed", **identity_fields(config), **fields}
    return {**said, **{key: value for key, value in made_with.items() if key not in said}}


def identity_fields(config: RunConfig) -> Result:
    """The fields of every result that say which run it is."""
    return {
        "task": config.task.name,
        "study": config.study,
        "scale": config.scale,
        "job": config.job,
        "seed": config.seed,
        **({"seeds": config.seeds.given} if config.seeds.given else {}),
        "config_hash": config_hash(config.plain()),
        "revisions": revisions(config.plain()),
        **({"digests": digests} if (digests := content_digests(config.plain())) else {}),
    }


def data_fields(config: RunConfig, data: "RandomizedData") -> Result:
    """The fields of a result that say what was trained and tested on."""
    return {
        "data": {
            "name": config.data.name,
            "train_samples": len(data.train),
            **({"left_out": data.left_out} if data.left_out else {}),
            "val_samples": len(data.val) if data.val is not None else 0,
            "test_samples": len(data.test),
            **_copies_field(data),
            "input_shape": list(data.input_shape),
            "classes": len(data.classes),
            "class_names": list(data.classes),
            "largest_test_class": data.largest_test_class,
        },
        "corruption": {
            "name": config.corruption.name,
            "labels_changed": data.labels_changed,
            "images_changed": data.images_changed,
            **{k: v for k, v in config.corruption.settings.items() if k != "steps"},
        },
    }


def _copies_field(data: "RandomizedData") -> Result:
    """Test samples that are training samples, which is said as well."""
    from nullfit.data.copies import told_copies

    if data.test_copies is None or not data.test_copies.count:
        return {}
    copies = asdict(data.test_copies)
    warn(f"data={data.name}: {told_copies(copies)}.")
    return {"test_copies": copies}
