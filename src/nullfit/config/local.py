"""The machine's own settings, ``conf/local.yaml``: where data lie, which device, whose W&B.

Such a file says where and how runs are carried out, never what they compute: a run must not be
another one because of a file that nobody sees. It goes before the defaults and options of
``conf/``, and behind experiments and the words of the command.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from hydra.core.config_store import ConfigStore

from nullfit.config.folders import config_folder, is_clone
from nullfit.errors import UserError, nearest, shown
from nullfit.system.reading import SETTINGS_BYTES, open_regular
from nullfit.system.shallow_yaml import LOADER, shallow_events

VARIABLE = "NULLFIT_LOCAL"  # another file, or none
NAME = "local"  # of the file, and of what Hydra composes of it

# What such a file may set, by section. Of devices it chooses an option, `trainer=gpu`, so that
# another choice on the command line takes the place of all of it.
KEYS = {
    "data": ("root", "download", "cache"),
    "trainer": ("threads", "checkpoint_seconds", "progress"),
    "logger": ("mode", "project", "entity", "step_loss_budget", "patience"),
}
_WITH_SETTINGS = "wandb"  # of the loggers
WHOLE = ("outputs",)
CHOICES = ("trainer", "logger")  # groups of which it may choose an option
_OVERRIDE = "override /"

Content = Mapping[str, Any]


def local_file() -> Path | None:
    """The file of this machine, if there is one.

    In a clone it is ``conf/local.yaml``; of the installed package ``local.yaml`` in the user's
    folder of settings, ``~/.config/nullfit``. ``NULLFIT_LOCAL`` names another, or ``none``.

    Raises:
        UserError: the variable names a file that is not there.
    """
    named = os.environ.get(VARIABLE)
    if named == "none":
        return None
    if named:
        if not Path(named).is_file():
            raise UserError(
                f"{VARIABLE}={shown(named)} is no file: name one, or none, or leave it unset."
            )
        return Path(named)
    if is_clone():
        usual = config_folder() / f"{NAME}.yaml"
    else:
        from platformdirs import user_config_path  # seldom

        usual = user_config_path("nullfit") / f"{NAME}.yaml"
    return usual if usual.is_file() else None


def read_local() -> dict[str, Any]:
    """What the file holds, checked; empty where there is none.

    Raises:
        UserError: it is no YAML, or sets or chooses what is none of a machine's settings.
    """
    path = local_file()
    if path is None:
        return {}
    try:
        with open_regular(path, SETTINGS_BYTES, links=True) as file:
            text = file.read().decode("utf-8")
        for _ in shallow_events(text):
            pass
        content = yaml.load(text, LOADER)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        reason = (str(error).splitlines() or [repr(error)])[0]
        raise UserError(f"{_shown(path)} is no file of settings: {reason}.") from error
    content = {} if content is None else content
    _check(content, _shown(path))
    return dict(content)


def store_local() -> None:
    """Let Hydra compose what the file holds: ``local`` in the defaults of conf/config.yaml.

    Settings of the logger count where W&B is chosen in the end: no other has any.

    Raises:
        UserError: as `read_local`.
    """
    content = read_local()
    store = ConfigStore.instance()
    store.repo.pop(NAME, None)  # of an earlier call in this process
    rest = {key: value for key, value in content.items() if key != "logger"}
    store.store(name=NAME, node={"defaults": ["_self_"], **rest})
    if settings := content.get("logger"):
        store.store(group=f"{NAME}/logger", name=_WITH_SETTINGS, node=dict(settings))


def local_words() -> list[str]:
    """What the file says, as on the command line: ``data.root=/scratch``, ``trainer=gpu``."""
    return [f"{key}={shown(value)}" for key, value in _settings(read_local())]


def local_setting(key: str) -> Any:
    """A single setting of the file, e.g. ``data.root``; None where it is not set."""
    return dict(_settings(read_local())).get(key)


def told_local() -> str | None:
    """A line that tells of the file and what it says; None where there is none."""
    path, words = local_file(), local_words()
    return f"settings from {_shown(path)}: {', '.join(words)}" if path and words else None


def _settings(content: Content) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if name == "defaults":
            chosen = [entry for entry in value if isinstance(entry, Mapping)]
            yield from ((k.removeprefix(_OVERRIDE), v) for e in chosen for k, v in e.items())
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{key}", own) for key, own in value.items())
        else:
            yield name, value


def _check(content: Any, file: str) -> None:
    if not isinstance(content, Mapping):
        raise UserError(f"{file} holds {shown(content)}: write settings, e.g. outputs: /scratch/me")
    for name, value in content.items():
        if name == "defaults":
            _check_choices(value, file)
        elif name in KEYS:
            if not isinstance(value, Mapping):
                below = f"{KEYS[name][0]}: …"
                raise UserError(
                    f"{file}: {name}={shown(value)} is not allowed: its settings stand below it, "
                    f"indented, e.g. {below}"
                )
            for key in value:
                if key not in KEYS[name]:
                    raise _refusal(f"{name}.{key}", file)
        elif name not in WHOLE:
            raise _refusal(str(name), file)


def _refusal(key: str, file: str) -> UserError:
    known = [*WHOLE, *(f"{section}.{own}" for section, keys in KEYS.items() for own in keys)]
    return UserError(
        f"{file}: {key} is none of a machine's own settings, which say where and how runs are "
        f"carried out.{nearest(key, known)}"
    )


def _check_choices(choices: Any, file: str) -> None:
    for entry in choices if isinstance(choices, list) else [choices]:
        if entry == "_self_" and isinstance(choices, list):
            continue
        pairs = list(entry.items()) if isinstance(entry, Mapping) else [(entry, None)]
        group = str(pairs[0][0]).removeprefix(_OVERRIDE)
        if len(pairs) != 1 or group not in CHOICES or group == pairs[0][0]:
            raise UserError(
                f"{file}: the default {shown(entry)} is not allowed: it may choose "
                f"{' and '.join(CHOICES)}, e.g. - {_OVERRIDE}trainer: gpu"
            )
        options = sorted(path.stem for path in (config_folder() / group).glob("*.yaml"))
        if pairs[0][1] not in options:
            raise UserError(
                f"{file}: {group}={shown(pairs[0][1])} does not exist."
                + nearest(str(pairs[0][1]), options, f"{group}=")
            )


def _shown(path: Path) -> str:
    """A path as short as it can be said."""
    folder = config_folder()
    return f"conf/{path.name}" if path.parent == folder else str(path)
