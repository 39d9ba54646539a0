"""From a composed configuration to a `RunConfig`, or to one clear refusal."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from nullfit.config.components import check_settings, locate, parameters, positional
from nullfit.config.environment import first_line_of
from nullfit.config.folders import refuse_absent_folder
from nullfit.config.identity import used_groups
from nullfit.config.loggers import WandbLogger
from nullfit.config.messages import complaint, once_each
from nullfit.config.options import DataConfig, ScheduleConfig
from nullfit.config.ratings import check_ratings
from nullfit.config.schema import RunConfig
from nullfit.config.secrets import refuse_secrets
from nullfit.console.progress import announce
from nullfit.errors import UserError, nearest, shown
from nullfit.system.first_process import is_first
from nullfit.system.import_order import import_wandb_before_torch

_COMPONENTS = ("data", "model", "corruption", "loss", "optimizer", "schedule")
# Tasks that only read what others wrote.
_WITHOUT_RECORD = {
    *("card", "query", "report", "scoreboard", "show", "summary", "sweep_file", "table"),
}
# Tasks that measure on further test sets.
_TESTING = ("train", "evaluate", "kernel")
# Tasks that train on no samples.
_UNTRAINED = _WITHOUT_RECORD | {"clean", "dashboard", "sync"}
# Tasks that read the data of finished runs again, and download nothing.
_READING_AGAIN = ("clean", "measures", "report")
_SECTIONS = ("task", *_COMPONENTS, "trainer", "probe", "logger")


def validate(config: DictConfig) -> RunConfig:
    """Check a composed configuration, with or without Hydra's own part.

    Raises:
        UserError: an unknown key, a value of the wrong type or out of range, a target that is not
            allowed, or settings that cannot go together. The message has at most two problems.
    """
    plain = _plain(config)
    refuse_secrets(plain)
    run = _typed(plain)
    _refuse_impossible(run)
    if "torch" not in sys.modules and is_first(run.trainer):
        announce(f"task={run.task.name}: loading libraries and data …")  # takes seconds
    if _records_with_wandb(run):
        import_wandb_before_torch()  # components bring torch along
    problems = _check_components(run)
    if problems:
        raise _refusal(problems)
    return run


def refuse_absent_data(run: RunConfig, words: Iterable[str]) -> None:
    """See that the folder exists that the words of a command name for data of finished runs.

    Such a task does what it can without data, which is no answer to a name with a typo. The folder
    of the defaults need not exist.

    Raises:
        UserError: it does not; a folder of a similar name is proposed.
    """
    named = any(word.lstrip("+").startswith("data.root=") for word in words)
    if named and run.task.name in _READING_AGAIN:
        refuse_absent_folder("data.root", run.data.root)


def _typed(plain: dict[str, Any]) -> RunConfig:
    try:
        return RunConfig.model_validate(plain)
    except ValidationError as error:
        raise _refusal([_explain(problem) for problem in once_each(error.errors())]) from error


def _records_with_wandb(run: RunConfig) -> bool:
    is_recorded = run.task.name not in _WITHOUT_RECORD
    return isinstance(run.logger, WandbLogger) and run.logger.mode != "disabled" and is_recorded


def _plain(config: DictConfig) -> dict[str, Any]:
    """The configuration without Hydra's part, every reference in it replaced by its value."""
    _refuse_unknown_sections(config)
    try:
        plain = _resolved(config)
    except OmegaConfBaseException as error:
        what = first_line_of(error)
        key = getattr(error, "full_key", None)
        if key == "job":  # which is made of all settings: one of them may be of another type
            _typed({**_resolved(config, "job"), "job": "job"})
        raise UserError(f"{key}: {what}." if key else f"{what}.") from error
    plain.setdefault("regularizer", {})  # absent where none is chosen: regularizer=[]
    return plain


def _resolved(config: DictConfig, *left_out: str) -> dict[str, Any]:
    return {
        str(key): OmegaConf.to_container(config[key], resolve=True)
        if OmegaConf.is_config(config[key])
        else config[key]
        for key in config
        if key not in ("hydra", *left_out)
    }


