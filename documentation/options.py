"""The reference of all options: a page for each group, made of conf/ and of the typed schema."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml

from documentation.types_in_words import in_words
from nullfit.config.components import locate, parameters
from nullfit.config.composer import CONFIG_NAME, config_folder
from nullfit.config.explanations import Explanations, explanations, heading
from nullfit.config.launchers import LAUNCHERS, SWEEPERS
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import CsvLogger, TensorBoardLogger, WandbLogger
from nullfit.config.sections.section import Section

KeyPath = tuple[str, ...]

# In the order of the navigation; what is said of a group at the top of its page.
GROUPS = {
    "task": "What a run does. Settings of a task stand under its name.",
    "data": "Where samples come from, and what is done to them before the corruption.",
    "model": "The network.",
    "corruption": "What is destroyed, in which part of the data.",
    "loss": "What a training minimizes.",
    "optimizer": "How a step moves the weights.",
    "schedule": "How the learning rate changes.",
    "regularizer": "What holds a network back; several as `'regularizer=[weight_decay,dropout]'`.",
    "trainer": "How long, and on which device.",
    "probe": "What looks on while a network trains; several as `'probe=[dynamics,gradients]'`.",
    "logger": "Where a run is recorded beside its own files.",
    "recipe": "How the networks of a task train, chosen by the task.",
    "experiment": "Published experiments and examples, each a grid: `experiment=digits`.",
    "scale": "The size of an experiment that has both.",
    "hydra/launcher": "How the jobs of a grid are run: `python run.py -m hydra/launcher=joblib …`.",
    "hydra/sweeper": "What makes jobs of a command's words: a grid, or with `optuna` a search.",
}
_CHOICES = ("experiment", "scale")  # they have no settings, but choose those of others
_LOGGERS: dict[str, type[Section]] = {
    "csv": CsvLogger,
    "tensorboard": TensorBoardLogger,
    "wandb": WandbLogger,
}
_TOLD: dict[KeyPath, str] = {  # where the type is that of what the settings become
    ("corruption", "steps"): "list of texts, or maps with `name` and settings",
}
_NAMING = ("name", "uses")  # of an option itself: no settings
_HYDRAS = ("_target_", "_recursive_")
_FRONT = "---\nsearch:\n  boost: 4\n---\n\n"  # who searches for a setting finds it first
_LONG = 60  # characters of a default that a cell of a table has room for


@dataclass(frozen=True)
class Setting:
    """A setting: where it stands, what it is by default, what it may be, and what it is for."""

    path: KeyPath
    default: Any
    type: str
    comment: str


def page_of(group: str) -> str:
    """The name of a group's page: ``hydra/launcher`` is on ``launcher.md``."""
    return f"reference/options/{group.rpartition('/')[2]}.md"


def pages() -> dict[str, str]:
    """Every page of the reference in Markdown, by its place in docs/.

    Raises:
        ValueError: a setting has no comment or no type.
    """
    made = {page_of(group): _group_page(group) for group in GROUPS}
    all_of_them = {"reference/options/general.md": _general_page(), **made}
    return {place: _FRONT + text for place, text in all_of_them.items()}


def options_of(group: str) -> dict[str, Path]:
    """The files of a group's options, by option."""
    return {path.stem: path for path in sorted(config_folder().glob(f"{group}/*.yaml"))}


def settings_of(group: str, option: str) -> list[Setting]:
    """The settings that the file of an option has.

    Raises:
        ValueError: one has no comment or no type.
    """
    text = options_of(group)[option].read_text(encoding="utf-8")
    is_global = text.startswith("# @package _global_")
    top: KeyPath = () if is_global else tuple(group.split("/"))
    own = explanations(text, group)
    types = _types(group, option, yaml.safe_load(text) or {})
    return [
        _setting(path, default, types, own) for path, default in _leaves(_content(text), top, types)
    ]


def _content(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text) or {}
    return {key: value for key, value in found.items() if key not in ("defaults", "hydra")}


def _leaves(content: Any, top: KeyPath, types: "_Types") -> Iterator[tuple[KeyPath, Any]]:
    """The settings of a file with their defaults; a map that is one setting stays whole."""
    for key, value in content.items():
        path = (*top, str(key))
        if path[-1] in _HYDRAS or (len(path) == 2 and path[-1] in _NAMING):
            continue
        if isinstance(value, dict) and value and not types.is_a_map(path):
            yield from _leaves(value, path, types)
        else:
            yield path, value


def _setting(path: KeyPath, default: Any, types: "_Types", own: Explanations) -> Setting:
    comment = own.get(path) or _common_explanations().get(path) or _comment_elsewhere(path)
    where = ".".join(path)
    if not comment:
        raise ValueError(f"{where} has no comment in conf/")
    return Setting(path, default, types.told(path), comment)


def _comment_elsewhere(path: KeyPath) -> str:
    """What another option of the same group says of a setting of that name."""
    for file in options_of(path[0]).values():
        found = explanations(file.read_text(encoding="utf-8"), path[0])
        if path in found:
            return found[path]
    return ""


def _common_explanations() -> Explanations:
    return explanations((config_folder() / f"{CONFIG_NAME}.yaml").read_text(encoding="utf-8"))


class _Types:
    """The annotations of settings by their path."""

    def __init__(self, of: Callable[[KeyPath], Any]) -> None:
        self._of = of

    def is_a_map(self, path: KeyPath) -> bool:
        """Whether a map stands there that is the value of one setting."""
        try:
            annotation = self._of(path)
        except KeyError:
            return False
        return not any(hasattr(kind, "model_fields") for kind in _parts(annotation))

    def told(self, path: KeyPath) -> str:
        """The type and the range.

        Raises:
            ValueError: there is none.
        """
        try:
            return _TOLD.get(path) or in_words(self._of(path))
        except KeyError:
            raise ValueError(f"{'.'.join(path)} has no type") from None


