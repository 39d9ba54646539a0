"""What tasks ask about data and networks before a grid begins."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.image_set import Dataset
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError
from nullfit.runs.preflight.sample import Sample
from nullfit.training.device import check_device

Found = TypeVar("Found")


class NotHereError(Exception):
    """Data that cannot be read on this machine, for jobs that run on others."""


@dataclass(frozen=True)
class _Answer:
    """What was found, or the error that it ended with."""

    value: Any = None
    error: Exception | None = None

    @classmethod
    def of(cls, find: Callable[[], Any]) -> "_Answer":
        try:
            return cls(find())
        except Exception as error:
            return cls(error=error.with_traceback(None))  # which holds what was read so far

    def given(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


class Look:
    """Finds each answer once for all jobs that ask the same, whatever their seeds.

    One data source is held at a time: jobs that share one (`source`) come one after the other.
    ``elsewhere`` says that jobs run on other machines, whose devices, memory and files are not
    known here.
    """

    def __init__(self, *, elsewhere: bool) -> None:
        self.elsewhere = elsewhere
        self._held = ("", _Answer())
        self._answers: dict[str, _Answer] = {}

    @staticmethod
    def source(config: RunConfig) -> str:
        """The same text for runs that read the same data."""
        return _text(config.data.target, assembly.source_settings(config))

    def device(self, config: RunConfig) -> None:
        """See that the device of a run is there.

        Raises:
            UserError: it is not.
        """
        if not self.elsewhere:
            check_device(config.trainer)

    def dataset(self, config: RunConfig) -> Dataset:
        """The images of a run, as `assembly.load_dataset` gives them."""
        return assembly.limited(config, self._source(config))

    def ratings(self, config: RunConfig) -> RatingMatrix:
        """The ratings of a run, as `assembly.load_ratings` gives them."""
        assembly.require_ratings(config)
        matrix: RatingMatrix = self._source(config)
        return matrix

    def file(self, read: Callable[[], Found], *about: object) -> Found:
        """What a task reads apart from the data source; ``about`` says which it is."""
        return self._once(lambda: self._from_here(read), "file", *about)

    def sample(self, config: RunConfig) -> Sample:
        """A few of the data of a run, prepared.

        Raises:
            UserError: as `assembly.randomized_data`.
        """
        plain = config.plain()
        about = [plain[section] for section in ("data", "corruption", "regularizer")]
        return self._once(lambda: Sample.of(config, self.dataset(config)), "sample", *about)

    def network(self, config: RunConfig, input_shape: tuple[int, int, int], classes: int) -> None:
        """See that the model of a run takes such images.

        Raises:
            UserError: as `assembly.network`.
        """
        plain = config.plain()
        about = (plain["model"], plain["regularizer"]["dropout"], input_shape, classes)
        self._once(lambda: assembly.require_network(config, input_shape, classes), "network", about)

    def _source(self, config: RunConfig) -> Any:
        source = self.source(config)
        if self._held[0] != source:
            self._held = ("", _Answer())  # gone before the next one is read
            read = _Answer.of(lambda: self._from_here(lambda: assembly.read_source(config)))
            self._held = (source, read)
        return self._held[1].given()

    def _from_here(self, read: Callable[[], Found]) -> Found:
        try:
            return read()
        except UserError as error:
            if self.elsewhere:
                raise NotHereError(str(error)) from error
            raise

    def _once(self, find: Callable[[], Found], *about: object) -> Found:
        question = _text(*about)
        if question not in self._answers:
            self._answers[question] = _Answer.of(find)
        found: Found = self._answers[question].given()
        return found


def _text(*about: object) -> str:
    return json.dumps(about, sort_keys=True, default=str)
