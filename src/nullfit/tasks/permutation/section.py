"""What the report says of ``task=permutation_test``."""

from collections.abc import Sequence
from pathlib import Path

import pandas
import plotly.graph_objects as go
from matplotlib.figure import Figure

from nullfit.report.section import Section, TaskRun
from nullfit.results.grouping import corruption_label
from nullfit.tasks.permutation.figure_null_distributions import draw_null_distributions
from nullfit.tasks.permutation.figure_permutation_maps import draw_permutation_maps
from nullfit.tasks.permutation.findings import Findings
from nullfit.tasks.permutation.interactive import null_distributions, permutation_maps

_MOST_RUNS = 8  # with figures in the page
FEATURES_SHOWN = 6  # null distributions in a row
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


def section(runs: Sequence[TaskRun]) -> Section:
    """A table over all runs, and maps or null distributions of the first."""
    known = [run.result["permutation_test"] for run in runs]
    tests = [f"{each['statistic']} against {each['null']}: {each['tests']}." for each in known]
    warnings = [
        f"{each['statistic']} against {each['null']}: {warning}"
        for each in known
        for warning in each["warnings"]
    ]
    shown = [(run, _findings(run)) for run in runs[:_MOST_RUNS]]
    left = len(runs) - len(shown)
    return Section(
        title="Which inputs the network uses",
        text=[
            *_TEXT,
            *dict.fromkeys(tests),
            *([f"Figures of {left} more runs lie in their folders."] if left else []),
        ],
        warnings=list(dict.fromkeys(warnings)),
        table=pandas.DataFrame([_row(run) for run in runs]),
        plots=[plot for run, found in shown for plot in _plots(run, found)],
        printed={
            stem: figure
            for run, found in shown
            for stem, figure in figures_of(found, run.folder.name).items()
        },
    )


def _findings(run: TaskRun) -> Findings:
    return Findings.of_arrays(run.arrays(), run.result["permutation_test"]["null"])


def figures_of(found: Findings, name: str) -> dict[str, Figure]:
    """The figures of one run for print, by the file's name."""
    features = found.spread(FEATURES_SHOWN)
    figures = {f"nulls_{name}": draw_null_distributions(found, features, name)}
    if found.is_image:
        figures[f"maps_{name}"] = draw_permutation_maps(found, name)
    return figures


def _plots(run: TaskRun, found: Findings) -> list[tuple[str, go.Figure]]:
    features = found.spread(FEATURES_SHOWN)
    nulls = (f"{run.folder.name}: null", null_distributions(found, features))
    if not found.is_image:
        return [nulls]
    return [(f"{run.folder.name}: maps", permutation_maps(found)), nulls]


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
        "model": str(result["model"]["name"]),
        "data": _data(run),
        "corruption": corruption_label(run),
        "seed": str(result["seed"]),
        "statistic": str(test["statistic"]),
        "null": str(test["null"]),
        "replicates": str(test["replicates"]),
        "trainings": f"{test['trainings']:,}",
        "features": f"{test['features']:,}",
        "p ≤ 0.05": f"{counts['raw']:,}",
        "Benjamini–Hochberg": f"{counts['bh']:,}",
        "Holm": f"{counts['holm']:,}",
        "max-T": f"{counts['max_t']:,}" if "max_t" in counts else "–",
    }
