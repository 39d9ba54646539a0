"""Networks, optimizers, schedules and corruptions have in Python the defaults of their options."""

import inspect
from typing import Any

import pytest
import yaml

from nullfit.config.composer import config_folder

# Of several options of one class, the one whose settings are its defaults.
_FIRST = {
    "nullfit.models.MLP": "mlp",
    "nullfit.models.Inception": "inception",
    "nullfit.models.WideResNet": "wide_resnet",
}
_OF_ITS_OWN = {"steps"}  # what a chain is made of: nothing stands for it


def options() -> list[tuple[str, dict[str, Any]]]:
    """Each function or class of an option, with its settings."""
    found: dict[str, dict[str, Any]] = {}
    for group in ("model", "optimizer", "schedule", "corruption"):
        for file in sorted((config_folder() / group).glob("*.yaml")):
            option = yaml.safe_load(file.read_text(encoding="utf-8"))
            option = option[group] if isinstance(option.get(group), dict) else option
            target = option["_target_"]
            if _FIRST.get(target, file.stem) == file.stem:
                found.setdefault(target, option)
    return list(found.items())


@pytest.mark.parametrize(("target", "option"), options(), ids=lambda value: str(value)[:60])
def test_defaults_are_those_of_the_option(target: str, option: dict[str, Any]) -> None:
    module, _, name = target.rpartition(".")
    made = getattr(__import__(module, fromlist=[name]), name)
    for parameter in inspect.signature(made).parameters.values():
        if parameter.kind != parameter.KEYWORD_ONLY or parameter.name in _OF_ITS_OWN:
            continue
        wanted = option.get(parameter.name)
        if isinstance(wanted, str) and wanted.startswith("${"):
            wanted = float(wanted.rpartition(",")[2].rstrip("}"))  # of models without their own
        assert parameter.default == wanted, parameter.name


def test_there_are_options() -> None:
    assert len(options()) > 30
