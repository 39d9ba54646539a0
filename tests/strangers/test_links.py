"""Links in a folder of results: whatever they lead to stays as it is."""

from pathlib import Path

import pytest

from tests.commands import run_command

SMALL = (
    *("trainer.max_epochs=1", "data.train_limit=100", "trainer.progress=false", "job=job"),
    "trainer.checkpoint_seconds=0",
)
GRID = ("-m", "hydra/launcher=joblib", "seed=0")
REPORT = ("task=report", "trainer.progress=false")
# What is a link, whether to a folder, and the command that would write there.
LINKS = {
    "the claim": (".claim", False, SMALL),
    "the settings": ("config.yaml", False, SMALL),
    "the result": ("result.json", False, SMALL),
    "the metrics": ("metrics.csv", False, SMALL),
    "the arrays": ("arrays.npz", False, SMALL),
    "the output of a job": ("output.log", False, (*GRID, *SMALL)),
    "the checkpoints": ("checkpoints", True, SMALL),
    "a checkpoint": ("checkpoints/last.ckpt", False, SMALL),
    "records": ("wandb", True, (*SMALL, "logger=wandb")),
    "events": ("tensorboard", True, (*SMALL, "logger=tensorboard")),
    "a failure": ("failure.txt", False, (*SMALL, "model.hidden=[1000000000000]")),
    "the settings of a grid": ("../multirun.yaml", False, (*GRID, *SMALL)),
    "the report": ("../report", True, REPORT),
    "the tables of a report": ("../report/tables", True, REPORT),
    "the figures of a report": ("../report/figures", True, REPORT),
    "the page": ("../report/index.html", False, REPORT),
    "a table": ("../report/tables/runs.csv", False, REPORT),
}


@pytest.mark.parametrize(("name", "is_folder", "words"), LINKS.values(), ids=list(LINKS))
def test_nothing_is_written_or_removed_through_a_link(
    name: str, is_folder: bool, words: tuple[str, ...], tmp_path: Path
) -> None:
    job, private = tmp_path / "outputs/default/job", tmp_path / "private"
    (private / "notes").mkdir(parents=True)
    (private / "notes/thesis.tex").write_text("mine")
    (private / "runs.csv").write_text("mine")
    job.mkdir(parents=True)
    if "task=report" in words:
        assert run_command(*SMALL, "logger=csv", cwd=tmp_path).returncode == 0
    (job / name).parent.mkdir(parents=True, exist_ok=True)
    (job / name).symlink_to(private if is_folder else private / "runs.csv")
    logger = () if any(word.startswith("logger=") for word in words) else ("logger=csv",)
    done = run_command(*words, *logger, cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert "Traceback" not in done.stderr
    assert (private / "runs.csv").read_text() == "mine"
    assert (private / "notes/thesis.tex").read_text() == "mine"
    assert sorted(path.name for path in private.rglob("*")) == ["notes", "runs.csv", "thesis.tex"]
    if is_folder:
        assert done.returncode != 0
        assert "is a link to" in done.stderr, done.stderr
