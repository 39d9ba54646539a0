"""The W&B workspace and report of a study, as wandb-workspaces describes them."""

import warnings
from typing import Any
from unicodedata import category

import pandas

from nullfit.charts.appearance import look, place
from nullfit.results.formats import markdown, short
from nullfit.results.study import Study

_CORRUPTION, _MODEL = "corruption.name", "model.name"
_ALL_RUNS = 500  # W&B draws the first ten by default
_CURVES = {
    "training loss": ("epoch", "train/running_loss"),
    "training accuracy": ("epoch", "train/running_accuracy"),
    "test accuracy": ("epoch", "test/accuracy"),
    "loss of single steps": ("step", "train/step_loss"),
}
_TIMES = {"epochs to fit": "fit.epochs_to_fit", "steps to fit": "fit.steps_to_fit"}


def quiet_libraries() -> tuple[Any, Any, Any]:
    """wandb-workspaces' workspaces, reports and filter expressions.

    They are written for an older pydantic and would say so on the terminal.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from wandb_workspaces import expr, workspaces  # noqa: PLC0415
        from wandb_workspaces.reports import v2 as reports  # noqa: PLC0415
    return workspaces, reports, expr


def workspace(study: Study, entity: str, project: str) -> Any:
    """A ``wandb_workspaces.workspaces.Workspace`` for watching the study while it runs."""
    workspaces, reports, expr = quiet_libraries()
    sections = {
        "learning curves": [_curve(reports, title) for title in _CURVES],
        "time to fit": [_bar(reports, title, key) for title, key in _TIMES.items()],
        "corruption level": [_scatter(reports, level) for level in levels(study)],
        "samples and classes": [
            reports.MediaBrowser(title="samples as the network sees them", media_keys=["samples"])
        ],
    }
    several = len(_models(study)) > 1
    colors: dict[Any, str] = {}
    for name in _corruptions(study):
        colors[name] = look(name).color
        for model in _models(study) if several else ():
            colors[workspaces.GroupPath(name, model)] = look(name).color
    return workspaces.Workspace(
        entity=entity,
        project=project,
        name=f"nullfit study {_without_symbols(study.name)}",
        sections=[
            workspaces.Section(name=name, panels=_placed(reports, panels), is_open=True)
            for name, panels in sections.items()
        ],
        settings=workspaces.WorkspaceSettings(x_axis="epoch", max_runs=_ALL_RUNS),
        runset_settings=workspaces.RunsetSettings(
            filters=expr.And(*_trainings(expr, study)),
            groupby=[expr.Config(key) for key in (_CORRUPTION, *([_MODEL] if several else []))],
            group_colors=colors,
        ),
    )


def _without_symbols(name: str) -> str:
    """What W&B takes for a workspace's name: in it, ``=`` and ``+`` are emojis."""
    return "".join("-" if category(letter).startswith("S") else letter for letter in name)


def report(study: Study, entity: str, project: str, scores: pandas.DataFrame) -> Any:
    """A ``wandb_workspaces.reports.v2.Report``: the study's outcome, and the scoreboard."""
    _, reports, _ = quiet_libraries()
    blocks: list[Any] = [reports.TableOfContents()]
    for model in _models(study):
        curves = [_curve(reports, title) for title in _CURVES]
        blocks += [
            reports.H1(f"Learning curves: {model}"),
            _grid(study, entity, project, curves, model),
        ]
    times = [_bar(reports, title, key) for title, key in _TIMES.items()]
    scatters = [_scatter(reports, level) for level in levels(study)]
    blocks += [
        reports.H1("Time to fit"),
        _grid(study, entity, project, times),
        reports.H1("Test error against corruption level"),
        _grid(study, entity, project, scatters),
        reports.H1("Scoreboard"),
        _scoreboard(reports, scores),
    ]
    return reports.Report(
        entity=entity,
        project=project,
        title=f"nullfit study {study.name}"[:128],
        description="The same networks on true and on destroyed data.",
        blocks=blocks,
        width="fluid",
    )


def levels(study: Study) -> list[str]:
    """Where the level of corruption stands in W&B.

    The settings that differ within the study, e.g. ``config:corruption.probability``, and the
    share of changed labels, which is comparable between kinds of label noise.
    """
    values: dict[str, set[float]] = {}
    for run in study.runs:
        for name, value in run.strength.items():
            values.setdefault(name, set()).add(value)
    swept = [name for name, found in sorted(values.items()) if len(found) > 1]
    return [*(f"config:corruption.{name}" for name in swept), "summary:corruption.labels_changed"]


def _models(study: Study) -> list[str]:
    return sorted({run.model for run in study.runs})


def _corruptions(study: Study) -> list[str]:
    return sorted({run.corruption for run in study.runs}, key=place)


def _curve(reports: Any, title: str) -> Any:
    x, y = _CURVES[title]
    return reports.LinePlot(
        title=title,
        x=x,
        y=[y],
        title_x=x,
        title_y=y,
        log_y="loss" in title,
        groupby=reports.Config(_CORRUPTION),
        groupby_aggfunc="mean",
        groupby_rangefunc="stddev",
        max_runs_to_show=_ALL_RUNS,
    )


def _bar(reports: Any, title: str, key: str) -> Any:
    return reports.BarPlot(
        title=title,
        metrics=[reports.SummaryMetric(key)],
        groupby=reports.Config(_CORRUPTION),
        groupby_aggfunc="mean",
        groupby_rangefunc="stddev",
        max_runs_to_show=_ALL_RUNS,
    )


def _scatter(reports: Any, level: str) -> Any:
    kind, _, name = level.partition(":")
    axis = reports.Config(name) if kind == "config" else reports.SummaryMetric(name)
    return reports.ScatterPlot(
        title=f"test error against {name}", x=axis, y=reports.SummaryMetric("test/error")
    )


def _trainings(expr: Any, study: Study) -> list[Any]:
    """Runs of other tasks have other metrics: an evaluation would be a point beside its own run."""
    return [expr.Metric("Group") == study.name, expr.Metric("JobType") == "train"]


def _placed(reports: Any, panels: list[Any]) -> list[Any]:
    for number, panel in enumerate(panels):
        panel.layout = reports.Layout(x=12 * (number % 2), y=8 * (number // 2), w=12, h=8)
    return panels


def _grid(
    study: Study, entity: str, project: str, panels: list[Any], model: str | None = None
) -> Any:
    """Panels over the runs of the study, or those of one network, coloured by corruption."""
    _, reports, expr = quiet_libraries()
    filters = _trainings(expr, study)
    if model is not None:
        filters.append(expr.Config(_MODEL) == model)
    name = model or study.name
    runs = reports.Runset(
        entity=entity,
        project=project,
        name=name,
        filters=expr.And(*filters),
        groupby=[f"config.{_CORRUPTION}"],
    )
    colors = {
        reports.RunsetGroup(
            name, (reports.RunsetGroupKey(reports.Config(_CORRUPTION), corruption),)
        ): look(corruption).color
        for corruption in _corruptions(study)
    }
    return reports.PanelGrid(
        runsets=[runs], panels=_placed(reports, panels), custom_run_colors=colors
    )


def _scoreboard(reports: Any, scores: pandas.DataFrame) -> Any:
    if scores.empty:
        return reports.P("Nothing in this study matches a published figure.")
    shown = scores.astype(object).where(scores.notna(), "–")
    return reports.MarkdownBlock(
        markdown(shown.map(lambda value: short(value) if isinstance(value, float) else value))
    )
