"""What is said of a permutation test before it, and of its outcome after."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.console.messages import name_files, say, show
from nullfit.results.formats import percent
from nullfit.results.result import read_arrays
from nullfit.results.task_run import TaskRun
from nullfit.tasks.permutation.guidance import guidance, notes_of, too_few_replicates
from nullfit.tasks.permutation.settings import PermutationTestSettings

if TYPE_CHECKING:
    from nullfit.tasks.permutation.findings import Findings

_MANY_TRAININGS = 10_000  # of which one may not have thought
_ADJUSTED = {"raw": "raw", "bh": "Benjamini–Hochberg", "holm": "Holm", "max_t": "max-T"}


def warnings_of(settings: PermutationTestSettings, features: int) -> list[str]:
    """Where this test misleads."""
    known = guidance(settings.statistic_used, settings.null_used).warning
    few = too_few_replicates(settings.replicates, features, settings.null_used)
    return [warning for warning in (known, few) if warning is not None]


def say_beginning(
    job: str, settings: PermutationTestSettings, samples: int, features: int, epochs: int
) -> None:
    """How many networks are trained, what is tested, and where that misleads."""
    each = "" if settings.null_used == "labels" else f" for each of {features:,} features"
    trainings = 1 + settings.replicates * (features if each else 1)
    say(
        f"{job}: {settings.replicates} replicates{each}, up to {trainings:,} trainings on "
        f"{samples:,} samples, {epochs} epochs\n"
        f"  tests {guidance(settings.statistic_used, settings.null_used).tests}"
    )
    for warning in warnings_of(settings, features):
        say(f"  note: {warning}")
    if trainings > _MANY_TRAININGS and each and settings.kind == "relevance":
        say(
            f"  note: permutation_test.null=labels takes {1 + settings.replicates:,} trainings and "
            f"tests {guidance(settings.statistic_used, 'labels').tests}."
        )


def say_ending(job: str, result: Mapping[str, Any]) -> None:
    """How many features are significant, and what the network reached."""
    section = result["permutation_test"]
    counts = section["significant"]
    significant = ", ".join(
        f"{_ADJUSTED[name]} {counts[name]:,}" for name in _ADJUSTED if name in counts
    )
    reached = ", ".join(
        f"{name} {percent(value)}%"
        for name, value in result["metrics"].items()
        if name.endswith("/accuracy")
    )
    network = f"{reached}; " if reached else ""
    say(
        f"{job}: of {section['features']:,} features significant at 0.05: {significant}\n"
        f"  {network}{section['trainings']:,} trainings in {result['wall_seconds']:.0f} s"
    )


def show_columns(folder: Path, section: Mapping[str, Any]) -> None:
    """Print what a finished test found of a table's columns."""
    from nullfit.tasks.permutation.feature_table import feature_table

    show(
        feature_table(_found(folder, section), section["statistic"], section.get("same_inputs", []))
    )
    for note in notes_of(section):
        say(f"  † {note}")


def write_columns(run: TaskRun) -> None:
    """Write features.csv and a figure of it, and name them."""
    from nullfit.charts.printed import save
    from nullfit.results.formats import csv_text
    from nullfit.system.files import write_text
    from nullfit.tasks.permutation.feature_table import feature_values
    from nullfit.tasks.permutation.figures import features
    from nullfit.tasks.permutation.section import note_of

    section = run.result["permutation_test"]
    found = _found(run.folder, section)
    path = run.folder / "features.csv"
    write_text(path, csv_text(feature_values(found, section["same_inputs"])))
    figure = features(found, section["statistic"], " ".join([note_of(run), *notes_of(section)]))
    name_files([path, *save(figure, run.folder / "features")])


def _found(folder: Path, section: Mapping[str, Any]) -> "Findings":
    from nullfit.tasks.permutation.findings import Findings

    return Findings.of_arrays(read_arrays(folder), section["null"])