def _parts(annotation: Any) -> list[Any]:
    """An annotation, or those of which it is one: ``A | None``."""
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [own for member in get_args(annotation) for own in _parts(member)]
    return [annotation]


def _types(group: str, option: str, content: dict[str, Any]) -> _Types:
    if group.startswith("hydra/"):
        kinds = {"launcher": LAUNCHERS, "sweeper": SWEEPERS}[group.rpartition("/")[2]]
        return _Types(lambda path: _field(kinds[content["_target_"]], path[2:]))
    if group == "logger":
        return _Types(lambda path: _field(_LOGGERS[option], path[1:]))
    section = content.get(group, content)
    target = section.get("_target_") if isinstance(section, dict) else None
    declared = _annotations(group, target) if target else {}

    def of(path: KeyPath) -> Any:
        if group == "task" and path[0] in declared:
            return _inside(declared[path[0]], path[1:])
        if path[0] == group and len(path) > 1 and path[1] in declared:
            return _inside(declared[path[1]], path[2:])
        return _of_any(path)

    return _Types(of)


def _annotations(group: str, target: str) -> dict[str, Any]:
    declared = parameters(locate(target, group))
    return {name: parameter.annotation for name, parameter in declared.items()}


def _of_any(path: KeyPath) -> Any:
    """The annotation of a setting in the schema, or in any option of its group."""
    try:
        return _field(RunConfig, path)
    except KeyError:
        if len(path) < 2:
            raise
    for file in options_of(path[0]).values():
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        target = (content.get(path[0]) or content).get("_target_")
        declared = _annotations(path[0], target) if target else {}
        if path[1] in declared:
            return _inside(declared[path[1]], path[2:])
    raise KeyError(path)


def _field(model: Any, path: KeyPath) -> Any:
    field = model.model_fields[path[0]]
    annotation = field.rebuild_annotation()
    return _inside(annotation, path[1:])


def _inside(annotation: Any, path: KeyPath) -> Any:
    """The annotation at a path below one."""
    if not path:
        return annotation
    for kind in _parts(annotation):
        if hasattr(kind, "model_fields") and path[0] in kind.model_fields:
            return _field(kind, path)
    raise KeyError(path)


def _general_page() -> str:
    text = (config_folder() / f"{CONFIG_NAME}.yaml").read_text(encoding="utf-8")
    loose = {key: value for key, value in _content(text).items() if key not in GROUPS}
    table = _table(_settings_in_common(loose))
    return (
        "# General settings\n\nOf every run, whatever it does. `python run.py --help` has this "
        f"reference for one's own choice of options, in a terminal.\n\n{table}"
    )


def _settings_in_common(content: dict[str, Any], top: KeyPath = ()) -> list[Setting]:
    types = _Types(lambda path: _field(RunConfig, path))
    known = _common_explanations()
    return [_setting(path, default, types, known) for path, default in _leaves(content, top, types)]


def _group_page(group: str) -> str:
    parts = [f"# `{group}`", GROUPS[group]]
    text = (config_folder() / f"{CONFIG_NAME}.yaml").read_text(encoding="utf-8")
    if common := _content(text).get(group):
        parts += ["## What all have in common", _table(_settings_in_common(common, (group,)))]
    for option, file in options_of(group).items():
        parts += [f"## `{group}={option}`", *_option(group, option, file)]
    return "\n\n".join(parts) + "\n"


def _option(group: str, option: str, file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    if group in _CHOICES:
        yield f"```yaml\n{text.removeprefix('# @package _global_').strip()}\n```"
        return
    if about := _heading(text):
        yield about
    if chosen := _chosen(text):
        yield f"It chooses {', '.join(f'`{word}`' for word in chosen)}."
    if settings := settings_of(group, option):
        yield _table(settings)
    else:
        yield "It has no settings."


def _heading(text: str) -> str:
    """The comment at the top of a file."""
    return _prose("\n".join(heading(text))).strip()


def _chosen(text: str) -> list[str]:
    """The options that an option comes with."""
    chosen = []
    for entry in (yaml.safe_load(text) or {}).get("defaults", []):
        if isinstance(entry, dict):
            ((group, option),) = entry.items()
            chosen.append(f"{group.removeprefix('override').strip().strip('/')}={option}")
    return chosen


def _table(settings: list[Setting]) -> str:
    """A row for each setting; long defaults stand below."""
    rows = ["| setting | default | type and range | |", "| --- | --- | --- | --- |"]
    below = []
    for setting in settings:
        key = ".".join(setting.path)
        default = _yaml(setting.default)
        if len(default) > _LONG:
            below.append(f"`{key}` by default:\n\n```yaml\n{_block(setting.default)}\n```")
            default = "below"
        else:
            default = f"`{default}`"
        cells = (f"`{key}`", default, setting.type, _prose(setting.comment))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n\n".join(["\n".join(rows), *below])


def _yaml(value: Any) -> str:
    return (
        yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("\n...\n").strip()
    )


def _block(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=None, sort_keys=False, width=90).strip()


_PAGE = re.compile(r"docs/([\w-]+)\.md")
_MARKED = re.compile(r"([<*_])")


def _prose(comment: str) -> str:
    """A comment as Markdown: names of pages lead there, nothing in it is a mark."""
    escaped = _MARKED.sub(r"\\\1", comment)
    return _PAGE.sub(r"[\1](../../\1.md)", escaped)
