"""A JSON schema of the settings, by which editors complete and check experiments.

``python -m nullfit.config.json_schema > schema.json``; ``--config-dir`` adds a folder of options.

It is made from the types that settings are checked by (`nullfit.config.schema`, the signatures of
options) and from the comments of their files. It describes what a file may say, so that nothing is
required; and what composition brings (references, grids) is no fault.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omegaconf import OmegaConf
from pydantic import BaseModel

from nullfit.config.components import locate, settings_model
from nullfit.config.composer import CONFIG_NAME, composer, config_folder, option_files
from nullfit.config.explanations import Explanations, explanations
from nullfit.config.extensions import trusted_package
from nullfit.config.local import CHOICES, KEYS, WHOLE
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import CsvLogger, TensorBoardLogger, WandbLogger
from nullfit.config.sections.options import (
    CorruptionConfig,
    DataConfig,
    LossConfig,
    ModelConfig,
    ProbeConfig,
    ScheduleConfig,
)
from nullfit.config.sections.section import Component
from nullfit.config.targets import HOMES
from nullfit.config.type_schemas import Schema, merged, object_of, relaxed, schema_of
from nullfit.errors import UserError

__all__ = ["local_schema", "settings_schema"]

# The type of each group whose options bring settings of their own.
_COMPONENTS: dict[str, type[BaseModel]] = {
    "data": DataConfig,
    "model": ModelConfig,
    "corruption": CorruptionConfig,
    "loss": LossConfig,
    "optimizer": Component,
    "schedule": ScheduleConfig,
    "probe": ProbeConfig,
}
_LOGGERS: tuple[type[BaseModel], ...] = (WandbLogger, CsvLogger, TensorBoardLogger)
_GROUPS = (
    *_COMPONENTS,
    "task",
    "regularizer",
    "trainer",
    "logger",
    "recipe",
    "experiment",
    "scale",
)
_IN_A_GRID = {"type": ["string", "number", "boolean", "null", "array"]}
_DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors know


def settings_schema() -> Schema:
    """Of files for the whole configuration: experiments, ``conf/config.yaml``, ``conf/local.yaml``.

    It needs `composer`, whose folders of options it describes.

    Raises:
        UserError: an option of nullfit's own cannot be imported.
    """
    known = _explanations()
    root = schema_of(RunConfig)
    properties = {**_task_settings(), **root["properties"]}
    for group, model in _COMPONENTS.items():
        properties[group] = object_of(merged([schema_of(model), *_option_schemas(group)]))
    properties["logger"] = object_of(merged(map(schema_of, _LOGGERS)))
    properties["probes"] = {"type": "object", "additionalProperties": properties["probe"]}
    properties = _described(relaxed(object_of(properties))["properties"], known)
    names = sorted({*_dotted(properties), *_GROUPS})
    properties["defaults"] = _defaults()
    properties["hydra"] = _hydra(names)
    return {"$schema": _DIALECT, "title": "Settings of nullfit", **object_of(properties)}


def local_schema() -> Schema:
    """The part of `settings_schema` that a machine's own file may set."""
    whole = settings_schema()["properties"]
    sections = {
        section: object_of({key: whole[section]["properties"][key] for key in keys})
        for section, keys in KEYS.items()
    }
    choices = {f"override /{group}": _options(group) for group in CHOICES}
    defaults = {"type": "array", "items": _entry(choices)}
    properties = {**{key: whole[key] for key in WHOLE}, **sections, "defaults": defaults}
    return {"$schema": _DIALECT, "title": "nullfit on this machine", **object_of(properties)}


def _option_schemas(group: str) -> Iterator[Schema]:
    """What the options of a group can be given: by their signatures, and by their files."""
    for path in option_files(group).values():
        content: Any = OmegaConf.to_container(OmegaConf.load(path))
        section = content.get(group, content)
        if not isinstance(section, dict):
            continue
        own = set(section) - {"defaults"}
        yield object_of({key: {} for key in own})
        target = str(section.get("_target_"))
        if target.startswith(HOMES[group] + ".") or trusted_package(target, group):
            yield schema_of(settings_model(locate(target, group)))


