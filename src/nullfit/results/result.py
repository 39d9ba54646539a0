"""result.json: what a run found. It is written last; a run without one did not happen."""

import json
import math
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nullfit.errors import UserError
from nullfit.files import write_text

RESULT = "result.json"
_PACKAGES = (
    "torch",
    "nullfit",
    "torchvision",
    "pytorch-lightning",
    "hydra-core",
    "omegaconf",
    "numpy",
    "scikit-learn",
    "wandb",
)

Result = dict[str, Any]


def write_result(folder: Path, result: Result) -> Path:
    """Write ``result`` to the run's folder; NaN and infinities become null, as JSON has none."""
    path = folder / RESULT
    write_text(path, json.dumps(_finite(result), indent=2, ensure_ascii=False) + "\n")
    return path


def read_result(folder: Path) -> Result | None:
    """The result of a finished run, or None.

    Raises:
        UserError: there is a file, but it is no result.
    """
    path = folder / RESULT
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is damaged ({error}).\nDelete it to run the job again.") from error
    if not isinstance(result, dict) or not {"status", "task", "config_hash"} <= result.keys():
        raise UserError(f"{path} is no result of nullfit.\nDelete it to run the job again.")
    return result


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
