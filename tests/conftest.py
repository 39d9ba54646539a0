"""What all tests share: one thread, no network, nothing outside temporary folders."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import nullfit.system.openmp  # noqa: F401 - how threads wait
import tests.shapes  # noqa: F401 - what is checked at run time

import joblib
import pytest
import torch
from hypothesis import settings

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.console.messages import begin_anew
from nullfit.system.garbage import uncollected
from tests.browser import browser  # noqa: F401 - a fixture
from tests.composition import keep_in, kept, remembered
from tests.drawing import draw_quickly

# The same examples each time; others are sought with --hypothesis-profile=explore.
settings.register_profile("same", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=300, deadline=None)
settings.load_profile("same")

# Tests start many processes. Each would compile nullfit anew, and so would the next `pytest`.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Nor do the machine's own settings (conf/local.yaml) decide what tests find.
os.environ["NULLFIT_LOCAL"] = "none"

_MANY_PROCESSES = (
    *("slurm/test_sweep.py", "launchers/test_ray.py", "launchers/test_joblib.py"),
    *("strangers/test_working_folder.py", "reliability/test_faults.py"),
)

MakeConfig = Callable[..., RunConfig]

# A run that takes a tenth of a second, and as many epochs as it is told.
TINY = (
    *("logger=csv", "trainer.progress=false", "data.train_limit=200", "data.test_limit=100"),
    "trainer.stop_at_train_accuracy=null",
)


def pytest_configure(config: Any) -> None:
    """Hear what asks to stop, though a background job or ``nohup`` ignores it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if hasattr(config, "workerinput"):
        keep_in(Path(config.workerinput["kept"]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What one process has composed, the others need not."""
    node.workerinput["kept"] = str(kept().folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait, for a cluster or for processes to end."""
    return joblib.cpu_count() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of slow tests: none is then left for one process at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Unless told otherwise, leave a file to one process, which makes what its tests share once.

    Files whose tests start many processes go to one, too: two clusters at once slow each other.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return "many processes" if file.endswith(_MANY_PROCESSES) else file

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what is imported and collected meanwhile, which stays."""
    with uncollected():
        return (yield)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lasts as long as the process, and most of its rounds.

    Composing makes thousands of small objects that are soon gone without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _not_waiting_for_disks() -> Iterator[None]:
    """What tests write need not outlast a loss of power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _composing_quickly() -> Iterator[None]:
    with remembered():
        yield


@pytest.fixture(autouse=True, scope="session")
def _drawing_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        draw_quickly(kept(), patch.setattr)
        yield


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders for caches, one for each test, made by whoever writes there."""
    folder = tmp_path_factory.mktemp("caches")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _sealed(monkeypatch: pytest.MonkeyPatch, _caches: Iterator[Path]) -> None:
    """Tools that would write to the home folder or call home find neither."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("XDG_CACHE_HOME", str(next(_caches)))
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)


@pytest.fixture(autouse=True)
def _nothing_said_before() -> None:
    begin_anew()


@pytest.fixture
def make_config(tmp_path: Path) -> MakeConfig:
    """A function from overrides to a validated configuration that writes below tmp_path."""

    def make(*overrides: str) -> RunConfig:
        with composer():
            return validate(compose_run([f"outputs={tmp_path / 'outputs'}", *overrides]))

    return make


@pytest.fixture
def tiny_config(make_config: MakeConfig) -> MakeConfig:
    """The same for a run that takes a tenth of a second."""
    return lambda *overrides: make_config(*TINY, *overrides)
