"""``task=critical_samples`` on runs, and its section."""

from pathlib import Path

import numpy as np
import pytest
import torch

from nullfit import assembly
from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.results.study import read_config
from nullfit.results.task_run import TaskRun
from nullfit.runs.preflight.look import Look
from nullfit.tasks.critical_samples.measured import Critical
from nullfit.tasks.critical_samples.section import sections
from nullfit.tasks.critical_samples.task import (
    CriticalSamplesSettings,
    critical_samples,
    refuse_beforehand,
)
from nullfit.training.checkpoint_format import read_checkpoint
from tests import trainings
from tests.charts.drawn import draw, entries_of, frames_of
from tests.command_line import carry_out
from tests.conftest import TINY
from tests.report.by_hand import material

NOISE = ("corruption=random_labels", "corruption.probability=0.4")
MLP = ("model=mlp", "model.hidden=[16]")
FEW = "critical_samples.samples=60"
LENGTH = ("trainer.max_epochs=4",)
RUN = (*LENGTH, "trainer.keep_epochs=[0,2]")


@pytest.fixture
def trained(tiny_config, tmp_path):
    """The folder of a finished training."""

    def of(*words: str) -> Path:
        config = tiny_config(*MLP, *RUN, *words)
        folder = tmp_path / "outputs" / "first" / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def measured(tiny_config, tmp_path):
    """Carries out the task on a run, and gives the folder and the result."""

    def of(run: object, *words: str) -> tuple[Path, dict]:
        word = f"critical_samples.run={run}"
        config = tiny_config("task=critical_samples", word, FEW, *MLP, *LENGTH, *words)
        settings = CriticalSamplesSettings.model_validate(config.task_settings["critical_samples"])
        folder = tmp_path / "measured" / config.job
        refuse_beforehand(config, Look(elsewhere=False), critical_samples=settings)
        assert not folder.exists()
        return folder, critical_samples(config, folder, critical_samples=settings)

    return of


@pytest.fixture
def run_of(trained, measured):
    """A finished run of the task."""

    def of(*words: str) -> TaskRun:
        folder, result = measured(trained(*words), *words)
        return TaskRun(folder, result, read_config(folder))

    return of


def test_each_kept_epoch_and_the_last_are_measured(trained, measured) -> None:
    run = trained(*NOISE)
    folder, result = measured(run, *NOISE)
    section, found = result["critical_samples"], Critical.of_arrays(read_arrays(folder))
    assert found is not None
    assert section["epochs"] == found.epochs.tolist() == [0, 2, 4]
    assert section["samples"]["train"] == section["samples"]["test"] == 60
    assert section["samples"]["untouched"] + section["samples"]["corrupted"] == 60
    ratios = section["critical_sample_ratio"]
    for kind, chosen in {
        "untouched": ~found.test & ~found.corrupted,
        "corrupted": ~found.test & found.corrupted,
        "test": found.test,
    }.items():
        assert ratios[kind] == found.critical[:, chosen].mean(1).tolist()
        assert section["loss_sensitivity"][kind] == found.sensitivity[:, chosen].mean(1).tolist()
    assert result["metrics"]["test/critical_sample_ratio"] == ratios["test"][-1]
    assert read_result(folder) == result
    assert (folder / "critical_samples.png").stat().st_size > 10_000


@pytest.mark.parametrize("whitening", ["per_image", "per_image_channel", "per_channel", "none"])
def test_pixels_are_counted_from_black_to_white(trained, measured, tiny_config, whitening) -> None:
    """Loss sensitivity again, by differences of images before whitening."""
    words = (*NOISE, f"data.whitening={whitening}")
    run = trained(*words)
    folder, _ = measured(run, *words, "critical_samples.samples=10")
    found = Critical.of_arrays(read_arrays(folder))
    assert found is not None
    data, raw = (
        assembly.randomized_data(tiny_config(*MLP, *NOISE, f"data.whitening={kind}"))
        for kind in (whitening, "none")
    )
    network = assembly.network(tiny_config(*MLP), data.input_shape, 10).double().eval()
    state = read_checkpoint(run / "checkpoints" / "final.ckpt")["state_dict"]
    network.load_state_dict(state)
    chosen = torch.from_numpy(found.indices[~found.test])
    images, before = data.train.images[chosen].double(), raw.train.images[chosen].double()
    images.requires_grad_()
    labels = data.train.labels[chosen]
    torch.nn.functional.cross_entropy(network(images), labels, reduction="sum").backward()
    # What a whitened image has over its raw one, since whitening is a x + b.
    spread = [x.detach().amax((1, 2, 3)) - x.detach().amin((1, 2, 3)) for x in (images, before)]
    expected = images.grad.abs().sum((1, 2, 3)) * spread[0] / spread[1]
    assert found.sensitivity[-1, ~found.test] == pytest.approx(expected.numpy(), rel=1e-4)


