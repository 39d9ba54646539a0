"""What a training shows in Weights & Biases: its samples, its result, its files."""

from pathlib import Path
from typing import Any

from jaxtyping import Int64
from torch import Tensor

from nullfit.config.content import content_of
from nullfit.config.identity import config_hash
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.config.weights import CHECKPOINTS, FINAL
from nullfit.data.randomized_data import RandomizedData
from nullfit.results.result import Result
from nullfit.results.samples import SAMPLES as SAMPLES_FILE
from nullfit.tracking.pictures import picture_of_samples
from nullfit.tracking.records import has, records_of, run_folder

SAMPLES = "samples"
CONFUSION = "test/confusion_matrix"
BY_CLASS = "test/accuracy_by_class"

_ARTIFACTS = {"model": f"{CHECKPOINTS}/{FINAL}", "samples": SAMPLES_FILE}
_MATRIX_CLASSES = 100
# What of the result the configuration does not hold already.
_SUMMARY = (
    "status",
    "fit",
    "epochs",
    "steps",
    "wall_seconds",
    "images_per_second",
    "device",
    "threads",
)


def record_data(run: Any, corruption: str, data: RandomizedData) -> None:
    """Show a few training samples as the network gets them, but for the whitening."""
    if data.examples.images.shape[1] not in (1, 3):
        return
    import wandb  # noqa: PLC0415

    changed = {"labels_changed": data.labels_changed, "images_changed": data.images_changed}
    run.summary["corruption"] = changed
    if has(SAMPLES, records_of(run_folder(run))):
        return  # an earlier process of the run has shown them
    picture = picture_of_samples(corruption, data.examples, data.classes)
    run.log({SAMPLES: wandb.Image(picture, caption=corruption, file_type="png")})


def record_result(run: Any, result: Result, confusion: Int64[Tensor, "classes classes"]) -> None:
    """The outcome by the names it has in result.json, and how the test set was classified."""
    import wandb  # noqa: PLC0415

    names, counts = result["data"]["class_names"], confusion.tolist()
    run.log(
        {
            CONFUSION: wandb.plot_table(
                "wandb/confusion_matrix/v1",
                wandb.Table(["true", "predicted", "samples"], _pairs(names, counts)),
                {"Actual": "true", "Predicted": "predicted", "nPredictions": "samples"},
                {"title": "test set"},
            ),
            BY_CLASS: wandb.plot_table(
                "wandb/bar/v0",
                wandb.Table(["class", "samples", "accuracy"], _by_class(names, counts)),
                {"label": "class", "value": "accuracy"},
                {"title": "accuracy by class, test set"},
            ),
        }
    )
    run.summary.update(
        {
            **result["metrics"],
            "test/error": 1 - result["metrics"]["test/accuracy"],  # scatter plots cannot subtract
            **{key: result[key] for key in _SUMMARY},
            "parameters": result["model"]["parameters"],
        }
    )


def record_artifacts(run: Any, config: RunConfig, chosen: WandbLogger, folder: Path) -> None:
    """The files that ``logger.artifacts`` asks for, as far as the run has them.

    Each tells the settings' hash and what its data were, with the digest of files of one's own.
    """
    import wandb  # noqa: PLC0415

    data = config.plain()["data"]
    about = {
        "study": config.study,
        "job": config.job,
        "config_hash": config_hash(config.plain()),
        "data": data["name"],
        "data_sha256": content_of(data),
    }
    for kind in chosen.artifacts:
        file = folder / _ARTIFACTS[kind]
        if file.is_file():
            artifact = wandb.Artifact(f"{run.id}-{kind}", type=kind, metadata=about)
            artifact.add_file(str(file))
            run.log_artifact(artifact)


def alert_of_divergence(run: Any, config: RunConfig, result: Result) -> None:
    """Have W&B tell its user, by whatever way that was chosen there."""
    text = f"The loss of {config.job} is no longer finite after {result['epochs']} epochs."
    run.alert(title="a run diverged", text=text, level="WARN")


def _pairs(names: list[str], counts: list[list[int]]) -> list[list[Any]]:
    """Rows of the confusion matrix; with very many classes those that occur."""
    return [
        [names[true], names[predicted], count]
        for true, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count or len(names) <= _MATRIX_CLASSES
    ]


def _by_class(names: list[str], counts: list[list[int]]) -> list[list[Any]]:
    return [
        [name, sum(row), row[label] / sum(row) if sum(row) else None]
        for label, (name, row) in enumerate(zip(names, counts, strict=True))
    ]
