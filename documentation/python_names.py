"""The reference of Python: which names it has, and that each is explained."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

# Packages whose public names the reference has; of the probes' module what one derives from.
PACKAGES = (
    "nullfit",
    "nullfit.interactive",
    "nullfit.corruptions",
    "nullfit.data",
    "nullfit.models",
    "nullfit.losses",
    "nullfit.optimizers",
    "nullfit.schedules",
    "nullfit.training",
)
OTHERS = ("nullfit.training.probe.Probe", "nullfit.results.findings.Findings")
_SHOWN = re.compile(r"^::: ([\w.]+)$", re.M)


def public_names(package: str) -> list[str]:
    """What a package offers: its ``__all__``, or the classes and functions that are its own.

    Where a package lists its names by ``import x as x``, those are its own.
    """
    module = importlib.import_module(package)
    if listed := getattr(module, "__all__", None):
        return sorted(name for name in listed if not name.startswith("_"))
    own = _exported(module) or {
        name for name, value in vars(module).items() if _defined_in(module, value)
    }
    return sorted(name for name in own if not name.startswith("_"))


def missing(docs: Path) -> list[str]:
    """What is wrong with the reference: names that it lacks, and names without a docstring."""
    pages = (docs / "reference" / "python").glob("*.md")
    shown = {name for page in pages for name in _SHOWN.findall(page.read_text(encoding="utf-8"))}
    things = [_named(name) for name in shown]
    problems = []
    for package in PACKAGES:
        for name in public_names(package):
            value = _named(f"{package}.{name}")
            if not any(value is thing for thing in things):
                problems.append(f"{package}.{name} is not in docs/reference/python/")
            problems += [f"{package}.{own} has no docstring" for own in undocumented(name, value)]
    problems += [f"{name} is not in docs/reference/python/" for name in OTHERS if name not in shown]
    return problems


def undocumented(name: str, value: object) -> list[str]:
    """A class or function, and the public methods of a class, that have no docstring."""
    found = [] if inspect.getdoc(value) else [name]
    if inspect.isclass(value):
        found += [
            f"{name}.{member}"
            for member, own in vars(value).items()
            if not member.startswith("_") and _is_method(own) and not inspect.getdoc(own)
        ]
    return found


def _is_method(value: object) -> bool:
    return inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)


def _named(dotted: str) -> object:
    package, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(package), name)


def _defined_in(module: ModuleType, value: object) -> bool:
    is_named = inspect.isclass(value) or inspect.isfunction(value)
    return is_named and value.__module__ == module.__name__


def _exported(module: ModuleType) -> set[str]:
    """Names of ``from a import x as x``."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in imports for alias in node.names if alias.asname == alias.name}
