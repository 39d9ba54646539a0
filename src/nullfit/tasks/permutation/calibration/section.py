"""What the report says of ``task=permutation_calibration``."""

from collections.abc import Sequence

import pandas

from nullfit.report.section import Material, NamedFigure, Section, TaskRun
from nullfit.tasks.permutation.calibration.figures import calibration
from nullfit.tasks.permutation.calibration.rates import test_name
from nullfit.tasks.permutation.calibration.results_files import read_rates, read_verdicts

_TEXT = (
    "Do the permutation tests keep their level, and what can they find? Each is carried out on "
    "data sets whose truth is known. Where the hypothesis is true, at most 5% of the p-values may "
    "be 0.05 or smaller (type-I error); where it is false, as many as possible should be (power). "
    "Each situation is shown by its worst cell over sample sizes and ways of training. Familywise: "
    "all inputs are tested together and none is active; a false rejection of any counts."
)
_VERDICT = (
    "A test keeps its level if no cell rejects too often and no cell's p-values are smaller than "
    "uniform ones, after Holm's adjustment over all its cells. Data in which an input depends on a "
    "product of others (product) are beyond what any of them claims and do not count."
)


def sections(of: Material) -> list[Section]:
    """Verdicts of all runs, and a figure for each kind of test of each."""
    rates = [(run, read_rates(run.folder)) for run in of.runs]
    kinds = [(run, str(kind), own) for run, table in rates for kind, own in table.groupby("kind")]
    verdicts = pandas.concat([read_verdicts(run.folder) for run in of.runs], ignore_index=True)
    broken = verdicts[~verdicts.keeps_level.astype(bool)]
    named = dict.fromkeys(test_name(row) for row in broken.itertuples())
    return [
        Section(
            title="Level and power of the permutation tests",
            text=[_TEXT, _VERDICT],
            warnings=[f"Tests that do not keep their level: {', '.join(named)}."] if named else [],
            table=_readable(verdicts),
            figures=[
                NamedFigure(f"{kind}_{run.folder.name}", _tab(of.runs, run, kind), calibration(own))
                for run, kind, own in kinds
            ],
        )
    ]


def _tab(runs: Sequence[TaskRun], run: TaskRun, kind: str) -> str:
    return kind if len(runs) == 1 else f"{run.folder.name}: {kind}"


def _readable(verdicts: pandas.DataFrame) -> pandas.DataFrame:
    adjusted = verdicts.adjustment
    return pandas.DataFrame(
        {
            "tests": verdicts.kind,
            "statistic": verdicts.statistic,
            "null": verdicts.null,
            **({"adjusted by": adjusted.replace("", "–")} if adjusted.any() else {}),
            "keeps its level": verdicts.keeps_level.map({True: "yes", False: "no"}),
            "worst type-I error": verdicts.worst_rate.map("{:.3f}".format),
            "in": verdicts.worst_in,
            "mean power": verdicts.power.map("{:.2f}".format).replace("nan", "–"),
        }
    )
