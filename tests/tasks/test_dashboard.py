"""The written specifications are read back by wandb-workspaces' own models."""

import json
from pathlib import Path
from typing import Any

import pytest

from nullfit.charts.appearance import look
from nullfit.errors import UserError
from nullfit.tasks.dashboard import dashboard
from nullfit.tasks.train.task import train
from nullfit.tracking.dashboard import quiet_libraries


@pytest.fixture
def written(tiny_config: Any, make_config: Any, tmp_path: Path) -> dict[str, Any]:
    levels = ["corruption=random_labels", "corruption.probability=0.5"]
    for overrides in ([], ["corruption=random_labels"], levels):
        config = tiny_config("trainer.max_epochs=1", "study=grid", *overrides)
        train(config, Path(config.outputs) / config.study / config.job)
    dashboard(make_config("task=dashboard", "study=grid"), tmp_path / "dashboard")
    names = ("workspace", "report")
    return {n: json.loads((tmp_path / "dashboard" / f"{n}.json").read_text()) for n in names}


def _panels(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [panel for item in part for panel in _panels(item)]
    if not isinstance(part, dict):
        return []
    here = [part] if "viewType" in part else []
    return here + _panels(list(part.values()))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_specifications_are_what_the_server_takes(written: dict[str, Any]) -> None:
    quiet_libraries()
    from wandb_workspaces.reports.v2 import internal as report
    from wandb_workspaces.workspaces import internal as workspace

    viewspec = report.ReportViewspec.model_validate(written["report"])
    assert viewspec.display_name == "nullfit study grid"
    view = workspace.View.model_validate(written["workspace"])
    assert view.display_name == "nullfit study grid"


@pytest.mark.parametrize("name", ["workspace", "report"])
def test_panels_show_the_study_by_corruption(written: dict[str, Any], name: str) -> None:
    panels = _panels(written[name])
    configs = {panel["config"].get("chartTitle"): panel["config"] for panel in panels}
    curve = configs["training loss"]
    assert (curve["xAxis"], curve["metrics"]) == ("epoch", ["train/running_loss"])
    assert curve["groupBy"] == "corruption.value.name"
    assert configs["loss of single steps"]["xAxis"] == "step"
    assert configs["epochs to fit"]["metrics"] == ["summary_metrics.fit.epochs_to_fit"]
    level = configs["test error against corruption.probability"]
    assert level["xAxis"] == "config:corruption.value.probability"
    assert level["yAxis"] == "summary:test/error"
    group = {"key": {"section": "run", "name": "group"}, "op": "=", "value": "grid"}
    assert json.dumps(group)[:-1] in json.dumps(written[name])
    for corruption in ("none", "random_labels"):
        assert look(corruption).color in json.dumps(written[name])


def test_other_loggers_have_no_dashboard(make_config: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="logger=csv has no dashboard: use logger=wandb"):
        dashboard(make_config("task=dashboard", "logger=csv"), tmp_path)
