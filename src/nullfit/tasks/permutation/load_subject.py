"""From a run's settings to what it tests: images or a table, and a network for them."""

from typing import TYPE_CHECKING

from torch import nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.models.input_shape import as_words
from nullfit.runs.outcome import data_fields
from nullfit.tasks.permutation.guidance import residuals_of_classes
from nullfit.tasks.permutation.image_problem import image_problem
from nullfit.tasks.permutation.settings import PermutationTestSettings
from nullfit.tasks.permutation.subject import Subject
from nullfit.tasks.permutation.table_subject import refuse_table, table_subject
from nullfit.training.measures import measure, of_split

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look


def load_subject(config: RunConfig, settings: PermutationTestSettings) -> Subject:
    """Read the data of a run and make its network.

    Raises:
        UserError: the data cannot be read, or model, patch or kind do not suit them.
    """
    if config.data.name == "table":
        return table_subject(config, settings)
    _refuse_kind(settings)
    data = assembly.randomized_data(config)
    _refuse_too_small(config, data.input_shape)
    problem = image_problem(data, settings.patch)
    network = assembly.network(config, data.input_shape, len(data.classes))

    def measured(trained: nn.Module) -> dict[str, float]:
        return measure(lambda split: of_split(trained, split), data)

    return Subject(problem, network, measured, data_fields(config, data))


def refuse_subject(config: RunConfig, settings: PermutationTestSettings, look: "Look") -> None:
    """What `load_subject` refuses, found without preparing all data or making weights.

    Raises:
        UserError: as `load_subject`.
    """
    if config.data.name == "table":
        refuse_table(config, settings, look)
        return
    _refuse_kind(settings)
    data = look.sample(config).data
    _refuse_too_small(config, data.input_shape)
    image_problem(data, settings.patch)
    look.network(config, data.input_shape, len(data.classes))


def _refuse_kind(settings: PermutationTestSettings) -> None:
    if settings.kind == "nonlinearity":
        raise residuals_of_classes("it needs a target of numbers (data=table)")


def _refuse_too_small(config: RunConfig, input_shape: tuple[int, int, int]) -> None:
    if config.model.name == "cnn_15x15" and min(input_shape[1:]) < 15:
        raise UserError(
            f"model=cnn_15x15, which task=permutation_test comes with, needs images of at least "
            f"15×15 pixels, these are {as_words(input_shape)}.\n"
            "Choose another, e.g. model=mlp 'model.hidden=[64]' optimizer.lr=0.05, or "
            "experiment=pixels_of_digits."
        )
