"""The only place that imports torchvision and pytorch_lightning.

PyPI's torchvision is built against a CUDA build of torch. Beside a CPU-only torch its compiled
operators do not load, and the import dies with ``operator torchvision::nms does not exist`` and
takes torchmetrics and Lightning with it. Data sets, transforms and classifiers need none of those
operators: declaring their schemas is enough. Where they load, nothing is declared.

Use ``from nullfit.system.ecosystem import pytorch_lightning as pl``, never a direct import.
"""

import importlib.util
from functools import cache
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _operators_load() -> bool:
    """Whether torchvision's compiled operators load into this torch."""
    spec = importlib.util.find_spec("torchvision")
    folders = spec.submodule_search_locations if spec else None
    for library in Path(next(iter(folders), "")).glob("_C*") if folders else ():
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return True
    return False


# A library object undoes its declarations when it is collected, so it lives as long as the module.
_declared: torch.library.Library | None = None
if not _operators_load():
    _declared = torch.library.Library("torchvision", "DEF")
    for _schema in _SCHEMAS:
        _declared.define(_schema)

from lightning_utilities.core.rank_zero import rank_zero_only  # noqa: E402

# Lightning would guess from the environment, at its import, that this process is not the first and
# has nothing to log. Where several share a training it logs when they come together.
rank_zero_only.rank = 0  # type: ignore[attr-defined]

import pytorch_lightning  # noqa: E402
from lightning_fabric.utilities import registry  # noqa: E402

# Each training would ask every installed package whether it has callbacks for it.
if hasattr(registry, "entry_points"):  # a name of Lightning's own
    registry.entry_points = cache(registry.entry_points)

import torchvision  # noqa: E402

__all__ = ["pytorch_lightning", "torchvision"]
