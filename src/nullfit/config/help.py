"""What ``--help`` prints."""

import string
from collections.abc import Sequence

from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from omegaconf import OmegaConf, open_dict

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer, option_files


def help_text(overrides: Sequence[str], config_dir: str | None) -> str:
    """The template of ``hydra.help``, with the groups and the settings that a command would have.

    Hydra fills it in itself, and copies all it knows anew for each of its hundred groups: most of
    the time of ``--help`` went there.

    Raises:
        UserError: as `compose_run`.
    """
    with composer(config_dir):
        config = compose_run(overrides)
        groups = _groups()
    template = string.Template(config.hydra.help.template)
    with open_dict(config):
        del config["hydra"]
    return template.substitute(APP_CONFIG_GROUPS=groups, CONFIG=OmegaConf.to_yaml(config))


def _groups() -> str:
    """A line for each group with its options; of Hydra's own groups the launchers alone."""
    repository = GlobalHydra.instance().config_loader().repository  # type: ignore[attr-defined]
    lines, waiting = [], [""]
    while waiting:
        parent = waiting.pop()
        for name in repository.get_group_options(parent, ObjectType.GROUP):
            group = f"{parent}/{name}" if parent else name
            if group == "hydra":
                continue
            waiting.append(group)
            options = sorted(repository.get_group_options(group, ObjectType.CONFIG))
            if options:
                lines.append(f"{group}: {', '.join(options)}\n")
    lines.append(f"hydra/launcher: {', '.join(sorted(option_files('hydra/launcher')))}\n")
    return "".join(sorted(lines))
