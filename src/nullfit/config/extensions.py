"""Installed extensions: packages that bring options of their own, as ``nullfit-yourlab`` does.

A distribution declares in its metadata, as an entry point of the group ``nullfit.options``, its
package that holds a folder ``conf/``. Who installs it wants its options; so these are found without
``--config-dir``, and the functions and classes that they name may run without ``allow_targets``.
Nothing else of the package may: what a configuration file of somebody else names is looked up here.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from nullfit.config.folders import config_folder
from nullfit.errors import UserError

GROUP = "nullfit.options"
PROVIDER = "extension"  # how Hydra's search path names their folders


@dataclass(frozen=True)
class Extension:
    """An installed distribution with options: ``package`` is imported, ``folder`` is its conf/."""

    name: str
    version: str
    package: str
    folder: Path

    def targets(self, group: str) -> set[str]:
        """What its own options of a group name, of its own package."""
        found = set()
        for path in self.folder.glob(f"{group}/*.yaml"):
            content: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
            section = content.get(group, content) if isinstance(content, dict) else {}
            target = section.get("_target_") if isinstance(section, dict) else None
            if isinstance(target, str) and target.startswith(f"{self.package}."):
                found.add(target)
        return found


def extensions() -> tuple[Extension, ...]:
    """Those that are installed, by name; what merely lies in the working folder is not.

    Raises:
        UserError: one of them has no options, or some that are there already.
    """
    here = {"", os.curdir, os.getcwd()}  # which allow_targets puts on the path
    return _installed(tuple(place for place in sys.path if place not in here))


def trusted_package(target: str, group: str) -> str | None:
    """The package of the extension whose option of a group names a target; None if none does.

    Raises:
        UserError: as `extensions`.
    """
    for extension in extensions():
        if target.startswith(f"{extension.package}.") and target in extension.targets(group):
            return extension.package
    return None


@cache
def _installed(path: tuple[str, ...]) -> tuple[Extension, ...]:
    """Looking through all that is installed takes some milliseconds."""
    known: dict[str, Extension] = {}
    for distribution in distributions(path=list(path)):
        for point in distribution.entry_points.select(group=GROUP):
            name = distribution.metadata["Name"]  # one that is there twice counts once
            known.setdefault(name, _extension(name, distribution.version, point.value))
    found = tuple(known[name] for name in sorted(known))
    _refuse_names_of_others(found)
    return found


def _extension(name: str, version: str, declared: str) -> Extension:
    remedy = f"Mend it, or remove it: pip uninstall {name}"
    # So that none can declare what is another's, such as os, to be its own.
    package = re.sub(r"[-_.]+", "_", name).lower()
    if declared != package or package in sys.stdlib_module_names:
        raise UserError(
            f"the extension {name} declares {declared}, and its package has to be named as it "
            f"is: {package}.\n{remedy}"
        )
    spec = find_spec(package)
    places = (spec.submodule_search_locations if spec else None) or ()
    folder = next((Path(p, "conf") for p in places if Path(p, "conf").is_dir()), None)
    if folder is None:
        raise UserError(f"the extension {name} has no options: no folder {package}/conf.\n{remedy}")
    return Extension(name, version, package, folder)


def _refuse_names_of_others(found: tuple[Extension, ...]) -> None:
    """See that no option has the name of another, which would be hidden without a word."""
    taken = dict.fromkeys(_options(config_folder()), "nullfit") if found else {}
    for extension in found:
        for option in _options(extension.folder):
            if owner := taken.get(option):
                raise UserError(
                    f"the extension {extension.name} has an option {option}, and so has {owner}: "
                    f"it needs a name of its own.\nUntil then: pip uninstall {extension.name}"
                )
            taken[option] = extension.name


def _options(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in sorted(folder.rglob("*.yaml")))
