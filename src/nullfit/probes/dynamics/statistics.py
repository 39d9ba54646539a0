"""What the training steps say of each sample, summed up as they come.

z are the logits of a sample at the step that trains on it, y its label, p = softmax(z). An epoch
sees each sample once, so that the t-th step that sees a sample is that of epoch t.

- Forgetting: Toneva, Sordoni, Tachet des Combes, Trischler, Bengio, Gordon, "An Empirical Study of
  Example Forgetting during Deep Neural Network Learning" (ICLR 2019, arXiv 1812.05159).
- Area under the margin: Pleiss, Zhang, Elenberg, Weinberger, "Identifying Mislabeled Data using the
  Area Under the Margin Ranking" (NeurIPS 2020, arXiv 2001.10528).
- Data maps: Swayamdipta, Schwartz, Lourie, Wang, Hajishirzi, Smith, Choi, "Dataset Cartography"
  (EMNLP 2020, arXiv 2009.10795).
- EL2N: Paul, Ganguli, Dziugaite, "Deep Learning on a Data Diet: Finding Important Examples Early in
  Training" (NeurIPS 2021, arXiv 2107.07075).
"""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

SCORES = ("forgetting", "first_learnt", "aum", "confidence", "variability", "correctness", "el2n")
_COLUMNS = (
    "steps",
    "is_correct",
    "correct",
    "forgotten",
    "first",
    "aum",
    "mean",
    "squares",
    "el2n",
    "taken_for",
)


class Statistics:
    """Ten running numbers of each sample: what its steps so far come to.

    They lie on the device of the logits. A step whose logits are not finite does not count.
    """

    def __init__(self, samples: int, el2n_epoch: int) -> None:
        self.el2n_epoch = el2n_epoch
        self.rows: Float64[Tensor, "n columns"] = torch.zeros(
            samples, len(_COLUMNS), dtype=torch.float64
        )

    def add(
        self,
        indices: Int64[Tensor, " n"],
        logits: Float[Tensor, "n classes"],
        labels: Int64[Tensor, " n"],
    ) -> None:
        """One step; no sample is twice in it."""
        if self.rows.device != logits.device:
            self.rows = self.rows.to(logits.device)
        z, y = logits.double(), labels[:, None]
        others, other = z.scatter(1, y, -torch.inf).max(1)
        margin = z.gather(1, y)[:, 0] - others
        p = z.softmax(1)
        p_y = p.gather(1, y)[:, 0]
        # Nothing is scattered and added: on a GPU that would not repeat.
        el2n = (p.scatter(1, y, 0.0).square().sum(1) + (1 - p_y).square()).sqrt()
        correct = (z.argmax(1) == labels).double()
        before = self.rows[indices]
        steps, was_correct, times_correct, forgotten, first, aum, mean, squares, early, taken = (
            before.unbind(1)
        )
        steps = steps + 1
        # Means and squared deviations as Welford has them: sums of squares would cancel.
        new_mean = mean + (p_y - mean) / steps
        after = (
            steps,
            correct,
            times_correct + correct,
            forgotten + was_correct * (1 - correct),
            torch.where((first == 0) & (correct == 1), steps, first),
            aum + (margin - aum) / steps,
            new_mean,
            squares + (p_y - mean) * (p_y - new_mean),
            torch.where(steps <= self.el2n_epoch, el2n, early),
            torch.where(correct == 1, taken, other.double() + 1),
        )
        finite = z.isfinite().all(1, keepdim=True)
        self.rows[indices] = torch.where(finite, torch.stack(after, 1), before)

    def scores(self) -> dict[str, np.ndarray] | None:
        """The scores of each sample by name; None where a sample has not been seen.

        - ``forgetting``: how often it was answered correctly and, the next time, wrongly. Infinite
          for a sample that was never answered correctly, as Toneva et al. count it.
        - ``first_learnt``: the first epoch, from 1, that answered it correctly; 0 if none did.
        - ``aum``: mean over the epochs of z_y − max of the other z.
        - ``confidence``, ``variability``: mean and (population) standard deviation of p_y.
        - ``correctness``: the share of epochs that answered it correctly.
        - ``el2n``: ‖p − onehot(y)‖₂ in epoch ``el2n_epoch``, or the last there was if that is
          earlier.
        """
        found = dict(zip(_COLUMNS, self.rows.cpu().numpy().T, strict=True))
        steps, correct = found["steps"], found["correct"]
        if not steps.all():
            return None
        return {
            "forgetting": _single(np.where(correct == 0, np.inf, found["forgotten"])),
            "first_learnt": found["first"].astype(np.int32),
            "aum": _single(found["aum"]),
            "confidence": _single(found["mean"]),
            "variability": _single(np.sqrt(found["squares"] / steps)),
            "correctness": _single(correct / steps),
            "el2n": _single(found["el2n"]),
        }

    def taken_for(self) -> Int64[np.ndarray, " n"]:
        """The class of the last wrong answer on each sample; -1 where there was none."""
        return self.rows[:, -1].cpu().numpy().astype(np.int64) - 1

    def load(self, rows: Float64[Tensor, "n stored"]) -> None:
        """Go on from the rows of a checkpoint; earlier ones have no last wrong answers."""
        missing = len(_COLUMNS) - rows.shape[1]
        self.rows = torch.nn.functional.pad(rows, (0, missing)) if missing else rows.clone()

    @property
    def epochs(self) -> int:
        """How many epochs have seen some sample."""
        return int(self.rows[:, 0].max())


def by_forgetting(scores: Mapping[str, np.ndarray]) -> Int64[np.ndarray, " n"]:
    """The samples, the least forgotten first; among equals that of the larger margin."""
    return np.lexsort((-scores["aum"], scores["forgetting"]))


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)
