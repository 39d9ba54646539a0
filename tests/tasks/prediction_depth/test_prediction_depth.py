"""``task=prediction_depth`` as a user runs it."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from sklearn.metrics import roc_auc_score

from nullfit.config.components import typed_settings
from nullfit.config.identity import config_hash
from nullfit.errors import UserError
from nullfit.results.detectors import detectors_of
from nullfit.results.grouping import groups_of
from nullfit.results.result import read_result
from nullfit.results.study import read_config
from nullfit.results.task_run import TaskRun
from nullfit.runs.preflight.look import Look
from nullfit.tasks.prediction_depth import neighbours
from nullfit.tasks.prediction_depth.section import sections
from nullfit.tasks.prediction_depth.task import prediction_depth, refuse_beforehand
from tests import trainings
from tests.charts.drawn import draw, entries_of, frames_of
from tests.commands import run_command
from tests.report.by_hand import material

NOISE = ("corruption=random_labels", "corruption.probability=0.5")
TRAINED = (
    *("model=mlp", "model.hidden=[64,32]", "data.batch_size=20"),
    *("trainer.max_epochs=8", "logger=csv"),
)


def with_noise(words: tuple[str, ...]) -> tuple[str, ...]:
    """The settings of a training, with label noise unless others are chosen."""
    chosen = any(word.startswith("corruption=") for word in words)
    return (*TRAINED, *(() if chosen else NOISE), *words)


@pytest.fixture
def trained(tiny_config):
    """The folder of a finished training."""

    def of(*words: str) -> Path:
        config = tiny_config(*with_noise(words))
        folder = Path(config.outputs) / config.study / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def deep(tiny_config):
    """Finds the depths of a run with these settings: its folder, result and arrays."""

    def of(run: object, *words: str) -> tuple[Path, dict, dict]:
        which = () if run is None else (f"prediction_depth.run={run}",)
        config = tiny_config("task=prediction_depth", *which, *with_noise(words))
        folder = Path(config.outputs) / config.study / config.job
        settings = typed_settings(prediction_depth, config.task_settings)
        refuse_beforehand(config, Look(elsewhere=False), **settings)
        result = prediction_depth(config, folder, **settings)
        return folder, result, dict(np.load(folder / "arrays.npz"))

    return of


@pytest.fixture
def refused(tiny_config):
    """Says why depths are refused, at the start as before a grid, with nothing written."""

    def of(*words: str) -> str:
        config = tiny_config("task=prediction_depth", *with_noise(words))
        folder = Path(config.outputs) / config.study / config.job
        settings = typed_settings(prediction_depth, config.task_settings)
        with pytest.raises(UserError) as at_start:
            prediction_depth(config, folder, **settings)
        with pytest.raises(UserError) as before:
            refuse_beforehand(config, Look(elsewhere=False), **settings)
        assert str(before.value) == str(at_start.value)
        assert not folder.exists()
        return str(at_start.value)

    return of


def test_corrupted_samples_are_deep_and_untouched_ones_are_not(trained, deep, capsys) -> None:
    run = trained("trainer.max_epochs=60")  # until they are memorized
    folder, result, arrays = deep(run, "trainer.max_epochs=60")
    assert read_result(folder) == result
    section = result["prediction_depth"]
    assert section["layers"] == ["input", "hidden.1", "hidden.4", "softmax"]
    assert section["run"] == str(run)
    changed = arrays["prediction_depth_label_changed"]
    assert changed.mean() == result["corruption"]["labels_changed"] > 0.3
    depth = arrays["depth"]
    assert depth.shape == (200,)
    assert arrays["depth_test"].shape == (100,)
    assert section["mean_depth"] == {
        "train": depth.mean(),
        "untouched": depth[~changed].mean(),
        "corrupted": depth[changed].mean(),
        "test": arrays["depth_test"].mean(),
    }
    assert section["mean_depth"]["corrupted"] > section["mean_depth"]["untouched"] + 1
    assert section["area_under_curve"] == pytest.approx(roc_auc_score(changed, depth))
    assert section["area_under_curve"] > 0.85
    trained_as = read_result(run)["metrics"]
    assert result["metrics"]["train/accuracy"] == trained_as["train/accuracy"] == 1
    assert result["metrics"]["test/accuracy"] == trained_as["test/accuracy"]
    told = capsys.readouterr().out
    assert f"corrupted labels {depth[changed].mean():.2f}" in told


def test_depth_follows_from_what_neighbours_name(trained, deep) -> None:
    _, result, arrays = deep(trained())
    section = result["prediction_depth"]
    for split, depth in (("train", arrays["depth"]), ("test", arrays["depth_test"])):
        named, answers = arrays[f"neighbours_{split}"], arrays[f"answers_{split}"]
        for column, answer, found in zip(named.T, answers, depth, strict=True):
            assert (column[found:] == answer).all()
            assert found == 0 or column[found - 1] != answer
        assert section["never_foretold"][split] == (named[-1] != answers).mean()


def test_samples_csv_has_the_depths_in_the_order_of_the_training_set(trained, deep) -> None:
    run = trained("probe=dynamics")
    folder, _, arrays = deep(run)
    own, other = (pandas.read_csv(where / "samples.csv") for where in (folder, run))
    shared = ["index", "file", "label", "true_label", "corrupted"]
    assert own[shared].equals(other[shared])
    assert own["depth"].tolist() == arrays["depth"].tolist()
    assert list(own) == [*shared, "depth"]


def as_task_run(folder: Path) -> TaskRun:
    result = read_result(folder)
    assert result is not None
    return TaskRun(folder, result, read_config(folder))


def test_depths_of_several_seeds_are_held_against_other_scores(trained, deep) -> None:
    runs, areas = [], []
    for seed in (0, 1):
        run = trained(f"seed={seed}", "probe=dynamics")
        folder, result, _ = deep(run, f"seed={seed}")
        runs += [as_task_run(run), as_task_run(folder)]
        areas.append(result["prediction_depth"]["area_under_curve"])
    assert [len(group.runs) for group in groups_of(runs)] == [2, 2]
    found = {one.score: one for one in detectors_of(runs)}
    assert found["depth"].areas == pytest.approx(areas)
    assert {one.network for one in found.values()} == {"MLP"}
    assert {(one.kind, one.level) for one in found.values()} == {("random labels", 0.5)}
    # Networks that were trained for another time are others.
    other = trained("trainer.max_epochs=2")
    runs.append(as_task_run(deep(other, "trainer.max_epochs=2")[0]))
    depths = [one for one in detectors_of(runs) if one.score == "depth"]
    assert sorted((one.network, len(one.areas)) for one in depths) == [
        ("MLP, max_epochs=2", 1),
        ("MLP, max_epochs=8", 2),
    ]


def test_the_section_shows_depths_by_layer_and_the_deepest(trained, deep) -> None:
    folder, result, arrays = deep(trained())
    (section,) = sections(material([as_task_run(folder)]))
    assert section.table is not None
    row = section.table.iloc[0]
    mean = result["prediction_depth"]["mean_depth"]
    assert (row["layers"], row["neighbours"], row["n"]) == ("4", "30", "1")
    assert row["depth: corrupted"] == f"{mean['corrupted']:.2f}"
    assert row["area"] == f"{result['prediction_depth']['area_under_curve']:.3f}"
    (named,) = section.figures
    assert entries_of(named.figure) == ["untouched labels", "corrupted labels", "test set"]
    assert "Layers: 0 input, 1 hidden.1, 2 hidden.4, 3 softmax" in named.figure.note
    (bars,), (line, *_) = (frames_of(panel) for panel in named.figure.panels)
    for number, depth in enumerate(
        (
            arrays["depth"][~arrays["prediction_depth_label_changed"]],
            arrays["depth"][arrays["prediction_depth_label_changed"]],
            arrays["depth_test"],
        )
    ):
        own = bars[bars["series"] == number]
        assert own["samples"].sum() == len(depth)
        assert own["share"].sum() == pytest.approx(1)
        assert np.average(own["layer_number"], weights=own["samples"]) == depth.mean()
    at_output = line[(line["layer"] == "softmax") & (line["series"] == 1)]
    accuracy = result["prediction_depth"]["neighbour_accuracy"]
    assert at_output["mean"].tolist() == [accuracy["corrupted"][-1]]
    draw(named.figure)
    (picture,) = section.pictures
    names = [text.get_text() for text in picture.figure.axes[0].texts]
    assert {"deepest, untouched labels", "deepest, corrupted labels"} < set(names)
    assert len(picture.figure.axes[0].images) == 40
    kinds, where = arrays["prediction_depth_row"], arrays["prediction_depth_indices"]
    depth, changed = arrays["depth"], arrays["prediction_depth_label_changed"]
    assert changed[where[kinds == 1]].all()
    assert not changed[where[kinds == 0]].any()
    assert depth[where[kinds == 1]].tolist() == sorted(depth[changed], reverse=True)[:10]
    assert depth[where[kinds == 3]].tolist() == sorted(depth[~changed])[:10]


def test_where_all_labels_are_true_none_is_corrupted(trained, deep) -> None:
    words = ("corruption=shuffled_pixels", "trainer.max_epochs=2")
    folder, result, _ = deep(trained(*words), *words)
    section = result["prediction_depth"]
    assert section["area_under_curve"] is None
    assert section["mean_depth"]["corrupted"] is section["neighbour_accuracy"]["corrupted"] is None
    assert section["mean_depth"]["untouched"] == section["mean_depth"]["train"]
    (shown,) = sections(material([as_task_run(folder)]))
    assert shown.table is not None
    assert shown.table.loc[0, "depth: corrupted"] == "–"
    assert entries_of(shown.figures[0].figure) == ["untouched labels", "test set"]


def test_it_is_done_once_for_the_same_weights(trained, deep, tmp_path, monkeypatch, capsys) -> None:
    run = trained()
    folder, result, _ = deep(run)
    moved = run.rename(tmp_path / "elsewhere")
    capsys.readouterr()

    def fails(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(neighbours, "distances", fails)
    assert deep(moved)[:2] == (folder, result)
    assert "finished before" in capsys.readouterr().out


def test_other_weights_or_neighbours_are_another_run(trained, make_config) -> None:
    run = trained()
    words = ("task=prediction_depth", *TRAINED, *NOISE, f"prediction_depth.run={run}")
    before = config_hash(make_config(*words).plain())
    fewer = make_config(*words, "prediction_depth.neighbours=3")
    assert config_hash(fewer.plain()) != before
    weights = run / "checkpoints" / "final.ckpt"
    saved = torch.load(weights, weights_only=True)
    next(iter(saved["state_dict"].values())).add_(1)
    torch.save(saved, weights)
    assert config_hash(make_config(*words).plain()) != before


@pytest.mark.slow
def test_the_command_line_takes_the_settings_of_the_run(tmp_path: Path) -> None:
    tiny = ("data.train_limit=200", "data.test_limit=100", "trainer.progress=false", "study=first")
    trained = run_command(*tiny, *with_noise(()), "trainer.max_epochs=3", "seed=4", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run,) = (tmp_path / "outputs/first").iterdir()
    words = ("task=prediction_depth", f"prediction_depth.run={run}", "logger=csv")
    done = run_command(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "outputs/first").glob("prediction_depth-mlp-digits-random_labels_*")
    result, training = (json.loads((of / "result.json").read_text()) for of in (folder, run))
    assert result["data"] == training["data"]
    assert result["corruption"] == training["corruption"]
    assert result["metrics"]["train/accuracy"] == training["metrics"]["train/accuracy"]
    assert read_config(folder)["trainer"]["max_epochs"] == 3
    # The labels trained on are what neighbours vote by.
    other = run_command(*words, "corruption=none", cwd=tmp_path)
    assert other.returncode == 2
    assert "takes corruption from its run" in other.stderr
    study = run_command("task=prediction_depth", "prediction_depth.run=outputs/first", cwd=tmp_path)
    assert f"prediction_depth.run=outputs/first/{run.name}" in study.stderr
    # The suspects are left out of the training, not of the depths.
    cleaned = run_command("task=clean", f"clean.run={folder}", "logger=csv", cwd=tmp_path)
    assert cleaned.returncode == 0, cleaned.stderr
    (advice,) = [line for line in cleaned.stdout.splitlines() if "train without them" in line]
    assert "task=prediction_depth" not in advice
    assert "data.leave_out=" in advice


def test_what_is_no_finished_training_is_refused(trained, refused, tmp_path) -> None:
    assert "needs prediction_depth.run=…: the folder of a finished training" in refused()
    run = trained()
    file = run / "checkpoints" / "final.ckpt"
    assert "is a file: give the folder" in refused(f"prediction_depth.run={file}")
    result = (run / "result.json").read_text()
    (run / "result.json").write_text(result.replace('"completed"', '"diverged"'))
    assert "diverged: its network answers nothing" in refused(f"prediction_depth.run={run}")
    (run / "result.json").unlink()
    assert "is no finished run" in refused(f"prediction_depth.run={run}")
    (tmp_path / "empty").mkdir()
    assert "holds no checkpoint" in refused(f"prediction_depth.run={tmp_path / 'empty'}")


def test_what_was_not_trained_so_is_refused(trained, refused) -> None:
    run = f"prediction_depth.run={trained()}"
    assert "takes seed from its run" in refused(run, "seed=1")
    assert "takes data from its run" in refused(run, "data.train_limit=150")
    assert "takes model, corruption from its run" in refused(
        run, "model.hidden=[8]", "corruption.probability=0.4"
    )
    assert "has 199 others. Choose 1 to 199" in refused(run, "prediction_depth.neighbours=200")
    words = ("corruption.fresh=true", "trainer.max_epochs=1")
    fresh = trained(*words)
    assert "impossible with corruption.fresh=true" in refused(
        f"prediction_depth.run={fresh}", *words
    )


def test_samples_that_were_left_out_do_not_vote(trained, deep, refused, tmp_path) -> None:
    (tmp_path / "out.csv").write_text("index\n" + "\n".join(map(str, range(30))))
    left_out = f"data.leave_out={tmp_path / 'out.csv'}"
    run = trained(left_out)
    _, result, arrays = deep(run, left_out)
    kept = 200 - result["data"]["left_out"]
    assert len(arrays["depth"]) == kept < 200
    why = refused(f"prediction_depth.run={run}")
    assert f"trained on {kept} samples, and here are 200" in why


def test_as_many_other_samples_are_noticed_by_the_accuracy(trained, deep, tmp_path) -> None:
    folder, *_ = deep(trained())
    places = pandas.read_csv(folder / "samples.csv")["index"].tolist()
    one, other = (tmp_path / name for name in ("one.csv", "other.csv"))
    one.write_text("index\n" + "\n".join(map(str, places[:40])))
    other.write_text("index\n" + "\n".join(map(str, places[-40:])))
    words = ("trainer.max_epochs=60",)
    run = trained(f"data.leave_out={one}", *words)
    deep(run, f"data.leave_out={one}", *words)
    with pytest.raises(UserError, match=r"the samples are not those that it was trained on"):
        deep(run, f"data.leave_out={other}", *words)
