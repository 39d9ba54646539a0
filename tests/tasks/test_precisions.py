"""Every precision that a machine allows, through every task that trains; the others refused."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from nullfit.config.components import typed_settings
from nullfit.config.composer import composer
from nullfit.config.plan import compose_grid
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.errors import UserError
from nullfit.fused.launch import Job, JobCallbacks, launch
from nullfit.results.result import Result
from nullfit.tasks.evaluate import evaluate
from nullfit.tasks.permutation.calibration.task import permutation_calibration
from nullfit.tasks.permutation.task import permutation_test
from nullfit.tasks.rademacher.task import RademacherSettings, rademacher
from nullfit.tasks.train.task import train
from nullfit.training import device
from tests.conftest import TINY, MakeConfig

SHORT = (*TINY, "trainer=cpu", "trainer.max_epochs=2", "data.train_limit=40", "data.test_limit=30")
PROBE = ("probe=loss_mixture", "probe.cleanlab=true", "probe.folds=2", "corruption=random_labels")
# Precision, whether the processor has bfloat16, and the type of the weights.
ALLOWED = [
    ("32-true", False, torch.float32),
    ("64-true", False, torch.float64),
    ("bf16-mixed", True, torch.float32),
]
Run = Callable[[RunConfig, Path], Result]


def trained(config: RunConfig, folder: Path) -> Result:
    return train(config, folder)


def evaluated(config: RunConfig, folder: Path) -> Result:
    result = train(config, folder)
    found = evaluate(config, folder / "evaluation", checkpoint=str(folder))
    close = {"rel": 1e-12} if config.trainer.precision == "64-true" else {"rel": 1e-4}
    measured = {k: v for k, v in result["metrics"].items() if not k.startswith("weights/")}
    assert found["metrics"] == pytest.approx(measured, **close)
    return result


def signs_fitted(config: RunConfig, folder: Path) -> Result:
    result = rademacher(config, folder, rademacher=RademacherSettings(draws=2))
    (folder / "checkpoints").symlink_to(folder / "draws/1/checkpoints")
    return result


def fused(config: RunConfig, folder: Path) -> Result:
    with composer():
        overrides = [f"seed={config.seed},{config.seed + 1}", f"outputs={folder}"]
        trainer = config.trainer
        settings = [
            *SHORT,
            f"trainer={trainer.accelerator}",
            f"trainer.precision={trainer.precision}",
            *overrides,
        ]
        plan = compose_grid(settings, multirun=True)
        jobs = [Job(n, each, validate(each)) for n, each in enumerate(plan.configs)]
    results: list[Result] = []

    def failed(job: Job, error: Exception) -> None:
        raise error

    def alone(job: Job) -> None:
        results.append(train(job.config, job.folder))

    launch(
        jobs,
        JobCallbacks(alone, lambda job: results.append(train(job.config, job.folder)), failed),
        None,
    )
    (folder / "checkpoints").symlink_to(jobs[1].folder / "checkpoints")
    return results[1]


TRAINING: dict[str, tuple[Run, tuple[str, ...]]] = {
    "train": (trained, ()),
    "train a convolutional network": (trained, ("model=wide_resnet_10", "data.batch_size=8")),
    "train on augmented images": (trained, ("regularizer=[augmentation,weight_noise]",)),
    "train under a probe": (trained, PROBE),
    "evaluate": (evaluated, ("corruption=random_labels", "data.val_fraction=0.2")),
    "rademacher": (signs_fitted, ("task=rademacher",)),
    "the fused launcher": (fused, ()),
}
each_way = pytest.mark.parametrize(("run", "overrides"), TRAINING.values(), ids=TRAINING)


@pytest.fixture
def config(make_config: MakeConfig) -> MakeConfig:
    return lambda *overrides: make_config(*SHORT, *overrides)


def processor(monkeypatch: pytest.MonkeyPatch, *, bfloat16: bool) -> None:
    """Let the processor have bfloat16 or not; torch computes in it all the same."""
    monkeypatch.setattr(device, "processor_has_bfloat16", lambda: bfloat16)


@each_way
@pytest.mark.parametrize(("precision", "bfloat16", "dtype"), ALLOWED)
def test_what_is_allowed_trains_to_a_result(
    config, tmp_path, monkeypatch, run, overrides, precision, bfloat16, dtype
) -> None:
    processor(monkeypatch, bfloat16=bfloat16)
    result = run(config(*overrides, f"trainer.precision={precision}"), tmp_path)
    assert result["status"] == "completed"
    metrics = [value for name, value in result["metrics"].items() if name != "gap_bound"]
    assert all(math.isfinite(value) for value in metrics)
    weights = torch.load(tmp_path / "checkpoints/final.ckpt")["state_dict"].values()
    assert {value.dtype for value in weights if value.is_floating_point()} == {dtype}


@each_way
def test_bfloat16_is_refused_where_the_processor_lacks_it(
    config, tmp_path, monkeypatch, run, overrides
) -> None:
    processor(monkeypatch, bfloat16=False)
    with pytest.raises(UserError, match="processor has no instructions for bfloat16"):
        run(config(*overrides, "trainer.precision=bf16-mixed"), tmp_path)
    assert not list(tmp_path.rglob("result.json"))


@each_way
def test_float16_is_refused_without_a_gpu(config, tmp_path, monkeypatch, run, overrides) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"trainer.precision=16-mixed needs a GPU.*32-true"):
        run(config(*overrides, "trainer=auto", "trainer.precision=16-mixed"), tmp_path)
    assert not list(tmp_path.rglob("result.json"))


@pytest.mark.parametrize("precision", ["64-true", "bf16-mixed", "16-mixed"])
@pytest.mark.parametrize("task", [permutation_test, permutation_calibration])
def test_the_permutation_tests_have_one_precision(make_config, tmp_path, task, precision) -> None:
    name = task.__name__
    config = make_config(f"task={name}", f"trainer.precision={precision}")
    with pytest.raises(UserError, match=f"trainer.precision={precision} has no .* task={name}"):
        task(config, tmp_path, **typed_settings(task, config.task_settings))
    assert not list(tmp_path.iterdir())
