"""Where the weights of a run lie, and which they are, as part of what another run is.

A run that begins with the weights of another is named by these, not by where they lie or by what
else stands in their file: a checkpoint tells of its run's folder and study as well.
"""

import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nullfit.config.folders import named_folder
from nullfit.errors import UserError, override
from nullfit.system.files import at_home
from nullfit.system.reading import CHECKPOINT_BYTES, open_regular

CHECKPOINTS = "checkpoints"
FINAL = "final.ckpt"

_KEPT = re.compile(r"epoch_(\d+)\.ckpt")
_CHUNK = 2**20


def kept_name(epoch: int) -> str:
    """The file of the weights after an epoch, which ``trainer.keep_epochs`` keeps; 0 is before."""
    return f"epoch_{epoch}.ckpt"


def kept_epochs(folder: Path) -> list[int]:
    """The epochs whose weights lie in a run's folder, rising."""
    names = (_KEPT.fullmatch(path.name) for path in (folder / CHECKPOINTS).glob("epoch_*.ckpt"))
    return sorted(int(name[1]) for name in names if name)


def finished_folder(key: str, run: str) -> Path:
    """The folder of a run that has its final weights, which the setting ``key`` names.

    Raises:
        UserError: there is none.
    """
    folder = named_folder(key, run)
    if not (folder / CHECKPOINTS / FINAL).is_file():
        inside = sorted(folder.glob(f"*/{CHECKPOINTS}/{FINAL}"))
        example = (
            f"\nIt is a study: name a run of it, e.g. {override(key, str(inside[0].parent.parent))}"
            if inside
            else "\nGive the folder of a training that is finished."
        )
        raise UserError(f"{override(key, run)} has no {CHECKPOINTS}/{FINAL}.{example}")
    return folder


@dataclass(frozen=True)
class StartWeights:
    """Weights that a run begins with: those of ``layers`` (None: all) in a checkpoint file."""

    layers: tuple[str, ...] | None
    file: Path
    digest: str | None
    key: str  # the setting that names the layers

    @property
    def identity(self) -> dict[str, Any]:
        """What they are, without where they lie."""
        return {"layers": self.layers, "sha256": self.digest}


_known: dict[tuple[str, int | None, str, int], tuple[Path, str]] = {}


def weights_of_start(start: Mapping[str, Any], model: str, seed: int) -> list[StartWeights]:
    """What a plain ``start`` section names, for a run of this network and seed, in order.

    ``start.run`` is a checkpoint file, the folder of a run, or that of a study, of which the run
    of the same network and seed is meant. A run stays the same one while its process lasts,
    whatever becomes of those files.

    Raises:
        UserError: there are none, or more than one.
    """
    if start.get("run") is None:
        return []
    layers = start.get("layers")
    wanted = [(None if layers is None else tuple(layers), "start.epoch", start.get("epoch"))]
    for layer, epoch in (start.get("rewind") or {}).items():
        wanted.append(((str(layer),), f"start.rewind.{layer}", epoch))
    found = []
    for of, key, epoch in wanted:
        named = key if key.startswith("start.rewind") else "start.layers"
        about = (str(start["run"]), epoch, model, seed)
        if about not in _known:
            file = _source_file(*about, key)
            digest = digest_of_weights([file])
            if digest is None:
                found.append(StartWeights(of, file, None, named))
                continue
            _known[about] = file, digest
        found.append(StartWeights(of, *_known[about], named))
    return found


