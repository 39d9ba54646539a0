"""Our results beside the published ones."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas

from nullfit.charts.appearance import network_words
from nullfit.config.folders import config_folder
from nullfit.config.targets import OWN_DATA
from nullfit.errors import shown
from nullfit.results.formats import percent
from nullfit.results.grouping import Group, corruption_label, groups_of
from nullfit.results.published.figures import Published, is_share, published_numbers
from nullfit.results.published.quantities import OVER_ALL_RUNS, class_of, is_measured, measured
from nullfit.results.published.setup import (
    differences,
    has_its_settings,
    matches,
    regularizers,
)
from nullfit.results.settings import differing, flatten
from nullfit.results.study import Run, Study
from nullfit.results.task_run import TaskRun
from nullfit.results.usable import of_usable

COLUMNS = (
    "source",
    "quantity",
    "epoch",
    "setting",
    "published",
    "ours",
    "sd",
    "n",
    "difference",
    "same_setup",
    "remark",
)
NO_REPRODUCTION = "no reproduction: "  # how a row begins its remark where the setup differs
_EXPERIMENT = re.compile(r"(^|\s)['\"]?experiment=")


@dataclass(frozen=True)
class Comparison:
    """A published number and the runs of one setting of ours that it is held against.

    ``values`` are what those measured that did not diverge, NaN where one never got there.
    ``differing`` says what keeps them from being a reproduction.
    """

    published: Published
    runs: list[TaskRun]
    values: pandas.Series
    differing: list[str]


def comparisons(study: Study) -> list[Comparison]:
    """Each published number that runs of the study can be held against, for each setting of ours.

    Points of published curves are held against the runs in the published settings, on the same data
    or a copy, that were trained for so many epochs.
    """
    every = groups_of((*study.runs, *study.others))
    groups = [runs for group in every for runs in _by_scale(group)]
    return [
        _comparison(published, runs, study)
        for published in published_numbers()
        for runs in groups
        if matches(runs[0], published) and _can_measure(runs[0], published)
    ]


def scoreboard(study: Study) -> pandas.DataFrame:
    """`comparisons` as a table; empty if there are none.

    One row for each number and setting of ours, with `COLUMNS`: ``ours`` and ``sd`` are mean and
    standard deviation (n − 1) over the ``n`` runs that measured the quantity and did not diverge,
    ``difference`` is ours − published. Accuracies and errors are fractions. ``same_setup`` is True
    only where data, epochs and settings were the published ones; else ``remark`` says what was not.
    """
    return as_table(comparisons(study), study)


def as_table(found: Sequence[Comparison], study: Study) -> pandas.DataFrame:
    """Comparisons of a study, as `scoreboard` has them."""
    rows = [_row(comparison, study) for comparison in found]
    return pandas.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"same_setup": bool, "epoch": "Int64"}
    )


def claims_nothing(study: Study) -> bool:
    """Whether all data are the user's own and no command names an experiment.

    Published numbers beside such a study would answer nothing that it asks.
    """
    ours = {path.stem for path in (config_folder() / "data").glob("*.yaml")} - OWN_DATA
    return not any(
        run.result.get("data", {}).get("name") in ours
        or _EXPERIMENT.search(run.result.get("command") or "")
        for run in study.every_run
    )


def beside(study: Study, scores: pandas.DataFrame) -> pandas.DataFrame:
    """The rows of a scoreboard that belong beside a study: none if it `claims_nothing`, but for
    those in the published setup.
    """
    return scores[scores["same_setup"]] if claims_nothing(study) else scores


def usable_scoreboard(study: Study) -> pandas.DataFrame:
    """`scoreboard` without the runs of which it cannot be made; a line tells of each.

    Raises:
        UserError: it cannot be made of any run.
    """
    return of_usable(study.every_run, lambda runs: scoreboard(study.only(runs)), "the scoreboard")


def _by_scale(group: Group[TaskRun]) -> list[list[TaskRun]]:
    """Its runs by their scale, which says what they claim to be."""
    found: dict[str, list[TaskRun]] = defaultdict(list)
    for run in group.runs:
        found[str(run.config.get("scale"))].append(run)
    return list(found.values())


def _can_measure(run: TaskRun, published: Published) -> bool:
    """Whether the run belongs in a row; a training that did not measure the number has a remark.

    A point of a curve belongs to the runs that got there in the published settings.
    """
    if published.epoch is not None:
        return has_its_settings(run, published) and is_measured(published, run)
    return isinstance(run, Run) or is_measured(published, run)


def _comparison(published: Published, runs: list[TaskRun], study: Study) -> Comparison:
    each = [measured(published, run, study) for run in runs if not run.diverged]
    values = pandas.Series(each, dtype=float)
    return Comparison(published, runs, values, differences(runs[0], published))


def _row(of: Comparison, study: Study) -> dict[str, Any]:
    published, values = of.published, of.values
    theirs = float("nan") if published.value is None else published.value
    return {
        "source": published.source,
        "quantity": published.quantity,
        "epoch": published.epoch,
        "setting": setting_words(of, study),
        "published": theirs,
        "ours": values.mean(),
        "sd": float("nan") if published.quantity in OVER_ALL_RUNS else values.std(ddof=1),
        "n": int(values.count()),
        "difference": values.mean() - theirs,
        "same_setup": not of.differing,
        "remark": "; ".join(_remarks(of)),
    }


def _remarks(of: Comparison) -> list[str]:
    published, runs, values = of.published, of.runs, of.values
    remarks = [NO_REPRODUCTION + "; ".join(of.differing)] if of.differing else []
    if published.remark:
        remarks.append(f"published: {published.remark}")
    diverged = sum(run.diverged for run in runs)
    finite = len(runs) - diverged
    if diverged:
        remarks.append(f"{diverged} of {len(runs)} runs diverged")
    if not is_measured(published, runs[0]):
        remarks.append("not measured")
    elif values.count() < finite:
        remarks.append(f"{finite - values.count()} of {finite} runs never got there")
    return remarks


def setting_words(of: Comparison, study: Study) -> str:
    """The setting of the runs in words."""
    run, published = of.runs[0], of.published
    if isinstance(run, Run):
        told = [network_words(run.network), corruption_label(run), *regularizers(run)]
        return ", ".join([*told, *_class_name(run, published.quantity)])
    of_corruption = published.match.get("corruption.name", "none") != "none"
    told = [run.task, *([corruption_label(run)] if of_corruption else [])]
    return ", ".join([*told, *_own_settings(study, run, published)])


def _class_name(run: TaskRun, quantity: str) -> list[str]:
    """The class that the number is about, if it is about one and the run tells its name."""
    _, number = class_of(quantity) or ("", None)
    names = run.result["data"].get("class_names", [])
    return [] if number is None or number >= len(names) else [f"class {names[number]}"]


def _own_settings(study: Study, run: TaskRun, published: Published) -> list[str]:
    """Those of the task's settings that the number is about.

    And those that differ between the study's runs which have these alike: the number of filters is
    of no account where the features are no filters.
    """
    prefix = f"{run.task}."
    own = flatten(run.config.get(run.task, {}), prefix)
    others = [
        flatten(r.config.get(run.task, {}), prefix) for r in study.others if r.task == run.task
    ]
    about = [key for key in published.match if key in own]
    alike = [each for each in others if all(each.get(key) == own[key] for key in about)]
    named = {*about, *differing(alike)} - {f"{prefix}run"}  # a place
    return [f"{key.removeprefix(prefix)}={shown(own[key])}" for key in own if key in named]


def readable(board: pandas.DataFrame) -> pandas.DataFrame:
    """The same for people: accuracies in per cent, ours as "mean ± sd", the setup as yes or NO."""
    table = board[["source", "quantity", "setting"]].copy()
    scales = [100 if is_share(quantity) else 1 for quantity in board["quantity"]]
    rows = list(zip(board.to_dict("records"), scales, strict=True))
    table["quantity"] = [
        row["quantity"] + (" %" if scale == 100 else "") + after_epoch(row["epoch"])
        for row, scale in rows
    ]
    table["published"] = [_number(row["published"], scale) for row, scale in rows]
    table["ours"] = [
        _number(row["ours"], scale)
        + ("" if pandas.isna(row["sd"]) else f" ± {_number(row['sd'], scale)}")
        for row, scale in rows
    ]
    table["n"] = board["n"]
    table["difference"] = [_number(row["difference"], scale, "+") for row, scale in rows]
    table["same setup"] = ["yes" if same else "NO" for same in board["same_setup"]]
    table["remark"] = board["remark"]
    return table


def after_epoch(epoch: Any) -> str:
    """Which point of a curve it is, in words; empty where it is none (NA)."""
    return "" if pandas.isna(epoch) else f" after epoch {epoch}"


def _number(value: float, scale: int, sign: str = "") -> str:
    if pandas.isna(value):
        return "–"
    if scale == 100 and not sign:
        return percent(value, 2)
    if scale == 100:
        points = 100 * value
        return f"{points:{sign}.2f}"
    return f"{value:{sign},.0f}" if abs(value) >= 100 else f"{value:{sign}.3g}"