def target_of(run: RunConfig, section: str) -> Callable[..., Any]:
    """The function or class behind the chosen option of a group, or of one of several probes."""
    if run.allow_targets and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # the user's own modules, named by the user
    return locate(_component(run, section).target, section, run.allow_targets)


def _component(run: RunConfig, section: str) -> Any:
    return run.probe_sections.get(section) or getattr(run, section)


def _check_components(run: RunConfig) -> list[str]:
    problems = []
    for section in (*_COMPONENTS, *run.probe_sections):
        component = _component(run, section)
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


def _refuse_impossible(run: RunConfig) -> None:
    """Settings that are fine one by one and impossible together."""
    trainer = run.trainer
    if trainer.accelerator == "cpu" and trainer.precision.startswith("16"):
        raise UserError(
            f"trainer.precision={trainer.precision} needs a GPU; on the CPU use 32-true or 64-true."
        )
    if trainer.compile is not None:
        _refuse_impossible_compilation(run)
    _refuse_seeds_without_effect(run)
    _refuse_impossible_whitening(run.data)
    _refuse_impossible_warmup(run.schedule)
    sgd = run.optimizer.settings
    if sgd.get("nesterov") is True and sgd.get("momentum") == 0:
        raise UserError(
            "optimizer.nesterov=true is impossible with optimizer.momentum=0: it is a way of using "
            "momentum. Give one above 0, or optimizer.nesterov=false."
        )
    for section, probe in run.probe_sections.items():
        if probe.target is None:
            raise UserError(
                f"probe={probe.name} has no {section}._target_, the class that looks on: name it "
                f"in conf/probe/{probe.name}.yaml, or use probe=none."
            )
        if run.task.name != "train":
            raise UserError(
                f"probe={probe.name} has no effect on task={run.task.name}: it looks on while a "
                "network is trained. Leave it out, or use task=train."
            )
    if run.data.test_corruptions is not None and run.task.name not in _TESTING:
        raise UserError(
            f"data.test_corruptions={shown(run.data.test_corruptions)} has no effect on "
            f"task={run.task.name}: it is for {', '.join(_TESTING)}.\nLeave it out: "
            "data.test_corruptions=null."
        )
    if run.data.leave_out is not None and run.task.name in _UNTRAINED:
        raise UserError(
            f"data.leave_out={shown(run.data.leave_out)} has no effect on task={run.task.name}, "
            "which trains on nothing. Leave it out."
        )
    _refuse_impossible_weights(run)
    if trainer.record_confusion and run.task.name != "train":
        raise UserError(
            f"trainer.record_confusion=true has no effect on task={run.task.name}, which keeps no "
            "confusion matrix by epoch. Leave it out, or use task=train."
        )


def _refuse_impossible_weights(run: RunConfig) -> None:
    """Weights to be kept, frozen or begun with, where there are none."""
    keep, most, start = run.trainer.keep_epochs, run.trainer.max_epochs, run.start
    given = {
        "trainer.keep_epochs": keep,
        "start.run": start.run,
        "start.layers": start.layers,
        "start.epoch": start.epoch,
        "start.rewind": start.rewind,
        "freeze": run.freeze,
    }
    for key, value in given.items():
        if value is not None and run.task.name != "train":
            raise UserError(
                f"{key}={shown(value)} has no effect on task={run.task.name}: leave it out, or use "
                "task=train."
            )
    for key in ("start.layers", "start.epoch", "start.rewind"):
        if given[key] is not None and start.run is None:
            raise UserError(
                f"{key}={shown(given[key])} says what is taken from another run: name that run, "
                "start.run=outputs/first/<job>."
            )
    if run.freeze is not None and run.trainer.compile is not None:
        raise UserError(
            f"freeze={shown(run.freeze)} is impossible with trainer.compile={run.trainer.compile}, "
            "by which all of a network is in training mode. Use trainer.compile=null."
        )
    if keep is not None and most is not None and max(keep) > most:
        raise UserError(
            f"trainer.keep_epochs={shown(keep)} has an epoch that does not come: "
            f"trainer.max_epochs={most}. Name epochs from 0, before training, to {most}."
        )


