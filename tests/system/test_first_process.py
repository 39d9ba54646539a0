"""What a run asks for says whether a process writes and speaks, not what the environment has."""

import re
from pathlib import Path

import pytest

from nullfit.config.sections.trainer import TrainerConfig
from nullfit.system.first_process import is_first, left_by_others, starter_of
from tests.launchers import grid

pytestmark = pytest.mark.slow

RANKS = (
    *(
        "RANK",
        "LOCAL_RANK",
        "NODE_RANK",
        "GROUP_RANK",
        "ROLE_RANK",
        "SLURM_PROCID",
        "SLURM_LOCALID",
    ),
    *("SLURM_NODEID", "PMI_RANK", "PMIX_RANK", "MPI_LOCALRANKID", "OMPI_COMM_WORLD_RANK"),
    *("OMPI_COMM_WORLD_LOCAL_RANK", "MV2_COMM_WORLD_RANK", "JSM_NAMESPACE_RANK", "PALS_RANKID"),
    *("FLUX_TASK_RANK", "ALPS_APP_PE", "HOROVOD_RANK"),
)
SIZES = ("WORLD_SIZE", "SLURM_NTASKS", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "LOCAL_WORLD_SIZE")
# As in the third of four processes that something else has started.
INSIDE = {
    **dict.fromkeys(RANKS, "2"),
    **dict.fromkeys(SIZES, "4"),
    **{"TORCHELASTIC_RUN_ID": "theirs", "SLURM_NTASKS_PER_NODE": "4", "MASTER_ADDR": "nowhere"},
    **{"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "theirs", "MASTER_PORT": "1", "LOCAL_SIZE": "4"},
}


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in INSIDE:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", RANKS)
@pytest.mark.parametrize("devices", [1, 2])
def test_a_number_from_elsewhere_says_nothing(monkeypatch, name: str, devices: int) -> None:
    monkeypatch.setenv(name, "1")
    trainer = TrainerConfig.default(devices=devices)
    assert is_first(trainer)
    assert starter_of(trainer) == "lightning"
    assert name not in ("LOCAL_RANK", "NODE_RANK", "GROUP_RANK") or name in left_by_others(trainer)


TORCHRUN = {"TORCHELASTIC_RUN_ID": "ours", "WORLD_SIZE": "4"}
LIGHTNING = {"WORLD_SIZE": "4", "NODE_RANK": "0"}


@pytest.mark.parametrize(
    ("variables", "nodes", "starter", "first"),
    [
        ({**TORCHRUN, "RANK": "0", "LOCAL_RANK": "0"}, 1, "torchrun", True),
        ({**TORCHRUN, "RANK": "2", "LOCAL_RANK": "0"}, 2, "torchrun", False),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, 2, "slurm", True),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "3"}, 1, "slurm", False),
        ({**LIGHTNING, "LOCAL_RANK": "0"}, 1, "lightning", True),
        ({**LIGHTNING, "LOCAL_RANK": "3"}, 1, "lightning", False),
        ({"NODE_RANK": "1"}, 2, "lightning", False),
        ({"SLURM_NTASKS": "8", "SLURM_PROCID": "3"}, 1, "lightning", True),
    ],
)
def test_the_first_of_four(monkeypatch, variables, nodes: int, starter: str, first: bool) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    trainer = TrainerConfig.default(devices=4 // nodes, nodes=nodes)
    assert (starter_of(trainer), is_first(trainer)) == (starter, first)


def files(folder: Path) -> set[str]:
    """The names of all files that runs wrote; W&B's have the time in them, and more of its own."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    names = {re.sub(r"\d{8}_\d{6}", "TIME", name) for name in found if not name.endswith(".log")}
    return {name for name in names if "/artifacts/" not in name and "/tmp/" not in name}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calm")
    assert grid.run(folder, *GRID).returncode == 0
    return folder


GRID = ("logger=wandb", "logger.step_loss_budget=0", "trainer.max_epochs=1", "seed=0,1")
LAUNCHERS = {
    "none": (),
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=1"),
    "fused": ("hydra/launcher=fused",),
}


@pytest.mark.parametrize("launcher", LAUNCHERS.values(), ids=LAUNCHERS)
def test_runs_inside_another_group_write_what_calm_ones_write(calm, tmp_path, launcher) -> None:
    done = grid.run(tmp_path, *GRID, *launcher, script=grid.FORKED, **INSIDE)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "outputs") == files(calm / "outputs")
    assert len(grid.results(tmp_path / "outputs/default")) == 2
