"""``task=measures`` on trained runs: what it finds, keeps, leaves out and refuses."""

import json
import math
import shutil
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pandas
import pytest
import torch

from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.results.study import Run
from nullfit.runs.preflight.look import Look
from nullfit.tasks.measures import account, measured
from nullfit.tasks.measures.names import MEASURES
from nullfit.tasks.measures.settings import MeasuresSettings
from nullfit.tasks.measures.task import measures, refuse_beforehand
from tests import trainings

MLP = ("model=mlp", "model.hidden=[12]")
RUN = ("trainer.max_epochs=4", "corruption=random_labels")
WEIGHTS_ALONE = ("measures.draws=0", "measures.iterations=0", "measures.ascent_steps=0")
LITTLE = ("measures.samples=60", "measures.draws=2", "measures.iterations=20")


@pytest.fixture
def trained(tiny_config):
    """The folder of a finished training."""

    def of(*words: str, model: tuple[str, ...] = MLP) -> Path:
        config = tiny_config(*RUN, *model, *words)
        folder = Path(config.outputs) / config.study / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def taken(make_config, tmp_path):
    """Measures a run or study, and gives the folder and the result."""

    def of(run: object, *words: str) -> tuple[Path, dict]:
        common = ("task=measures", "logger=csv", "trainer.progress=false", *LITTLE)
        config = make_config(*common, f"measures.run={run}", *words)
        settings = MeasuresSettings.model_validate(config.task_settings["measures"])
        folder = tmp_path / "measured" / config.job
        refuse_beforehand(config, Look(elsewhere=False), measures=settings)
        result = measures(config, folder, measures=settings)
        assert read_result(folder) == result
        return folder, result

    return of


def test_a_single_run_is_measured_as_by_hand(trained, taken, capsys):
    run = trained()
    folder, result = taken(run)
    found = result["measures"]
    weights = torch.load(run / "checkpoints" / "final.ckpt", weights_only=True)["state_dict"]
    first, last = (weights[f"{name}.weight"].double().numpy() for name in ("hidden.1", "head"))
    product = np.linalg.norm(first) * np.linalg.norm(last)
    spectral = np.linalg.norm(first, 2) * np.linalg.norm(last, 2)
    assert found["frobenius_product"] == pytest.approx(product)
    assert found["log_frobenius_product"] == pytest.approx(math.log(product))
    assert found["spectral_product"] == pytest.approx(spectral)
    assert found["frobenius_sum"] == pytest.approx(np.linalg.norm(first) + np.linalg.norm(last))
    assert found["parameters"] == 64 * 12 + 12 + 12 * 10 + 10
    metrics = pandas.read_csv(run / "metrics.csv")
    assert found["distance_from_start"] == pytest.approx(
        metrics["weights/distance_from_start"].iloc[-1]
    )
    trained_result = read_result(run)
    assert trained_result is not None
    accuracies = trained_result["metrics"]
    gap = accuracies["train/accuracy"] - accuracies["test/accuracy"]
    assert result["metrics"]["generalization_gap"] == pytest.approx(gap)
    arrays = read_arrays(folder)
    assert (arrays["margins"] > 0).mean() == pytest.approx(accuracies["train/accuracy"])
    assert found["margin"] == pytest.approx(np.quantile(arrays["margins"], 0.1))
    assert found["margin"] == pytest.approx(accuracies["train/margin"], rel=1e-5)
    ratio = arrays["margins"] / arrays["normalized_margins"]
    # whitened images of 64 pixels each have a squared length of 64
    assert ratio == pytest.approx(found["spectral_complexity"] * math.sqrt(64 * 200) / 200)
    assert found["samples"] == 60
    assert "log ∏ spectral norms" in capsys.readouterr().out
    assert (folder / "measures.csv").is_file()


