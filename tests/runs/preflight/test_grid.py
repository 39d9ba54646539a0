"""The check of a grid: what is looked at, how often, and what it says."""

from pathlib import Path

import pytest
import torch

from nullfit import assembly
from nullfit.config.launchers import runs_elsewhere
from nullfit.config.schema import RunConfig
from nullfit.data.sources.digits import digits
from nullfit.errors import UserError
from nullfit.models.mlp import MLP
from nullfit.runs.preflight import grid, sample
from nullfit.runs.preflight.grid import check_grid
from nullfit.runs.preflight.refusal import refusal
from nullfit.runs.preflight.sample import Sample
from nullfit.tasks.train.task import train


def seeds(config: RunConfig, count: int) -> dict[tuple[str, ...], RunConfig]:
    return {(f"seed={n}",): config.model_copy(update={"seed": n}) for n in range(count)}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the data that were read."""
    seen = []
    read = assembly.read_source

    def noted(config: RunConfig):
        seen.append(config.data.name)
        return read(config)

    monkeypatch.setattr(assembly, "read_source", noted)
    return seen


def test_data_and_networks_are_looked_at_once(
    tiny_config, reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    forward = MLP.forward
    monkeypatch.setattr(MLP, "forward", lambda *given: tried.append(1) or forward(*given))
    clean, noisy = tiny_config(), tiny_config("corruption=gaussian", "data.batch_size=64")
    jobs = seeds(clean, 20) | {(*job, "x"): run for job, run in seeds(noisy, 20).items()}
    check_grid(jobs, elsewhere=False)
    assert reads == ["digits"]
    assert len(tried) == 1


def test_no_weights_are_made(tiny_config, monkeypatch: pytest.MonkeyPatch) -> None:
    devices = set()
    forward = MLP.forward
    monkeypatch.setattr(
        MLP, "forward", lambda self, x: devices.add(x.device.type) or forward(self, x)
    )
    before = torch.get_rng_state()
    check_grid(seeds(tiny_config("model=mlp", "model.hidden=[16]"), 1), elsewhere=False)
    assert devices == {"meta"}
    assert torch.get_rng_state().equal(before)


def test_a_job_with_a_result_is_not_looked_at(tiny_config, reads) -> None:
    config = tiny_config("trainer.max_epochs=1")
    train(config, Path(config.outputs) / config.study / config.job)
    reads.clear()
    check_grid({("seed=0",): config}, elsewhere=False)
    assert not reads
    other = tiny_config("trainer.max_epochs=1", "seed=1")
    check_grid({("seed=0",): config, ("seed=1",): other}, elsewhere=False)
    assert reads == ["digits"]


def test_data_that_only_other_machines_have_are_no_error(tiny_config, reads, capsys) -> None:
    config = tiny_config("data=mnist", "data.root=nowhere", "data.train_limit=null")
    with pytest.raises(UserError, match="nowhere"):
        check_grid(seeds(config, 3), elsewhere=False)
    assert len(reads) == 1
    check_grid(seeds(config, 3), elsewhere=True)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("nullfit: 3 jobs are not checked beforehand, since data")
    # What has nothing to do with the data, or is known of other data, is refused all the same.
    wrong = tiny_config("data.crop=9")
    with pytest.raises(UserError, match="1 of 4 jobs"):
        check_grid(seeds(config, 3) | {("data.crop=9",): wrong}, elsewhere=True)


def test_devices_of_other_machines_are_not_asked_for_here(tiny_config) -> None:
    jobs = seeds(tiny_config("trainer=gpu"), 1)
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="torch finds no GPU here"):
            check_grid(jobs, elsewhere=False)
    check_grid(jobs, elsewhere=True)


@pytest.mark.parametrize(
    ("launcher", "elsewhere"),
    [
        ((), False),
        (("hydra/launcher=joblib",), False),
        (("hydra/launcher=fused",), False),
        (("hydra/launcher=ray",), False),
        (("hydra/launcher=ray", "hydra.launcher.address='10.0.0.1:6379'"), True),
        (("hydra/launcher=slurm",), True),
    ],
)
def test_which_launchers_run_jobs_elsewhere(launcher, elsewhere: bool) -> None:
    from nullfit.config.compose import compose_run
    from nullfit.config.composer import composer

    with composer():
        assert runs_elsewhere(compose_run(launcher)) is elsewhere


def test_an_error_that_is_none_for_people_is_left_to_the_job(
    tiny_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config()

    def broken(config: RunConfig):
        raise KeyError("n")

    monkeypatch.setattr(assembly, "read_source", broken)
    check_grid(seeds(config, 2), elsewhere=False)


def test_a_long_check_says_so_once(tiny_config, monkeypatch, capsys) -> None:
    jobs = seeds(tiny_config(), 3)
    check_grid(jobs, elsewhere=False)
    assert not capsys.readouterr().out
    monkeypatch.setattr(grid, "_SILENT_SECONDS", 0.0)
    check_grid(jobs, elsewhere=False)
    assert capsys.readouterr().out == "checking 3 jobs before the first one begins …\n"


def test_a_sample_has_the_shape_and_the_classes_of_all(
    tiny_config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config("data.train_limit=null", "data.crop=6", "data.val_fraction=0.1")
    monkeypatch.setattr(sample, "_VALUES", 64 * 30)
    few, whole = Sample.of(config, assembly.load_dataset(config)), assembly.randomized_data(config)
    assert len(few.data.train) == len(few.data.test) == 30
    assert few.data.input_shape == whole.input_shape
    assert few.data.classes == whole.classes
    assert set(few.data.train.labels.tolist()) == set(range(10))
    assert whole.val is not None
    counts = (len(whole.train), len(whole.val), len(whole.test))
    assert (few.train, few.val, few.test) == counts
    assert few.held_out == len(whole.val) + len(whole.test)
    other = config.data.model_copy(update={"test_corruptions": ["gaussian", "random_pixels"]})
    config = config.model_copy(update={"data": other})
    more = Sample.of(config, assembly.load_dataset(config))
    assert more.held_out == len(whole.val) + 3 * len(whole.test)
    assert len(digits().train) == few.train + few.val


def test_jobs_are_named_by_what_they_alone_have_in_common() -> None:
    jobs = [(m, c, "x=1") for m in ("model=a", "model=b") for c in ("seed=0", "seed=1")]
    told = str(refusal(jobs, dict.fromkeys(jobs[:2], "too small;\n take another.")))
    assert told.splitlines() == [
        "2 of 4 jobs of this grid cannot run, so none was begun:",
        "  model=a (2 jobs, e.g. seed=0): too small; take another.",
    ]
    assert "\n  model=b seed=1: no." in str(refusal(jobs, {jobs[3]: "no."}))
    crossed = str(refusal(jobs, {jobs[0]: "no.", jobs[3]: "no."}))
    assert "\n  2 jobs, e.g. model=a seed=0: no." in crossed
    everything = str(refusal(jobs, dict.fromkeys(jobs, "no.")))
    assert everything.splitlines() == [
        "4 of 4 jobs of this grid cannot run, so none was begun:",
        "  4 jobs, e.g. model=a seed=0: no.",
    ]
    many = [(f"seed={n}",) for n in range(40)]
    lines = str(refusal(many, {job: job[0] for job in many})).splitlines()
    assert lines[-1] == "  and 30 more reasons"
    assert len(lines) == 12
