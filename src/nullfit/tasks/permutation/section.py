"""What the report says of ``task=permutation_test``."""

from collections.abc import Sequence
from pathlib import Path

import pandas

from nullfit.charts.appearance import network_words
from nullfit.charts.figure import Figure
from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.results.grouping import corruption_label
from nullfit.tasks.permutation.figures import maps, null_distributions
from nullfit.tasks.permutation.findings import Findings
from nullfit.tasks.permutation.guidance import notes_of

_MOST_RUNS = 8  # with figures in the page
_FEATURES_SHOWN = 6  # null distributions of a run
_TEXT = [
    "Which inputs does a network use? The statistic of an input is built on the derivative of the "
    "predicted class's logit (of the output, in a regression) with respect to it, taken at the "
    "training samples. Its null distribution comes from networks that were trained in the same way "
    "on permuted data. p counts the replicates whose statistic is at least the observed one, the "
    "observed one included; it is never 0.",
    "Among many inputs some have a small p by chance. Holm's adjustment holds the probability of "
    "any false finding, Benjamini and Hochberg's the share of false ones among the findings. Max-T "
    "is told where targets are permuted; where each input is permuted alone, it does not hold.",
]


def sections(of: Material) -> list[Section]:
    """A table over all runs, and maps or null distributions of the first."""
    known = [run.result["permutation_test"] for run in of.runs]
    tests = [f"{each['statistic']} against {each['null']}: {each['tests']}." for each in known]
    warnings = [
        f"{each['statistic']} against {each['null']}: {warning}"
        for each in known
        for warning in each["warnings"]
    ]
    same = [
        f"{_data(run)}: {note}"
        for run in of.runs
        for note in notes_of(run.result["permutation_test"])
    ]
    left = len(of.runs) - _MOST_RUNS
    return [
        Section(
            title="Which inputs the network uses",
            text=[
                *_TEXT,
                *dict.fromkeys(tests),
                *([f"Figures of {left} more runs are left out."] if left > 0 else []),
            ],
            warnings=list(dict.fromkeys([*warnings, *same])),
            table=pandas.DataFrame([_row(run) for run in of.runs]).fillna("–"),
            figures=[
                NamedFigure(f"{kind}_{run.folder.name}", _tab(of.runs, run, kind), figure)
                for run in of.runs[:_MOST_RUNS]
                for kind, figure in _figures(run).items()
            ],
        )
    ]


def _figures(run: TaskRun) -> dict[str, Figure]:
    test = run.result["permutation_test"]
    found = Findings.of_arrays(run.arrays(), test["null"])
    return figures_of(found, test["statistic"], note_of(run))


def _tab(runs: Sequence[TaskRun], run: TaskRun, kind: str) -> str:
    return kind if len(runs) == 1 else f"{run.folder.name}: {kind}"


def note_of(run: TaskRun) -> str:
    """What stands below a figure of one run: data, network and test."""
    test, network = run.result["permutation_test"], network_words(run.network)
    return (
        f"Data: {_data(run)}, {corruption_label(run)}; {network}. Null: {test['null']}, "
        f"{test['replicates']} replicates. One run, seed {run.result['seed']}."
    )


def figures_of(found: Findings, statistic: str, note: str) -> dict[str, Figure]:
    """The figures of one run by what they show: ``maps`` of images, and ``nulls``."""
    shown = found.spread(_FEATURES_SHOWN)
    nulls = {"nulls": null_distributions(found, shown, statistic, note)}
    return {"maps": maps(found, statistic, note), **nulls} if found.is_image else nulls


def _data(run: TaskRun) -> str:
    """The data's name; of a table, its file and the column that is predicted."""
    name = str(run.result["data"]["name"])
    if name != "table":
        return name
    data = run.config["data"]
    return f"{Path(data['path']).name}: {data['target']}"


def _row(run: TaskRun) -> dict[str, str]:
    result, test = run.result, run.result["permutation_test"]
    counts = test["significant"]
    return {
        "model": network_words(run.network),
        "data": _data(run),
        "corruption": corruption_label(run),
        "seed": str(result["seed"]),
        "test": f"{test['statistic']} against {test['null']}",
        "replicates": str(test["replicates"]),
        "trainings": f"{test['trainings']:,}",
        "features": f"{test['features']:,}",
        "p ≤ 0.05": f"{counts['raw']:,}",
        "Benjamini–Hochberg": f"{counts['bh']:,}",
        "Holm": f"{counts['holm']:,}",
        **({"max-T": f"{counts['max_t']:,}"} if "max_t" in counts else {}),
    }
