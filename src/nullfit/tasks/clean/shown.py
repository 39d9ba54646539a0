"""Pictures of the suspects, as arrays.npz holds them and a report shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from matplotlib.figure import Figure

from nullfit import assembly
from nullfit.charts.samples import SampleRow, draw_samples
from nullfit.config.schema import RunConfig
from nullfit.data.crop import center_crop
from nullfit.errors import UserError
from nullfit.report.samples import with_data_of
from nullfit.results.samples import Samples
from nullfit.results.stored_arrays import StoredArrays
from nullfit.results.task_run import TaskRun

PICTURES, _COLUMNS = 30, 10


@dataclass(frozen=True)
class Shown(StoredArrays):
    """The first m suspects, worst first; a true label that is not known is the label.

    ``taken`` are the classes that the network took them for, -1 where it took them for none other
    than the label; None where nothing tells.
    """

    prefix: ClassVar[str] = "suspects_"

    pictures: UInt8[np.ndarray, "m c h w"]
    labels: Int64[np.ndarray, " m"]
    true_labels: Int64[np.ndarray, " m"]
    taken: Int64[np.ndarray, " m"] | None = None

    def draw(self, classes: Sequence[str]) -> Figure:
        """Rows of pictures, each with its label, and the true one before it where it is another.

        Below stands what the network took it for.
        """
        images = torch.from_numpy(self.pictures).float().div(255)
        labels, true = torch.from_numpy(self.labels), torch.from_numpy(self.true_labels)
        none = np.full(len(labels), -1)
        taken = torch.from_numpy(none if self.taken is None else self.taken)
        rows = [
            SampleRow(
                f"{at[0] + 1} to {at[-1] + 1}", images[at], labels[at], true[at], True, taken[at]
            )
            for at in torch.arange(len(labels)).split(_COLUMNS)
        ]
        return draw_samples(rows, classes)


def read_pictures(
    samples: Samples,
    order: Int64[np.ndarray, " m"],
    run: TaskRun,
    command: RunConfig,
    taken: Int64[np.ndarray, " n"] | None,
) -> Shown:
    """The first of the samples of a run, from its source, as they were before any corruption.

    Raises:
        UserError: the data cannot be read, or are others now.
    """
    chosen, own = order[:PICTURES], with_data_of(run, command, {})
    data = own.data.model_copy(update={"train_limit": None, "test_limit": None})
    train = assembly.load_dataset(own.model_copy(update={"data": data})).train
    places = samples.index[chosen]
    if places.max() >= len(train) or not np.array_equal(
        train.labels.numpy()[places], samples.true_label[chosen]
    ):
        raise UserError("the data are not those of the run")
    images = train.subset(torch.from_numpy(places)).unit_images()
    if images.shape[1] not in (1, 3):
        raise UserError("the images are neither grey nor colour")
    images = images if data.crop is None else center_crop(images, data.crop)
    return Shown(
        images.mul(255).round().byte().numpy(),
        samples.label[chosen],
        samples.true_label[chosen],
        None if taken is None else taken[chosen],
    )
