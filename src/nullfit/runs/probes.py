"""The probes that a run has chosen."""

import re

from nullfit.config.components import target_of, typed_settings
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.training.probe import Probe

_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)  # of a probe
# Of result.json, whatever looked on.
FIELDS = frozenset(
    {
        *("task", "study", "scale", "job", "seed", "seeds", "config_hash", "revisions", "status"),
        *("model", "data", "corruption", "metrics", "fit", "epochs", "steps", "wall_seconds"),
        *("images_per_second", "device", "threads", "memory_format", "compile", "versions"),
        *("command", "start", "digests"),
    }
)


def probes_of(config: RunConfig) -> list[Probe]:
    """What looks on while a network trains.

    Raises:
        UserError: it is impossible with the run's other settings, or its findings would have the
            place of others.
    """
    probes: dict[str, Probe] = {}
    trainer = config.trainer
    for section, chosen in config.probe_sections.items():
        made = target_of(config, section)
        probe: Probe = made(config, **typed_settings(made, chosen.settings))
        _refuse_name(chosen.name, probe)
        if probe.hears_steps and trainer.processes > 1:
            raise UserError(
                f"probe={chosen.name} is impossible with trainer.devices={trainer.devices} × "
                f"trainer.nodes={trainer.nodes}: each process takes steps on samples of its own. "
                "Use one process."
            )
        if probe.name in probes:
            raise UserError(
                f"probe={chosen.name} and another one both write the section {probe.name} of "
                "result.json. Choose one of them."
            )
        probes[probe.name] = probe
    return [probes[name] for name in sorted(probes)]  # however they were listed


def _refuse_name(option: str, probe: Probe) -> None:
    name = getattr(probe, "name", None)
    if isinstance(name, str) and _NAME.fullmatch(name) and name not in FIELDS:
        return
    raise UserError(
        f"probe={option}: {name!r} cannot be the name of its class {type(probe).__name__}, which "
        "is that of a section of result.json and of files. Give the class a name of letters, "
        "digits and _ that no other field has."
    )
