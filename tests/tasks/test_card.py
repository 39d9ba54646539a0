"""``task=card``: what the files of a study know, on one page."""

import itertools
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from nullfit.config.content import content_digests
from nullfit.errors import UserError
from nullfit.report.card.grid import varied
from nullfit.report.card.markup import table
from nullfit.tasks.card import CardSettings, card
from tests.commands import run_command
from tests.results.by_hand import trained

FINISHED = Path(__file__).parents[1] / "finished_runs/outputs"
NAUGHTY = "<b>&`x`|[y](z)\n# head"
VERSIONS = {"python": "3.12.1", "torch": "2.13.0", "scikit-learn": "1.9.1"}
UNTOUCHED = "last accuracy on untouched test images, %"
CHECKLIST = "Reproducibility checklist"
COMMIT = 40 * "a"


def best_after(run, *accuracies):
    """Give a run another metrics.csv: one row for each test accuracy."""
    rows = [f"{n},{10 * n},0.1,1.0,1.0,1.0,{a}" for n, a in enumerate(accuracies, start=1)]
    columns = "epoch,step,lr,train/running_loss,train/accuracy,test/loss,test/accuracy"
    (run.folder / "metrics.csv").write_text("\n".join([columns, *rows]) + "\n")


class Study:
    """A study on the disk, of runs that were never trained."""

    def __init__(self, outputs: Path, make_config) -> None:
        self.folder, self.make_config = outputs / "study", make_config

    def run(self, *, command=None, versions=VERSIONS, digests=None, **about):
        run = trained(self.folder, **about)
        run.config["data"]["_target_"] = f"nullfit.data.{run.result['data']['name']}"
        run.result.update(config_hash="0" * 16, steps=50, device="cpu", threads=2)
        run.result.update(versions=versions, command=command)
        run.result.update({} if digests is None else {"digests": digests})
        run.result["model"]["parameters"] = 1210
        self.write(run)
        return run

    @staticmethod
    def write(run):
        (run.folder / "result.json").write_text(json.dumps(run.result))
        (run.folder / "config.yaml").write_text(yaml.safe_dump(run.config))

    def card(self, question=None):
        config = self.make_config("task=card", "study=study")
        card(config, self.folder / config.job, card=CardSettings(question=question))
        return (self.folder / "study.md").read_text(encoding="utf-8")


@pytest.fixture
def study(tmp_path, make_config):
    return Study(tmp_path / "outputs", make_config)


