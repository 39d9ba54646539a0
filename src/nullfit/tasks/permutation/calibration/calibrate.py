"""Run all cells of a calibration in parallel processes, and keep what is done."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from joblib import Parallel, delayed
from numpy import ndarray

from nullfit.errors import UserError
from nullfit.system.files import appearing
from nullfit.system.reading import ARRAYS_BYTES, NO_ARRAYS, open_regular
from nullfit.tasks.permutation.calibration.cell import Cell
from nullfit.tasks.permutation.calibration.experiment import p_values_of

_TOGETHER = 25  # data sets of one piece of work: enough that their cross-fits share a stack
_OTHER_CELLS = {"situations", "samples", "weight_decay"}

Found = Float64[ndarray, "sets tests inputs"]
Advance = Callable[[float], None]


class FinishedCells:
    """The p-values of finished cells, a file for each, in a folder."""

    def __init__(self, folder: Path, data_sets: int, seed: int) -> None:
        self._folder = folder
        self._drawn = (data_sets, seed)

    def load(self, cell: Cell) -> Found | None:
        """What was saved for exactly this cell.

        Raises:
            UserError: the file is damaged.
        """
        path = self._path(cell)
        try:
            with open_regular(path, ARRAYS_BYTES) as file:
                found: Found = np.lib.format.read_array(file, allow_pickle=False)
            if found.dtype != np.float64 or found.ndim != 3 or len(found) != self._drawn[0]:
                raise ValueError("it holds something else than p-values")
        except FileNotFoundError:
            return None
        except NO_ARRAYS as error:
            raise UserError(
                f"{path} is damaged ({str(error) or repr(error)}).\n"
                "Delete it to compute its cell again."
            ) from error
        return found

    def save(self, cell: Cell, found: Found) -> None:
        """Save a finished cell."""
        with appearing(self._path(cell)) as temporary:
            np.save(temporary, found, allow_pickle=False)

    def _path(self, cell: Cell) -> Path:
        # Which other cells there are does not matter.
        said = repr((*self._drawn, cell.name, cell.settings.model_dump(exclude=_OTHER_CELLS)))
        digest = blake2b(said.encode(), digest_size=4).hexdigest()
        return self._folder / f"{cell.name}-{digest}.npy"


def calibrate(
    cells: Sequence[Cell],
    data_sets: int,
    seed: int,
    workers: int,
    finished: FinishedCells,
    advance: Advance,
) -> dict[Cell, Found]:
    """p-values of every test in ``data_sets`` data sets of each cell, in the order of ``cells``.

    ``workers`` processes of one thread each; ``advance`` gets the cost (`Cell.cost` times data
    sets) of what is done. The numbers do not depend on the number of workers.
    """
    done = {cell: finished.load(cell) for cell in cells}
    advance(sum((c.cost * data_sets for c in cells if done[c] is not None), start=0.0))
    pieces = [
        (number, range(first, min(first + _TOGETHER, data_sets)))
        for number, cell in enumerate(cells)
        if done[cell] is None
        for first in range(0, data_sets, _TOGETHER)
    ]
    parallel = Parallel(n_jobs=workers, return_as="generator_unordered")
    parts: dict[int, dict[int, Found]] = defaultdict(dict)
    work = (delayed(_piece)(number, cells[number], sets, seed) for number, sets in pieces)
    for number, first, part in parallel(work):
        cell = cells[number]
        parts[number][first] = part
        advance(cell.cost * len(part))
        if sum(map(len, parts[number].values())) == data_sets:
            whole = np.concatenate([part for _, part in sorted(parts.pop(number).items())])
            finished.save(cell, whole)
            done[cell] = whole
    return {cell: found for cell, found in done.items() if found is not None}


def _piece(number: int, cell: Cell, sets: range, seed: int) -> tuple[int, int, Found]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return number, sets.start, p_values_of(cell, sets, seed)
    finally:
        torch.set_num_threads(threads)
