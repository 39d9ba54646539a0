"""A finished training whose weights a task looks at, those of its end and those that it kept."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from nullfit.config.identity import RANDOMNESS, config_hash
from nullfit.config.weights import (
    CHECKPOINTS,
    FINAL,
    finished_folder,
    kept_epochs,
    kept_name,
)
from nullfit.errors import UserError, override
from nullfit.results.result import Result, read_result
from nullfit.results.study import read_config
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.start import Misfit


@dataclass(frozen=True)
class KeptWeights:
    """A run with its result, and the epochs whose weights it kept, rising, if any."""

    folder: Path
    result: Result
    epochs: list[int]

    @classmethod
    def of(cls, key: str, run: str) -> "KeptWeights":
        """The run in a folder that the setting ``key`` names.

        Raises:
            UserError: it is not there, not finished, or no training.
        """
        folder = finished_folder(key, run)
        result = read_result(folder)
        if result is None or result["task"] != "train":
            raise UserError(f"{override(key, run)} has no result of a training: finish it first.")
        return cls(folder, result, kept_epochs(folder))

    @property
    def setting(self) -> str:
        """The same for runs that differ in the seed alone."""
        config = read_config(self.folder)
        settings = {key: value for key, value in config.items() if key not in RANDOMNESS}
        return config_hash(settings, content=False)

    def weights(self, network: nn.Module, epoch: int | None = None) -> dict[str, Tensor]:
        """Those after a kept epoch, or the last ones, which fit ``network``.

        Raises:
            UserError: they do not, or cannot be read.
        """
        name = FINAL if epoch is None else kept_name(epoch)
        file = self.folder / CHECKPOINTS / name
        weights: dict[str, Tensor] = read_checkpoint(file)["state_dict"]
        misfit = str(Misfit.of(network.state_dict(), weights))
        if misfit:
            raise UserError(
                f"the weights of {file} do not fit this network: {misfit}.\nGive the model and "
                "data settings that it was trained with."
            )
        return weights

    def load(self, network: nn.Module) -> None:
        """Put the last weights into a network, in the precision that they were trained in."""
        weights = self.weights(network)
        double = any(value.dtype == torch.float64 for value in weights.values())
        network.to(torch.float64 if double else torch.float32)
        network.load_state_dict(weights)
