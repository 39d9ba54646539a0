"""What ``task=permutation_test data=table`` tests."""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from nullfit import assembly
from nullfit.config.schema import RunConfig
from nullfit.data.sources.table_account import account, account_fields
from nullfit.data.sources.table_data import Table
from nullfit.errors import UserError
from nullfit.tasks.permutation.guidance import residuals_of_classes
from nullfit.tasks.permutation.loss import loss_of
from nullfit.tasks.permutation.problem import PermutationProblem
from nullfit.tasks.permutation.same_inputs import same_inputs
from nullfit.tasks.permutation.settings import PermutationTestSettings
from nullfit.tasks.permutation.subject import Subject
from nullfit.tasks.permutation.table_problem import table_of, table_problem

if TYPE_CHECKING:
    from nullfit.runs.preflight.look import Look


def table_subject(config: RunConfig, settings: PermutationTestSettings) -> Subject:
    """Read the table and make a network for it: an output for each class, or one for numbers.

    Raises:
        UserError: the table cannot be used, or a setting has no meaning for tables.
    """
    _refuse_meaningless(config, settings)
    table = table_of(config)
    _refuse_kind(config, settings, table)
    problem = table_problem(table)
    network = assembly.network(config, *_sizes(table))

    def measured(trained: nn.Module) -> dict[str, float]:
        return _metrics(trained, problem)

    target = str(config.data.settings["target"]).strip()
    return Subject(
        problem,
        network,
        measured,
        _fields(config, table),
        account(table, target),
        same_inputs(table),
    )


def refuse_table(config: RunConfig, settings: PermutationTestSettings, look: "Look") -> None:
    """What `table_subject` refuses.

    Raises:
        UserError: as `table_subject`.
    """
    _refuse_meaningless(config, settings)
    table = look.file(lambda: table_of(config), config.plain()["data"])
    _refuse_kind(config, settings, table)
    look.network(config, *_sizes(table))


def _sizes(table: Table) -> tuple[tuple[int, int, int], int]:
    """What a network for it takes, and how many numbers it gives."""
    return (1, 1, table.inputs.shape[1]), len(table.classes) or 1


def _refuse_kind(config: RunConfig, settings: PermutationTestSettings, table: Table) -> None:
    if settings.kind == "nonlinearity" and table.classes:
        target = config.data.settings["target"]
        raise residuals_of_classes(f"data.target={target} must be a number")


def _refuse_meaningless(config: RunConfig, settings: PermutationTestSettings) -> None:
    meaningless = {
        f"corruption={config.corruption.name}": config.corruption.name != "none",
        f"permutation_test.patch={settings.patch}": settings.patch != 1,
        f"data.whitening={config.data.whitening}": config.data.whitening != "none",
        f"data.crop={config.data.crop}": config.data.crop is not None,
    }
    for setting, chosen in meaningless.items():
        if chosen:
            raise UserError(
                f"{setting} has no effect on task=permutation_test data=table: its features are "
                "the columns, each standardized. Leave it out."
            )


def _metrics(network: nn.Module, problem: PermutationProblem) -> dict[str, float]:
    """Loss, and accuracy of classes or the share of the variance that numbers' fit explains."""
    with torch.no_grad():
        outputs = network.eval()(problem.inputs)
    loss = float(loss_of(problem.kind)(outputs, problem.targets))
    if problem.kind == "classification":
        right = (outputs.argmax(1) == problem.targets).float().mean()
        return {"train/loss": loss, "train/accuracy": float(right)}
    spread = float(problem.targets.var(correction=0))
    return {"train/loss": loss, "train/r_squared": 1 - loss / spread}


def _fields(config: RunConfig, table: Table) -> dict[str, Any]:
    return {
        "data": {
            "name": config.data.name,
            "path": table.source,
            "target": str(config.data.settings["target"]).strip(),
            "columns": [column.name for column in table.columns],
            "train_samples": len(table.inputs),
            "test_samples": 0,
            "input_shape": [1, 1, table.inputs.shape[1]],
            "classes": len(table.classes),
            "class_names": list(table.classes),
            **account_fields(table),
        },
        "corruption": {"name": "none", "labels_changed": 0.0, "images_changed": 0.0},
    }
