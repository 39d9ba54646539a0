"""``task=factorization``: a matrix of ratings as a product of two thin ones."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from nullfit.config.corruptions import corruption_seed, corruption_steps
from nullfit.config.schema import RunConfig
from nullfit.console.messages import say
from nullfit.ranges import NonNegative, PositiveInt, ProperShare
from nullfit.results.result import Result
from nullfit.runs.outcome import begin, complete, finished
from nullfit.tasks.factorization.verdict import worse_than_mean

if TYPE_CHECKING:
    from nullfit.data.rating_matrix import RatingMatrix
    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.factorization.alternating import Factors, Iteration
    from nullfit.tasks.factorization.problem import FactorizationProblem
    from nullfit.tracking.task_run import TaskRecord

COLUMNS = ["iteration", "train/mse", "test/mse", "objective", "seconds"]


class FactorizationSettings(BaseModel):
    """How the matrix is factorized."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    rank: PositiveInt
    lambda_u: NonNegative
    lambda_v: NonNegative
    train_share: ProperShare
    iterations: PositiveInt


def factorization(
    config: RunConfig, folder: Path, *, factorization: FactorizationSettings
) -> Result:
    """Fit both factors to a share of the observed entries and test them on the rest.

    Writes metrics.csv, a row for each iteration, and the factors to arrays.npz.

    Raises:
        UserError: the data are no ratings, or the share leaves nothing to train or to test on.
    """
    if (before := finished(config, folder)) is not None:
        return before

    from nullfit.assembly import load_ratings
    from nullfit.tasks.factorization.problem import FactorizationProblem
    from nullfit.tracking.task_run import task_run
    from nullfit.training.device import chosen_device

    chosen_device(config.trainer)
    matrix = load_ratings(config)
    problem = FactorizationProblem.of(
        matrix,
        factorization.train_share,
        config.seed,
        corruption_steps(config),
        corruption_seed(config),
    )
    say(_beginning(config, matrix, problem, factorization))
    begin(config, folder)
    with task_run(config, folder) as record:
        start = time.perf_counter()
        reached, factors, device = _fit(config, folder, problem, factorization, record)
        seconds = time.perf_counter() - start
        fields = {
            **_fields(config, matrix, problem, factorization, reached),
            "wall_seconds": round(seconds, 3),
            "device": device,
        }
        arrays = {
            "row_factors": factors.rows.numpy(force=True),
            "column_factors": factors.columns.numpy(force=True),
            **_names(matrix),
        }
        say(
            f"{config.job}: mean squared error train {reached.train_mse:.4g}, "
            f"test {reached.test_mse:.4g}, {seconds:.1f} s"
        )
        if (worse := worse_than_mean(fields)) is not None:
            say(f"  note: {worse}")
        return complete(config, folder, fields, arrays, record)


def refuse_beforehand(
    config: RunConfig, look: "Look", *, factorization: FactorizationSettings
) -> None:
    """What `factorization` refuses.

    Raises:
        UserError: as `factorization`.
    """
    from nullfit.tasks.factorization.split import RatingSplit

    look.device(config)
    RatingSplit.size(look.ratings(config), factorization.train_share)


def _fit(
    config: RunConfig,
    folder: Path,
    problem: "FactorizationProblem",
    settings: FactorizationSettings,
    record: "TaskRecord",
) -> tuple["Iteration", "Factors", str]:

    from nullfit.console.progress import track
    from nullfit.results.metrics_file import MetricsFile
    from nullfit.seeds import generator
    from nullfit.tasks.factorization.alternating import alternate
    from nullfit.training.device import device_name, device_of

    device = device_of(config.trainer)
    placed = problem.to(device)
    steps = alternate(
        placed.train,
        placed.train_by_column,
        placed.test,
        rank=settings.rank,
        lambda_u=settings.lambda_u,
        lambda_v=settings.lambda_v,
        iterations=settings.iterations,
        random=generator(config.seed, "factorization"),
    )
    file = MetricsFile(folder, COLUMNS)
    file.begin([])
    start = time.perf_counter()
    for reached, found in track(
        steps, settings.iterations, config.job, shown=config.trainer.progress
    ):
        factors = found
        row = dict(zip(COLUMNS, (*reached, round(time.perf_counter() - start, 3)), strict=True))
        file.append(row)
        record.log({name: row[name] for name in COLUMNS[1:4]}, step=reached.number)
    file.finish()
    return reached, factors, device_name(device)


def _fields(
    config: RunConfig,
    matrix: "RatingMatrix",
    problem: "FactorizationProblem",
    settings: FactorizationSettings,
    reached: "Iteration",
) -> Result:
    rows, columns = matrix.shape
    return {
        "model": {"name": "factorization", "parameters": (rows + columns) * settings.rank},
        "data": {
            "name": config.data.name,
            "source": matrix.source,
            "reading": matrix.reading,
            "rows": rows,
            "columns": columns,
            "train_samples": len(problem.train),
            "test_samples": len(problem.test),
        },
        "corruption": {
            "name": config.corruption.name,
            "entries_changed": problem.entries_changed,
            **{k: v for k, v in config.corruption.settings.items() if k != "steps"},
        },
        "metrics": {
            "train/mse": reached.train_mse,
            "test/mse": reached.test_mse,
            "objective": reached.objective,
        },
        "factorization": {
            **settings.model_dump(),
            "rows_without_training_entry": int((problem.train.counts == 0).sum()),
            "columns_without_training_entry": int((problem.train_by_column.counts == 0).sum()),
            "baseline_mse": problem.baseline_mse,
            "true_rank": matrix.rank,
            "noise_variance": matrix.noise_variance,
        },
    }


def _names(matrix: "RatingMatrix") -> dict[str, Any]:
    """The identifiers of a list, in the order of the factors; texts are kept as such."""
    named = {"row_names": matrix.row_names, "column_names": matrix.column_names}
    return {
        key: names.astype(str) if names.dtype == object else names
        for key, names in named.items()
        if names is not None
    }


def _beginning(
    config: RunConfig,
    matrix: "RatingMatrix",
    problem: "FactorizationProblem",
    settings: FactorizationSettings,
) -> str:
    rows, columns = matrix.shape
    read = f"{Path(matrix.source).name}: {matrix.reading}\n" if matrix.reading else ""
    return (
        f"{read}{config.job}: {rows:,} × {columns:,} matrix, rank {settings.rank}, "
        f"{len(problem.train):,} training and {len(problem.test):,} test entries, "
        f"{settings.iterations} iterations"
    )
