"""``task=card``: what the files of a study know, on one page."""

import itertools
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from nullfit.config.content import content_digests
from nullfit.errors import UserError, asked_in_python
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
        *("Question", "Data", "Corruptions", "Training", "Grid", "Seeds", "Results"),
        *(
            "Paired differences",
            "Cost",
            "Versions",
            "What was not reproduced",
            "Reproducibility checklist",
        ),
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
    told = "\n".join(section(text, "Versions"))
    assert "python 3.12.1; torch 2.13.0; scikit-learn 1.9.1." in told
    assert f"not recorded (4 of 5 runs), {COMMIT} (1 of 5 runs)" in told
    assert "Whether files differed from the commit is not known." in told
    lost = section(text, "What was not reproduced")
    assert "- 1 run unfinished, e.g. failed-run: ValueError: &lt;i&gt;it breaks&lt;/i&gt;" in lost
    assert "- diverged: run4" in lost
    assert "not known to the files" in "\n".join(section(text, "Reproducibility checklist"))


def test_several_networks_have_their_cost_each(study):
    study.run()
    assert len(tables(section(study.card(), "Cost"))) == 1
    study.run(model="lenet")
    _, networks = tables(section(study.card(), "Cost"))
    assert [(one["network"], one["steps"]) for one in networks] == [("MLP", "50"), ("LeNet", "50")]


def test_samples_for_validation_are_told_of_where_there_are_some(study):
    run = study.run()
    assert "validation" not in row(study.card(), "Data")
    with_data(study, run, val_samples=20)
    assert row(study.card(), "Data")["validation"] == "20"


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
    assert "; seeds of single parts: 0, 1. Between" in told


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
    assert len(tables(outside.splitlines())) == 5  # whose rows have as many cells as their heads


def commands(text):
    return text.partition("```sh\n")[2].partition("\n```")[0].splitlines()


def test_a_command_makes_the_runs_of_all_seeds_and_has_few_quotes(study):
    words = "python run.py 'outputs='\"'\"'/tmp/x'\"'\"'' 'model.hidden=[4]' model=mlp"
    study.run(seed=0, command=words)  # by its default
    study.run(seed=2, command=f"{words} seed=2")
    study.run(seed=1, command=f"{words} seed=1")
    assert commands(study.card()) == [
        'python run.py -m outputs=/tmp/x "model.hidden=[4]" model=mlp seed=0,1,2'
    ]


def test_runs_that_differ_in_other_words_have_a_command_each(study):
    study.run(seed=0, command="python run.py seeds.order=0 seed=0")
    study.run(seed=0, command="python run.py seeds.order=1 seed=0")
    study.run(seed=3, command="python run.py 'open")
    study.run(seed=4, command="python run.py task=evaluate checkpoint=x")
    assert sorted(commands(study.card())) == [
        "python run.py 'open",
        "python run.py seeds.order=0 seed=0",
        "python run.py seeds.order=1 seed=0",
        "python run.py task=evaluate checkpoint=x",
    ]


def what_stands(text, title, key, value="what"):
    (found,) = [r for r in rows(section(text, title)) if r[value] == key]
    return found


def test_each_corruption_is_told_in_a_sentence_with_what_it_changed(study):
    for seed, share in enumerate([0.4, 0.44]):
        study.run(seed=seed, corruption="random_labels", probability=0.5, changed=share)
    study.run(corruption="random_labels", probability=1.0, changed=0.9)
    noise = study.run(corruption="gaussian")
    noise.result["corruption"]["images_changed"] = 1.0
    study.write(noise)
    found = rows(section(study.card(), "Corruptions"))
    assert [row["corruption"] for row in found] == [
        *("random labels 50 %", "random labels", "Gaussian")
    ]
    half, whole, gaussian = found
    assert half["what it does"] == (
        "Each label becomes, with some probability, a uniformly random class. The random class "
        "may be the true one."
    )
    assert half["settings"] == "probability=0.5, always_change=false"
    assert (half["labels changed, %"], half["images changed, %"]) == ("40.0 – 44.0", "–")
    assert half["test samples"] == "as they are"
    assert whole["what it does"] == "as above"
    assert gaussian["what it does"].startswith("Each image becomes Gaussian noise")
    assert (gaussian["images changed, %"], gaussian["test samples"]) == (
        "100.0",
        "corrupted as well",
    )


def test_a_corruption_of_the_user_s_own_is_not_described_by_ours(study):
    own = study.run(corruption="gaussian")
    own.config["corruption"] = {"name": "gaussian", "_target_": "mine.gaussian", "depth": NAUGHTY}
    study.write(own)
    (found,) = rows(section(study.card(), "Corruptions"))
    assert found["what it does"] == "Not described in the files."
    assert "&lt;b&gt;" in found["settings"]


def test_the_steps_of_a_chain_are_told(study):
    chained = study.run(corruption="chain")
    steps = ["random_labels", {"name": "gaussian_noise", "sigma": 0.3, "apply_to": "train"}]
    chained.config["corruption"]["steps"] = steps
    study.write(chained)
    (found,) = rows(section(study.card(), "Corruptions"))
    assert (
        "(1) random labels, probability=1, always_change=false: Each label" in found["what it does"]
    )
    assert "(2) added noise, sigma=0.3: Gaussian noise is added" in found["what it does"]
    assert found["test samples"] == "as they are"


def test_true_data_need_no_table_of_corruptions(study):
    study.run()
    assert section(study.card(), "Corruptions") == ["None: all data are true."]


