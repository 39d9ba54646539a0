"""``task=memorization`` as a user runs it."""

import csv

import numpy as np
import pytest
import torch

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_result
from nullfit.results.task_run import TaskRun
from nullfit.system.interruption import Interrupted
from nullfit.tasks.memorization import trainings as carrying_out
from nullfit.tasks.memorization.answers import AnswerFiles
from nullfit.tasks.memorization.section import sections
from nullfit.tasks.memorization.task import memorization
from nullfit.tasks.memorization.trainings import log_odds
from tests.report.by_hand import material

FAST = (
    *("task=memorization", "model=mlp", "model.hidden=[16]", "data.train_limit=120"),
    *("trainer.max_epochs=8", "data.batch_size=16", "memorization.trainings=24"),
    "memorization.max_group=8",
)
ALL_AT_ONCE = ("memorization.max_group=40",)  # quicker, where groups do not matter


@pytest.fixture
def run(tiny_config, tmp_path):
    """A function from overrides to a finished run: its folder, result, arrays."""

    def make(*overrides, where="study"):
        config = tiny_config(*FAST, *overrides)
        folder = tmp_path / where / config.job
        settings = typed_settings(memorization, config.task_settings)
        result = memorization(config, folder, **settings)
        return folder, result, dict(np.load(folder / "arrays.npz"))

    return make


