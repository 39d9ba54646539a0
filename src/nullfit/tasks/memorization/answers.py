"""What trained networks answered, and the files that keep it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float16, Float64, Int64

from nullfit.errors import UserError
from nullfit.results.result import read_array_file
from nullfit.system.files import appearing

_FOLDER = "trainings"


@dataclass(frozen=True)
class Answers:
    """Of t trainings on subsets of n samples, tested on m.

    ``trainings`` are their numbers, ascending. ``correct`` says whether the label trained on was
    named, ``margin`` is ln(p / (1 − p)) of that label's probability p, for samples in the
    ``subset`` and out of it. Networks are in evaluation mode. ``seconds`` are each one's share of
    the time that its group took.
    """

    trainings: Int64[np.ndarray, " t"]
    subset: Bool[np.ndarray, "t n"]
    correct: Bool[np.ndarray, "t n"]
    margin: Float16[np.ndarray, "t n"]
    test_correct: Bool[np.ndarray, "t m"]
    test_margin: Float16[np.ndarray, "t m"]
    seconds: Float64[np.ndarray, " t"]

    def __len__(self) -> int:
        return len(self.trainings)

    def rows(self, chosen: Int64[np.ndarray, " k"] | Bool[np.ndarray, " t"]) -> "Answers":
        """Those of some of the trainings."""
        return Answers(*(getattr(self, field.name)[chosen] for field in fields(self)))


def joined(parts: Sequence[Answers]) -> Answers:
    """All of several, in the order of their numbers, each number once."""
    whole = Answers(
        *(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Answers))
    )
    return whole.rows(np.unique(whole.trainings, return_index=True)[1])


@dataclass(frozen=True)
class AnswerFiles:
    """Files below the folder of a run, and those of the same trainings in the runs beside it.

    ``digest`` says which trainings these are: all settings but how many.
    """

    folder: Path
    digest: str
    samples: int
    tested: int

    def write(self, answers: Answers) -> None:
        """Keep the answers of some trainings, whole or not at all."""
        first, last = answers.trainings[0], answers.trainings[-1]
        path = self.folder / _FOLDER / f"{first:06d}-{last:06d}.npz"
        arrays = {field.name: getattr(answers, field.name) for field in fields(answers)}
        packed = {
            name: np.packbits(values, axis=1) if values.dtype == np.bool_ else values
            for name, values in arrays.items()
        }
        with appearing(path) as temporary:
            np.savez(temporary, allow_pickle=False, digest=self.digest, **packed)

    def read(self, below: int) -> list[Answers]:
        """What is kept of the trainings whose number is below.

        Raises:
            UserError: a file is damaged.
        """
        found = [self._read(path) for path in self._paths()]
        kept = [answers.rows(answers.trainings < below) for answers in found if answers is not None]
        return [answers for answers in kept if len(answers)]

    def _paths(self) -> Iterator[Path]:
        yield from sorted(self.folder.parent.glob(f"*/{_FOLDER}/[0-9]*.npz"))

    def _read(self, path: Path) -> Answers | None:
        if str(read_array_file(path, "digest").get("digest")) != self.digest:
            return None
        stored = read_array_file(path, *(field.name for field in fields(Answers)))
        sizes = {"subset": self.samples, "correct": self.samples, "test_correct": self.tested}
        try:
            for name, size in sizes.items():
                stored[name] = np.unpackbits(stored[name], axis=1, count=size).astype(bool)
            return Answers(**stored)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"{path} is damaged ({error!r}).\nDelete it to train its networks again."
            ) from error
