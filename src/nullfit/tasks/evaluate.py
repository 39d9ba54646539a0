"""``task=evaluate``: everything that can be measured of a trained network."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.console.messages import one_line, say, show
from nullfit.data.randomized_data import RandomizedData
from nullfit.errors import UserError
from nullfit.models.build import parameter_count
from nullfit.results.formats import percent, short
from nullfit.results.result import Result
from nullfit.results.task_run import CONFUSION
from nullfit.runs.outcome import begin, complete, data_fields
from nullfit.training.given_checkpoint import checkpoint_file, load_weights
from nullfit.training.measures import confusion_matrices, measure, of_split

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look


def evaluate(config: RunConfig, folder: Path, *, checkpoint: str | None) -> Result:
    """All metrics, accuracy by class and confusion matrix of the network in a checkpoint.

    The confusion matrix is that of the test set: rows are true classes, columns predictions. Those
    of further test sets have their names behind it.

    Raises:
        UserError: no checkpoint is given, it cannot be read, or does not fit the chosen model.
    """
    given = _given(checkpoint)
    data = assembly.randomized_data(config)
    network = _trained(config, data, given)
    metrics = measure(partial(of_split, network, loss=assembly.loss(config)), data)
    width = max(28, *map(len, metrics))
    for name, value in metrics.items():
        say(f"{name:{width}} {short(value)}")
    of_tests: dict[str, Any] = {}
    for name, confusion in confusion_matrices(network, data).items():
        test = name.removeprefix(CONFUSION)
        by_class = _accuracy_by_class(data, confusion)
        _show(test.removeprefix("_"), by_class, confusion, list(data.classes))
        of_tests |= {f"accuracy_by_class{test}": by_class, name: confusion.tolist()}
    begin(config, folder)
    fields = {
        "checkpoint": checkpoint,
        "model": {"name": config.model.name, "parameters": parameter_count(network)},
        **data_fields(config, data),
        "metrics": metrics,
        **of_tests,
    }
    return complete(config, folder, fields)


def refuse_beforehand(config: RunConfig, look: "Look", *, checkpoint: str | None) -> None:
    """What `evaluate` refuses.

    Raises:
        UserError: as `evaluate`.
    """
    given = _given(checkpoint)
    data = look.sample(config).data
    look.network(config, data.input_shape, len(data.classes))

    def fits() -> None:
        _trained(config, data, given)

    look.file(fits, config.job)


def _given(checkpoint: str | None) -> str:
    if checkpoint is None:
        raise UserError(
            "task=evaluate needs checkpoint=…: the folder of a run, e.g. "
            "checkpoint=outputs/first/<job>."
        )
    return checkpoint


def _trained(config: RunConfig, data: RandomizedData, checkpoint: str) -> nn.Module:
    network = assembly.network(config, data.input_shape, len(data.classes))
    load_weights(network, checkpoint_file(checkpoint), config.model.name)
    return network


def _accuracy_by_class(data: RandomizedData, confusion: Tensor) -> dict[str, float]:
    shares = confusion.diagonal() / confusion.sum(1)
    return dict(zip(data.classes, shares.tolist(), strict=True))


def _show(test: str, by_class: dict[str, float], confusion: Tensor, classes: list[str]) -> None:
    from rich.table import Table

    which = f"test set under {test}" if test else "test set"
    table = Table(
        title=f"{which}: rows are true classes, columns predictions", title_justify="left"
    )
    for heading in ("", *classes, "accuracy"):
        table.add_column(one_line(heading), justify="right")
    for row, name in zip(confusion.tolist(), classes, strict=True):
        cells: list[Any] = [str(count) if count else "·" for count in row]
        table.add_row(name, *cells, f"{percent(by_class[name])}%")
    show(table)