def section(text, title):
    """The lines of a section."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0].strip().splitlines()


def tables(lines):
    """The tables of some lines, each row as a dictionary."""
    found = []
    for is_table, members in itertools.groupby(lines, lambda line: line.startswith("| ")):
        if is_table:
            heads, _, *cells = [re.split(r" (?<!\\)\| ", line[2:-2]) for line in members]
            found.append([dict(zip(heads, row, strict=True)) for row in cells])
    return found


def rows(lines):
    """Those of the first table."""
    return tables(lines)[0]


def row(text, title, **wanted):
    (found,) = [r for r in rows(section(text, title)) if wanted.items() <= r.items()]
    return found


@pytest.fixture
def small(study):
    """True labels, two seeds; random labels, three, one of which diverged; a failed run."""
    for seed, (last, best) in enumerate([(0.90, 0.95), (0.80, 0.97)]):
        best_after(study.run(seed=seed, test=last), 0.5, best, last)
    random = {"corruption": "random_labels", "probability": 1.0, "changed": 0.9}
    for seed, last in enumerate([0.10, 0.12]):
        best_after(study.run(seed=seed, test=last, **random), 0.2, last)
    lost = {"status": "diverged", "train": 0.1, "test": 0.1, "epochs_to_fit": None}
    study.run(seed=2, versions={**VERSIONS, "commit": COMMIT}, **random, **lost)
    failed = study.folder / "failed-run"
    failed.mkdir()
    (failed / "failure.txt").write_text("ValueError: <i>it breaks</i>\n")
    return study


def test_the_sections_stand_in_their_order(small):
    text = small.card("Does it fit noise?")
    assert text.startswith("# Study: study\n\n5 finished runs of task train. 1 more run did not")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [
        *("Question", "Data", "Grid", "Seeds", "Results", "Paired differences", "Cost"),
        *("Versions", "What was not reproduced", "Reproducibility checklist"),
    ]
    assert section(text, "Question") == ["**Asked:** Does it fit noise?"]
    assert row(text, "Data", data="digits")["training"] == "500"
    assert row(text, "Grid", key="corruption.name")["values"] == "none, random_labels"


def test_what_comes_along_with_an_option_was_not_varied(tmp_path: Path) -> None:
    runs = [
        trained(tmp_path),
        trained(tmp_path, corruption="random_labels", probability=1.0),
        trained(tmp_path, corruption="gaussian_noise"),
    ]
    assert varied(runs) == {"corruption.name": ["none", "random_labels", "gaussian_noise"]}
    runs.append(trained(tmp_path, corruption="random_labels", probability=0.5))
    assert varied(runs)["corruption.probability"] == ["1", "0.5"]


def test_best_and_last_accuracy_stand_apart_with_their_intervals(small):
    text = small.card()
    found = row(text, "Results", setting="MLP, true labels")
    assert (found["n"], found["diverged"], found["fitted"]) == ("2", "0", "2")
    # Student's t with one degree of freedom: 12.706.
    last, half = np.mean([0.90, 0.80]), 12.706 * np.std([0.90, 0.80], ddof=1) / np.sqrt(2)
    ends = rf"\[{100 * (last - half):.1f}, {100 * (last + half):.1f}\]"
    assert found["last test accuracy, %"] == f"85.0 ± 7.1 {ends}"
    assert found["best test accuracy, %"].startswith("96.0 ± 1.4 ")
    told = "\n".join(section(text, "Results"))
    assert "chosen on the test set: it is optimistic" in told
    assert "not cut off" in told  # 148.5 %
    assert found["verdict"] == "learns"
    random = row(text, "Results", setting="MLP, random labels")
    assert (random["n"], random["diverged"]) == ("3", "1")
    assert random["verdict"] == "2 of 3 memorizes, 1 of 3 diverged (give optimizer.lr=0.01)"
    assert "Fitted are runs that reached a training accuracy of 99 %. A network" in told
    assert random["last test accuracy, %"].startswith("11.0 ± 1.4 ")  # of two runs
    assert "Runs that diverged are counted, and are in no mean." in told


def test_pairs_cost_versions_and_what_failed(small):
    text = small.card()
    paired = row(text, "Paired differences", setting="MLP, random labels")
    assert (paired["less"], paired["pairs"]) == ("true labels", "2")
    assert paired["test accuracy, points"].startswith("-74.00 ± 8.49 ")
    cost = row(text, "Cost", task="train")
    assert (cost["runs"], cost["seconds in all"], cost["device"]) == ("5", "5.0", "cpu")
    assert row(text, "Versions", package="torch")["versions"] == "2.13.0"
    told = "\n".join(section(text, "Versions"))
    assert f"not recorded (4 of 5 runs), {COMMIT} (1 of 5 runs)" in told
    assert "Whether files differed from the commit is not known." in told
    lost = section(text, "What was not reproduced")
    assert "- 1 run unfinished, e.g. failed-run: ValueError: &lt;i&gt;it breaks&lt;/i&gt;" in lost
    assert "- diverged: run4" in lost
    assert "not known to the files" in "\n".join(section(text, "Reproducibility checklist"))


def test_without_published_numbers_nothing_is_said_of_reproduction(small):
    told = section(small.card(), "What was not reproduced")
    assert told[0] == "No published number belongs to a setting of this study."


def test_finished_runs_of_every_task_have_their_numbers(tmp_path, make_config):
    shutil.copytree(FINISHED / "pinned", tmp_path / "outputs/pinned")
    config = make_config("task=card", "study=pinned")
    card(config, tmp_path / "outputs/pinned/card", card=CardSettings(question=None))
    text = (tmp_path / "outputs/pinned/study.md").read_text(encoding="utf-8")
    assert "### Task kernel" in text
    lost = section(text, "What was not reproduced")
    assert lost[0].startswith("6 published numbers not reproduced: data, epochs or settings")
    first = rows(lost)[0]
    assert first["source"] == "Zhang et al. 2017, Table 1"
    assert first["not the published setup"].startswith("other data: digits;")
    assert "known to the files" in row(text, "Data", data="ratings")["digest"]


def test_one_run_has_no_interval(study):
    study.run()
    text = study.card()
    found = row(text, "Results", setting="MLP, true labels")
    assert found["last test accuracy, %"] == "90.0"
    # √(0.9 · 0.1 / 100)
    assert "on 100 test samples, has a standard error of √(p (1 − p) / samples), here 3.0" in text
    assert "another uncertainty than that over seeds" in text
    assert "diverged" not in found
    assert "One run has no interval." in text
    assert "No setting has runs with different seeds" in "\n".join(section(text, "Seeds"))
    assert section(text, "Paired differences") == ["No two settings have a seed in common."]


def test_the_accuracy_on_untouched_images_stands_beside_that_on_corrupted_ones(study):
    study.run()
    assert UNTOUCHED not in row(study.card(), "Results")
    noise = study.run(corruption="gaussian", test=0.2)
    noise.result["metrics"]["test_clean/accuracy"] = 0.4
    study.write(noise)
    text = study.card()
    assert row(text, "Results", setting="MLP, Gaussian")[UNTOUCHED] == "40.0"
    assert row(text, "Results", setting="MLP, true labels")[UNTOUCHED] == "the same"


def test_an_accuracy_of_all_or_nothing_has_no_standard_error_by_that_formula(study):
    study.run(test=1.0)
    assert "standard error" not in study.card()


def test_equal_runs_are_not_said_to_prove_anything(study):
    study.run(seed=0)
    study.run(seed=1)
    assert "all runs came to the same number, not that the next" in study.card()


def test_the_seeds_that_varied_are_named(study):
    for number in range(2):
        run = study.run()
        run.config["seeds"] = {"initialization": number}
        study.write(run)
    told = "\n".join(section(study.card(), "Seeds"))
    assert "varied: initialization (as" in told
    assert "Not varied: corruption, order." in told
    assert "- seeds of single parts: 0, 1" in told


def test_without_metrics_the_best_is_of_the_other_runs(study):
    best_after(study.run(seed=0), 0.7, 0.6)
    (study.run(seed=1).folder / "metrics.csv").unlink()
    text = study.card()
    assert row(text, "Results")["best test accuracy, %"] == "70.0 (1 of 2 runs)"
    assert "metrics.csv of the others cannot be read" in text


def test_damaged_runs_are_left_out_with_a_line(study, capsys):
    study.run(seed=0)
    (study.run(seed=1).folder / "result.json").write_text("{")
    study.run(seed=2)
    strange = study.run(seed=3)
    strange.config["seeds"] = {"order": "x"}
    study.write(strange)
    text = study.card()
    lost = "\n".join(section(text, "What was not reproduced"))
    assert "left out: " in lost
    assert "run1/result.json is damaged" in lost
    assert "left out, since fields of its result cannot be read: run3" in lost
    assert row(text, "Results")["n"] == "2"
    assert "left out of the card" in capsys.readouterr().err


def test_a_study_without_runs_leaves_no_card(study):
    study.folder.mkdir(parents=True)
    with pytest.raises(UserError, match="no finished run"):
        study.card()
    assert not (study.folder / "study.md").exists()


def test_names_are_no_markup(study):
    digests = {"data": NAUGHTY}
    command = f"python run.py '{NAUGHTY}' ````"
    study.run(model=NAUGHTY, data=NAUGHTY, digests=digests, command=command)
    study.run(seed=1, model=NAUGHTY, data=NAUGHTY, versions={NAUGHTY: NAUGHTY})
    text = study.card(f"Is {NAUGHTY} markup?")
    fence = "`````"
    before, _, rest = text.partition(f"{fence}sh\n")
    inside, _, after = rest.partition(f"\n{fence}\n")
    assert "\n" not in inside
    outside = before + after
    assert "<b>" not in outside
    assert "\n# head" not in text
    assert "&lt;b&gt;&amp;\\`x\\`\\|\\[y\\](z)" in outside
    assert len(tables(outside.splitlines())) == 6  # whose rows have as many cells as their heads


QUESTIONS = {
    "of an experiment": (
        ["python run.py experiment=digits seed=0", "python run.py experiment=digits seed=1"],
        "(from the file of experiment=digits): The randomization test on scikit-learn's",
    ),
    "of two experiments": (
        ["python run.py experiment=digits", "python run.py experiment=table_1"],
        "(made from what differs in the study): What are the training and test accuracy of MLP",
    ),
    "of no experiment of ours": (
        2 * ["python run.py experiment=../../secret"],
        "(made from what differs in the study)",
    ),
    "of an unknown one": (2 * ["python run.py experiment=mine"], "(made from what differs"),
    "of no command": (2 * ["python run.py 'open"], "(made from what differs in the study)"),
}


@pytest.mark.parametrize(("commands", "told"), QUESTIONS.values(), ids=list(QUESTIONS))
def test_the_question(study, commands, told):
    for seed, command in enumerate(commands):
        study.run(seed=seed, command=command)
    assert told in section(study.card(), "Question")[0]


def test_a_question_is_made_of_what_differs(study):
    study.run()
    for level in (0.2, 0.8):
        study.run(corruption="random_labels", probability=level)
    assert section(study.card(), "Question")[0].endswith(
        "How do training and test accuracy of MLP on digits change under true labels, "
        "random labels 20 %, random labels 80 %?"
    )


DIGESTS = {
    "of a file": ({"digests": {"data": 64 * "a"}}, f"data: {64 * 'a'}"),
    "of labels": (
        {"digests": {"corruption": ["b", None], "left_out": "c"}},
        "corruption: b, None; samples left out: c",
    ),
    "of published files": ({"data": "mnist"}, "the publisher's files, checked when they were read"),
    "of what is shipped": ({"data": "digits"}, "in scikit-learn 1.9.1"),
    "of nobody": ({"data": "image_folder"}, "not known to the files"),
}


@pytest.mark.parametrize(("about", "told"), DIGESTS.values(), ids=list(DIGESTS))
def test_the_digest_of_the_data(study, about, told):
    study.run(**about)
    assert rows(section(study.card(), "Data"))[0]["digest"] == told


def with_data(study, run, **fields):
    """A run whose result says more of its data."""
    run.result["data"].update(fields)
    study.write(run)


COPIES = {"count": 6, "labels_differ": 1, "test": NAUGHTY, "train": "train/a.png"}


def test_copies_are_told_of_in_the_answer_on_how_data_were_checked(study):
    with_data(study, study.run(), test_copies=COPIES)
    text = study.card()
    (asked,) = [r for r in rows(section(text, CHECKLIST)) if r["question"].startswith("New data")]
    assert asked["answer"] == (
        "digits: 6 test samples are copies of training samples, 1 with another label. "
        "not known to the files"
    )
    assert "<b>" not in text


def test_the_test_samples_of_each_class_are_counted(study):
    with_data(study, study.run(labels=[7, 3]), class_names=[NAUGHTY, "dog"])
    text = study.card()
    named = "&lt;b&gt;&amp;\\`x\\`\\|\\[y\\](z) # head"
    assert f"Test samples by class (digits): {named} 7, dog 3." in section(text, "Data")


def test_of_many_classes_the_first_are_named(study):
    with_data(study, study.run(labels=list(range(1, 31))), class_names=[f"c{n}" for n in range(30)])
    told = "\n".join(section(study.card(), "Data"))
    assert "c8 9, c9 10, and 20 more classes; from 1 to 30 in a class." in told


def test_without_counts_the_classes_are_named(study):
    with_data(study, study.run(), class_names=["cat", "dog"])
    assert "Classes (digits): cat, dog." in section(study.card(), "Data")


def test_a_digest_of_a_folder_is_said_to_be_of_times(study):
    study.run()
    told = "\n".join(section(study.card(), "Data"))
    assert "A copy of a folder whose files have other times has another digest" in told


def test_digests_of_ones_own_files_are_recorded_and_the_identity_stays(make_config, tmp_path):
    table = tmp_path / "iris.csv"
    shutil.copy(FINISHED.parent / "iris.csv", table)
    plain = make_config("data=table", f"data.path={table}", "data.target=species").plain()
    first = content_digests(plain)
    table.write_text(table.read_text() + "\n")
    assert set(first) == {"data"}
    assert len(first["data"]) == 64
    assert content_digests(make_config().plain()) == {}
    assert content_digests(plain) != first


def test_the_command_writes_a_card_of_what_it_trained(tmp_path):
    tiny = ["study=real", "logger=csv", "data.train_limit=60", "data.test_limit=60", "model=mlp"]
    tiny += ["model.hidden=[2]", "trainer.max_epochs=1", "trainer.progress=false", "seed=0,1"]
    run_command("-m", *tiny, "corruption=none,gaussian", cwd=tmp_path).check_returncode()
    done = run_command(
        "task=card", "study=real", "card.question=Is it, (as it were) so?", cwd=tmp_path
    )
    done.check_returncode()
    assert "wrote outputs/real/study.md" in done.stdout
    text = (tmp_path / "outputs/real/study.md").read_text(encoding="utf-8")
    assert section(text, "Question") == ["**Asked:** Is it, (as it were) so?"]
    assert row(text, "Paired differences")["pairs"] == "2"
    assert not (tmp_path / "outputs/real/card").exists()


def test_a_long_table_says_what_is_left_out():
    text = table([{f"column {n}": "x" for n in range(42)} for _ in range(103)])
    assert "\n3 more rows are left out.\n" in text
    assert "\n2 more columns are left out.\n" in text
    assert len(text.splitlines()[0].split("|")) == 42
