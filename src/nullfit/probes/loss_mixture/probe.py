"""``probe=loss_mixture``: tell corrupted labels from true ones by the losses of their samples.

A network learns what the data have in common before it memorizes single samples, so for a while
the losses of samples with corrupted labels lie above the others. A mixture of two components over
the losses separates the two without knowing which labels were corrupted (Arazo et al., ICML 2019,
arXiv 1904.11238; Li, Socher, Hoi, DivideMix, ICLR 2020, arXiv 2002.07394).
"""

from importlib.util import find_spec
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Float64
from torch import Tensor

from nullfit.config.schema import RunConfig
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.errors import UserError
from nullfit.probes.loss_mixture.beta_mixture import fit_beta
from nullfit.probes.loss_mixture.detection import detection, detection_text
from nullfit.probes.loss_mixture.gaussian_mixture import fit_gaussian
from nullfit.probes.loss_mixture.mixture import Mixture
from nullfit.probes.loss_mixture.separation import separation
from nullfit.results.findings import Findings
from nullfit.results.formats import percent
from nullfit.training.probe import Probe, refuse_fresh_labels


class LossMixture(Probe):
    """Records per-sample losses over training and fits the mixture to them at the end.

    Losses that are not finite, those of a run that diverged, are left out.
    """

    name = "loss_mixture"

    def __init__(
        self,
        config: RunConfig,
        *,
        mixture: Literal["beta", "gaussian"],
        losses: Literal["mean", "last"],
        cleanlab: bool,
        folds: Annotated[int, Ge(2)],
    ) -> None:
        refuse_fresh_labels(config, self.name)
        if cleanlab and find_spec("cleanlab") is None:
            raise UserError(
                "probe.cleanlab=true needs a package that is not installed.\n"
                "Install it with pip install 'nullfit[cleanlab]', or use probe.cleanlab=false."
            )
        self.config = config
        self.mixture, self.scored = mixture, losses
        self.folds = folds if cleanlab else None
        self.epochs: list[int] = []
        self.losses: list[Tensor] = []

    def refuse(self, train: Split, samples: int) -> None:
        """See that cleanlab's networks can be trained, which happens after everything else.

        Raises:
            UserError: there are fewer samples than folds, or images are not in memory.
        """
        if self.folds is None:
            return
        if self.folds > samples:
            raise UserError(
                f"probe.folds={self.folds} is above the {samples} training samples. "
                f"Choose 2 to {samples}."
            )
        _ = train.images  # says what to do where they are streamed

    def after_epoch(self, epoch: int, losses: Float[Tensor, " n"]) -> None:
        """Keep the losses, on the device that they are on."""
        if bool(losses.isfinite().all()):
            self.epochs.append(epoch)
            self.losses.append(losses.detach().float().clone())

    def state_dict(self) -> dict[str, Any]:
        """The losses recorded so far."""
        return {"epochs": list(self.epochs), "losses": [losses.cpu() for losses in self.losses]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.epochs, self.losses = list(state["epochs"]), list(state["losses"])

    def finish(self, data: RandomizedData) -> Findings:
        """The mixture over the losses, and how well it finds the labels that were corrupted."""
        changed = data.train.label_changed.numpy(force=True)
        if not self.losses:
            why = "no losses: the run diverged before its first evaluation"
            return Findings({**_nothing(changed), "why": why}, lines=[f"{self.name}: {why}"])
        recorded = torch.stack([losses.cpu() for losses in self.losses]).numpy()
        found = self._found(recorded, changed)
        return found if self.folds is None else self._beside_cleanlab(found, data, self.folds)

    def _found(
        self, recorded: Float[np.ndarray, "epochs n"], changed: Bool[np.ndarray, " n"]
    ) -> Findings:
        from nullfit.probes.loss_mixture.figures import loss_mixture  # noqa: PLC0415

        last = recorded[-1].astype(np.float64)
        scores = last if self.scored == "last" else recorded.mean(0, dtype=np.float64)
        mixture = self._fit(scores) if np.ptp(scores) > 0 else None
        shown = separation(recorded, self.epochs, scores, changed, mixture)
        fields: dict[str, Any] = {
            **_nothing(changed),
            "mixture": self.mixture,
            "losses": self.scored,
            "epochs_recorded": len(self.epochs),
        }
        arrays = {"losses": _compact(recorded), **shown.arrays()}
        if mixture is None:
            why = "all losses are equal: there are no two components"
            return Findings({**fields, "why": why}, arrays, lines=[f"{self.name}: {why}"])
        odds = mixture.log_odds(scores)
        posterior = mixture.responsibilities(scores)[:, 1]
        fields |= {
            **detection(odds, odds > 0, changed),
            "flagged": float((odds > 0).mean()),
            "estimated_noise_level": mixture.weights[1],
            "components": mixture.parameters(),
            "converged": mixture.converged,
        }
        arrays["posterior"] = posterior.astype(np.float32)
        figure = loss_mixture(shown, self.scored, f"{self.config.job};")
        scored = {"loss": scores, "posterior": posterior}
        return Findings(fields, arrays, figure, [_summary(fields, len(changed))], scored)

    def _fit(self, scores: Float64[np.ndarray, " n"]) -> Mixture:
        fit = fit_beta if self.mixture == "beta" else fit_gaussian
        return fit(scores, self.config.seed)

    def _beside_cleanlab(self, found: Findings, data: RandomizedData, folds: int) -> Findings:
        from nullfit.probes.loss_mixture.cleanlab_ranking import cleanlab_ranking  # noqa: PLC0415

        ranking = cleanlab_ranking(self.config, data, folds)
        return Findings(
            {**found.fields, "cleanlab": ranking.fields},
            {**found.arrays, **ranking.arrays},
            found.figure,
            [*found.lines, *ranking.lines],
            {**found.scores, **ranking.scores},
        )


def _nothing(changed: Bool[np.ndarray, " n"]) -> dict[str, Any]:
    """The fields of a run of which nothing can be said but what was done to it."""
    keys = ("precision", "recall", "area_under_curve", "flagged", "estimated_noise_level")
    return {**dict.fromkeys(keys), "true_noise_level": float(changed.mean())}


def _compact(losses: Float[np.ndarray, "epochs n"]) -> Float[np.ndarray, "epochs n"]:
    """In half precision, three digits, where no loss is too large for it."""
    return losses.astype(np.float16 if losses.max() < np.finfo(np.float16).max else np.float32)


def _summary(fields: dict[str, Any], samples: int) -> str:
    flagged = f"{round(fields['flagged'] * samples):,} of {samples:,} labels look corrupted"
    noise = f"{percent(fields['estimated_noise_level'])}% estimated"
    true = f"{percent(fields['true_noise_level'])}% true"
    return f"loss mixture: {flagged}, {detection_text(fields)}; noise level {noise}, {true}"
