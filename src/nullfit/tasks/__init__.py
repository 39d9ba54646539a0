"""What a run can do. Each task is one function from a validated configuration to a result.

A task takes the configuration and the run's folder; its keyword-only parameters are its own
settings at the top level of the configuration. ``task=table`` is ``nullfit.tasks.table.table``:
nothing is imported here, so that a task costs only what it needs itself.

Beside its task a module may have ``refuse_beforehand``, a function of the configuration, a
`nullfit.runs.preflight.look.Look` and the same settings. It raises what the task would raise at its
start, without computing or writing anything, and is asked before the first job of a grid.
"""
