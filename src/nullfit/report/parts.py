"""The sections of a study, made ready for the page, and the files that come with them."""

import base64
import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

import pandas
from markupsafe import Markup

from nullfit.charts import page, style
from nullfit.config.schema import RunConfig
from nullfit.console.messages import warn
from nullfit.console.progress import track
from nullfit.errors import StorageError, UserError
from nullfit.report.printing import print_figures
from nullfit.report.runs import RunEntry, run_entries
from nullfit.report.section import (
    BOUNDING,
    BOUNDS,
    DETECTORS,
    Material,
    Section,
    is_not_shown,
    not_shown,
    section_modules,
)
from nullfit.report.summary import by_task
from nullfit.report.tables import as_text, write_table_files
from nullfit.results.detectors import is_compared
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun
from nullfit.results.usable import of_usable

_NUMBER = re.compile(r"[-+−±<>≥≤×%.,\d\s()\[\]eE–…]*\d[-+−±<>≥≤×%.,\d\s()\[\]eE–…]*|–|")
_NOT_IN_LINKS = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_STEM = 180  # characters of a file's name


@dataclass(frozen=True)
class Tab:
    """A figure or picture on the page, and the files it is also in."""

    title: str
    html: Markup
    files: list[Path]


@dataclass(frozen=True)
class Part:
    """A section of task or probe ``name`` as the page shows it.

    ``runs`` are those of a task, under its last section.
    """

    name: str
    id: str
    section: Section
    tabs: list[Tab]
    pictures: list[Tab]
    numeric: list[str]
    tables: list[Path]
    runs: list[RunEntry]

    @property
    def files(self) -> list[Path]:
        """What was written with it."""
        return [*(file for tab in (*self.tabs, *self.pictures) for file in tab.files), *self.tables]


def parts_of(study: Study, folder: Path, command: RunConfig) -> list[Part]:
    """A part for each section of the tasks and probes of a study, trainings first.

    What sections cannot be made of (a damaged run, one of an older version) is told in their place.
    """
    found = runs_by_section(study)
    made = [
        (name, number, section)
        for name, sections in sections_of(study, command).items()
        for number, section in enumerate(sections)
    ]
    for _, _, section in made:
        for line in filter(is_not_shown, section.warnings):
            warn(f"{section.title.lower()}: {line[0].lower()}{line[1:]}")
    files = _drawn([section for _, _, section in made], folder / "figures")
    last = {name: number for name, number, _ in made}
    return [
        Part(
            name=name,
            id=f"{name}-{number}",
            section=section,
            tabs=[
                Tab(one.title, page.html(one.figure, f"{name}-{number}-{place}"), files[id(one)])
                for place, one in enumerate(section.figures, start=1)
                if id(one) in files
            ],
            pictures=[_picture(picture.title, files[id(picture)]) for picture in section.pictures],
            numeric=[] if section.table is None else numeric_columns(section.table),
            tables=_tables(section, folder / "tables", section.stem or name),
            runs=run_entries(run for run in found[name] if run.task == name)
            if number == last[name]
            else [],
        )
        for name, number, section in made
    ]


def sections_of(study: Study, command: RunConfig) -> dict[str, list[Section]]:
    """The sections of the tasks and probes of a study by their names, trainings first."""
    found = runs_by_section(study)
    return {
        name: _sections(name, Material(runs, command))
        for name, runs in track(found.items(), len(found), "reading runs")
    }


def runs_by_section(study: Study) -> dict[str, Sequence[TaskRun]]:
    """The runs of each section: those of its task, or trainings that a probe left results in.

    One section is on all that scored their samples, if some of their labels were corrupted; one on
    those that bound the error, if one of them is of task=pac_bayes.
    """
    names, tasks = section_modules(), by_task(study)
    probed = {name: [run for run in study.runs if run.result.get(name)] for name in names}
    probes = {name: runs for name, runs in probed.items() if runs and name not in tasks}
    found = {task: runs for task, runs in tasks.items() if task in names} | probes
    scored = [run for run in study.every_run if is_compared(run)]
    bounded = [run for task in BOUNDING for run in tasks.get(task, [])]
    others = {DETECTORS: scored, BOUNDS: bounded if BOUNDING[0] in tasks else []}
    return found | {name: runs for name, runs in others.items() if runs}


def _sections(name: str, material: Material) -> list[Section]:
    sections: Callable[[Material], list[Section]]
    sections = importlib.import_module(section_modules()[name]).sections
    try:
        return of_usable(
            material.runs,
            lambda runs: sections(replace(material, runs=runs)),
            f"the report's section {name}",
        )
    except StorageError:
        raise
    except UserError as error:
        return [Section(name.replace("_", " ").capitalize(), [], [not_shown(error)])]


def _drawn(sections: Iterable[Section], folder: Path) -> dict[int, list[Path]]:
    """The files of each figure and picture, by its id; none of a figure that cannot be drawn."""
    figures = [figure for section in sections for figure in section.figures]
    pictures = [picture for section in sections for picture in section.pictures]
    stems = _stems([*(figure.stem for figure in figures), *(picture.stem for picture in pictures)])
    paths = {folder / stem: figure for stem, figure in zip(stems, figures, strict=False)}
    printed = print_figures({path: named.figure for path, named in paths.items()})
    files = {id(named): printed[path] for path, named in paths.items() if path in printed}
    others = zip(pictures, stems[len(figures) :], strict=True)
    return files | {id(one): style.save(one.figure, folder / stem) for one, stem in others}


def _stems(wanted: Iterable[str]) -> list[str]:
    """Names of files that can stand in a link as they are, each once."""
    taken: dict[str, None] = {}
    for stem in wanted:
        plain = _NOT_IN_LINKS.sub("_", stem)[:_LONGEST_STEM].strip("_")
        numbered = (f"{plain}_{number}" for number in count(2))
        taken[next(name for name in chain([plain], numbered) if name not in taken)] = None
    return list(taken)


def _picture(title: str, files: list[Path]) -> Tab:
    png = next(file for file in files if file.suffix == ".png").read_bytes()
    source = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
    image = Markup('<img class="samples" src="{}" alt="{}">').format(source, title)
    return Tab(title, image, files)


def _tables(section: Section, folder: Path, stem: str) -> list[Path]:
    if section.table is None:
        return []
    numbers = section.table if section.numbers is None else section.numbers
    return write_table_files(folder, stem, numbers, as_text(section.table))


def numeric_columns(table: pandas.DataFrame) -> list[str]:
    """The columns of a table of text in which every cell that says anything is a number."""
    return [
        str(column)
        for column in table
        if all(_NUMBER.fullmatch(str(cell)) for cell in table[column])
    ]
