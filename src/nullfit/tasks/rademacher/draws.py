"""Fitting several draws of signs, each of which is kept once it is done."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from nullfit.errors import UserError
from nullfit.fused.together import fit_all
from nullfit.results.metrics_file import metrics_table
from nullfit.results.plain import json_values
from nullfit.system.files import write_text
from nullfit.system.reading import RESULT_BYTES, read_regular
from nullfit.training.checkpoints import discard_resumable, resumable
from nullfit.training.training import Fit, Training

_DONE = "draw.json"


@dataclass(frozen=True)
class Draw:
    """What one draw of signs came to. Accuracies are on the signs; curves are by epoch."""

    number: int
    status: str
    train_accuracy: float
    test_accuracy: float
    epochs: int
    epochs_to_fit: int | None
    seconds: float
    curve: list[float]


def fit_draws(
    draws: int, make: Callable[[int], Training], folder: Path, about: Mapping[str, object]
) -> Iterator[Draw]:
    """Fit each draw that is not done, together where that pays; yields all of them by number.

    ``make`` gives the training of a draw; its training accuracy is measured after each evaluation,
    for the curve. What is written lies in ``folder``/draws/<number>.
    """
    folders = _folders(folder, draws)
    waiting = [number for number in range(draws) if not (folders[number] / _DONE).is_file()]
    trainings = [
        replace(
            _measured(make(number)),
            folder=folders[number],
            resume=resumable(folders[number], str(about["config_hash"])),
            about=dict(about),
            title=str(number),
        )
        for number in waiting
    ]
    for training, outcome in fit_all(trainings):
        _keep(_draw_of(training, outcome), folders[int(training.title)])
    return (_read(folder) for folder in folders)


def done_draws(draws: int, folder: Path) -> int:
    """How many draws an interrupted estimate had fitted."""
    return sum((draw / _DONE).is_file() for draw in _folders(folder, draws))


def _folders(folder: Path, draws: int) -> list[Path]:
    return [folder / "draws" / str(number) for number in range(draws)]


def _measured(training: Training) -> Training:
    trainer = training.trainer
    each = {"evaluate_train_every": trainer.evaluate_train_every or trainer.evaluate_every}
    return replace(training, trainer=trainer.model_copy(update=each))


def _draw_of(training: Training, outcome: Fit) -> Draw:
    return Draw(
        number=int(training.title),
        status=outcome.status,
        train_accuracy=outcome.metrics["train/accuracy"],
        test_accuracy=outcome.metrics["test/accuracy"],
        epochs=outcome.epochs,
        epochs_to_fit=outcome.epochs_to_fit,
        seconds=outcome.seconds,
        curve=_curve(training.folder),
    )


def _curve(folder: Path | None) -> list[float]:
    assert folder is not None
    accuracies: list[float] = metrics_table(folder, "train/accuracy")["train/accuracy"].tolist()
    return [accuracy for accuracy in accuracies if not math.isnan(accuracy)]


def _keep(draw: Draw, folder: Path) -> None:
    write_text(folder / _DONE, json.dumps(asdict(draw)))
    discard_resumable(folder)


def _read(folder: Path) -> Draw:
    path = folder / _DONE
    try:
        return TypeAdapter(Draw).validate_python(json_values(read_regular(path, RESULT_BYTES)))
    except (OSError, ValueError) as error:
        what = str(error).partition("\n")[0]
        raise UserError(f"{path} is damaged ({what}).\nDelete it to fit the draw again.") from error


def curves_of(draws: Sequence[Draw]) -> list[list[float]]:
    """Correlation by epoch of each draw, the last value repeated to equal lengths."""
    longest = max(len(draw.curve) for draw in draws)
    return [
        [2 * a - 1 for a in draw.curve + draw.curve[-1:] * (longest - len(draw.curve))]
        for draw in draws
    ]
