"""Every model option of ``conf/model/`` as a factory, with the settings of its YAML file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from torch import nn

from nullfit import models

FOLDER = Path(__file__).parents[2] / "conf" / "model"
OPTIONS = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read(option: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{option}.yaml").read_text(encoding="utf-8"))


def factory(option: str, **changes: Any) -> Callable[..., nn.Module]:
    settings = read(option)
    del settings["name"], settings["learning_rate"]  # the program's, not the network's
    target = settings.pop("_target_").removeprefix("nullfit.models.")
    unknown = set(changes) - set(settings)
    assert not unknown, f"{option} has no settings {unknown}"
    return partial(getattr(models, target), **(settings | changes))
