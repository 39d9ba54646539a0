"""The trainings of a study, and what all their sections need."""

from dataclasses import dataclass
from functools import cached_property

from nullfit.config.schema import RunConfig
from nullfit.console.progress import track
from nullfit.results.confusion import Confusion, confusions_of
from nullfit.results.curves import Curves, curves_of
from nullfit.results.settings import Setting, settings_of
from nullfit.results.study import Run
from nullfit.results.thresholds import threshold_note
from nullfit.tasks.train.legend import Legend, legend_of


@dataclass(frozen=True)
class Trainings:
    """The runs, and what all their sections need."""

    runs: list[Run]
    command: RunConfig

    @cached_property
    def settings(self) -> list[Setting]:
        """Runs that differ in the seed only."""
        return settings_of(self.runs)

    @cached_property
    def legend(self) -> Legend:
        """One look for each kind of data."""
        return legend_of(self.settings)

    @cached_property
    def curves(self) -> list[Curves]:
        """The learning curves, of the settings that have any."""
        settings = self.settings
        return curves_of(track(settings, len(settings), "reading learning curves"))

    @cached_property
    def confusions(self) -> list[Confusion]:
        """The confusion matrices, of the settings that have any."""
        return confusions_of(self.settings)

    @cached_property
    def warnings(self) -> list[str]:
        """What has to stand wherever times to fit stand."""
        return list(filter(None, [threshold_note(self.runs)]))
