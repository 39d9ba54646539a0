"""``task=summary``: what a network is made of."""

from pathlib import Path
from typing import TYPE_CHECKING

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.console.messages import show
from nullfit.data.image_set import Dataset

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look


def refuse_beforehand(config: RunConfig, look: "Look") -> None:
    """What `summary` refuses.

    Raises:
        UserError: the data cannot be read, or the model does not take their images.
    """
    dataset = look.dataset(config)
    look.network(config, _input_shape(config, dataset), len(dataset.train.classes))


def summary(config: RunConfig, folder: Path) -> None:
    """Print layers with output shapes, parameters and FLOPs for the chosen model and data."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nullfit.models.summary import summarize

    dataset = assembly.load_dataset(config)
    shape = _input_shape(config, dataset)
    network = assembly.network(config, shape, len(dataset.train.classes))
    layers = summarize(network, shape)
    title = f"{config.model.name} on {config.data.name} {'×'.join(map(str, shape))}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("layer", "type"):
        table.add_column(heading)
    for heading in ("output shape", "parameters", "FLOPs / image"):
        table.add_column(heading, justify="right")
    for layer in layers:
        table.add_row(
            layer.name,
            layer.type,
            "×".join(map(str, layer.output_shape)) if layer.output_shape else "–",
            f"{layer.parameters:,}",
            f"{layer.flops:,}",
        )
    table.add_section()
    total_parameters = sum(layer.parameters for layer in layers)
    total_flops = sum(layer.flops for layer in layers)
    table.add_row("total", "", "", f"{total_parameters:,}", f"{total_flops:,}")
    show(table)


def _input_shape(config: RunConfig, dataset: Dataset) -> tuple[int, int, int]:
    channels, height, width = dataset.train.shape
    return channels, config.data.crop or height, config.data.crop or width
