"""The permutation test's problem of a table: each column is a feature."""

from dataclasses import replace

from nullfit.config.schema import RunConfig
from nullfit.data.sources.table import file_format, read_table
from nullfit.data.sources.table_data import Table
from nullfit.errors import UserError
from nullfit.tasks.permutation.problem import Feature, PermutationProblem

_SETTINGS = ("path", "target", "problem", "drop", "categorical")
_FORM = ("separator", "decimal", "encoding", "missing")  # configurations of before have not all


def table_of(config: RunConfig) -> Table:
    """All rows of the chosen ``data=table``: the test needs none held out.

    Raises:
        UserError: the file cannot be used, ``data.train_limit`` is above its rows, or some
            are to be left out.
    """
    if config.data.leave_out is not None:
        raise UserError(
            f"data.leave_out={config.data.leave_out} is impossible with task={config.task.name} "
            "data=table: leave rows out of the file."
        )
    settings = {name: config.data.settings[name] for name in _SETTINGS}
    form = file_format(*(config.data.settings.get(name) for name in _FORM))
    table = read_table(**settings, form=form, test_share=0.0)
    rows = config.data.train_limit
    if rows is None:
        return table
    if rows > len(table.inputs):
        raise UserError(
            f"data.train_limit={rows} is above the {len(table.inputs)} rows of {table.source}."
        )
    return replace(table, inputs=table.inputs[:rows], targets=table.targets[:rows])


def table_problem(table: Table) -> PermutationProblem:
    """The rows as images one pixel high, for networks that take images; a feature per column."""
    return PermutationProblem(
        inputs=table.inputs.view(len(table.inputs), 1, 1, -1),
        targets=table.targets,
        features=tuple(Feature(column.name, column.positions) for column in table.columns),
        kind="classification" if table.classes else "regression",
    )
