"""``model=torchvision``: any of torchvision's classifiers, untrained."""

from difflib import get_close_matches
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from nullfit.errors import UserError
from nullfit.models.input_shape import as_words, output_shape, require_size
from nullfit.ranges import DropoutProbability

# Smallest height and width, in pixels, by the beginning of the architecture's name.
SMALLEST = {
    "inception_v3": 75,
    "alexnet": 63,
    "convnext": 32,
    "vgg": 32,
    "densenet": 29,
    "squeezenet1_0": 21,
    "squeezenet1_1": 17,
    "googlenet": 15,
    "swin": 4,
}


class TorchvisionClassifier(nn.Module):
    """A classifier of torchvision by name, without pretrained weights and auxiliary classifiers.

    Initial weights are the architecture's own, and so is dropout unless ``dropout`` is given, which
    then holds for every dropout layer (Inception V3 has one, before its linear layer). Images with
    one channel are repeated to the three that these networks expect. Vision transformers are made
    for the size of the images.

    Raises:
        UserError: the architecture is unknown, images have neither one nor three channels, they
            have a size that the architecture cannot take, or it has no dropout layer to set.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        classes: int,
        *,
        architecture: str = "resnet18",
        dropout: DropoutProbability | None = None,
    ) -> None:
        super().__init__()
        _require_known(architecture)
        name = f"torchvision architecture={architecture}"
        if input_shape[0] not in (1, 3):
            raise UserError(
                f"model {name} takes images with 1 or 3 channels, these are "
                f"{as_words(input_shape)}; choose another model."
            )
        smallest = [size for start, size in SMALLEST.items() if architecture.startswith(start)]
        require_size(name, input_shape, max(smallest, default=1))
        try:
            self.network = _create(architecture, input_shape, classes)
            output_shape(self.network, (3, *input_shape[1:]))
        except (RuntimeError, ValueError, AssertionError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UserError(
                f"model {name} cannot take images of {as_words(input_shape)}: {reason}"
            ) from error
        if dropout is not None:
            _set_dropout(self.network, architecture, dropout)

    def forward(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n classes"]:
        """Logits."""
        logits: Tensor = self.network(images.expand(-1, 3, -1, -1))
        return logits


def classifiers() -> list[str]:
    """The names of torchvision's classifiers, in alphabetical order."""
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415 - slow to import

    known: list[str] = torchvision.models.list_models(module=torchvision.models)
    return known


def _require_known(architecture: str) -> None:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415 - slow to import

    known = classifiers()
    if architecture not in known:
        near = get_close_matches(architecture, known, n=1, cutoff=0.0)[0]
        raise UserError(
            f"model.architecture={architecture}: torchvision {torchvision.__version__} has no "
            f"classifier of that name; the nearest is {near}."
        )


def _set_dropout(network: nn.Module, architecture: str, probability: float) -> None:
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Dropout)]
    if probability and not layers:
        raise UserError(
            f"model.dropout={probability} is impossible: architecture={architecture} has no "
            "dropout layer. Set it to null."
        )
    for layer in layers:
        layer.p = probability


def _create(architecture: str, input_shape: tuple[int, int, int], classes: int) -> nn.Module:
    from nullfit.system.ecosystem import torchvision  # noqa: PLC0415 - slow to import

    settings: dict[str, Any] = {"weights": None, "num_classes": classes}
    if architecture in ("inception_v3", "googlenet"):
        # init_weights is what they do anyway, said aloud so that torchvision does not warn.
        settings |= {"aux_logits": False, "init_weights": True}
    if architecture.startswith("vit_"):
        settings["image_size"] = input_shape[1]
    if architecture.startswith("maxvit_"):
        settings["input_size"] = input_shape[1:]
    network: nn.Module = torchvision.models.get_model(architecture, **settings)
    return network
