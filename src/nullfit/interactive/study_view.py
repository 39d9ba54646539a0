"""A study, to look at: tables, figures and its report."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.errors import UserError, asked_in_python, nearest

if TYPE_CHECKING:
    import pandas

    from nullfit.charts.figure import Figure
    from nullfit.config.schema import RunConfig
    from nullfit.results.study import Study

_SUFFIXES = (".pdf", ".svg", ".png")
_OTHERS = (".jpg", ".jpeg", ".gif", ".eps", ".tif", ".tiff", ".webp", ".html")
_DPI = 110  # of a picture in a notebook


def study(folder: "str | os.PathLike[str]") -> "StudyView":
    """The study that lies in a folder, such as ``"outputs/first"``.

    Raises:
        UserError: there is none, or it has no finished run.
    """
    path = Path(folder)
    usual = Path("outputs", path)
    if not path.is_dir() and usual.is_dir():
        raise UserError(f"there is no folder {path}. Did you mean {str(usual)!r}?")
    found = StudyView(path)
    _ = found.read  # says what is wrong
    return found


class StudyView:
    """The finished runs of a study, as they were when first looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @cached_property
    def read(self) -> "Study":
        """The study in nullfit's own terms: ``read.runs`` are its trainings, one by one."""
        from nullfit.results.study import read_study  # noqa: PLC0415

        with asked_in_python():
            return read_study(str(self.folder.parent), self.folder.name)

    @cached_property
    def runs(self) -> "pandas.DataFrame":
        """A row for each finished training: settings that differ, accuracies, epochs, folder."""
        return self.query("select * from runs")

    @cached_property
    def results(self) -> "pandas.DataFrame":
        """A row for each finished run of whatever task."""
        return self.query("select * from results")

    @cached_property
    def curves(self) -> "pandas.DataFrame":
        """A row for each epoch of each training, as in ``metrics.csv``, with the run's settings."""
        return self.query("select * from epochs")

    @cached_property
    def samples(self) -> "pandas.DataFrame":
        """A row for each training sample of each run that scored its samples, with ``job``.

        Raises:
            UserError: no run did; ``probe=dynamics`` does.
        """
        import pandas  # noqa: PLC0415

        from nullfit.results.samples import has_samples, samples_table  # noqa: PLC0415

        scored = [run for run in self.read.every_run if has_samples(run.folder)]
        if not scored:
            raise UserError(f"no run of {self.folder} scored its samples: give probe=dynamics.")
        tables = [samples_table(run.folder).assign(job=run.folder.name) for run in scored]
        return pandas.concat(tables, ignore_index=True)

    def query(self, sql: str) -> "pandas.DataFrame":
        """The answer to SQL over the tables of ``task=query``: ``runs``, ``epochs``, ``results``.

        Raises:
            UserError: the SQL is wrong.
        """
        from nullfit.results.database import Database  # noqa: PLC0415

        problem = ""
        with asked_in_python():
            try:
                return Database(self.folder.parent, self.folder.name).frame(sql)
            except UserError as error:
                problem = str(error)
        # Anew: what holds on to DuckDB when Python ends makes it complain.
        raise UserError(problem)

    @cached_property
    def figures(self) -> "Figures":
        """The figures of the report by name; a part of a name will do where it is but one's."""
        from nullfit.report.parts import sections_of  # noqa: PLC0415

        with asked_in_python():
            made = sections_of(self.read, self._command("report"))
        return Figures(
            {
                named.stem: ShownFigure(named.title, named.figure)
                for sections in made.values()
                for section in sections
                for named in section.figures
            }
        )

    def _command(self, task: str, *more: str) -> "RunConfig":
        """That of a task on the study, with more words."""
        from nullfit.config.compose import compose_run  # noqa: PLC0415
        from nullfit.config.composer import composer  # noqa: PLC0415
        from nullfit.config.validation import refuse_absent_data, validate  # noqa: PLC0415
        from nullfit.errors import hydra_word  # noqa: PLC0415

        words = [
            *more,
            f"task={task}",
            hydra_word("outputs", str(self.folder.parent)),
            hydra_word("study", self.folder.name),
        ]
        with composer():
            config = validate(compose_run(words))
        refuse_absent_data(config, more)
        return config

    def report(self, *words: str) -> Path:
        """Write the report: a page, figures for print, tables. Returns the page.

        Args:
            words: as on the command line after ``task=report``. Samples of your own data are drawn
                only from files that they name: ``"data.root=my_images"``.

        Raises:
            UserError: a word is wrong.
        """
        from nullfit.report.build import build_report  # noqa: PLC0415

        with asked_in_python():
            config = self._command("report", *words)
            page, *_ = build_report(self.read, Path(config.outputs, config.study, "report"), config)
        return page

    def card(self, question: str | None = None) -> Path:
        """Write the card of the study in Markdown: what was asked, done and found. Returns it."""
        from nullfit.tasks.card import CARD, CardSettings, card  # noqa: PLC0415

        with asked_in_python():
            config = self._command("card")
            card(config, self.folder / config.job, card=CardSettings(question=question))
        return self.folder / CARD

    def __repr__(self) -> str:
        return f"<nullfit study {self.folder.name}, {len(self.read.every_run)} runs>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the table of the study."""
        from nullfit.results.readable_table import readable  # noqa: PLC0415
        from nullfit.results.table import study_table  # noqa: PLC0415

        caption = escape(repr(self)[1:-1])
        if not self.read.runs:
            return f"<p>{caption}</p>"
        table = readable(study_table(self.read.runs)).to_html(index=False)
        return f"<p>{caption}</p>{table}"


@dataclass(frozen=True)
class ShownFigure:
    """A figure of a report, which a notebook shows."""

    title: str
    figure: "Figure"

    def save(self, path: "str | os.PathLike[str]") -> list[Path]:
        """Write it as PDF, SVG and PNG (300 dpi) with that name; a suffix is left out."""
        from nullfit.charts.printed import save  # noqa: PLC0415

        given = Path(path)
        if given.suffix in _SUFFIXES:
            given = given.with_suffix("")
        elif given.suffix.lower() in _OTHERS:
            raise UserError(f"{path}: a figure is written as {', '.join(_SUFFIXES)}; name one.")
        return save(self.figure, given)

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        from nullfit.charts.printed import png  # noqa: PLC0415

        return png(self.figure, _DPI)

    def __repr__(self) -> str:
        return f"<nullfit figure: {self.title}>"


class Figures(Mapping[str, ShownFigure]):
    """Figures by name."""

    def __init__(self, of: dict[str, ShownFigure]) -> None:
        self._of = of

    def __getitem__(self, name: str) -> ShownFigure:
        if name in self._of:
            return self._of[name]
        meant = [known for known in self._of if name in known]
        if len(meant) == 1:
            return self._of[meant[0]]
        if meant:
            raise UserError(f"{name!r} may be {', '.join(meant)}.")
        raise UserError(f"there is no figure {name!r}.{nearest(name, self._of)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __repr__(self) -> str:
        return f"<nullfit figures {', '.join(self._of)}>"

    def _ipython_key_completions_(self) -> list[Any]:
        return list(self._of)
