"""result.json: what a run found. It is written last; a run without one did not happen."""

import json
import math
import platform
import shlex
import zipfile
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from hydra.core.hydra_config import HydraConfig

from nullfit.config.extensions import extensions
from nullfit.config.several_probes import joined
from nullfit.errors import UserError, shown
from nullfit.results.commit import commit
from nullfit.results.plain import json_values
from nullfit.results.withdrawn import without_withdrawn
from nullfit.system.files import appearing, write_text
from nullfit.system.reading import (
    ARRAYS_BYTES,
    NO_ARRAYS,
    RESULT_BYTES,
    open_regular,
    read_regular,
)

RESULT = "result.json"
ARRAYS = "arrays.npz"
METRICS = "metrics.csv"
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

_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
Result = dict[str, Any]


def write_result(folder: Path, result: Result) -> Path:
    """Write ``result`` to the run's folder; NaN and infinities become null, as JSON has none."""
    path = folder / RESULT
    write_text(path, json.dumps(_finite(result), indent=2, ensure_ascii=False) + "\n")
    return path


def write_arrays(folder: Path, **arrays: Any) -> Path:
    """Write named arrays to arrays.npz beside the result; without pickles."""
    import numpy  # noqa: PLC0415

    path = folder / ARRAYS
    with appearing(path) as temporary:
        numpy.savez_compressed(temporary, allow_pickle=False, **arrays)
    return path


def read_arrays(folder: Path, *names: str) -> dict[str, Any]:
    """The arrays of a run, or those of them that are named; empty if it has none.

    Raises:
        UserError: the file holds no arrays of numbers and texts, or unpacks to too much.
    """
    try:
        return read_array_file(folder / ARRAYS, *names)
    except FileNotFoundError:
        return {}


def read_array_file(path: Path, *names: str) -> dict[str, Any]:
    """The arrays of a file that NumPy wrote, or those that are named.

    Raises:
        FileNotFoundError: there is no such file.
        UserError: as `read_arrays`.
    """
    try:
        with open_regular(path, ARRAYS_BYTES) as file:
            return _arrays(file, names)
    except (FileNotFoundError, UserError):
        raise
    except NO_ARRAYS as error:
        raise UserError(f"{path} is damaged ({str(error) or repr(error)}).") from error


def _arrays(file: BinaryIO, names: Sequence[str]) -> dict[str, Any]:
    import numpy  # noqa: PLC0415

    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    if any(part.compress_type not in _PACKED for part in parts):
        raise ValueError("it is packed in another way than NumPy's")
    if sum(part.file_size for part in parts) > ARRAYS_BYTES:
        raise ValueError(f"it unpacks to more than {ARRAYS_BYTES:,} bytes")
    file.seek(0)
    with numpy.lib.npyio.NpzFile(file, allow_pickle=False) as packed:
        arrays = {name: packed[name] for name in packed if not names or name in names}
    for name, array in arrays.items():
        if not isinstance(array, numpy.ndarray) or array.dtype.kind not in "biufU":
            raise ValueError(f"{shown(name)} is no array of numbers or texts")
    return arrays


def command() -> str | None:
    """The command line that repeats this run, if it came from one."""
    if not HydraConfig.initialized():
        return None
    return shlex.join(["python", "run.py", *joined(HydraConfig.get().overrides.task)])


def read_result(folder: Path) -> Result | None:
    """The result of a finished run, or None; without what is known not to hold (`withdrawn`).

    Raises:
        UserError: there is a file, but it is no result.
    """
    path = folder / RESULT
    try:
        result = _finite(json_values(read_regular(path, RESULT_BYTES)))
    except FileNotFoundError:
        return None
    except UserError as error:
        raise UserError(f"{error}\nDelete it to run the job again.") from error
    except ValueError as error:
        raise UserError(f"{path} is damaged ({error}).\nDelete it to run the job again.") from error
    from nullfit.results.fields import lacking  # noqa: PLC0415  (pydantic takes its time)

    if (what := lacking(result)) is not None:
        raise UserError(
            f"{path} is no result of nullfit ({what}).\nDelete it to run the job again."
        )
    return without_withdrawn(result)


def versions() -> dict[str, str]:
    """Versions of Python, of the packages that can change a result, and of extensions.

    ``commit`` is that of nullfit's clone, where it was imported from one.
    """
    found = {"python": platform.python_version(), **_packages()}
    found |= {extension.name: extension.version for extension in extensions()}
    return found if (own := commit()) is None else {**found, "commit": own}


@cache  # what this process has imported stays what it is
def _packages() -> dict[str, str]:
    found = {}
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
