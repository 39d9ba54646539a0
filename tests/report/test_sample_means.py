"""Of each setting with several seeds, a table of its samples' mean scores."""

from dataclasses import replace
from pathlib import Path

import pandas
import pytest

from nullfit.report.sample_means import write_sample_means
from nullfit.results.study import Run
from tests.results.by_hand import study_of, trained


def scored(folder: Path, aum: float, index: int = 4, **changes: object) -> Run:
    run = trained(folder, **changes)
    (run.folder / "samples.csv").write_text(f"index,label,aum\n{index},0,{aum}\n")
    return run


def test_settings_with_several_seeds_have_a_table(tmp_path: Path) -> None:
    runs = [
        *(scored(tmp_path, 1.0, seed=0), scored(tmp_path, 2.0, seed=1)),
        *(scored(tmp_path, 5.0, model="lenet"), trained(tmp_path, model="mlp_1x512")),
    ]
    named = runs[0].folder.rename(tmp_path / "mlp-digits-none-seed0_initialization1-b9fc5c21")
    runs[0] = replace(runs[0], folder=named)
    (path,) = write_sample_means(study_of(*runs), tmp_path / "tables")
    assert path.name == "samples_mlp-digits-none.csv"
    (row,) = pandas.read_csv(path).to_dict("records")
    assert row == {"index": 4, "label": 0, "aum": 1.5, "aum_sd": pytest.approx(0.5**0.5, rel=1e-5)}


def test_what_cannot_be_averaged_is_told(tmp_path: Path, capsys) -> None:
    runs = [scored(tmp_path, 1.0, seed=0), scored(tmp_path, 2.0, index=5, seed=1)]
    assert write_sample_means(study_of(*runs), tmp_path / "tables") == []
    assert "samples_run0.csv (its runs trained on other samples)" in capsys.readouterr().err
