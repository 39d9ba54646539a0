"""What the trainings on each number of samples came to, and the files that keep it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from nullfit.errors import UserError
from nullfit.results.plain import json_values
from nullfit.system.files import write_text
from nullfit.system.reading import RESULT_BYTES, read_regular


@dataclass(frozen=True)
class Step:
    """Networks that were trained on ``samples`` samples, some for each draw of labels.

    ``epochs_to_fit`` are those after which a draw was fitted, None of the others. All were trained
    together for ``epochs``, until half of the draws were fitted, or more than half never would be.
    ``accuracies`` are the largest that a network reached on each draw, from 0 to 1.
    """

    samples: int
    epochs_to_fit: list[int | None]
    accuracies: list[float]
    epochs: int
    seconds: float

    @property
    def fitted(self) -> int:
        """How many draws were fitted."""
        return sum(epoch is not None for epoch in self.epochs_to_fit)

    @property
    def fits(self) -> bool:
        """Whether at least half of them were."""
        return 2 * self.fitted >= len(self.epochs_to_fit)


@dataclass(frozen=True)
class StepFiles:
    """A file for each number of samples, below the folder of a run."""

    folder: Path

    def write(self, step: Step) -> None:
        """Keep what was found."""
        write_text(self._path(step.samples), json.dumps(asdict(step)))

    def read(self, samples: int) -> Step | None:
        """What was found; None if it is not known.

        Raises:
            UserError: the file is damaged.
        """
        path = self._path(samples)
        try:
            values = json_values(read_regular(path, RESULT_BYTES))
            return TypeAdapter(Step).validate_python(values)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            what = str(error).partition("\n")[0]
            raise UserError(
                f"{path} is damaged ({what}).\nDelete it to train its networks again."
            ) from error

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(list(self.folder.glob("steps/*.json")))

    def _path(self, samples: int) -> Path:
        return self.folder / "steps" / f"{samples}.json"
