"""``task=clean``: whose labels look wrong, worst first, and a training without them."""

import json
import shlex
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from hydra.core.override_parser.overrides_parser import OverridesParser

from nullfit.data.randomized_data import Split
from nullfit.errors import UserError
from nullfit.results.result import read_result
from nullfit.results.samples import write_samples
from nullfit.results.task_run import TaskRun
from nullfit.runs.preflight.look import Look
from nullfit.tasks.clean.section import sections
from nullfit.tasks.clean.settings import CleanSettings
from nullfit.tasks.clean.task import clean, refuse_beforehand
from nullfit.tasks.train.task import train
from tests import trainings
from tests.report.by_hand import material

RUN = (
    *("corruption=random_labels", "corruption.probability=0.5", "trainer.max_epochs=8"),
    *("model=mlp", "model.hidden=[32]", "data.batch_size=30", "probe=dynamics"),
)


@pytest.fixture
def trained(tiny_config):
    """The folder of a finished training."""

    def of(*words: str) -> Path:
        config = tiny_config(*RUN, *words)
        folder = Path(config.outputs) / config.study / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def cleaned(make_config, tmp_path):
    """Lists the suspects of a run, and gives the folder and the result."""

    def of(run: object, *words: str) -> tuple[Path, dict]:
        config = make_config("task=clean", "logger=csv", f"clean.run={run}", *words)
        settings = CleanSettings.model_validate(config.task_settings["clean"])
        folder = tmp_path / "cleaned" / config.job
        refuse_beforehand(config, Look(elsewhere=False), clean=settings)
        result = clean(config, folder, clean=settings)
        assert read_result(folder) == result
        return folder, result

    return of


def test_a_run_is_cleaned_and_trained_again(trained, cleaned, tiny_config, capsys) -> None:
    run = trained()
    folder, result = cleaned(run)
    samples, suspects = (
        pandas.read_csv(run / "samples.csv"),
        pandas.read_csv(folder / "suspects.csv"),
    )
    count = int(samples["corrupted"].sum())
    said = capsys.readouterr().out
    assert f"{count} of 200 samples" in said
    first = suspects.astype({"taken_for": "Int64"}).astype(str).iloc[0]
    line = f"training sample {first['index']}: {first['class']}, taken for {first['taken_for']}\n"
    assert f"  worst first:\n    {line}" in said
    columns = ["index", "file", "label", "true_label", "score", "rank", "class", "taken_for"]
    assert list(suspects) == columns
    names = result["data"]["class_names"]
    assert [str(n) for n in suspects["class"]] == [names[label] for label in suspects["label"]]
    # With half of the labels random, what the network answers instead is the true class mostly.
    taken = suspects["taken_for"].astype("Int64").astype(str)
    true = suspects["true_label"].map(lambda label: names[label])
    assert (taken == true).mean() > 0.5
    assert suspects["rank"].tolist() == list(range(1, count + 1))
    worst = samples.sort_values("aum", kind="stable").head(count)
    assert suspects["index"].tolist() == worst["index"].tolist()
    assert suspects["label"].tolist() == worst["label"].tolist()
    assert result["metrics"]["precision"] == worst["corrupted"].mean() > 0.8
    assert {path.name for path in folder.iterdir()} > {"suspects.png", "suspects.pdf"}
    again = tiny_config(*RUN, f"data.leave_out={folder / 'suspects.csv'}")
    less = train(again, folder / "again")
    assert less["data"]["left_out"] == count
    assert less["corruption"]["labels_changed"] < 0.2
    (section,) = sections(material([TaskRun(folder, result, {})]))
    assert section.table is not None
    assert section.table.loc[0, "suspects"] == f"{count} of 200"
    assert "the first 30 suspects at most, by rank" in section.text[1]
    (picture,) = section.pictures
    assert picture.figure.axes[0].texts[0].get_text() == "1 to 10"
    assert len(picture.figure.axes[0].images) == 30
    captions = [text.get_text() for text in picture.figure.axes[0].texts]
    below = list(suspects["taken_for"].astype("Int64").astype(str)[:30])
    assert [text for text in captions if text.startswith("as ")] == [
        f"as {name}" for name in below if name != "<NA>"
    ]


def test_runs_of_other_labels_are_not_averaged(trained, cleaned) -> None:
    for seed in (0, 1):
        run = trained(f"seed={seed}")
    with pytest.raises(UserError, match=r"repeat the runs with seeds\.corruption=0"):
        cleaned(run.parent)


def test_a_training_without_the_suspects_does_not_hide_the_one_that_they_are_of(
    trained, cleaned, capsys
) -> None:
    first = trained()
    folder, listed = cleaned(first, "clean.count=20")
    trained(f"data.leave_out={folder / 'suspects.csv'}")
    capsys.readouterr()
    _, again = cleaned(first.parent, "clean.count=30")
    assert "its runs that left samples out are not asked" in capsys.readouterr().err
    assert again["clean"]["runs"] == listed["clean"]["runs"] == [str(first)]


