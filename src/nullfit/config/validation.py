"""From a composed configuration to a `RunConfig`, or to one clear refusal."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from nullfit.config.environment import first_line_of
from nullfit.config.folders import refuse_absent_folder
from nullfit.config.identity import job_name
from nullfit.config.impossible import WITHOUT_RECORD, refuse_impossible
from nullfit.config.messages import complaint, once_each
from nullfit.config.option_checks import COMPONENTS, check_options
from nullfit.config.references import NAME_OF_JOB, resolved
from nullfit.config.schema import RunConfig
from nullfit.config.secrets import refuse_secrets
from nullfit.config.sections.loggers import WandbLogger
from nullfit.console.progress import announce
from nullfit.errors import UserError, nearest, shown
from nullfit.system.first_process import is_first
from nullfit.system.import_order import import_wandb_before_torch

# Tasks that read the data of finished runs again, and download nothing.
_READING_AGAIN = ("clean", "measures", "report")
_SECTIONS = ("task", *COMPONENTS, "trainer", "probe", "logger")


def validate(config: DictConfig) -> RunConfig:
    """Check a composed configuration, with or without Hydra's own part.

    Raises:
        UserError: an unknown key, a value of the wrong type or out of range, a target that is not
            allowed, or settings that cannot go together. The message has at most two problems.
    """
    plain = _plain(config)
    refuse_secrets(plain)
    run = _typed(plain)
    refuse_impossible(run)
    if "torch" not in sys.modules and is_first(run.trainer):
        announce(f"task={run.task.name}: loading libraries and data …")  # takes seconds
    if _records_with_wandb(run):
        import_wandb_before_torch()  # components bring torch along
    problems = check_options(run)
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
    is_recorded = run.task.name not in WITHOUT_RECORD
    return isinstance(run.logger, WandbLogger) and run.logger.mode != "disabled" and is_recorded


def _plain(config: DictConfig) -> dict[str, Any]:
    """The configuration without Hydra's part, every reference in it replaced by its value."""
    _refuse_unknown_sections(config)
    try:
        plain = resolved(config, "job")
        plain |= _job(config, plain)
    except OmegaConfBaseException as error:
        what = first_line_of(error)
        key = getattr(error, "full_key", None)
        if key == "job":  # which is made of all settings: one of them may be of another type
            _typed({**resolved(config, "job"), "job": "job"})
        raise UserError(f"{key}: {what}." if key else f"{what}.") from error
    plain.setdefault("regularizer", {})  # absent where none is chosen: regularizer=[]
    return plain


def _job(config: DictConfig, plain: Mapping[str, Any]) -> dict[str, Any]:
    """The ``job`` of a configuration whose other settings come to ``plain``, if there is one."""
    job: Any = config._get_node("job", validate_access=False)
    if job is None:
        return {}
    if job._value() == NAME_OF_JOB:  # which would resolve the others again
        with suppress(Exception):  # the reference tells of it as of any other
            return {"job": job_name(plain)}
    return {"job": config["job"]}


def _refuse_unknown_sections(config: DictConfig) -> None:
    for section in (*_SECTIONS, "regularizer"):
        node: Any = config._get_node(section, validate_access=False)
        if node is None and section == "regularizer":
            continue
        given = OmegaConf.is_dict(node) and not (node._is_none() or node._is_missing())
        if not given or (section in COMPONENTS and not {"name", "_target_"} & node.keys()):
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