def rows(folder):
    with (folder / "samples.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_random_labels_are_memorized_and_true_ones_are_not_whatever_the_batches(run) -> None:
    noise = ("corruption=random_labels", "corruption.probability=0.5", "trainer.max_epochs=60")
    noise += ALL_AT_ONCE
    folder, result, arrays = run(*noise, "memorization.batches=own")
    section = result["memorization"]
    assert section["trainings"] == 24
    assert min(section["area_under_curve"].values()) > 0.8  # of 120 samples and 24 networks
    changed = arrays["memorization_label_changed"]
    assert arrays["memorization"][changed].mean() > arrays["memorization"][~changed].mean() + 0.3
    # Members are told by what was memorized.
    attack = section["membership"]
    assert attack["corrupted"]["area_under_curve"] > attack["untouched"]["area_under_curve"] > 0.4
    assert read_result(folder) == result
    table = rows(folder)
    assert [row["corrupted"] for row in table] == [str(int(c)) for c in changed]
    assert float(table[3]["memorization"]) == pytest.approx(float(arrays["memorization"][3]), 1e-4)
    assert {"memorization_error", "c_score", "held_out_probability"} <= set(table[0])

    _, shared, of_shared = run(*noise, "memorization.batches=shared")
    assert (section["batches"], shared["memorization"]["batches"]) == ("own", "shared")
    assert np.corrcoef(arrays["memorization"], of_shared["memorization"])[0, 1] > 0.7
    for metric in ("train/accuracy", "held_out/accuracy"):
        assert result["metrics"][metric] == pytest.approx(shared["metrics"][metric], abs=0.1)


def test_scores_are_those_of_the_networks_trained_one_by_one(run, tiny_config, tmp_path) -> None:
    _, _, arrays = run("memorization.trainings=4", "memorization.max_group=2")
    config = tiny_config(*FAST, "memorization.trainings=4", "memorization.max_group=1")
    alone = tmp_path / "alone" / config.job
    memorization(config, alone, **typed_settings(memorization, config.task_settings))
    other = np.load(alone / "arrays.npz")
    for name in ("memorization", "c_score", "held_out_probability"):
        np.testing.assert_allclose(arrays[name], other[name], atol=2e-3)


def test_an_interrupted_set_goes_on_and_ends_the_same(run, monkeypatch, capsys) -> None:
    _, whole, arrays = run(where="whole")
    train_group, calls = carrying_out._train_group, []

    def pull_the_plug(*given):
        calls.append(given)
        if len(calls) == 3:
            raise Interrupted(2)
        return train_group(*given)

    with monkeypatch.context() as patch:
        patch.setattr(carrying_out, "_train_group", pull_the_plug)
        with pytest.raises(Interrupted) as interrupted:
            run(where="cut")
    assert interrupted.value.saved
    capsys.readouterr()
    _, again, after = run(where="cut")
    assert "16 of which are there already" in capsys.readouterr().out
    assert again["memorization"] == whole["memorization"]
    assert all(np.array_equal(arrays[name], after[name], equal_nan=True) for name in arrays)


def test_more_trainings_take_over_those_of_a_finished_set(run, capsys) -> None:
    first, before, _ = run("memorization.trainings=8")
    kept = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    capsys.readouterr()
    folder, result, arrays = run("memorization.trainings=24")
    assert "8 of which are there already" in capsys.readouterr().out
    assert sorted(path.name for path in (folder / "trainings").iterdir()) == [
        "000008-000015.npz",
        "000016-000023.npz",
    ]
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == kept
    assert read_result(first) == before
    _, whole, at_once = run("memorization.trainings=24", where="other")
    assert result["memorization"] == whole["memorization"]
    assert np.array_equal(arrays["memorization"], at_once["memorization"], equal_nan=True)
    # Another setting is another set.
    run("memorization.trainings=24", "optimizer.lr=0.05")
    assert "already" not in capsys.readouterr().out.partition("memorization-mlp")[0]


def test_several_shares_give_a_c_score(run) -> None:
    _, result, arrays = run("memorization.share=[0.25,0.75]", "memorization.trainings=20")
    assert result["memorization"]["shares"] == [0.25, 0.75]
    unknown = np.isnan(arrays["memorization"])
    assert result["memorization"]["unknown"] == unknown.sum() < 12
    assert result["metrics"]["c_score"] == pytest.approx(np.nanmean(arrays["c_score"]))


def test_published_scores_are_held_against_ours(run, tmp_path) -> None:
    folder, _, arrays = run()
    published = np.ones(1438)  # of all digits there are to train on, and one more
    places = [int(row["index"]) for row in rows(folder)]
    published[places] = np.nan_to_num(arrays["c_score"])
    np.save(tmp_path / "scores.npy", published)
    _, result, _ = run(f"memorization.compare={tmp_path / 'scores.npy'}")
    found = result["memorization"]["published"]
    assert found["rank_correlation"] == pytest.approx(1.0)
    assert found["mean"] == pytest.approx(found["published_mean"])
    np.save(tmp_path / "few.npy", published[:120])
    with pytest.raises(UserError, match="belong to other data"):
        run(f"memorization.compare={tmp_path / 'few.npy'}", where="new")
    assert not (tmp_path / "new").exists()


def test_the_scores_of_another_run_are_tried_as_rankings(run, tmp_path) -> None:
    folder, first, _ = run()
    _, result, _ = run(f"memorization.rankings={folder}")  # itself, of all trainings
    scores = result["memorization"]["linear_datamodeling_score"]
    assert scores.keys() == first["memorization"]["linear_datamodeling_score"].keys()
    other = tmp_path / "dynamics"
    other.mkdir()
    heading, *lines = (folder / "samples.csv").read_text().splitlines()
    table = heading.replace("c_score", "aum")
    (other / "samples.csv").write_text("\n".join([table, *reversed(lines)]))
    _, result, _ = run(f"memorization.rankings={other}")
    assert {"aum", "c_score"} <= result["memorization"]["linear_datamodeling_score"].keys()
    (other / "samples.csv").write_text("\n".join([table, *lines[1:]]))
    with pytest.raises(UserError, match="knows nothing of 1 of the 120 training samples"):
        run(f"memorization.rankings={other}", where="new")


def test_a_damaged_file_of_trainings_says_what_to_do(run) -> None:
    folder, _, _ = run("memorization.trainings=8")
    (folder / "trainings" / "000000-000007.npz").write_bytes(b"PK nothing")
    with pytest.raises(UserError, match=r"000000-000007\.npz is damaged"):
        run("memorization.trainings=24")


def test_files_of_other_trainings_are_left_alone(run, tiny_config, tmp_path) -> None:
    folder, _, _ = run("memorization.trainings=8")
    files = AnswerFiles(folder, "another digest", 120, 100)
    assert files.read(8) == []


def test_it_says_where_scores_mislead(run, capsys) -> None:
    run("memorization.trainings=4", "memorization.share=0.5", "trainer.max_epochs=1")
    told = capsys.readouterr().out
    assert "memorized little" in told
    assert "counts from 0.25 are chance" in told
    assert "their memorization is unknown" in told
    assert "4 at once" in told
    run("memorization.trainings=40", "trainer.max_epochs=60", *ALL_AT_ONCE)
    told = capsys.readouterr().out
    assert "note:" not in told
    assert "samples.csv" in told


def test_margins_are_exact_where_probabilities_are_not() -> None:
    logits = torch.tensor([[[50.0, 0.0, 0.0], [0.0, 1.0, 2.0]]])
    labels = torch.tensor([[0, 1]])
    p = torch.softmax(logits[0, 1].double(), 0)[1]
    expected = [50 - np.log(2), float(torch.log(p / (1 - p)))]
    assert log_odds(logits, labels)[0].tolist() == pytest.approx(expected, rel=1e-5)


def test_networks_that_cannot_be_stacked_are_refused(tiny_config, tmp_path, monkeypatch) -> None:
    config = tiny_config(*FAST, "regularizer=augmentation")
    settings = typed_settings(memorization, config.task_settings)
    with pytest.raises(UserError, match="has no place in task=memorization"):
        memorization(config, tmp_path / "x", **settings)
    assert not (tmp_path / "x").exists()


def test_the_report_has_table_figures_and_pictures(run) -> None:
    folder, result, _ = run(
        "corruption=random_labels", "corruption.probability=0.5", "trainer.max_epochs=60",
        "memorization.influence=0.3", *ALL_AT_ONCE,
    )  # fmt: skip
    (shown,) = sections(material([TaskRun(folder, result, {})]))
    assert shown.table is not None
    assert shown.table.loc[0, "networks"] == "24"
    assert shown.table.loc[0, "corrupted members found"] != "–"
    assert len(shown.figures) == 1
    assert len(shown.pictures) == 1
