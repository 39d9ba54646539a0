"""Whether the chosen options can be given the settings that stand beside them."""

from nullfit.config.components import (
    check_settings,
    component_of,
    parameters,
    positional,
    target_of,
)
from nullfit.config.ratings import check_ratings
from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import DataConfig
from nullfit.errors import UserError

COMPONENTS = ("data", "model", "corruption", "loss", "optimizer", "schedule")


def check_options(run: RunConfig) -> list[str]:
    """What is wrong with them, a line each."""
    problems = []
    for section in (*COMPONENTS, *run.probe_sections):
        component = component_of(run, section)
        target = target_of(run, section)
        common = [name for name in type(component).model_fields if name not in ("name", "target")]
        settings = component.settings
        if isinstance(component, DataConfig):
            declared = parameters(target)
            if others := positional(target):
                problems.append(
                    f"data._target_={component.target}: the settings of a data source are "
                    f"keyword-only. Write def {target.__name__}(*, {', '.join(others)}, …)."
                )
            settings |= {k: getattr(component, k) for k in common if k in declared}
            if component.image_size is not None and "image_size" not in declared:
                problems.append(
                    f"data.image_size={component.image_size} has no effect on "
                    f"data={component.name}: only sources that read image files resize "
                    "(image_folder); set it to null."
                )
        if section != "corruption":
            problems += check_settings(target, settings, section, common)
    task_settings = run.task_settings
    problems += check_settings(target_of(run, "task"), task_settings, "", RunConfig.model_fields)
    problems += check_ratings(run)
    problems += _check_corruption(run)
    return problems + _check_dropout(run)


def _check_corruption(run: RunConfig) -> list[str]:
    from nullfit.config.corruptions import corruption_steps, other_tests

    if run.corruption.name == "chain" and run.corruption.apply_to is not None:
        return [
            f"corruption.apply_to={run.corruption.apply_to} is impossible for a chain: each of "
            "corruption.steps has its own apply_to."
        ]
    try:
        corruption_steps(run)
        other_tests(run)
    except UserError as error:
        return [str(error)]
    return []


def _check_dropout(run: RunConfig) -> list[str]:
    if run.regularizer.dropout is None:
        return []
    if "dropout" not in run.model.settings:
        return [f"regularizer=dropout is impossible: model={run.model.name} has no dropout layer."]
    dropout = run.model.settings["dropout"]  # null: whatever the architecture has
    if dropout not in (None, 0, run.regularizer.dropout.probability):
        return [
            f"model.dropout={dropout} and regularizer.dropout.probability="
            f"{run.regularizer.dropout.probability} contradict each other: give only one."
        ]
    return []