def test_a_list_that_was_edited_is_kept(trained, cleaned, capsys) -> None:
    run = trained()
    folder, _ = cleaned(run, "clean.count=20")
    cleaned(run, "clean.count=20")
    assert "it is kept as" not in capsys.readouterr().out
    whole = (folder / "suspects.csv").read_text()
    for number in (1, 2):
        few = "".join(whole.splitlines(keepends=True)[: 4 + number])
        (folder / "suspects.csv").write_text(few)
        cleaned(run, "clean.count=20")
        assert f"it is kept as suspects-edited-{number}.csv" in capsys.readouterr().out
        assert (folder / f"suspects-edited-{number}.csv").read_text() == few
        assert (folder / "suspects.csv").read_text() == whole


def test_ranks_are_averaged_over_seeds(trained, cleaned) -> None:
    runs = [trained(f"seed={seed}", "seeds.corruption=0") for seed in (0, 1, 2)]
    folder, result = cleaned(runs[0].parent, "clean.score=confidence", "clean.count=20")
    assert len(result["clean"]["runs"]) == 3
    scores = pandas.concat(
        [pandas.read_csv(run / "samples.csv", index_col="index")["confidence"] for run in runs],
        axis=1,
    )
    worst = scores.rank().mean(axis=1).sort_values(kind="stable").index[:20]
    found = pandas.read_csv(folder / "suspects.csv")
    assert found["index"].tolist() == worst.tolist()
    assert np.allclose(found["score"], scores.mean(axis=1).loc[worst], rtol=1e-4)
    other = trained("seeds.corruption=0", "trainer.max_epochs=2")
    with pytest.raises(UserError, match="has runs of 2 settings"):
        cleaned(runs[0].parent)
    by_hand(other, [0, 1], [0, 0], depth=[1.0, 2.0])  # as of a task on one of the networks
    for words in (["clean.score=confidence"], []):
        assert len(cleaned(runs[0].parent, "clean.count=20", *words)[1]["clean"]["runs"]) == 3


def by_hand(folder: Path, labels: list[int], true: list[int], **scores: list[float]) -> None:
    split = Split(torch.zeros(len(labels), 1, 2, 2), torch.tensor(labels), torch.tensor(true))
    write_samples(folder, split, {"any": {k: np.array(v) for k, v in scores.items()}})


def test_scores_of_other_tasks_have_their_ends(trained, cleaned) -> None:
    run = trained()
    true = pandas.read_csv(run / "samples.csv")["true_label"].tolist()[:4]
    scores = {
        "memorization": [0.1, 0.9, np.nan, 0.5],
        "memorization_error": [0.0, 0.0, 0.0, 1.0],
        "c_score": [0.1, 0.9, 0.5, 0.2],
        "held_out_probability": [0.3, 0.2, 0.1, 0.4],
    }
    by_hand(run, true, true, **scores)
    worst = {"memorization": [1, 3, 0], "c_score": [0, 3, 2], "held_out_probability": [2, 1, 0]}
    for score, order in worst.items():
        folder, result = cleaned(run, f"clean.score={score}", "clean.count=3")
        found = pandas.read_csv(folder / "suspects.csv")
        assert found["index"].tolist() == order
        assert found["true_label"].isna().all()
        assert result["metrics"]["precision"] is None
    with pytest.raises(
        UserError, match=r"memorization_error is no score of .* Did you mean clean\.score=memor"
    ):
        cleaned(run, "clean.score=memorization_error", "clean.count=3")


def test_a_score_is_taken_where_none_is_asked_for(trained, cleaned, capsys) -> None:
    run = trained()
    true = pandas.read_csv(run / "samples.csv")["true_label"].tolist()[:4]
    scores = {"held_out_probability": [0.3, 0.2, 0.1, 0.4], "memorization": [1.0, 2, 3, 4]}
    by_hand(run, true, true, **scores)
    _, result = cleaned(run, "clean.count=1")
    assert result["clean"]["score"] == "held_out_probability"
    told = capsys.readouterr().out
    assert "clean.score=held_out_probability was taken; there are also memorization" in told
    by_hand(run, true, true, memorization=scores["memorization"])
    _, result = cleaned(run, "clean.count=1")
    assert result["clean"]["score"] == "memorization"
    with pytest.raises(UserError, match=r"of these samples\. Allowed: memorization\.$"):
        cleaned(run, "clean.score=aum", "clean.count=1")
    by_hand(run, true, true, memorization_error=scores["memorization"])
    with pytest.raises(UserError, match="no score that finds wrong labels"):
        cleaned(run, "clean.count=1")


