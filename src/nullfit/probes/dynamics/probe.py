"""``probe=dynamics``: score each training sample by the logits of the steps that train on it."""

from typing import Annotated, Any

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData
from nullfit.probes.dynamics.shown import Shown
from nullfit.probes.dynamics.statistics import SCORES, Statistics, by_forgetting
from nullfit.results.findings import Findings
from nullfit.results.formats import percent
from nullfit.results.ranking import area_under_curve
from nullfit.results.samples import TAKEN_FOR
from nullfit.results.suspicion import suspicion
from nullfit.training.probe import Probe, refuse_fresh_labels

_MOST_WAITING = 2**20  # logits


class Dynamics(Probe):
    """Sums up the steps of each sample, and holds the scores against the true mask at the end."""

    name = "dynamics"

    def __init__(self, config: RunConfig, *, el2n_epoch: Annotated[int, Ge(1)]) -> None:
        refuse_fresh_labels(config, self.name)
        self.config = config
        self.el2n_epoch = el2n_epoch
        self.statistics = Statistics(0, el2n_epoch)
        self.waiting: list[tuple[Tensor, Tensor, Tensor]] = []  # steps of one epoch

    def start(self, samples: int) -> None:
        """Nothing has been seen of so many samples."""
        self.statistics = Statistics(samples, self.el2n_epoch)

    def on_step(
        self,
        indices: Int64[Tensor, " n"],
        logits: Float[Tensor, "n classes"],
        labels: Int64[Tensor, " n"],
    ) -> None:
        """Keep the step, and add those that wait to the sums once they are many.

        Many at once cost hardly more than one, which would take as long as a small network's step.
        """
        self.waiting.append((indices, logits.clone(), labels))
        if len(self.waiting) * logits.numel() > _MOST_WAITING:
            self._settle()

    def after_network(self, epoch: int, network: nn.Module) -> None:
        """Add what waits: the next epoch has the same samples."""
        self._settle()

    def _settle(self) -> None:
        if self.waiting:
            self.statistics.add(*map(torch.cat, zip(*self.waiting, strict=True)))
            self.waiting.clear()

    def state_dict(self) -> dict[str, Any]:
        """The sums so far."""
        self._settle()
        return {"rows": self.statistics.rows.cpu().clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.statistics.load(state["rows"])

    def finish(self, data: RandomizedData) -> Findings:
        """The scores, and how well each finds the labels that were corrupted."""
        from nullfit.probes.dynamics.figures import dynamics  # noqa: PLC0415

        self._settle()
        scores = self.statistics.scores()
        changed = data.train.label_changed.numpy(force=True)
        if scores is None:
            why = "the run diverged before each sample was seen"
            nothing = {"area_under_curve": dict.fromkeys(SCORES), "why": why}
            return Findings(nothing, lines=[f"{self.name}: {why}"])
        order = by_forgetting(scores)
        areas = _areas({name: suspicion(name, scores[name]) for name in SCORES}, changed)
        epochs = self.statistics.epochs
        fields: dict[str, Any] = {
            "epochs": epochs,
            "el2n_epoch": min(self.el2n_epoch, epochs),
            "never_forgotten": float((scores["forgetting"] == 0).mean()),
            "never_learnt": float(np.isinf(scores["forgetting"]).mean()),
            "area_under_curve": areas,
        }
        return Findings(
            fields,
            {
                **scores,
                TAKEN_FOR: self.statistics.taken_for(),
                **Shown.of(order, data.train).arrays(),
            },
            dynamics(scores, changed, f"{self.config.job};"),
            [_summary(fields, len(changed))],
            scores,
            {"forgotten most": order[::-1], "forgotten least": order},
        )


def _areas(
    scores: dict[str, Float[np.ndarray, " n"]], changed: Bool[np.ndarray, " n"]
) -> dict[str, float | None]:
    """The area under the ROC curve by score; None where there are no two kinds to tell apart."""
    both = bool(changed.any()) and not changed.all()
    return {
        name: area_under_curve(values, changed) if both else None for name, values in scores.items()
    }


def _summary(fields: dict[str, Any], samples: int) -> str:
    areas = {name: area for name, area in fields["area_under_curve"].items() if area is not None}
    shares = (
        f"{percent(fields['never_forgotten'])}% of {samples:,} samples never forgotten, "
        f"{percent(fields['never_learnt'])}% never learnt"
    )
    if not areas:
        return f"dynamics: {shares}"
    best = max(areas, key=lambda name: areas[name])
    return f"dynamics: {shares}; corrupted labels: area under curve {areas[best]:.3f} by {best}"