def _source_file(run: str, epoch: int | None, model: str, seed: int, key: str) -> Path:
    """The file of a run with the weights after an epoch; ``key`` asked for it."""
    path = Path(at_home(run))
    if path.is_file():
        if epoch is not None:
            folder = override("start.run", str(path.parent.parent))
            raise UserError(
                f"{key}={epoch} has no effect where start.run is a file: give the folder of the "
                f"run, {folder}"
            )
        return path
    if path.is_dir() and not (path / CHECKPOINTS).is_dir():
        path = _of_study(path, model, seed)
    if epoch is None:
        return finished_folder("start.run", str(path)) / CHECKPOINTS / FINAL
    kept = path / CHECKPOINTS / kept_name(epoch)
    if not kept.is_file():
        finished_folder("start.run", str(path))
        epochs = kept_epochs(path)
        has = f"it kept {', '.join(map(str, epochs))}" if epochs else "it kept none"
        raise UserError(
            f"{key}={epoch}: {path} has no weights of that epoch ({has}).\nRuns keep those of "
            f"trainer.keep_epochs, e.g. 'trainer.keep_epochs=[{epoch}]'."
        )
    return kept


def _of_study(study: Path, model: str, seed: int) -> Path:
    """The run of a study that has this network and seed, by the names of its folders."""
    wanted = re.compile(rf"{re.escape(model)}-.*-seed{seed}(_[a-z0-9_]+)?-[0-9a-f]+")
    runs = sorted(path.parent.parent for path in study.glob(f"*/{CHECKPOINTS}/{FINAL}"))
    found = [run for run in runs if wanted.fullmatch(run.name)]
    if len(found) == 1:
        return found[0]
    given = override("start.run", str(study))
    if not runs:
        raise UserError(f"{given} holds no weights: give the folder of a run that is finished.")
    if not found:
        raise UserError(
            f"{given} has no finished run of model={model} with seed={seed}.\nName a run of it, "
            f"e.g. {override('start.run', str(runs[0]))}"
        )
    raise UserError(
        f"{given} has {len(found)} runs of model={model} with seed={seed}: name one of them, e.g. "
        f"{override('start.run', str(found[0]))}"
    )


def content_of_start(
    start: Mapping[str, Any], model: str, seed: int
) -> list[dict[str, Any]] | None:
    """Which weights a plain ``start`` section names; None if there are none.

    Nothing is raised: who reads them will say what is wrong.
    """
    try:
        return [part.identity for part in weights_of_start(start, model, seed)]
    except (TypeError, AttributeError, ValueError, OSError):  # of which a UserError is one
        return None


def content_of_final(run: object) -> str | None:
    """A digest of the weights that a run ended with; None without one, or if it has none."""
    if not isinstance(run, str):
        return None
    return digest_of_weights([Path(at_home(run)) / CHECKPOINTS / FINAL])


def content_of_run(run: str) -> str | None:
    """A digest of all weights that a run kept, the final ones last; None if there are none."""
    folder = Path(at_home(run)) / CHECKPOINTS
    kept = [folder / kept_name(epoch) for epoch in kept_epochs(folder.parent)]
    return digest_of_weights([*kept, folder / FINAL])


def digest_of_weights(files: Sequence[Path]) -> str | None:
    """Of the values of the tensors in checkpoint files, whatever else these hold.

    Nothing in them is run or unpacked. None where one is missing or no checkpoint.
    """
    try:
        states = [(path, path.stat()) for path in files]
        found = [_digest(path, s.st_size, s.st_mtime_ns) for path, s in states]
    except Exception:  # zipfile raises many kinds for files that are no checkpoints
        return None
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


@cache
def _digest(path: Path, size: int, changed: int) -> str:
    """Jobs are named several times in a run; a file is read once."""
    digest = hashlib.sha256()
    with open_regular(path, CHECKPOINT_BYTES, links=True) as file, zipfile.ZipFile(file) as archive:
        parts = [part for part in archive.infolist() if part.filename.split("/")[-2:-1] == ["data"]]
        if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
            raise ValueError("its parts are packed, which torch never does")
        for part in sorted(parts, key=lambda part: int(part.filename.rpartition("/")[2])):
            digest.update(f"{part.file_size}\n".encode())
            with archive.open(part) as values:
                while chunk := values.read(_CHUNK):
                    digest.update(chunk)
    return digest.hexdigest()
