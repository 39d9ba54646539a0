"""The machine's own settings: conf/local.yaml."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nullfit.config import local
from nullfit.config.compose import compose_run
from nullfit.config.composer import composer, config_folder
from nullfit.config.folders import is_clone
from nullfit.config.identity import identity
from nullfit.config.local import KEYS, WHOLE, local_file, store_local
from nullfit.config.plan import compose_grid
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.config.sections.options import DataConfig
from nullfit.config.sections.trainer import TrainerConfig
from nullfit.config.validation import validate
from nullfit.errors import UserError
from tests.command_line import carry_out
from tests.commands import run_command

MACHINE = """
outputs: {outputs}
defaults:
  - override /trainer: cpu
data:
  root: {root}
trainer:
  threads: 1
logger:
  entity: our-lab
  mode: disabled
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give the machine a file of settings; what tests compose later has none again."""
    path = tmp_path / "machine.yaml"

    def written(text: str) -> Path:
        path.write_text(text)
        monkeypatch.setenv("NULLFIT_LOCAL", str(path))
        return path

    yield written
    monkeypatch.setenv("NULLFIT_LOCAL", "none")
    store_local()


@pytest.fixture
def machine(write: Write, tmp_path: Path) -> Path:
    return write(MACHINE.format(outputs=tmp_path / "outs", root=tmp_path / "data"))


def composed(*words: str, config_dir: Path | None = None) -> RunConfig:
    with composer(None if config_dir is None else str(config_dir)):
        return validate(compose_run(words))


def test_it_goes_before_defaults_and_options(machine: Path, tmp_path: Path) -> None:
    run = composed()
    assert run.outputs == str(tmp_path / "outs")
    assert run.data.root == str(tmp_path / "data")
    assert (run.trainer.accelerator, run.trainer.threads) == ("cpu", 1)
    assert isinstance(run.logger, WandbLogger)
    assert (run.logger.entity, run.logger.mode) == ("our-lab", "disabled")


def test_words_of_the_command_go_before_it(machine: Path) -> None:
    run = composed("trainer=auto", "data.root=here", "logger.mode=offline")
    assert run.trainer.accelerator == "auto"
    assert run.data.root == "here"
    assert isinstance(run.logger, WandbLogger)
    assert (run.logger.entity, run.logger.mode) == ("our-lab", "offline")


def test_experiments_go_before_it(write: Write, tmp_path: Path) -> None:
    write("trainer: {threads: 3, progress: false}\nlogger: {entity: our-lab}")
    own = tmp_path / "own"
    (own / "experiment").mkdir(parents=True)
    (own / "experiment/mine.yaml").write_text("# @package _global_\ntrainer: {threads: 2}\n")
    run = composed("experiment=mine", config_dir=own)
    assert (run.trainer.threads, run.trainer.progress) == (2, False)
    with composer():  # an experiment of ours, whose logger has no entity, and which is a grid
        jobs = compose_grid(["experiment=detectors"], multirun=False).configs
        assert {validate(job).logger.name for job in jobs} == {"csv"}
    assert {(job.trainer.threads, job.trainer.progress) for job in jobs} == {(1, False)}


def test_what_a_run_is_stays_what_it_is(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("model=mlp_1x512", "corruption=random_labels", "seed=3")
    with_file = composed(*words)
    monkeypatch.setenv("NULLFIT_LOCAL", "none")
    without = composed(*words)
    assert with_file.outputs != without.outputs
    assert with_file.job == without.job
    assert identity(with_file.plain()) == identity(without.plain())


def test_no_setting_of_it_is_one_that_counts(machine: Path) -> None:
    sections = {"data": DataConfig, "trainer": TrainerConfig, "logger": WandbLogger}
    for section, keys in KEYS.items():
        assert set(keys) <= set(sections[section].model_fields)
    plain = composed().plain()
    before = identity(plain)
    for section, keys in KEYS.items():
        for key in keys:
            plain[section][key] = "another"
    for key in WHOLE:
        plain[key] = "another"
    assert identity(plain) == before


def test_a_run_tells_what_it_took(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text("outputs: elsewhere\nlogger: {mode: disabled}\n")
    words = ("data.train_limit=100", "trainer.max_epochs=1", "trainer.progress=false")
    done = run_command(*words, cwd=tmp_path, env={"NULLFIT_LOCAL": "my.yaml"})
    assert done.returncode == 0, done.stderr
    assert "settings from my.yaml: outputs=elsewhere, logger.mode=disabled\n" in done.stderr
    assert "settings from" not in done.stdout
    (result,) = tmp_path.glob("elsewhere/default/*/result.json")
    again = run_command(*words, cwd=tmp_path)
    assert "settings from" not in again.stderr
    assert [path.parent.name for path in tmp_path.glob("outputs/default/*/result.json")] == [
        result.parent.name
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seed: 1", "seed is none of a machine's own settings"),
        ("data: {roto: x}", "data.roto is none of a machine's own settings, which say where and "
         "how runs are carried out. Did you mean data.root?"),
        ("data: {batch_size: 7}", "data.batch_size is none of a machine's own settings"),
        ("allow_targets: [os]", "allow_targets is none of a machine's own settings"),
        ("hydra: {job: {env_set: {A: b}}}", "hydra is none of a machine's own settings"),
        ("data: /scratch", "data=/scratch is not allowed: its settings stand below it"),
        ("defaults: [override /model: mlp]", "it may choose trainer and logger"),
        ("defaults: [model]", "it may choose trainer and logger"),
        ("defaults: [trainer: gpu]", "it may choose trainer and logger"),
        ("defaults: [override /trainer: gqu]", "trainer=gqu does not exist. Did you mean "
         "trainer=gpu?"),
        ("- a", "write settings"),
        ("a: [", "is no file of settings"),
        ("[" * 99, "nested too deeply"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(write: Write, tmp_path: Path, text: str, told: str) -> None:
    path = write(text)
    answer = carry_out(tmp_path, "logger=csv")
    assert answer.code == 2
    assert told in answer.err
    assert str(path) in answer.err
    assert len(answer.err.strip().splitlines()) <= 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["machine.yaml"]


def test_a_wrong_value_is_refused_after_the_file_is_named(write: Write, tmp_path: Path) -> None:
    write("trainer: {threads: many}")
    answer = carry_out(tmp_path, "logger=csv")
    assert answer.code == 2
    first, *_, last = answer.err.strip().splitlines()
    assert first.endswith("machine.yaml: trainer.threads=many")
    assert "trainer.threads=many is not allowed" in last


def test_options_of_a_stranger_cannot_undo_what_is_refused_to_them(
    machine: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs/experiment").mkdir(parents=True)
    theirs = tmp_path / "theirs/experiment/x.yaml"
    theirs.write_text("# @package _global_\nseed: 7\n")
    words = ("--config-dir", str(tmp_path / "theirs"), "experiment=x", "task=summary")
    assert carry_out(tmp_path, *words).code == 0
    theirs.write_text("# @package _global_\noutputs: /elsewhere\n")
    refused = carry_out(tmp_path, *words)
    assert refused.code == 2
    assert "only you may say where files are written" in refused.err


def test_a_file_that_is_named_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NULLFIT_LOCAL", str(tmp_path / "none.yaml"))
    with pytest.raises(UserError, match="is no file: name one, or none"):
        local_file()


def test_a_clone_reads_its_own_and_an_installed_package_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert is_clone()
    monkeypatch.delenv("NULLFIT_LOCAL")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(local, "config_folder", lambda: tmp_path / "conf")
    users, own = tmp_path / "nullfit/local.yaml", tmp_path / "conf/local.yaml"
    for path in (users, own):
        path.parent.mkdir()
        path.write_text("")
    assert local_file() == own
    monkeypatch.setattr(local, "is_clone", lambda: False)
    assert local_file() == users
    users.unlink()
    assert local_file() is None


def test_it_is_no_part_of_the_repository() -> None:
    root = config_folder().parent
    assert "/conf/local.yaml" in (root / ".gitignore").read_text().splitlines()


def test_it_does_not_show_among_the_groups(machine: Path, tmp_path: Path) -> None:
    shown = carry_out(tmp_path, "--help").out
    assert "local/" not in shown
    assert "entity: our-lab" in shown
