"""The benchmark of GPUs: its lines run on a CPU, and it says where there is no GPU."""

import json
from pathlib import Path

import pytest
import torch

import gpu
import nullfit
from tests.commands import run_command

BENCHMARK = Path(nullfit.__file__).parents[2] / "benchmarks" / "gpu.py"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so_and_measures_nothing() -> None:
    done = run_command(script=BENCHMARK)
    assert done.returncode == gpu.NO_GPU
    assert "no GPU" in done.stdout


@pytest.mark.parametrize(
    ("name", "peak"),
    [("NVIDIA H100 80GB HBM3", 989), ("NVIDIA H100 PCIe", 756), ("NVIDIA L4", 121), ("cpu", None)],
)
def test_peaks_are_those_of_the_card(name: str, peak: float | None) -> None:
    assert gpu.peak_of(name) == peak


ANSWERED = """
import sys
from nullfit.training import device
device.processor_has_bfloat16 = lambda: sys.argv[1] == "True"
import gpu
gpu.main(sys.argv[2:])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bfloat16", "models", "modes"),
    [
        (True, ["mlp_3x512"], ["float32", "fast", "compiled"]),  # without it convolutions are slow
        (False, ["mlp_3x512", "wide_resnet"], ["float32"]),
    ],
)
def test_every_line_that_is_allowed_runs_on_a_cpu(tmp_path, bfloat16, models, modes) -> None:
    written = tmp_path / "gpu.json"
    options = ["--device", "cpu", "--quick", "--peak", "1", "--write", str(written)]
    script = tmp_path / "answered.py"
    script.write_text(ANSWERED)
    benchmarks = {"PYTHONPATH": str(BENCHMARK.parent)}
    done = run_command(str(bfloat16), *options, "--models", *models, env=benchmarks, script=script)
    assert done.returncode == 0, done.stderr
    lines = json.loads(written.read_text())["lines"]
    cases = [(line["model"], line["mode"]) for line in lines]
    assert cases == [(model, mode) for model in models for mode in modes]
    for line in lines:
        assert line["images_per_second"] > 0
        assert line["utilization"] > 0
        assert 0 <= line["test_accuracy"] <= 1
    refused = {"fast", "compiled"} - set(modes)
    told = "not measured. trainer.precision=bf16-mixed"
    assert all(f"{mode}: {told}" in done.stdout for mode in refused)
    assert done.stdout.count("not measured") == len(refused)
