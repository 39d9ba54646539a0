"""What probes found, in Weights & Biases."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nullfit.data.randomized_data import RandomizedData
from nullfit.tracking.pictures import picture_of

if TYPE_CHECKING:
    from nullfit.results.findings import Findings

EXTREMES = "extremes"

_MOST_OF_A_KIND = 10  # samples in a table


def record_findings(run: Any, name: str, findings: "Findings", data: RandomizedData) -> None:
    """A probe's figure, its numbers as ``<probe>/<field>``, a table of its extremes.

    Numbers by name in a field are ``<probe>/<field>/<name>``.
    """
    import wandb  # noqa: PLC0415

    if findings.figure is not None:
        run.log({name: wandb.Image(picture_of(findings.figure), file_type="png")})
    if findings.extremes and data.train.image_shape[0] in (1, 3):
        columns, rows = _extremes(findings, data)
        run.log({f"{name}/{EXTREMES}": wandb.Table(columns, rows)})
    numbers = {key: v for key, v in _flat(findings.fields).items() if isinstance(v, int | float)}
    run.summary.update({f"{name}/{key}": value for key, value in numbers.items()})


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in fields.items():
        found |= (
            {f"{key}/{k}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
        )
    return found


def _extremes(findings: "Findings", data: RandomizedData) -> tuple[list[Any], list[list[Any]]]:
    """Columns and rows of a table: the foremost samples of each kind, with pictures and scores."""
    import wandb  # noqa: PLC0415

    columns = ["which", "picture", "index", "label", "true label", "corrupted", *findings.scores]
    rows, train = list[list[Any]](), data.train
    for which, indices in findings.extremes.items():
        few = indices[:_MOST_OF_A_KIND]
        for index, picture in zip(few.tolist(), train.pictures(few), strict=True):
            label, true = int(train.labels[index]), int(train.true_labels[index])
            pixels = picture.mul(255).round().byte().permute(1, 2, 0).numpy().squeeze()
            place = index if train.places is None else int(train.places[index])
            found = [float(values[index]) for values in findings.scores.values()]
            scores = [value if math.isfinite(value) else None for value in found]
            names = [data.classes[label], data.classes[true]]
            image = wandb.Image(pixels, file_type="png")
            rows.append([which, image, place, *names, label != true, *scores])
    return columns, rows