def test_a_larger_box_has_more_critical_samples(trained, measured) -> None:
    run, found = trained(), []
    for radius in (1e-6, 0.05, 5.0):
        words = [f"critical_samples.{key}={radius / part}" for key, part in
                 (("radius", 1), ("step", 4), ("noise", 5))]  # fmt: skip
        _, result = measured(run, *words)
        found.append(result["critical_samples"]["critical_sample_ratio"]["train"][-1])
    assert found[0] == 0
    assert found[0] < found[1] < found[2]
    assert found[2] > 0.95


def test_the_same_run_twice_is_the_same(trained, measured, tmp_path: Path) -> None:
    run = trained(*NOISE)
    first, _ = measured(run, *NOISE)
    arrays = read_arrays(first)
    (first / "result.json").unlink()
    first.rename(tmp_path / "before")
    second, _ = measured(run, *NOISE)
    assert second == first
    again = read_arrays(second)
    assert all(np.array_equal(again[name], values) for name, values in arrays.items())


def test_a_run_that_kept_no_weights_has_its_last_epoch(trained, measured) -> None:
    run = trained("trainer.keep_epochs=null")
    _, result = measured(run)
    assert result["critical_samples"]["epochs"] == [4]
    assert "corrupted" not in result["critical_samples"]["critical_sample_ratio"]


def test_the_command_takes_the_settings_of_the_run_and_is_done_once(tmp_path: Path) -> None:
    done = carry_out(tmp_path, *TINY, *RUN, *MLP, *NOISE, "study=first")
    assert done.code == 0, done.err
    (run,) = tmp_path.glob("outputs/first/mlp-*")
    words = ("task=critical_samples", f"critical_samples.run={run.relative_to(tmp_path)}")
    first = carry_out(tmp_path, *words, "logger=csv")
    assert first.code == 0, first.err
    assert "critical samples, epoch 0 → 4: untouched labels" in first.out
    (folder,) = tmp_path.glob("outputs/first/critical_samples-mlp-digits-random_labels*")
    again = carry_out(tmp_path, words[0], f"critical_samples.run={run}", "logger=csv")
    assert f"{folder.name}: finished before" in again.out
    kept = run / "checkpoints" / "epoch_2.ckpt"
    kept.unlink()  # another run's weights
    other = carry_out(tmp_path, *words, "logger=csv")
    assert other.code == 0, other.err
    assert len(list(tmp_path.glob("outputs/first/critical_samples-*"))) == 2


def test_settings_are_compared_over_their_seeds(run_of) -> None:
    runs = [run_of(f"seed={seed}", *words) for words in ((), NOISE) for seed in (0, 1)]
    (section,) = sections(material(runs))
    assert section.table is not None
    assert section.table["n"].tolist() == ["2", "2"]
    assert section.table["critical: corrupted"][0] == "–"
    compared, *own = (named.figure for named in section.figures)
    assert len(own) == 2
    assert entries_of(compared) == ["true labels", "random labels 40 %"]
    assert [panel.title for panel in compared.panels] == [
        *("critical samples, training set", "critical samples, test set"),
        *("loss sensitivity, training set", "loss sensitivity, test set"),
    ]
    frame = frames_of(compared.panels[1])[0]
    last = frame[(frame["series"] == 1) & (frame["epoch"] == 4)]
    ends = [run.result["critical_samples"]["critical_sample_ratio"]["test"][-1] for run in runs[2:]]
    assert last["mean"].item() == pytest.approx(np.mean(ends))
    assert (last["low"].item(), last["high"].item()) == (min(ends), max(ends))
    assert entries_of(own[1]) == ["untouched labels", "corrupted labels", "test set"]
    for figure in (compared, *own):
        draw(figure)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["critical_samples.run=null"], "task=critical_samples needs critical_samples.run="),
        (["critical_samples.run=nowhere"], "nowhere: there is no such folder"),
        (["critical_samples.run={study}"], "It is a study: name a run of it"),
        (["critical_samples.run={run}", "seed=3"], "takes seed from its run"),
        (["corruption.fresh=true"], "is impossible with corruption.fresh=true"),
        (["critical_samples.run={diverged}", "optimizer.lr=1e30"], "diverged: its network answers"),
    ],
)
def test_before_anything_is_written(trained, tiny_config, tmp_path, words, message) -> None:
    run, diverged = trained(), None
    if "diverged" in words[0]:
        diverged = trained("optimizer.lr=1e30")
    places = {"run": run, "study": run.parent, "diverged": diverged}
    given = [word.format(**places) for word in words]
    config = tiny_config("task=critical_samples", *MLP, *LENGTH, *given)
    settings = CriticalSamplesSettings.model_validate(config.task_settings["critical_samples"])
    for attempt in (
        lambda: refuse_beforehand(config, Look(elsewhere=False), critical_samples=settings),
        lambda: critical_samples(config, tmp_path / "new", critical_samples=settings),
    ):
        with pytest.raises(UserError, match=message):
            attempt()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("word", ["radius=0", "step=-1", "steps=0", "noise=-0.1", "samples=0"])
def test_wrong_settings_are_refused(tiny_config, word: str) -> None:
    with pytest.raises(UserError, match=f"critical_samples.{word} is not allowed"):
        tiny_config("task=critical_samples", f"critical_samples.{word}")