def test_a_study_has_a_row_for_each_run_and_what_goes_with_the_gap(trained, taken, capsys):
    runs = [trained(f"corruption.probability={p}", f"seed={s}") for p in (0.0, 1.0) for s in (0, 1)]
    folder, result = taken(runs[0].parent)
    found = result["measures"]
    table = pandas.read_csv(folder / "measures.csv")
    assert set(table["job"]) == {run.name for run in runs}
    assert table["level"].tolist() == [0, 0, 1, 1]
    assert [one["job"] for one in found["runs"]] == table["job"].tolist()
    assert found["runs"][0]["frobenius_product"] == table["frobenius_product"][0]
    assert set(found["sign_error"]) == {"corruption.probability"}
    assert found["sign_error"]["corruption.probability"]["margin"]["n"] == 2
    assert found["kendall"]["margin"]["n"] == 4
    assert found["kendall"]["parameters"]["tau"] is None
    assert found["left_out"] == {}
    quantiles = read_arrays(folder)["margins_quantiles"]
    assert quantiles.shape == (4, 201)
    for row, one in zip(quantiles, found["runs"], strict=True):
        own = read_arrays(folder / "runs" / one["job"])["margins"]
        assert row[[0, 20, -1]] == pytest.approx([own.min(), one["margin"], own.max()])
    assert "Kendall's τ with the generalization gap over 4 runs" in capsys.readouterr().out


def test_measures_promise_a_direction(trained, taken):
    """Margins and noise are turned: a τ of 1 is what is promised of each."""
    for p in (0.0, 0.5, 1.0):
        run = trained(f"corruption.probability={p}", "trainer.max_epochs=60", "optimizer.lr=0.1")
    _, result = taken(run.parent, *WEIGHTS_ALONE)
    entries, told = result["measures"]["runs"], result["measures"]["kendall"]
    assert entries[0]["normalized_margin"] > entries[2]["normalized_margin"]
    assert told["normalized_margin"]["tau"] == 1
    assert told["log_frobenius_product"]["tau"] == 1


@pytest.mark.parametrize("name", ["margin", "normalized_margin", "sharpness_sigma"])
def test_large_margins_and_noise_promise_a_small_gap(name):
    runs = [Mock(spec=Run, config={"seed": 0, "lr": at}) for at in range(3)]
    entries = [{m.field: float(at) for m in MEASURES} | {"gap": 0.1 * at} for at in range(3)]
    told = account.study_fields(entries, runs)
    assert told["kendall"][name]["tau"] == -1
    assert told["sign_error"]["lr"][name] == {"sign_error": 1.0, "n": 3}
    assert told["kendall"]["hessian_eigenvalue"]["tau"] == 1
    assert told["sign_error"]["lr"]["log_path_norm"] == {"sign_error": 0.0, "n": 3}


def test_what_was_measured_is_kept_while_a_study_grows(trained, taken, monkeypatch, capsys):
    first = trained("seed=0")
    folder, before = taken(first.parent)
    whole, measured_now = measured.measure, []

    def watched(run, *others):
        measured_now.append(run.folder.name)
        return whole(run, *others)

    monkeypatch.setattr(measured, "measure", watched)
    taken(first.parent)
    assert "finished before" in capsys.readouterr().out
    second = trained("seed=1")
    again, result = taken(first.parent)
    assert again == folder
    assert measured_now == [second.name]
    assert result["measures"]["runs"][0] == before["measures"]["runs"][0]
    kept = folder / "runs" / first.name / "measured.json"
    kept.write_text("{")
    third = trained("seed=2")
    taken(first.parent)
    assert set(measured_now[1:]) == {first.name, third.name}


def test_another_checkpoint_is_measured_anew(trained, taken):
    run = trained()
    _, before = taken(run.parent)
    other = trained("trainer.max_epochs=5", "study=elsewhere")
    shutil.copytree(other / "checkpoints", run / "checkpoints", dirs_exist_ok=True)
    shutil.copy(other / "metrics.csv", run)
    result = json.loads((run / "result.json").read_text())
    result["metrics"] = json.loads((other / "result.json").read_text())["metrics"]
    (run / "result.json").write_text(json.dumps(result))
    _, after = taken(run.parent)
    (old,), (again,) = (result["measures"]["runs"] for result in (before, after))
    assert again["frobenius_product"] != old["frobenius_product"]