def _task_settings() -> dict[str, Schema]:
    """The settings of tasks, which stand beside the groups."""
    schemas = []
    for path in option_files("task").values():
        content: Any = OmegaConf.to_container(OmegaConf.load(path))
        target = str(content.get("task", content).get("_target_"))
        if target.startswith(HOMES["task"] + ".") or trusted_package(target, "task"):
            schemas.append(schema_of(settings_model(locate(target, "task"))))
    return merged(schemas)


def _explanations() -> Explanations:
    """The comments of all files of options, those of ``conf/config.yaml`` last."""
    found: Explanations = {}
    for group in ("task", *_COMPONENTS, "logger", "regularizer", "trainer"):
        for path in option_files(group).values():
            found |= explanations(path.read_text(encoding="utf-8"), group)
    text = (config_folder() / f"{CONFIG_NAME}.yaml").read_text(encoding="utf-8")
    return found | explanations(text)


def _described(
    properties: Mapping[str, Schema], known: Explanations, above: tuple[str, ...] = ()
) -> dict[str, Schema]:
    found = {}
    for key, schema in properties.items():
        path = (*above, key)
        own = dict(schema)
        if words := known.get(path):
            own["description"] = words
        if "properties" in own:
            own["properties"] = _described(own["properties"], known, path)
        found[key] = own
    return found


def _dotted(properties: Mapping[str, Schema], above: str = "") -> Iterator[str]:
    """The names of all settings, as a grid has them: ``trainer.max_epochs``."""
    for key, schema in properties.items():
        yield above + key
        for part in (schema, *schema.get("anyOf", [])):
            yield from _dotted(part.get("properties", {}), f"{above}{key}.")


def _options(group: str) -> Schema:
    names = sorted({*option_files(group)})
    one = {"enum": [*names, None] if group in ("recipe", "experiment") else names}
    if group in ("regularizer", "probe"):
        return {"anyOf": [one, {"type": "array", "items": one}]}
    return one


def _defaults() -> Schema:
    """The list of options that a file chooses; ``conf/config.yaml`` has groups without a slash."""
    choices = {}
    for group in _GROUPS:
        for name in (f"override /{group}", f"/{group}", group):
            choices[name] = _options(group)
    entry = _entry(choices, ["local", *sorted(option_files("experiment"))])  # beside the file
    others = r"^(override |optional )?/?(hydra|local)/"
    entry["anyOf"][1]["patternProperties"] = {others: {"type": "string"}}
    return {"type": "array", "items": entry}


def _entry(choices: Mapping[str, Schema], files: Iterable[str] = ()) -> Schema:
    one = {**object_of(choices), "minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"enum": ["_self_", *files]}, one]}


def _hydra(names: list[str]) -> Schema:
    """Hydra's part: that a file is a grid, and of what."""
    axes = {"type": "object", "propertyNames": {"enum": names}, "additionalProperties": _IN_A_GRID}
    sweeper = {
        "params": {**axes, "description": "what the grid varies: key: value,value"},
        "grids": {
            "type": "array",
            "items": axes,
            "description": "several grids, each joined with params",
        },
    }
    return {
        "type": "object",
        "properties": {
            "mode": {"enum": ["RUN", "MULTIRUN"], "description": "MULTIRUN: the file is a grid"},
            "sweeper": {"type": "object", "properties": sweeper},
        },
    }


def _main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m nullfit.config.json_schema",
        description="Print a JSON schema of the settings, for editors.",
    )
    parser.add_argument("--config-dir", help="a folder with options of your own")
    parser.add_argument("--local", action="store_true", help="of conf/local.yaml alone")
    arguments = parser.parse_args()
    try:
        with composer(arguments.config_dir):
            schema = local_schema() if arguments.local else settings_schema()
    except UserError as error:
        sys.exit(f"nullfit: {error}")
    print(json.dumps(schema, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    _main()
