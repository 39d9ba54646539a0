from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from nullfit.config.components import typed_settings
from nullfit.errors import UserError
from nullfit.results.result import read_arrays, read_result
from nullfit.tasks.permutation.calibration import calibrate
from nullfit.tasks.permutation.calibration.task import permutation_calibration

REGIMES = "permutation_calibration.regimes"
SMALL = (
    "task=permutation_calibration",
    "logger=csv",
    "trainer.progress=false",
    "trainer.threads=1",
    "permutation_calibration.data_sets=3",
    *(f"{REGIMES}.{name}=null" for name in ("with_decay", "memorizing", "memorizing_with_decay")),
    *(f"{REGIMES}.{name}=null" for name in ("without_curves", "limits", "family_of_eight")),
    f"{REGIMES}.family_of_five.situations=[none]",
    f"{REGIMES}.family_of_five.nulls=[labels]",
    f"{REGIMES}.family_of_five.samples=[40]",
    f"{REGIMES}.family_of_five.steps=5",
    f"{REGIMES}.moderate.situations=[none,strong]",
    f"{REGIMES}.moderate.samples=[40]",
    f"{REGIMES}.moderate.replicates=19",
    f"{REGIMES}.moderate.steps=30",
)


def calibrated(config: Any) -> tuple[Path, dict[str, Any]]:
    folder = Path(config.outputs) / config.job
    settings = typed_settings(permutation_calibration, config.task_settings)
    return folder, permutation_calibration(config, folder, **settings)


def test_rates_verdicts_and_an_interrupted_calibration(
    make_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_config(*SMALL)
    whole, done = calibrate.p_values_of, []

    def interrupted(cell: Any, numbers: Any, seed: int) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append(cell.name)
        return whole(cell, numbers, seed)

    monkeypatch.setattr(calibrate, "p_values_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        calibrated(config)
    folder = Path(config.outputs) / config.job
    assert read_result(folder) is None

    def the_rest(cell: Any, numbers: Any, seed: int) -> Any:
        assert cell.name not in done  # what was finished is not computed again
        return whole(cell, numbers, seed)

    monkeypatch.setattr(calibrate, "p_values_of", the_rest)
    _, result = calibrated(config)
    rates = pandas.read_csv(folder / "rates.csv")
    assert set(rates.situation) == {"none", "strong"}
    strong = rates[(rates.situation == "strong") & (rates.null == "feature")]
    found = strong[(strong.statistic == "share") & (strong.input == "x1")]
    assert found.truth.tolist() == ["effect"]
    assert found.rate.tolist() == [1.0]
    family = rates[rates.kind == "familywise"]
    assert set(family.adjustment) == {"Holm", "Benjamini–Hochberg", "max-T"}
    assert set(family.input) == {"any"}
    assert {
        *("verdicts.csv", "rates.md", "relevance.png", "nonlinearity.pdf", "familywise.png")
    } <= {file.name for file in folder.iterdir()}
    assert result["metrics"]["share/feature/mean_power"] == 1
    assert 0 <= result["metrics"]["share/labels/max-T/worst_familywise_error"] <= 1
    assert result["permutation_calibration"]["trainings"] == 3 * (2 * (1 + 19 * 7) + 100)
    arrays = read_arrays(folder)
    shapes = {name.split("-")[2]: values.shape for name, values in arrays.items()}
    assert shapes == {"moderate": (3, 10, 2), "family_of_five": (3, 6, 1)}
    assert all(np.all((values > 0) & (values <= 1)) for values in arrays.values())


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            [f"{REGIMES}.moderate=null", f"{REGIMES}.family_of_five=null"],
            "regimes are all null",
        ),
        (["trainer=gpu"], "trainer.accelerator=gpu is impossible"),
    ],
)
def test_refusals(make_config: Any, overrides: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        calibrated(make_config(*SMALL, *overrides))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (f"{REGIMES}.moderate.situations=[nowhere]", "situations"),
        (f"{REGIMES}.moderate.replicates=9", "greater than or equal to 19"),
        (f"{REGIMES}.moderate.nulls=[label]", "labels"),
        (f"{REGIMES}.family_of_five.replicates=98", "must be at least 99"),
    ],
)
def test_settings_are_checked(make_config: Any, override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_config(*SMALL, override)
