"""What ``--help`` prints."""

import string
from collections.abc import Sequence

from hydra.core.object_type import ObjectType
from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict

from nullfit.config.compose import compose_run
from nullfit.config.composer import (
    CONFIG_NAME,
    composer,
    config_folder,
    option_files,
    repository,
)
from nullfit.config.explanations import Explanations, explained, explanations


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
        known = _explanations(config)
    template = string.Template(config.hydra.help.template)
    with open_dict(config):
        del config["hydra"]
    return template.substitute(
        APP_CONFIG_GROUPS=groups, CONFIG=explained(OmegaConf.to_yaml(config), known)
    )


def _explanations(config: DictConfig) -> Explanations:
    """Those of the chosen options, before those of what all options of a group have."""
    found = explanations((config_folder() / f"{CONFIG_NAME}.yaml").read_text(encoding="utf-8"))
    for group, chosen in config.hydra.runtime.choices.items():
        files = {} if group.startswith("hydra/") else option_files(group)
        for name in chosen if isinstance(chosen, ListConfig) else [chosen]:
            if name in files and files[name].is_file():
                found |= explanations(files[name].read_text(encoding="utf-8"), group)
    return found


def _groups() -> str:
    """A line for each group with its options; of Hydra's own groups the launchers alone."""
    known, lines, waiting = repository(), [], [""]
    while waiting:
        parent = waiting.pop()
        for name in known.get_group_options(parent, ObjectType.GROUP):
            group = f"{parent}/{name}" if parent else name
            if group in ("hydra", "local"):
                continue
            waiting.append(group)
            options = sorted(known.get_group_options(group, ObjectType.CONFIG))
            if options:
                lines.append(f"{group}: {', '.join(options)}\n")
    lines.append(f"hydra/launcher: {', '.join(sorted(option_files('hydra/launcher')))}\n")
    return "".join(sorted(lines))
