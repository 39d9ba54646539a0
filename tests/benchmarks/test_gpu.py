"""The benchmark of GPUs: its lines run on a CPU, and it says where there is no GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import gpu
import nullfit

BENCHMARK = Path(nullfit.__file__).parents[2] / "benchmarks" / "gpu.py"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARK), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_so_and_measures_nothing() -> None:
    done = run()
    assert done.returncode == gpu.NO_GPU
    assert "no GPU" in done.stdout


@pytest.mark.parametrize(
    ("name", "peak"),
    [("NVIDIA H100 80GB HBM3", 989), ("NVIDIA H100 PCIe", 756), ("NVIDIA L4", 121), ("cpu", None)],
)
def test_peaks_are_those_of_the_card(name: str, peak: float | None) -> None:
    assert gpu.peak_of(name) == peak


@pytest.mark.slow
def test_every_line_runs_on_a_cpu(tmp_path: Path) -> None:
    written = tmp_path / "gpu.json"
    models = ("mlp_3x512", "wide_resnet")
    done = run(
        "--device", "cpu", "--quick", "--peak", "1", "--models", *models, "--write", str(written)
    )
    assert done.returncode == 0, done.stderr
    lines = json.loads(written.read_text())["lines"]
    cases = [(line["model"], line["mode"]) for line in lines]
    modes = ("float32", "fast", "compiled")
    assert cases == [(model, mode) for model in models for mode in modes]
    for line in lines:
        assert line["images_per_second"] > 0
        assert 0 < line["utilization"] < 10
        assert 0 <= line["test_accuracy"] <= 1
