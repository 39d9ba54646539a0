"""One training that is shared by two processes, on the CPU."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pandas
import pytest
import torch

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.identity import config_hash
from nullfit.config.launchers import check_launcher
from nullfit.data.loader import BatchLoader
from nullfit.errors import UserError
from nullfit.training.ranks import check_samples
from tests.commands import run_command

pytestmark = pytest.mark.slow

# What started this process may have numbered it, in a group that is not ours.
LEFT_BY_OTHERS = dict.fromkeys(("RANK", "SLURM_PROCID", "NODE_RANK", "LOCAL_RANK"), "1")
TWO = ("trainer=ddp", "trainer.accelerator=cpu")
# Batches of 50, 50, 50 and 51 samples, the last of which cannot be shared evenly.
RUN = (
    *("logger=csv", "data.train_limit=201", "data.test_limit=101", "data.batch_size=50"),
    *("trainer.max_epochs=3", "trainer.evaluate_train_every=1", "corruption=random_labels"),
)


def loader(samples: int, batch_size: int, part: tuple[int, int], shuffle: bool) -> BatchLoader:
    images = torch.arange(samples, dtype=torch.float32).reshape(-1, 1, 1, 1)
    labels = torch.arange(samples)
    return BatchLoader(images, labels, batch_size, seed=0, shuffle=shuffle, part=part)


@pytest.mark.parametrize("samples", [8, 100, 129, 130, 131, 256])
@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("shuffle", [True, False])
def test_together_the_processes_see_each_sample_once(samples, ranks, shuffle) -> None:
    parts = [list(loader(samples, 64, (rank, ranks), shuffle)) for rank in range(ranks)]
    assert len({len(part) for part in parts}) == 1  # else some would wait for ever
    seen = [label for part in parts for _, labels in part for label in labels.tolist()]
    assert sorted(seen) == list(range(samples))
    assert all(len(labels) >= 2 for part in parts for _, labels in part)


def test_the_batches_are_those_of_one_process() -> None:
    alone = [set(labels.tolist()) for _, labels in loader(130, 64, (0, 1), True)][:1]
    shared = zip(*(loader(130, 64, (rank, 2), True) for rank in range(2)), strict=True)
    joined = [{*a.tolist(), *b.tolist()} for (_, a), (_, b) in shared][:1]
    assert joined == alone


def run(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return run_command("-m", *RUN, *arguments, cwd=folder, env=LEFT_BY_OTHERS)


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> tuple[Path, CompletedProcess[str]]:
    """A grid: a run that goes well, and one that diverges in one process before the other."""
    folder = tmp_path_factory.mktemp("two")
    return folder, run(folder, *TWO, "optimizer.lr=0.01,1e30", "study=two")


def result(folder: Path, lr: float) -> tuple[Path, dict]:
    for path in folder.glob("*/result.json"):
        if f"lr={lr}" in json.loads(path.read_text())["command"]:
            return path.parent, json.loads(path.read_text())
    raise AssertionError(f"no result with lr={lr}")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints/final.ckpt", weights_only=True)["state_dict"]


def test_two_processes_come_to_what_one_does(two, tmp_path) -> None:
    folder, done = two
    assert done.returncode == 0, done.stderr
    assert run(tmp_path, "optimizer.lr=0.01", "study=one").returncode == 0
    shared, ours = result(folder / "outputs/two", 0.01)
    alone, theirs = result(tmp_path / "outputs/one", 0.01)
    assert ours["steps"] == theirs["steps"] == 12
    assert ours["corruption"] == theirs["corruption"]
    torch.testing.assert_close(weights(shared), weights(alone), rtol=1e-4, atol=1e-6)
    for path in (shared, alone):
        rows = pandas.read_csv(path / "metrics.csv")
        assert len(rows) == 3
        # Shares of 201 and of 101 samples, each counted once.
        for name, samples in {"train": 201, "test": 101}.items():
            counts = rows[f"{name}/accuracy"] * samples
            assert (counts - counts.round()).abs().max() < 1e-9
        assert ((rows["train/running_accuracy"] * 201) % 1).round(6).isin([0, 1]).all()


def test_only_the_first_process_writes_and_speaks(two) -> None:
    folder, done = two
    shared, _ = result(folder / "outputs/two", 0.01)
    there = {path.name for path in shared.iterdir()}
    assert there == {"config.yaml", "metrics.csv", "result.json", "arrays.npz", "checkpoints"}
    assert done.stdout.count("parameters, 201 training images") == 2  # a line for each run
    assert "GLOBAL_RANK" not in done.stdout + done.stderr
    assert {path.name for path in (folder / "outputs").iterdir()} == {"two"}


def test_all_processes_stop_where_one_diverges(two) -> None:
    assert result(two[0] / "outputs/two", 1e30)[1]["status"] == "diverged"


def test_the_number_of_processes_is_part_of_what_a_run_is(tiny_config) -> None:
    hashes = [config_hash(tiny_config(f"trainer.devices={n}").plain()) for n in (1, 2, 3)]
    assert len(set(hashes)) == 3
    nodes = tiny_config("trainer.nodes=2").plain()
    assert config_hash(nodes) == hashes[1]


def test_too_few_samples_to_share_are_refused(tiny_config) -> None:
    trainer = tiny_config("trainer.devices=3").trainer
    check_samples(trainer, 6)
    with pytest.raises(UserError, match="5 training samples can be shared by: use at most 2"):
        check_samples(trainer, 5)


@pytest.mark.parametrize("launcher", ["joblib", "fused", "slurm"])
def test_a_shared_run_is_refused_in_other_processes(launcher) -> None:
    with composer():
        config = compose_run([f"hydra/launcher={launcher}", "trainer=ddp"])
    with pytest.raises(UserError, match=r"trainer.devices=2 × trainer.nodes=1 is impossible with"):
        check_launcher(config)
