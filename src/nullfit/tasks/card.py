"""``task=card``: a study on one page of Markdown."""

from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from nullfit.config.schema import RunConfig
from nullfit.config.sections.section import Section
from nullfit.console.messages import name_files, say
from nullfit.errors import in_python
from nullfit.results.study import read_study
from nullfit.results.unfinished import say_unfinished

CARD = "study.md"


class CardSettings(Section):
    """What nobody but the author knows."""

    question: Annotated[str, StringConstraints(max_length=2000)] | None


def card(config: RunConfig, folder: Path, *, card: CardSettings) -> None:
    """Write ``outputs/<study>/study.md``, whole or not at all.

    Raises:
        UserError: the study does not exist, has no finished run, or none of which a card can be
            made.
    """
    from nullfit.report.card.card import study_card
    from nullfit.report.card.question import asked_by_people
    from nullfit.results.usable import of_usable
    from nullfit.system.files import write_text

    study = read_study(config.outputs, config.study)
    text = of_usable(
        study.every_run, lambda runs: study_card(study, runs, card.question), "the card"
    )
    path = folder.parent / CARD
    write_text(path, text)
    name_files([path])
    if asked_by_people(study.every_run, card.question) is None:
        give = 'study.card("…")' if in_python() else 'card.question="…"'
        say(f"  nobody wrote down what the study asks: give {give}")
    say_unfinished(study, "named in the card")