def test_what_is_worse_than_guessing_is_told(trained, cleaned, capsys) -> None:
    run = trained()
    true = pandas.read_csv(run / "samples.csv")["true_label"].tolist()[:4]
    labels = [(true[0] + 1) % 10, *true[1:]]
    by_hand(run, labels, true, variability=[0.0, 1, 2, 3], aum=[0.0, 1, 2, 3])
    cleaned(run)
    said = capsys.readouterr()
    assert "guessing" not in said.err
    assert "train without them" in said.out
    cleaned(run, "clean.score=variability")
    said = capsys.readouterr()
    told = said.err.replace("\n", " ")
    assert "worse than guessing: 0.0% of the suspects have a corrupted label, 25.0%" in told
    assert "clean.score=aum finds them best here (area under the ROC curve 1.000)" in told
    assert "train without them" not in said.out


def test_ties_at_the_end_of_the_list_are_told(trained, cleaned, capsys) -> None:
    run = trained()
    true = pandas.read_csv(run / "samples.csv")["true_label"].tolist()[:5]
    by_hand(run, true, true, forgetting=[1.0, np.inf, np.inf, 0, np.inf])
    cleaned(run, "clean.count=1")
    assert "2 more samples tie with the last one" in capsys.readouterr().out
    cleaned(run, "clean.count=3")
    assert "more samples tie" not in capsys.readouterr().out


def test_the_command_without_the_suspects_is_told(trained, cleaned, capsys) -> None:
    run = trained()
    result = json.loads((run / "result.json").read_text())
    command = "python run.py corruption=random_labels 'probe=[dynamics]'"
    (run / "result.json").write_text(json.dumps({**result, "command": command}))
    folder, _ = cleaned(run)
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "train without" in one]
    words = shlex.split(line.partition("train without them: ")[2])
    assert words[:-1] == shlex.split(command)
    assert OverridesParser.create().parse_override(words[-1]).value() == f"{folder}/suspects.csv"
    result["data"]["left_out"] = 7
    (run / "result.json").write_text(json.dumps(result))
    cleaned(run)
    assert "once the 7 left out before are in it, too" in capsys.readouterr().out


def test_how_many_is_said_or_asked_for(trained, cleaned, capsys) -> None:
    run = trained("corruption.probability=0.0")
    with pytest.raises(UserError, match=r"none is known to be.\nSay how many"):
        cleaned(run)
    folder, _ = cleaned(run, "clean.share=0.1")
    assert len(pandas.read_csv(folder / "suspects.csv")) == 20
    with pytest.raises(UserError, match="give only one of them"):
        cleaned(run, "clean.share=0.1", "clean.count=3")
    with pytest.raises(UserError, match="200 suspects are all 200 samples"):
        cleaned(run, "clean.count=200")


def test_what_is_no_scored_run_is_refused(trained, cleaned, tmp_path) -> None:
    run = trained()
    (run / "samples.csv").write_text("index,file\n1\n")
    with pytest.raises(UserError, match=r"samples\.csv is damaged"):
        cleaned(run)
    (run / "samples.csv").unlink()
    with pytest.raises(UserError, match=r"has no samples\.csv: its run scored no samples"):
        cleaned(run)
    with pytest.raises(UserError, match="none of its 1 runs scored its samples"):
        cleaned(run.parent)
    with pytest.raises(UserError, match="there is no such folder"):
        cleaned(tmp_path / "nothing")
    with pytest.raises(UserError, match=r"is a file: give the folder of the run, .*clean\.run="):
        cleaned(run / "result.json")
    for nothing in ("null", ""):
        with pytest.raises(
            UserError, match=r"needs clean\.run=.*probe=dynamics.*task=memorization"
        ):
            cleaned(nothing)


def test_without_the_data_there_are_no_pictures(trained, cleaned, capsys) -> None:
    run = trained()
    text = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(text.replace("nullfit.data.digits", "nullfit.data.mnist"))
    folder, _ = cleaned(run)
    assert "no pictures of the suspects: " in capsys.readouterr().err
    assert not (folder / "suspects.png").exists()
    assert (folder / "suspects.csv").exists()


def test_the_command_trains_also_where_a_task_gave_the_scores(trained, cleaned, capsys) -> None:
    run = trained()
    result = json.loads((run / "result.json").read_text())
    command = "python run.py task=memorization 'model.hidden=[64]' memorization.trainings=9 seed=3"
    told = {**result, "task": "memorization", "memorization": {}, "command": command}
    (run / "result.json").write_text(json.dumps(told))
    cleaned(run)
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "train without" in one]
    words = shlex.split(line.partition("train without them: ")[2])
    assert words[:-1] == ["python", "run.py", "model.hidden=[64]", "seed=3"]
