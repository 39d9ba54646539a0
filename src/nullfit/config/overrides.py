"""The words of a command line as Hydra reads them, with errors for people."""

from collections.abc import Sequence

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString
from hydra.errors import HydraException

from nullfit.config.composer import repository
from nullfit.config.diagnosis import first_line
from nullfit.config.foreign_files import is_inside
from nullfit.config.paths_as_options import reader_of
from nullfit.config.several_probes import apart
from nullfit.errors import UserError, command, nearest

_LISTED = ("probe", "regularizer")  # groups of which a run may have several options
_OPTIONAL = ("recipe", "experiment")  # groups that need not be chosen


def parse(overrides: Sequence[str]) -> list[Override]:
    """The overrides that words are.

    Raises:
        UserError: one cannot be read.
    """
    loader = GlobalHydra.instance().config_loader()
    try:
        return OverridesParser.create(config_loader=loader).parse_overrides(list(overrides))
    except HydraException as error:
        what = first_line(error)
        if what.startswith("LexerNoViableAlt"):
            what = f"{what.partition(': ')[2]} has characters that need quotes"
        raise UserError(
            f"{what}.\nWrite key=value or group=option, lists as 'key=[a,b]' in quotes; see --help."
        ) from error


def with_probes_apart(words: Sequence[str]) -> dict[str, list[str]]:
    """The words of a command that list probes, each with those that it means to Hydra.

    Raises:
        UserError: an override cannot be read.
    """
    found = {str(o.input_line): apart(o) for o in parse(words) if not o.is_sweep_override()}
    return {word: means for word, means in found.items() if means != [word]}


def refuse_nameless(parsed: Sequence[Override]) -> None:
    """See that groups are given names of options; Hydra fails over anything else.

    Raises:
        UserError: a group is given null, a number or the like, or nothing is named.
    """
    known = repository()
    for override in parsed:
        group, chosen = override.key_or_group, override.value()
        if not group:
            raise UserError(f"{override.input_line} has no name: write key=value or group=option.")
        if override.is_delete() or ("/" not in group and not known.group_exists(group)):
            continue
        outside = [name for name in (group, *_texts(chosen)) if not is_inside(name)]
        for name in outside:
            if reader := reader_of(group, name):
                raise UserError(f"{group}={name} does not exist.{reader}")
        if outside:
            raise UserError(
                f"{override.input_line} is not allowed: an option is named by its file in the "
                "folder of its group, without ..; add --config-dir for a folder of your own."
            )
        names = chosen if isinstance(chosen, list) else [chosen]
        if len(names) > 1 and group not in _LISTED:
            several = f"{group}={','.join(map(str, names))}"
            words = [several if o is override else str(o.input_line) for o in parsed]
            how = command(*words, grid=True)
            raise UserError(
                f"{override.input_line} names {len(names)} options of {group}, of which a run has "
                f"one.\nFor a run of each: {how}"
            )
        if not all(isinstance(name, str) for name in names) and not (
            chosen is None and group in _OPTIONAL
        ):
            raise UserError(
                f"{override.input_line} names no option of {group}."
                + nearest(str(chosen), known.get_group_options(group), f"{group}=")
            )


def _texts(chosen: object) -> list[str]:
    if isinstance(chosen, QuotedString | str):
        return [str(chosen.text if isinstance(chosen, QuotedString) else chosen)]
    if isinstance(chosen, ChoiceSweep | list):
        values = chosen.list if isinstance(chosen, ChoiceSweep) else chosen
        return [text for value in values for text in _texts(value)]
    return []
