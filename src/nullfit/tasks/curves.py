"""``task=curves``: the learning curves of a study."""

from pathlib import Path

from nullfit.config.schema import RunConfig
from nullfit.console import name_files
from nullfit.plots.learning_curves import draw_learning_curves
from nullfit.plots.style import save
from nullfit.results.study import read_study


def curves(config: RunConfig, folder: Path) -> None:
    """Draw loss and accuracy against the epoch for every network and corruption of a study.

    Raises:
        UserError: the study does not exist or has no finished run.
    """
    study = read_study(config.outputs, config.study)
    name_files(save(draw_learning_curves(study), folder / "learning_curves"))
