"""Whether a probe can do with the data that a run trains on, known before the training."""

from nullfit.config.schema import LossMixtureProbe, NoProbe
from nullfit.data.randomized_data import Split
from nullfit.errors import UserError


def refuse_unsuited(probe: NoProbe | LossMixtureProbe, train: Split, samples: int) -> None:
    """See that cleanlab's networks can be trained, which happens after everything else.

    ``train`` are the training samples, or a few of the ``samples`` there are.

    Raises:
        UserError: there are fewer samples than folds, or images are not in memory.
    """
    if isinstance(probe, NoProbe) or not probe.cleanlab:
        return
    if probe.folds > samples:
        raise UserError(
            f"probe.folds={probe.folds} is above the {samples} training samples. "
            f"Choose 2 to {samples}."
        )
    _ = train.images  # says what to do where they are streamed