def test_a_run_that_cannot_be_measured_is_left_out_and_tried_again(trained, taken, capsys):
    good, bad = trained("seed=0"), trained("seed=1")
    checkpoint = bad / "checkpoints" / "final.ckpt"
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(b"nothing")
    with pytest.raises(UserError, match=rf"{bad.name} cannot be measured: checkpoint="):
        taken(bad)
    _, result = taken(good.parent)
    assert [one["job"] for one in result["measures"]["runs"]] == [good.name]
    assert list(result["measures"]["left_out"]) == [bad.name]
    assert f"left out: {bad.name} cannot be measured" in capsys.readouterr().err
    checkpoint.write_bytes(content)
    _, result = taken(good.parent)
    assert len(result["measures"]["runs"]) == 2


def test_other_weights_at_the_start_have_no_distance(trained, taken):
    run = trained()
    table = pandas.read_csv(run / "metrics.csv")
    table["weights/distance_from_start"] *= 1.5
    table.to_csv(run / "metrics.csv", index=False)
    _, result = taken(run)
    found = result["measures"]
    for name in ("distance_from_start", "spectral_complexity_from_start"):
        assert found[name] is None
        assert "are not those of the run" in found["undefined"][name]
    assert found["spectral_complexity"] > 0


def test_other_data_are_noticed(trained, taken):
    run = trained()
    settings = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(settings.replace("seed: 0", "seed: 3"))
    with pytest.raises(UserError, match=r"answers .*% of its training labels now, and .*% when"):
        taken(run)
    (run / "config.yaml").write_text(settings.replace("train_limit: 200", "train_limit: 100"))
    with pytest.raises(UserError, match="trained on 200 samples, and its data have 100"):
        taken(run)


def test_samples_left_out_and_files_are_for_the_command_to_name(trained, taken, tmp_path):
    listed = tmp_path / "suspects.csv"
    listed.write_text("index\n" + "\n".join(map(str, range(20))) + "\n")
    run = trained(f"data.leave_out={listed}")
    with pytest.raises(UserError, match=r"cannot be measured: .*add .*data\.leave_out="):
        taken(run)
    _, result = taken(run, f"data.leave_out={listed}")
    assert len(read_arrays(Path(result["measures"]["taken"]["run"]))) > 0
    settings = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(settings.replace("nullfit.models.MLP", "os.system"))
    with pytest.raises(UserError, match=r"model\._target_=os\.system is not allowed"):
        taken(run, f"data.leave_out={listed}", "seed=1")


def test_convolutions_with_batch_norm_have_all_but_the_bound(trained, taken):
    run = trained("trainer.max_epochs=1", "data.train_limit=60", model=("model=wide_resnet_10",))
    found = taken(run)[1]["measures"]
    for name in ("spectral_product", "path_norm", "margin", "hessian_eigenvalue", "sam_sharpness"):
        assert found[name] is not None
    for name in ("spectral_complexity", "normalized_margin", "spectral_complexity_from_start"):
        assert found[name] is None
        assert "has branches" in found["undefined"][name]


def test_what_takes_long_can_be_left_out(trained, taken):
    found = taken(trained(), *WEIGHTS_ALONE)[1]["measures"]
    assert found["margin"] is not None
    left_out = {
        "sharpness_sigma": "draws",
        "magnitude_sharpness_sigma": "draws",
        "sam_sharpness": "ascent_steps",
        "hessian_eigenvalue": "iterations",
    }
    for name, setting in left_out.items():
        assert found[name] is None
        assert found["undefined"][name] == f"it is left out by measures.{setting}=0"


def test_random_crops_are_measured_as_they_are_tested(trained, taken):
    run = trained("regularizer=random_crop", "regularizer.random_crop.padding=1")
    trained_result = read_result(run)
    assert trained_result is not None
    folder, _ = taken(run)
    found = (read_arrays(folder)["margins"] > 0).mean()
    assert found == pytest.approx(trained_result["metrics"]["train/accuracy"])


def test_what_is_no_training_is_refused(trained, taken, tmp_path):
    run = trained()
    with pytest.raises(UserError, match=r"needs measures\.run=.*outputs/first"):
        taken("null")
    with pytest.raises(UserError, match="there is no such folder"):
        taken(tmp_path / "nothing")
    with pytest.raises(UserError, match=r"is a file: give the folder of the run, .*measures\.run="):
        taken(run / "result.json")
    folder, _ = taken(run)
    with pytest.raises(UserError, match="is a run of task=measures: give one of task=train"):
        taken(folder)
    with pytest.raises(UserError, match="has no training among its 1 runs"):
        taken(folder.parent)
