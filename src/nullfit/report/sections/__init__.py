"""What the report says of tasks other than training, and of probes: a module for each.

``report/sections/<name>.py`` holds ``section(runs: Sequence[TaskRun]) -> Section``. It is called
with the study's runs of the task ``<name>``, or with its trainings whose result.json has a field
``<name>``, as a probe leaves it.
"""