TRAINED = {
    "model": {"name": "mlp", "_target_": "nullfit.models.MLP", "hidden": [64], "dropout": 0.0},
    "optimizer": {"name": "sgd", "_target_": "nullfit.optimizers.sgd", "lr": 0.1, "momentum": 0.9},
    "schedule": {
        **{"name": "exponential", "_target_": "nullfit.schedules.exponential", "gamma": 0.95},
        **{"samples": 50000, "warmup_epochs": None, "warmup_factor": None},
    },
    "regularizer": {"weight_decay": {"coefficient": 0.0005}, "dropout": None},
    "trainer": {
        **{"max_epochs": None, "min_samples": 5_000_000, "stop_at_train_accuracy": 1.0},
        **{"precision": "32-true", "deterministic": True},
    },
}
OF_DATA = {"batch_size": 128, "image_size": 32, "crop": 28, "whitening": "per_image"}


def configured(study, run, data=(), **parts):
    own = {**run.config["data"], **OF_DATA, **dict(data)}
    run.config.update({**TRAINED, **parts, "data": own})
    study.write(run)
    return run


def test_how_networks_were_trained(study):
    configured(study, study.run())
    text = study.card()
    told = {r["what"]: r["value"] for r in rows(section(text, "Training"))}
    assert told == {
        "network": "MLP (1,210 parameters, dropout=0, hidden=\\[64\\])",
        "initial weights": "He's, with a small last layer",
        "loss": "cross_entropy",
        "optimizer": "sgd (lr=0.1, momentum=0.9)",
        "learning-rate schedule": "exponential (gamma=0.95, samples=50000): Multiplied by “gamma” "
        "for each “samples” trained on, at most once an epoch",
        "regularizers": "weight_decay (coefficient=0.0005)",
        "batch size": "128",
        "preprocessing": "resized to 32×32, then centre crop to 28×28, then corruption, if any, "
        "then each image less its mean, divided by its standard deviation",
        "length": "until all training samples are right in evaluation mode, 10,000 epochs at most",
        "trained for": "5 epochs, 50 steps",
        "arithmetic": "precision=32-true, deterministic=true",
    }
    assert "the data decide how long it is" in "\n".join(section(text, "Training"))


def test_what_differs_between_settings_stands_with_their_shortest_names(study):
    configured(study, study.run())
    configured(study, study.run(corruption="gaussian"), trainer={"max_epochs": 7})
    wide = {**TRAINED["model"], "name": NAUGHTY, "initialization": "glorot"}
    steps = {"name": "cosine", "_target_": NAUGHTY, "warmup_epochs": 2, "warmup_factor": 0.1}
    other = study.run(model=NAUGHTY, corruption="gaussian")
    configured(study, other, model=wide, schedule=steps, trainer={"max_epochs": 7})
    text = study.card()
    told = {r["what"]: r["value"] for r in rows(section(text, "Training"))}
    named = "&lt;b&gt;&amp;\\`x\\`\\|\\[y\\](z)\\\\x0a# head"
    assert told["initial weights"] == f"MLP: He's, with a small last layer; {named}: glorot"
    assert told["length"].startswith("true labels: until all training")
    assert told["length"].endswith("at most; Gaussian: 7 epochs")
    assert told["learning-rate schedule"].endswith(
        f"{named}: cosine, after 2 epochs that rise from 0.1 of it"
    )
    assert told["batch size"] == "128"
    assert "<b>" not in text


def test_a_fixed_length_is_not_said_to_depend_on_the_data(study):
    trainer = {"max_epochs": 7, "stop_at_train_accuracy": None}
    configured(study, study.run(), trainer=trainer, data={"crop": None, "whitening": "none"})
    text = study.card()
    assert what_stands(text, "Training", "length")["value"] == "7 epochs"
    assert what_stands(text, "Training", "preprocessing")["value"] == (
        "resized to 32×32, then corruption, if any, then no whitening"
    )
    assert "the data decide" not in text


def test_a_task_that_looks_at_a_run_trains_nothing(study):
    looks = configured(study, study.run())
    looks.result["task"] = "evaluate"
    looks.config.update(task={"name": "evaluate"}, checkpoint="x")
    study.write(looks)
    assert section(study.card(), "Training") == [
        "No run of this study tells how networks were trained."
    ]


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


def test_the_terminal_says_where_nobody_asked(study, capsys):
    study.run(command="python run.py")
    line = "  nobody wrote down what the study asks: give {}\n"
    study.card("Is it so?")
    assert "nobody wrote down" not in capsys.readouterr().out
    study.card(" ")
    assert line.format('card.question="…"') in capsys.readouterr().out
    with asked_in_python():
        study.card()
    assert line.format('study.card("…")') in capsys.readouterr().out


def test_the_question_of_an_experiment_was_asked(study, capsys):
    study.run(command="python run.py experiment=digits")
    study.card()
    assert "nobody wrote down" not in capsys.readouterr().out


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
        "Else not known to the files"
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
    tiny += [
        "probe=[dynamics,loss_mixture]",
        "model.hidden=[2]",
        "trainer.max_epochs=1",
        "trainer.progress=false",
        "seed=0,1",
    ]
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
    pasted = commands(text)
    assert len(pasted) == 2
    again = run_command(*shlex.split(pasted[0])[2:], cwd=tmp_path)
    assert again.stdout.count("finished before, nothing to do") == 2


def test_a_long_table_says_what_is_left_out():
    text = table([{f"column {n}": "x" for n in range(42)} for _ in range(103)])
    assert "\n3 more rows are left out.\n" in text
    assert "\n2 more columns are left out.\n" in text
    assert len(text.splitlines()[0].split("|")) == 42
