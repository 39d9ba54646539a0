"""What a probe is: it looks on while a network trains, and says at the end what it found."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from nullfit.config.schema import RunConfig
from nullfit.data.loader import BatchLoader
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.errors import UserError
from nullfit.results.findings import Findings


class Probe(ABC):
    """Hears what a training computes: its steps, its evaluations, its network after each epoch.

    A probe hears what it has a method for: `on_step`, `after_epoch`, `after_network`, any of them;
    with a `measure` it makes passes of its own after each epoch.
    One of one's own is a class ``MyProbe(config, *, settings…)`` and a YAML file in
    ``conf/probe/``. ``config`` is the run's `nullfit.config.schema.RunConfig`; the keyword-only
    parameters are the settings. What cannot be is refused by a `nullfit.errors.UserError`, of the
    settings alone when the probe is made, of the data in `refuse`. ``docs/samples.md`` has a whole
    example; a module outside nullfit is named in ``allow_targets``.
    """

    name: str  # of its section in result.json, and of its files; no other field has it

    def refuse(self, train: Split, samples: int) -> None:  # noqa: B027  # most take any data
        """See that it can do with data; ``train`` are the ``samples`` there are, or a few of them.

        Raises:
            UserError: it cannot.
        """

    def start(self, samples: int) -> None:  # noqa: B027
        """Before anything else is heard or loaded: how many training samples there are."""

    def on_step(  # noqa: B027
        self,
        indices: Int64[Tensor, " n"],
        logits: Float[Tensor, "n classes"],
        labels: Int64[Tensor, " n"],
    ) -> None:
        """Hear a training step: what the network said of a batch before the step moved it.

        ``indices`` are the samples' in the training split, ``labels`` those trained on. Logits are
        those of training: with dropout, augmentation and noise where there are any, without
        gradients. Their memory may be used again after the call. All are on the device; reading
        them makes a GPU wait. An epoch has each sample once.
        """

    def after_epoch(self, epoch: int, losses: Float[Tensor, " n"]) -> None:  # noqa: B027
        """Hear the losses of the training samples, in their order, after an epoch.

        They are measured in evaluation mode without augmentation. A probe with this method makes
        the training set be evaluated whenever there is an evaluation (`trainer.evaluate_every`).
        """

    def after_network(self, epoch: int, network: nn.Module) -> None:  # noqa: B027
        """Look at the network after each epoch, and leave it, and its mode, as it is."""

    def measure(self, epoch: int, network: nn.Module, train: Split) -> dict[str, float]:
        """Make passes of its own over training samples after an epoch, 0 being before the first.

        ``train`` is the training split on the device, augmentation aside; which samples to take is
        the probe's to draw, from `nullfit.seeds`. The network is in evaluation mode with gradients
        on; its mode and all random numbers are put back, its weights, buffers and ``.grad`` are to
        be left alone. An epoch may be measured again after an interruption. There is no call for
        an epoch that diverged.

        Returns:
            Numbers for this epoch's row of metrics.csv, whose names `columns` knows; 0 has none.
        """
        return {}

    def columns(self, data: RandomizedData) -> list[str]:
        """The names of the columns of metrics.csv that `measure` fills."""
        return []

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to go on: plain values and copies of tensors."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""

    @abstractmethod
    def finish(self, data: RandomizedData) -> Findings:
        """What was found, held against which labels of ``data`` were corrupted."""

    @property
    def hears_steps(self) -> bool:
        """Whether it has an `on_step` of its own."""
        return type(self).on_step is not Probe.on_step

    @property
    def hears_losses(self) -> bool:
        """Whether it has an `after_epoch` of its own."""
        return type(self).after_epoch is not Probe.after_epoch

    @property
    def measures(self) -> bool:
        """Whether it has a `measure` of its own."""
        return type(self).measure is not Probe.measure


def refuse_fresh_labels(config: RunConfig, probe: str) -> None:
    """See that a sample keeps its label.

    Raises:
        UserError: it does not.
    """
    if config.corruption.fresh:
        raise UserError(
            f"probe={probe} is impossible with corruption.fresh=true: a sample would have "
            "another label each epoch. Use corruption.fresh=false."
        )


def measured(
    probes: Sequence[Probe], epoch: int, network: nn.Module, train: Split
) -> dict[str, float]:
    """What those probes that make passes of their own measure after an epoch."""
    found: dict[str, float] = {}
    for probe in probes:
        if probe.measures:
            with _undisturbed(network):
                found |= probe.measure(epoch, network, train)
    return found


@contextmanager
def _undisturbed(network: nn.Module) -> Iterator[None]:
    """Within it the network is in evaluation mode; training goes on as if nothing had been."""
    modes = [(module, module.training) for module in network.modules()]
    device = next(network.parameters()).device
    network.eval()
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.enable_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


class Steps:
    """Tells each training step to the probes that hear steps; false where none does."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = [probe for probe in probes if probe.hears_steps]
        self._coming: Iterator[Tensor] = iter(())

    def __bool__(self) -> bool:
        return bool(self._probes)

    def start_epoch(self, loader: BatchLoader) -> None:
        """Before the first of the batches that ``loader`` will give."""
        if not self._probes:
            return
        batches = loader.indices()
        # At once: a copy to a GPU in each step would wait for it.
        order = torch.cat(batches).to(loader.labels.device) if batches else torch.empty(0)
        self._coming = iter(torch.split(order, [len(batch) for batch in batches]))

    def tell(self, logits: Float[Tensor, "n classes"], labels: Int64[Tensor, " n"]) -> None:
        """What was computed of the next batch."""
        indices = next(self._coming)
        for probe in self._probes:
            probe.on_step(indices, logits, labels)
