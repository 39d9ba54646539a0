"""What the report says of trainings."""

from nullfit.report.samples import samples_of
from nullfit.report.section import Material, Picture, Section, not_shown
from nullfit.results.study import Run
from nullfit.tasks.train.section_classes import (
    class_accuracy_section,
    confusion_by_epoch_section,
    confusion_section,
)
from nullfit.tasks.train.section_learning_curves import (
    label_curves_section,
    learning_curves_section,
    norms_section,
    starts_section,
)
from nullfit.tasks.train.section_settings import (
    corruption_level_section,
    generalization_section,
    size_section,
)
from nullfit.tasks.train.section_tables import (
    paired_section,
    runs_section,
    settings_section,
    spread_section,
)
from nullfit.tasks.train.summary import summary
from nullfit.tasks.train.trainings import Trainings


def sections(of: Material) -> list[Section]:
    """What the trainings of a study came to: figures, samples, and tables."""
    trainings = Trainings([run for run in of.runs if isinstance(run, Run)], of.command)
    return [
        summary(trainings.runs, trainings.settings, trainings.warnings),
        *learning_curves_section(trainings),
        *starts_section(trainings),
        *label_curves_section(trainings),
        *norms_section(trainings),
        *corruption_level_section(trainings),
        *size_section(trainings),
        generalization_section(trainings),
        *class_accuracy_section(trainings),
        *confusion_section(trainings),
        *confusion_by_epoch_section(trainings),
        _samples(trainings),
        settings_section(trainings),
        *paired_section(trainings),
        *spread_section(trainings),
        runs_section(trainings),
    ]


def _samples(trainings: Trainings) -> Section:
    samples = samples_of(trainings.settings, trainings.command)
    text = (
        "The same training samples under every corruption of the study. Where a label changed, "
        "the true and the new class stand below."
    )
    return Section(
        "Samples",
        [text] if samples.figures else [],
        [not_shown(line) for line in samples.missing],
        pictures=[
            Picture(f"samples_{name}", name, figure) for name, figure in samples.figures.items()
        ],
    )
