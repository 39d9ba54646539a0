"""What a run can do. Each task is one function from a validated configuration to a result.

A task takes the configuration and the run's folder; its keyword-only parameters are its own
settings at the top level of the configuration. ``task=table`` is ``nullfit.tasks.table.table``:
nothing is imported here, so that a task costs only what it needs itself.
"""
