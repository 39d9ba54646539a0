"""The layout of the source that no import shows; `make lint` holds the layers."""

from pathlib import Path

import yaml

import nullfit

PACKAGE = Path(nullfit.__file__).parent
CONF = PACKAGE.parents[1] / "conf"


def targets(group: str) -> dict[str, str]:
    found = {}
    for file in (CONF / group).glob("*.yaml"):
        option = yaml.safe_load(file.read_text())
        found[file.stem] = option.get(group, option).get("_target_") or ""
    return found


def folder_of(target: str) -> Path:
    return PACKAGE.joinpath(*target.split(".")[1:-2])


def test_a_task_is_one_file_or_one_folder():
    for name, target in targets("task").items():
        module = PACKAGE.joinpath(*target.split(".")[1:-1])
        assert module.with_suffix(".py").is_file(), target
        if folder_of(target).name != "tasks":
            assert module.name == "task"
            assert target.rpartition(".")[2] == name


def test_a_task_or_probe_with_a_folder_has_a_section():
    folders = {folder_of(target) for target in targets("task").values()}
    folders |= {folder_of(target) for target in targets("probe").values() if target}
    for folder in folders - {PACKAGE / "tasks"}:
        assert (folder / "section.py").is_file(), folder


def test_no_module_looks_like_a_test():
    assert not list(PACKAGE.rglob("*_test.py"))
    assert not list(PACKAGE.rglob("test_*.py"))


def test_only_the_ground_and_the_doors_are_loose():
    names = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert {name for name in names if name.endswith(".py")} - {"__init__.py"} == {
        *("cli.py", "losses.py", "optimizers.py", "schedules.py"),
        *("errors.py", "seeds.py", "ranges.py"),
    }
    assert len(names - {"__init__.py", "py.typed"}) <= 26