def _refuse_seeds_without_effect(run: RunConfig) -> None:
    if not run.seeds.given:
        return
    used = used_groups(run.plain())
    for name in run.seeds.given:
        if ("corruption" if name == "corruption" else "model") not in used:
            raise UserError(
                f"seeds.{name} has no effect on task={run.task.name}, which has none of its own to "
                "draw. Leave it out."
            )


def _refuse_impossible_whitening(data: DataConfig) -> None:
    given = [f"data.{key}" for key in ("mean", "std") if getattr(data, key) is not None]
    if data.whitening == "fixed" and len(given) < 2:
        raise UserError(
            "data.whitening=fixed needs data.mean and data.std, of pixels from 0 to 1: one number, "
            "or one for each channel, e.g. data.mean=0.5 data.std=0.5."
        )
    if given and data.whitening != "fixed":
        raise UserError(
            f"{given[0]} has no effect with data.whitening={data.whitening}: add "
            f"data.whitening=fixed, or set {' and '.join(given)} to null."
        )


def _refuse_impossible_warmup(schedule: ScheduleConfig) -> None:
    if (schedule.warmup_epochs is None) != (schedule.warmup_factor is None):
        raise UserError(
            "schedule.warmup_epochs and schedule.warmup_factor go together, e.g. "
            "schedule.warmup_epochs=5 schedule.warmup_factor=0.1: give both, or null to both."
        )
    if schedule.warmup_epochs is not None and schedule.name == "one_cycle":
        raise UserError(
            "schedule.warmup_epochs is impossible with schedule=one_cycle, which has a warm-up of "
            "its own: schedule.warmup_fraction."
        )


def _refuse_impossible_compilation(run: RunConfig) -> None:
    trainer = run.trainer
    asked = f"trainer.compile={trainer.compile}"
    if trainer.compile == "max-autotune" and trainer.deterministic:
        raise UserError(
            f"{asked} is impossible with trainer.deterministic=true: it chooses by the clock, and "
            "other bits may come out each time. Use trainer.deterministic=false, or another mode."
        )
    if trainer.processes > 1:
        raise UserError(
            f"{asked} is impossible with trainer.devices={trainer.devices} × trainer.nodes="
            f"{trainer.nodes}: one process alone is compiled. Use trainer.compile=null."
        )
    if run.regularizer.weight_noise is not None:
        raise UserError(
            f"{asked} is impossible with regularizer=weight_noise, which puts other weights into "
            "the network at each step. Use trainer.compile=null, or leave the noise out."
        )


def _refuse_unknown_sections(config: DictConfig) -> None:
    for section in (*_SECTIONS, "regularizer"):
        node: Any = config._get_node(section, validate_access=False)
        if node is None and section == "regularizer":
            continue
        given = OmegaConf.is_dict(node) and not (node._is_none() or node._is_missing())
        if not given or (section in _COMPONENTS and not {"name", "_target_"} & node.keys()):
            value = None if node is None or given else node._value()
            raise UserError(
                f"{section}={shown(value)} is not allowed: choose an option of the group, "
                f"e.g. {section}=… as --help lists them."
            )


def _explain(problem: Any) -> str:
    if problem["type"] != "extra_forbidden":
        return complaint(problem)
    *section, key = [str(part) for part in problem["loc"]]
    model: Any = RunConfig
    for part in section:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        if field is None:
            break
        model = field.annotation
    known = getattr(model, "model_fields", {})
    path = ".".join(section)
    return f"{path}.{key} is not a setting." + nearest(key, known, f"{path}.")


def _refusal(problems: list[str]) -> UserError:
    shown = problems[:2]
    if len(problems) > len(shown):
        shown[-1] += f" ({len(problems) - len(shown)} more after that.)"
    return UserError("\n".join(shown))
