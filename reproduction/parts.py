"""The parts of the reproduction: which runs they are, what is finished, how long they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from nullfit.config.composer import composer
from nullfit.config.identity import RANDOMNESS, config_hash
from nullfit.config.plan import compose_grid
from nullfit.config.schema import RunConfig
from nullfit.config.validation import validate
from nullfit.errors import UserError, nearest
from nullfit.results.study import read_study
from nullfit.runs.outcome import has_result

HERE = Path(__file__).parent
RESULTS = HERE / "results"
OUTPUTS = "outputs/reproduction"


class Part(BaseModel):
    """One part of parts.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    about: str
    runs: list[str]
    minutes: float
    at_once: int | None = None
    gpu: bool = False


def parts() -> list[Part]:
    """All parts, in their order."""
    listed = yaml.safe_load((HERE / "parts.yaml").read_text(encoding="utf-8"))
    return [Part.model_validate(part) for part in listed]


def chosen_parts(names: Sequence[str], *, gpu: bool) -> tuple[list[Part], list[Part]]:
    """The parts to run, and those that are left to a machine with a GPU.

    Raises:
        UserError: there is no part of such a name.
    """
    every = parts()
    known = [part.name for part in every]
    for name in names:
        if name not in known:
            raise UserError(f"ONLY={name} is no part." + nearest(name, known, "ONLY="))
    if names:
        return [part for part in every if part.name in names], []
    return [p for p in every if gpu or not p.gpu], [p for p in every if p.gpu and not gpu]


@dataclass(frozen=True)
class Data:
    """Where the data lie, as words of the command line."""

    folder: str

    def words(self, run: str) -> list[str]:
        """A run's words, with the data put in.

        Raises:
            UserError: CIFAR-10 is needed, and neither its files nor its images are there.
        """
        filled = run.replace("{mnist}", f"data=mnist data.root={self.folder}")
        if "{cifar10}" in filled:
            filled = filled.replace("{cifar10}", self._cifar10())
        return filled.split()

    def _cifar10(self) -> str:
        root = Path(self.folder)
        if (root / "cifar-10-batches-py").is_dir():
            return f"data=cifar10 data.root={self.folder}"
        images = root / "cifar10-images"
        if (images / "train").is_dir():
            return f"data=image_folder data.root={images}"
        raise UserError(
            f"CIFAR-10 is neither in {root}/cifar-10-batches-py nor as images in {images}/train "
            f"and test.\nFetch it: python run.py data=cifar10 data.root={self.folder} "
            "data.download=true trainer.max_epochs=1"
        )


@dataclass(frozen=True)
class Job:
    """One run of a part."""

    config: RunConfig

    @property
    def finished(self) -> bool:
        """Whether its result is there."""
        return has_result(
            self.config, Path(self.config.outputs, self.config.study, self.config.job)
        )


def jobs_of(words: Sequence[str]) -> list[Job]:
    """The runs that a command line comes to, each once.

    Raises:
        UserError: a word is wrong.
    """
    with composer():
        plan = compose_grid(words, multirun=True)
        runs = [validate(config) for config in plan.configs]
    return [Job(run) for run in {run.job: run for run in runs}.values()]


def recorded_minutes() -> dict[str, float]:
    """Minutes of a run by what it computes (`alike`), from the results that are kept."""
    found: dict[str, list[float]] = {}
    for folder in sorted(RESULTS.iterdir()) if RESULTS.is_dir() else []:
        for run in read_study(str(RESULTS), folder.name).every_run:
            seconds = run.result.get("wall_seconds")
            if seconds is not None:
                found.setdefault(alike(run.config), []).append(seconds / 60)
    return {key: fmean(each) for key, each in found.items()}


def alike(config: Mapping[str, Any]) -> str:
    """A hash that runs share which take the same time: not of their seed, nor of where data lie."""
    data = config["data"]
    name = "cifar10" if data["name"] == "image_folder" else data["name"]
    kept = {key: value for key, value in config.items() if key not in (*RANDOMNESS, "data")}
    shared = {key: data.get(key) for key in ("batch_size", "train_limit", "val_fraction")}
    return config_hash({**kept, "data": {"name": name, **shared}}, content=False)
