"""Compiled training: really compiled, the same metrics, and no trace of it afterwards."""

import copy
import math
import os
import re
import signal
from pathlib import Path

import pytest
import torch
from torch import nn

from nullfit import assembly
from nullfit.errors import UserError
from nullfit.system.interruption import Interrupted, interruptible
from nullfit.tasks.train.task import train
from nullfit.training import compilation, device
from nullfit.training.fitting import fit

# 200 samples in batches of 30: 7 steps an epoch, the last one smaller
RUN = ("trainer.max_epochs=2", "data.batch_size=30", "trainer.accelerator=cpu")
STEPS = 14


class Graphs:
    """Runs graphs as they are, notes what it was given, and is as careless as CUDA graphs are.

    What it gave out is overwritten by the next step.
    """

    def __init__(self) -> None:
        self.options: list[dict[str, object]] = []
        self.sizes: list[int] = []
        self.calls = self.marks = 0
        self.held_gradients = self.symbols = False
        self.stop_in: int | None = None
        self._given_out: list[torch.Tensor] = []

    def __call__(self, graph, inputs, **options):
        self.options.append(options)
        images = [x for x in inputs if getattr(x, "ndim", 0) == 4 and not _is_weight(x)]
        self.sizes += [len(x) for x in images]
        self.symbols |= not all(isinstance(x, torch.Tensor) for x in inputs)

        def run(*given):
            self.calls += 1
            if self.calls == self.stop_in:
                os.kill(os.getpid(), signal.SIGTERM)
            for output in self._given_out:
                output.data.fill_(math.nan)
            self.held_gradients |= any(x.grad is not None for x in given if _is_weight(x))
            self._given_out = list(graph.forward(*given))
            return tuple(self._given_out)

        return run

    def mark(self) -> None:
        self.marks += 1


def _is_weight(value: object) -> bool:
    return isinstance(value, nn.Parameter)


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> Graphs:
    found = Graphs()
    monkeypatch.setattr(compilation, "backend", found)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", found.mark)
    return found


@pytest.fixture(autouse=True)
def _plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the 8×8 digits; the checks of shapes that tests put into ours break graphs apart."""

    def network(config, shape, classes):
        torch.manual_seed(config.seed)
        inner = [nn.Conv2d(shape[0], 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()]
        dropout = nn.Dropout(config.model.settings["dropout"])
        return nn.Sequential(*inner, dropout, nn.Linear(4 * 6 * 6, classes))

    monkeypatch.setattr(assembly, "network", network)


def run(config):
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    return network, fit(assembly.training(config, network, data))


def test_steps_are_compiled_and_metrics_stay(tiny_config, graphs: Graphs) -> None:
    plain, expected = run(tiny_config(*RUN))
    assert graphs.calls == 0
    network, found = run(tiny_config(*RUN, "trainer.compile=reduce-overhead"))
    assert graphs.calls == graphs.marks == found.steps == STEPS  # and no evaluation
    assert graphs.options == [{"mode": "reduce-overhead"}] * 2
    assert found.metrics == pytest.approx(expected.metrics, rel=1e-4)
    assert found.compile == "reduce-overhead"
    assert list(network.state_dict()) == list(plain.state_dict())
    for name, value in copy.deepcopy(network).state_dict().items():
        torch.testing.assert_close(value, plain.state_dict()[name], rtol=1e-3, atol=1e-5)


def test_each_size_of_batch_has_its_own_graph(tiny_config, graphs: Graphs) -> None:
    run(tiny_config(*RUN, "trainer.compile=default"))
    assert graphs.sizes == [30, 20]
    assert not graphs.symbols  # that stand for any size


def test_no_gradients_are_held_while_a_graph_runs(tiny_config, graphs: Graphs) -> None:
    run(tiny_config(*RUN, "trainer.compile=default"))
    assert not graphs.held_gradients


def test_every_network_of_a_process_is_compiled(tiny_config, graphs: Graphs) -> None:
    with torch._dynamo.config.patch(recompile_limit=2):
        for seed in range(3):
            run(tiny_config(*RUN, f"seed={seed}", "trainer.compile=default"))
    assert graphs.calls == 3 * STEPS


def test_stopped_and_started_again_it_comes_to_the_same_bits(
    tiny_config, tmp_path: Path, graphs: Graphs
) -> None:
    config = tiny_config(*RUN, "trainer.compile=default", "model.dropout=0.5")
    train(config, tmp_path / "whole")
    for stop in (3, 4, 6):  # calls from then on, within and at the end of an epoch
        graphs.calls, graphs.stop_in = 0, stop
        with pytest.raises(Interrupted) as stopped, interruptible():
            train(config, tmp_path / "stopped")
        assert stopped.value.saved
    train(config, tmp_path / "stopped")
    ends = [
        torch.load(tmp_path / name / "checkpoints/final.ckpt", weights_only=True)["state_dict"]
        for name in ("whole", "stopped")
    ]
    assert list(ends[0]) == list(ends[1])
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_a_run_shows_and_records_it(tiny_config, tmp_path, graphs, capsys) -> None:
    result = train(tiny_config(*RUN, "trainer.compile=default"), tmp_path / "run")
    assert result["compile"] == "default"
    assert ", compiled (default)" in capsys.readouterr().out


def test_without_a_compiler_nothing_is_begun(tiny_config, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    config = tiny_config(*RUN, "trainer.compile=default")
    with pytest.raises(UserError, match=r"trainer.compile=default: .* a C\+\+ compiler") as told:
        train(config, tmp_path / "run")
    assert "trainer.compile=null" in str(told.value)
    assert len(str(told.value).splitlines()) == 2
    assert not (tmp_path / "run").exists()
    device.check_device(tiny_config(*RUN).trainer)


@pytest.mark.parametrize(
    ("kind", "here", "missing"),
    [
        ("cpu", {"g++", "clang++", "headers"}, None),
        ("cpu", {"gcc", "clang", "headers"}, r"a C\+\+ compiler"),
        ("cpu", {"g++", "clang++"}, "Python.h"),
        ("cuda", {"clang", "headers", "triton"}, None),
        ("cuda", {"g++", "headers", "triton"}, r"a C compiler \(gcc or clang\)"),
        ("cuda", {"gcc", "headers"}, "the package triton"),
    ],
)
def test_what_is_missing_is_named(monkeypatch, tmp_path, kind, here, missing) -> None:
    for variable in ("CC", "CXX"):
        monkeypatch.delenv(variable, raising=False)
    if "headers" in here:
        (tmp_path / "Python.h").touch()
    monkeypatch.setattr("shutil.which", lambda name: name if name in here else None)
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(compilation, "find_spec", lambda name: name if name in here else None)
    found = compilation.missing_tool(torch.device(kind))
    if missing is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(missing, found)


def test_the_compiler_that_the_environment_names_counts(monkeypatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    found = compilation.missing_tool(torch.device("cpu"))
    assert found == "a C++ compiler (no-such-compiler)"
