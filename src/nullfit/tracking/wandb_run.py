"""The run in Weights & Biases: begun with the settings, ended with the result."""

import hashlib
import io
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from jaxtyping import Int64
from torch import Tensor

from nullfit.config.content import content_of
from nullfit.config.corruptions import other_tests
from nullfit.config.identity import config_hash, used_groups
from nullfit.config.schema import RunConfig
from nullfit.config.sections.loggers import WandbLogger
from nullfit.config.weights import CHECKPOINTS, FINAL
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.results.result import Result
from nullfit.results.samples import SAMPLES as SAMPLES_FILE
from nullfit.system.files import refuse_links_in
from nullfit.tracking.client import client
from nullfit.tracking.records import has, records_of, run_folder

if TYPE_CHECKING:
    from nullfit.charts.figure import Figure
    from nullfit.results.findings import Findings

SAMPLES = "samples"
EXTREMES = "extremes"
CONFUSION = "test/confusion_matrix"
BY_CLASS = "test/accuracy_by_class"
STEP_LOSS = "train/step_loss"

# W&B's own links: made anew by each process, or in the folder of a record, which no other writes.
OWN_LINKS = (r"latest-run|debug(-internal|-core)?\.log", r"[^/]*run-[^/]+/logs/debug-core\.log")
_PROJECT = "nullfit"  # of conf/logger/wandb.yaml
_PICTURE_DPI = 150
_ARTIFACTS = {"model": f"{CHECKPOINTS}/{FINAL}", "samples": SAMPLES_FILE}
_FLUSH_SECONDS = 5.0  # by which the record is behind: a kill takes them, an upload waits for them
_MATRIX_CLASSES = 100
_EXTREMES = 10  # samples of each kind in a table
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


def start(config: RunConfig, chosen: WandbLogger, folder: Path, run_id: str | None = None) -> Any:
    """Begin the ``wandb.Run``; its files lie in the run's folder, below wandb/."""
    digest = config_hash(config.plain())
    # The same run keeps its id when it is resumed; the same settings in another study do not.
    own = hashlib.sha256(f"{config.study}/{digest}".encode()).hexdigest()[:16]
    here = folder.absolute()
    with client() as wandb:
        run: Any = wandb.init(
            project=chosen.project,
            entity=chosen.entity,
            name=config.job,
            id=run_id or own,
            dir=here,
            group=config.study,
            job_type=config.task.name,
            notes=chosen.notes,
            mode="offline",  # whatever logger.mode: a server that fails must not stop the run
            tags=list(dict.fromkeys((config.task.name, *_used(config)))),
            config={**config.plain(), "config_hash": digest},
            settings=wandb.Settings(
                silent=True,  # its summary would drown ours
                console="off",  # the command line's output belongs to the command, not to one run
                x_transaction_log_flush_interval=_FLUSH_SECONDS,
                x_save_requirements=False,  # takes 0.1 s; result.json has the versions
            ),
        )
    return run


def start_training(
    config: RunConfig, chosen: WandbLogger, folder: Path, run_id: str | None = None
) -> Any:
    """`start`, with the axes of a training's metrics: epochs for most, steps for single losses."""
    run = start(config, chosen, folder, run_id)
    run.define_metric("epoch")
    for metric in (
        *("lr", "seconds", "epoch_seconds"),
        *("train/*", "val/*", "test/*", "test_clean/*", "weights/*"),
        *(f"test_{name}/*" for name in other_tests(config)),
    ):
        run.define_metric(metric, step_metric="epoch")
    run.define_metric("step")
    run.define_metric(STEP_LOSS, step_metric="step")
    return run


def place_words(chosen: WandbLogger) -> list[str]:
    """The words of a command that mean the same entity and project."""
    words = []
    if chosen.project != _PROJECT:
        words.append(f"logger.project={chosen.project}")
    if chosen.entity is not None:
        words.append(f"logger.entity={chosen.entity}")
    return [quote(word) for word in words]


def _used(config: RunConfig) -> list[str]:
    used = used_groups(config.plain())
    groups = [group for group in ("data", "model", "corruption") if group in used]
    return [getattr(config, group).name for group in groups]


def record_data(run: Any, corruption: str, data: RandomizedData) -> None:
    """Show a few training samples as the network gets them, but for the whitening."""
    if data.examples.images.shape[1] not in (1, 3):
        return
    import wandb  # noqa: PLC0415

    changed = {"labels_changed": data.labels_changed, "images_changed": data.images_changed}
    run.summary["corruption"] = changed
    if has(SAMPLES, records_of(run_folder(run))):
        return  # an earlier process of the run has shown them
    picture = _picture(corruption, data.examples, data.classes)
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
        few = indices[:_EXTREMES]
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


@contextmanager
def files_in(folder: Path) -> Iterator[None]:
    """W&B keeps its logs, and tables until they are uploaded, here unless the user says otherwise.

    Its own choice is the home folder, where nothing tells which study a file belongs to.

    Raises:
        StorageError: it is a link, or there is one in it, which W&B would write through.
    """
    refuse_links_in(folder, but_for=OWN_LINKS)
    own = [name for name in ("WANDB_CACHE_DIR", "WANDB_DATA_DIR") if name not in os.environ]
    os.environ.update(dict.fromkeys(own, str(folder.resolve())))
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


def _picture(corruption: str, examples: Split, classes: tuple[str, ...]) -> Any:
    """One row of samples, as ``task=show`` draws it: a Pillow image."""
    from PIL import Image  # noqa: PLC0415

    from nullfit.charts.samples import SampleRow, draw_samples  # noqa: PLC0415
    from nullfit.charts.style import applied  # noqa: PLC0415

    row = SampleRow(corruption, examples.images, examples.labels, examples.true_labels)
    file = io.BytesIO()
    with applied("".join([corruption, *classes])):
        draw_samples([row], classes).savefig(file, format="png", dpi=_PICTURE_DPI)
    return Image.open(file)


def picture_of(figure: "Figure") -> Any:
    """A figure as a Pillow image."""
    from PIL import Image  # noqa: PLC0415

    from nullfit.charts.printed import png  # noqa: PLC0415

    return Image.open(io.BytesIO(png(figure, _PICTURE_DPI)))
