"""Measures of runs that were taken before, so that an interrupted or grown study goes on."""

import hashlib
import json
from pathlib import Path
from typing import Any

from nullfit.config.weights import CHECKPOINTS, FINAL
from nullfit.results.plain import json_values
from nullfit.results.result import read_arrays, write_arrays
from nullfit.system.files import write_text
from nullfit.system.reading import RESULT_BYTES, read_regular
from nullfit.tasks.measures.measured import Measured
from nullfit.tasks.measures.settings import MeasuresSettings

_FILE = "measured.json"
_ARRAYS = ("margins", "normalized_margins")


def digest_of(run: Path, settings: MeasuresSettings, seed: int) -> str:
    """What the measures of a run follow from: its weights and settings, and how they are taken."""
    told = settings.model_dump(exclude={"run"}) | {"seed": seed}
    found = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for file in (run / "config.yaml", run / CHECKPOINTS / FINAL):
        if file.is_file():
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def keep(folder: Path, digest: str, found: Measured) -> None:
    """Write the measures of a run, its arrays first."""
    write_arrays(folder, **{name: getattr(found, name) for name in _ARRAYS})
    told = {"digest": digest, "fields": found.fields, "undefined": found.undefined}
    write_text(folder / _FILE, json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def read_kept(folder: Path, digest: str) -> Measured | None:
    """The measures of a run if they were kept, and nothing that they follow from has changed."""
    try:
        told: Any = json_values(read_regular(folder / _FILE, RESULT_BYTES))
        if not isinstance(told, dict) or told.get("digest") != digest:
            return None
        arrays = read_arrays(folder)
        return Measured(told["fields"], told["undefined"], **{n: arrays[n] for n in _ARRAYS})
    except (OSError, ValueError, KeyError):  # UserError is a ValueError: measured again
        return None
