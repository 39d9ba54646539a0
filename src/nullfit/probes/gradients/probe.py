"""``probe=gradients``: the coherence of the gradients of single samples, epoch by epoch."""

import math
from typing import Any

import torch
from jaxtyping import Float64
from torch import Tensor, nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.data.subset import stratified_indices
from nullfit.probes.gradients.coherence import KINDS, MEASURES, Samples, coherence
from nullfit.probes.gradients.sample_gradients import layers_of
from nullfit.probes.gradients.stored import StoredCoherence
from nullfit.ranges import PositiveInt
from nullfit.results.findings import Findings
from nullfit.seeds import derive
from nullfit.training.evaluation import prepared_images
from nullfit.training.probe import Probe, refuse_fresh_labels

_COLUMNS = {
    "all": "gradients/coherence",
    "untouched": "gradients/coherence_untouched",
    "corrupted": "gradients/coherence_corrupted",
}
_BATCH = 500


class Gradients(Probe):
    """Measures the same samples before and after each epoch, by the loss that is trained on."""

    name = "gradients"

    def __init__(
        self, config: RunConfig, *, samples: PositiveInt | None, every: PositiveInt
    ) -> None:
        refuse_fresh_labels(config, self.name)
        self.config = config
        self.samples, self.every = samples, every
        self.loss = assembly.loss(config)
        self.layers: list[tuple[str, int]] = []  # names and numbers of parameters
        self.found: dict[int, Float64[Tensor, "kinds rows measures"]] = {}  # by epoch

    def columns(self, data: RandomizedData) -> list[str]:
        """The coherence of all samples, and under label corruption of the two kinds."""
        return list(_COLUMNS.values())[: 3 if data.labels_changed else 1]

    def measure(self, epoch: int, network: nn.Module, train: Split) -> dict[str, float]:
        """The coherence of the gradients at these weights."""
        if epoch % self.every:
            return {}
        weight = next(network.parameters())
        chosen = self._samples_of(train, weight)
        layers = layers_of(network)
        self.layers = [(layer.name, layer.parameters) for layer in layers]
        self.found[epoch] = coherence(network, layers, chosen, self.loss)
        whole = self.found[epoch][:, -1, MEASURES.index("coherence")].tolist()
        named = zip(_COLUMNS.values(), whole, strict=True)
        if not chosen.changed.any():
            return {_COLUMNS["all"]: whole[0]} if math.isfinite(whole[0]) else {}
        return {name: value for name, value in named if math.isfinite(value)}

    def _samples_of(self, train: Split, weight: Tensor) -> Samples:
        """The same ones each time, as the network gets them; they are not kept in between."""
        part = self.subset(train)
        batches = torch.arange(len(part)).split(_BATCH)
        images = torch.cat(list(prepared_images(part.pixels, part.prepare, batches)))
        labels, changed = (each.to(weight.device) for each in (part.labels, part.label_changed))
        return Samples(images.to(weight), labels, changed)

    def subset(self, train: Split) -> Split:
        """The samples that are measured, of each class its share; all where there are no more."""
        size = len(train) if self.samples is None else min(self.samples, len(train))
        seed = derive(self.config.seed, "gradients")
        return train.selection(stratified_indices(train.labels.cpu(), size, seed, "probe.samples"))

    def state_dict(self) -> dict[str, Any]:
        """What was measured so far."""
        return {"layers": list(self.layers), "found": {k: v.clone() for k, v in self.found.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.layers = [(name, count) for name, count in state["layers"]]
        self.found = dict(state["found"])

    def finish(self, data: RandomizedData) -> Findings:
        """The coherence by epoch, layer and kind of samples."""
        from nullfit.probes.gradients.figures import coherence_of_run  # noqa: PLC0415

        stored, changed = self._stored(), self.subset(data.train).label_changed
        counts = [len(changed), int((~changed).sum()), int(changed.sum())]
        fields: dict[str, Any] = {
            "samples": dict(zip(KINDS, counts, strict=True)),
            "every": self.every,
            "layers": [name for name, _ in self.layers],
            "parameters": [count for _, count in self.layers],
            "last_epoch": int(stored.epochs[-1]),
            **{name: _last(self.found, name) for name in MEASURES},
        }
        figure = coherence_of_run(stored, fields, f"{self.config.job};")
        return Findings(fields, stored.arrays(), figure, [_summary(fields)])

    def _stored(self) -> StoredCoherence:
        epochs = sorted(self.found)
        found = torch.stack([self.found[epoch] for epoch in epochs]).transpose(1, 2).numpy()
        by_measure = {name: found[..., place] for place, name in enumerate(MEASURES)}
        return StoredCoherence(epochs=torch.tensor(epochs).numpy(), **by_measure)


def _last(found: dict[int, Tensor], measure: str) -> dict[str, float | None]:
    """Of all layers after the last epoch, by kind; None where it is not defined."""
    values = found[max(found)][:, -1, MEASURES.index(measure)].tolist()
    known = [value if math.isfinite(value) else None for value in values]
    return dict(zip(KINDS, known, strict=True))


def _summary(fields: dict[str, Any]) -> str:
    counts, last = fields["samples"], fields["coherence"]
    told = ", ".join(
        f"{kind} ({counts[kind]:,}) {last[kind]:.3g}" for kind in KINDS if last[kind] is not None
    )
    return f"gradients: coherence after epoch {fields['last_epoch']}: {told or 'not defined'}"
