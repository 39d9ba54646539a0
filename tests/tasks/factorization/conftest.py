"""A small matrix with holes, and finished runs."""

from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from nullfit.results.task_run import TaskRun
from nullfit.tasks.factorization.observed import Observed


class Holes(NamedTuple):
    """A dense matrix, its mask of observed cells, and the same as `Observed`."""

    matrix: torch.Tensor
    mask: torch.Tensor
    observed: Observed


def observed(matrix: torch.Tensor, mask: torch.Tensor, order: torch.Tensor | None = None):
    rows, columns = mask.nonzero(as_tuple=True)
    order = torch.arange(len(rows)) if order is None else order
    rows, columns = rows[order], columns[order]
    return Observed.of(rows, columns, matrix[rows, columns], tuple(matrix.shape))


@pytest.fixture
def holes() -> Holes:
    """30 × 20, half observed, one row and one column without any entry; observed zeros in it."""
    random = torch.Generator().manual_seed(0)
    matrix = torch.randn(30, 20, generator=random, dtype=torch.float64)
    mask = torch.rand(30, 20, generator=random) < 0.5
    mask[3], mask[:, 7] = False, False
    matrix[mask & (torch.rand(30, 20, generator=random) < 0.2)] = 0.0
    order = torch.randperm(int(mask.sum()), generator=random)
    return Holes(matrix, mask, observed(matrix, mask, order))


def run(folder: Path, test: float, *, corruption="none", seed=0, source="a.csv", **values):
    fit = {"rank": 2, "lambda_u": 1.0, "lambda_v": 1.0, "train_share": 0.8, "iterations": 3}
    fit |= values
    if "lambda_u" in values:
        fit["lambda_v"] = values.get("lambda_v", values["lambda_u"])
    path = folder / "-".join(map(str, (corruption, seed, source, *fit.values())))
    path.mkdir()
    (path / "metrics.csv").write_text(
        "iteration,train/mse,test/mse\n" + "".join(f"{n},{test / 2},{test}\n" for n in (1, 2, 3))
    )
    known = {"baseline_mse": 1.5, "true_rank": 2, "noise_variance": 0.1}
    return TaskRun(
        path,
        {
            "data": {"name": "ratings", "source": source},
            "corruption": {"name": corruption, "entries_changed": 1.0, "fraction": 1.0},
            "metrics": {"train/mse": test / 2, "test/mse": test},
            "factorization": {**fit, **known},
        },
        {"seed": seed, "c": corruption, "data": source, "factorization": fit},
    )


@pytest.fixture
def grid(tmp_path: Path) -> list[TaskRun]:
    """Two seeds of three ranks × two penalties, a lucky run on other entries, noise by rank."""
    runs = [
        run(tmp_path, 1.0 + abs(rank - 2) + penalty + 0.2 * seed, rank=rank, lambda_u=penalty,
            seed=seed)
        for rank in (1, 2, 3) for penalty in (0.1, 1.0) for seed in (0, 1)
    ]  # fmt: skip
    runs.append(run(tmp_path, 0.01, train_share=0.9, lambda_u=0.1))
    noise = {"corruption": "gaussian_entries", "lambda_u": 0.1}
    runs += [run(tmp_path, 3.0 + rank, rank=rank, **noise) for rank in (1, 2)]
    return runs
