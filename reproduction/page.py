"""Make docs/reproduction.md of measured results.

    python -m reproduction.page [--new FOLDER]

New results (outputs/reproduction unless told) are kept in reproduction/results, without weights;
the page is made of all that lie there: what was not run again keeps its lines.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from scipy.stats import t as student_t

from benchmarks.machine import machine
from nullfit.results.formats import markdown
from nullfit.results.published.figures import is_share
from nullfit.results.published.quantities import class_of
from nullfit.results.published.scoreboard import (
    Comparison,
    as_table,
    comparisons,
    readable,
    setting_words,
)
from nullfit.results.published.setup import copy_of
from nullfit.results.readable_table import readable as readable_table
from nullfit.results.readable_table import readable_task_table
from nullfit.results.result import ARRAYS, read_arrays, write_arrays
from nullfit.results.study import Study, read_study
from nullfit.results.table import study_table, task_table
from nullfit.results.task_run import TaskRun
from reproduction.parts import HERE, OUTPUTS, RESULTS, Part, parts

PAGE = HERE.parent / "docs" / "reproduction.md"
IMAGES = PAGE.parent / "images"
KEPT = ("result.json", "config.yaml", "metrics.csv", ARRAYS)
SMALL = 200_000  # bytes: larger files of a run are not kept
# Factors of a matrix are made anew in seconds.
WITHOUT_ARRAYS = ("matrix_factorization_exercise",)
# Of larger arrays those that a published number is measured on are.
MEASURED_ON = ("forgetting",)
_COPY = copy_of("cifar10")
_UNEXPLAINED = "*Not explained:*"
_DATA = {"mnist": "data=mnist", "cifar10": "data=cifar10"}


def main() -> None:
    """Keep new results, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--new", type=Path, default=Path(OUTPUTS), help="folder with new results")
    given = parser.parse_args()
    kept = keep(given.new)
    studies = [read_study(str(RESULTS), name) for name in ordered()]
    pictures = [picture for study in studies for picture in draw(study)]
    PAGE.write_text(page(studies, pictures), encoding="utf-8")
    print(f"{kept} new results kept in {RESULTS.name}/; wrote {PAGE.name}")


def keep(new: Path) -> int:
    """Copy the small files of finished runs; how many runs were new or had changed."""
    kept = 0
    for result in sorted(new.glob("*/*/result.json")):
        folder = RESULTS / result.parent.parent.name / result.parent.name
        there = folder / result.name
        if there.is_file() and there.read_bytes() == result.read_bytes():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            if name == ARRAYS and folder.parent.name in WITHOUT_ARRAYS:
                continue
            file = result.parent / name
            if file.is_file() and file.stat().st_size <= SMALL:
                shutil.copy(file, folder / name)
            elif name == ARRAYS and (arrays := read_arrays(result.parent, *MEASURED_ON)):
                write_arrays(folder, **arrays)
        about = yaml.safe_dump(machine(1), sort_keys=False)
        (folder / "machine.yaml").write_text(about, encoding="utf-8")
        kept += 1
    return kept


def ordered() -> list[str]:
    """The studies that have results, in the order of the parts that they come from."""
    text = "\n".join(run for part in parts() for run in part.runs)
    names = [folder.name for folder in RESULTS.iterdir() if folder.is_dir()]
    return sorted(names, key=lambda name: (text.find(name) < 0, text.find(name), name))


@dataclass(frozen=True)
class Picture:
    """A figure of a study, drawn as its report draws it."""

    study: str
    file: str
    caption: str


def notes() -> dict[str, Any]:
    """What is said beside the numbers: notes.yaml."""
    found: dict[str, Any] = yaml.safe_load((HERE / "notes.yaml").read_text(encoding="utf-8"))
    return found


def draw(study: Study) -> Iterator[Picture]:
    """The pictures that notes.yaml asks for, copied from the study's report."""
    wanted = notes()["pictures"].get(study.name, {})
    if wanted:
        words = [f"study={study.name}", f"outputs={RESULTS}", "task=report"]
        subprocess.run([sys.executable, "run.py", *words], check=True, stdout=subprocess.DEVNULL)
    for figure, caption in wanted.items():
        drawn = study.folder / "report" / "figures" / f"{figure}.png"
        if drawn.is_file():
            file = f"reproduction_{study.name}_{figure}.png"
            shutil.copy(drawn, IMAGES / file)
            yield Picture(study.name, file, caption)


def page(studies: Sequence[Study], pictures: Sequence[Picture]) -> str:
    """The whole page."""
    each = {study.name: comparisons(study) for study in studies}
    studies = sorted(studies, key=lambda study: not _measured(each[study.name]))  # the rest last
    every = [comparison for found in each.values() for comparison in found]
    said = notes()
    sections = [_section(study, each[study.name], pictures) for study in studies]
    return "\n".join(
        [
            "# Every published number, measured",
            "",
            "<!-- made by python -m reproduction.page: change that, or reproduction/notes.yaml -->",
            "",
            _counted(every),
            "",
            said["introduction"].strip(),
            "",
            *_by_source(every),
            "",
            *_summary(studies, each),
            "",
            *sections,
            *_differing(studies, each, said["explanations"]),
            *_left(),
            *_machines(studies),
        ]
    )


def _measured(found: Sequence[Comparison]) -> list[Comparison]:
    return [c for c in found if c.values.count() and c.published.value is not None]


def _other_settings(of: Comparison) -> list[str]:
    """What differs but for the copy of the data."""
    return [text for text in of.differing if text != _COPY]


def _number(found: Iterable[Comparison]) -> int:
    """How many published numbers: one may stand beside several settings of ours."""
    return len({repr(comparison.published) for comparison in found})


def _counted(every: Sequence[Comparison]) -> str:
    measured = _measured(every)
    settings = [c for c in measured if not _other_settings(c)]
    same, data = _number(settings), _number(c for c in settings if not c.differing)
    return (
        f"{_number(measured)} published numbers stand beside ours here; {same} of them were "
        f"measured in the published settings, {data} of those on the very data and "
        f"{same - data} on a copy of it."
    )


def _by_source(every: Sequence[Comparison]) -> list[str]:
    """How many numbers each source has here; those by class are one exercise's, not ten facts."""
    lines = [
        "| source | published numbers | of them by class | in the published settings |",
        "| --- | ---: | ---: | ---: |",
    ]
    found: dict[str, list[Comparison]] = {}
    for comparison in _measured(every):
        found.setdefault(comparison.published.source, []).append(comparison)
    for source in sorted(found, key=lambda name: (not name.startswith("Zhang"), name)):
        those = found[source]
        by_class = _number(c for c in those if class_of(c.published.quantity) is not None)
        same = _number(c for c in those if not _other_settings(c))
        url = those[0].published.url
        named = source if url is None else f"[{source}]({url})"
        lines.append(f"| {named} | {_number(those)} | {by_class or ''} | {same} |")
    return lines


def _summary(studies: Sequence[Study], each: dict[str, list[Comparison]]) -> list[str]:
    lines = [
        "| part | published numbers | in the published settings | runs | time of all runs |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for study in studies:
        found = _measured(each[study.name])
        same = _number(c for c in found if not _other_settings(c))
        runs = study.every_run
        seconds = sum(run.result.get("wall_seconds", 0) for run in runs)
        lines.append(
            f"| [{study.name}](#{study.name}) | {_number(found)} | {same} | {len(runs)} | "
            f"{_time(seconds)} |"
        )
    return lines


def _section(study: Study, found: Sequence[Comparison], pictures: Sequence[Picture]) -> str:
    about = notes()["studies"].get(study.name, "")
    lines = [f"## {study.name}", "", *([about.strip(), ""] if about else [])]
    own = [picture for picture in pictures if picture.study == study.name]
    if found:
        lines += [*_table(study, found), *_wide(study, found)]
    if study.name in notes()["tables"] or (not found and not own):
        lines += ["Every setting that was run:", "", *_every_setting(study), ""]
    lines += [f"![{p.caption}](images/{p.file})\n\n{p.caption}\n" for p in own]
    runs = [run for part in _parts_of(study.name) for run in part.runs]
    commands = [f"python run.py -m {run.format(**_DATA)}" for run in runs]
    only = _parts_of(study.name)[0].name
    lines += [f"`make reproduce ONLY={only}`, which runs:", ""]
    lines += ["```sh", *commands, "```", ""]
    return "\n".join(lines)


def _table(study: Study, found: Sequence[Comparison]) -> list[str]:
    """The numbers of whole runs, a table for each source.

    What all of them have in common with their sources is said once, above.
    """
    shown = readable(as_table(found, study)).to_dict("records")
    pairs = [
        (comparison, row)
        for comparison, row in zip(found, shown, strict=True)
        if comparison.values.count() and _column(comparison) is None
    ]
    kinds = {_same(comparison) for comparison, _ in pairs}
    common = len(kinds) == 1 and len(pairs) > 1
    tables: dict[str, list[str]] = {}
    for comparison, row in pairs:
        line = _line(comparison, row, None if common else _same(comparison))
        tables.setdefault(row["source"], []).append(line)
    head = ["quantity", "setting", "published", "ours", "n", "difference", "same", "a run"]
    rule = ["---", "---", "---:", "---:", "---:", "---:", "---", "---:"]
    if common:
        del head[6], rule[6]
    lines = [f"Same data and settings in all of these: {kinds.pop()}.", ""] if common else []
    for source, rows in tables.items():
        lines += [f"{source}:", "", _cells(head), _cells(rule), *rows, ""]
    return lines


def _wide(study: Study, found: Sequence[Comparison]) -> list[str]:
    """Numbers by class and by epoch: a table for each source, a pair of lines for each series."""
    tables: dict[tuple[str, str, str], dict[tuple[str, str, int], list[Comparison]]] = {}
    for comparison in found:
        if (n := int(comparison.values.count())) and (column := _column(comparison)) is not None:
            quantity = comparison.published.quantity.partition("_of_class")[0]
            series = (_of(comparison, study), quantity, n)  # longer runs may be fewer
            kind = (comparison.published.source, column[0], _same(comparison))
            tables.setdefault(kind, {}).setdefault(series, []).append(comparison)
    lines = []
    for (source, by, same), rows in tables.items():
        columns = list(dict.fromkeys(_name(c) for each in rows.values() for c in each))
        lines += [
            f"{source}, by {by}, accuracies in % (same: {same}):",
            "",
            f"| setting | quantity | | {' | '.join(columns)} |",
            f"| --- | --- | --- |{' ---: |' * len(columns)}",
        ]
        for (setting, measure, n), each in rows.items():
            by_column = {_name(c): c for c in each}
            theirs = [_digits(by_column.get(c), published=True) for c in columns]
            ours = [_digits(by_column.get(c), published=False) for c in columns]
            lines += [
                f"| {setting} | {measure} | published | {' | '.join(theirs)} |",
                f"| | | ours, n = {n} | {' | '.join(ours)} |",
            ]
        lines.append("")
    return lines


def _column(of: Comparison) -> tuple[str, int] | None:
    """What a number is one of several of: epochs or classes; None where it stands alone."""
    if of.published.epoch is not None:
        return "epoch", of.published.epoch
    of_class = class_of(of.published.quantity)
    return None if of_class is None else ("class", of_class[1])


def _name(of: Comparison) -> str:
    column = _column(of)
    assert column is not None
    names = of.runs[0].result["data"]["class_names"]
    return str(names[column[1]]) if column[0] == "class" else str(column[1])


def _digits(of: Comparison | None, *, published: bool) -> str:
    if of is None or of.published.value is None:
        return ""
    value = of.published.value if published else float(of.values.mean())
    return f"{100 * value:.1f}" if is_share(of.published.quantity) else f"{value:.3f}"


def _same(of: Comparison) -> str:
    """Whether data and settings were the published ones."""
    other = _other_settings(of)
    if other:
        return f"no: {'; '.join(other)}"
    return "yes, data a copy" if _COPY in of.differing else "yes"


def _parts_of(study: str) -> list[Part]:
    found = [
        part
        for part in parts()
        if not part.gpu and any(re.search(rf"(experiment|study)={study}\b", r) for r in part.runs)
    ]
    return found or [part for part in parts() if any(f"={study}" in run for run in part.runs)]


def _line(of: Comparison, row: dict[str, Any], same: str | None) -> str:
    """A row; without the cell of ``same`` where that is said above."""
    seconds = [s for run in of.runs if (s := run.result.get("wall_seconds")) is not None]
    time = _time(sum(seconds) / len(seconds)) if seconds else "–"
    cells = [row["quantity"], row["setting"], row["published"], row["ours"], row["n"]]
    cells += [row["difference"], *([] if same is None else [same]), time]
    return _cells([str(cell).replace("|", "\\|") for cell in cells])


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _every_setting(study: Study) -> list[str]:
    """What was run, as ``task=table`` shows it: upright where it is one row."""
    if study.runs:
        table = readable_table(study_table(study.runs))
    else:
        table = readable_task_table(task_table(study.others))
    if len(table) == 1:
        table = table.T.reset_index().set_axis(["quantity", "value"], axis="columns")
    return [markdown(table)]


def differs(of: Comparison) -> bool:
    """Whether ours differs by more than the spread over seeds explains.

    With several runs: whether the published number lies outside of the interval that has one more
    run in 95 of 100 cases, of normally distributed runs (Student's t, n − 1 degrees of freedom).
    With one run the spread is not known, and a point of accuracy or a twentieth of another
    quantity takes its place.
    """
    theirs = of.published.value
    if theirs is None or not of.values.count():
        return False
    difference = abs(of.values.mean() - theirs)
    n = of.values.count()
    if n > 1:
        reach = student_t.ppf(0.975, n - 1) * (1 + 1 / n) ** 0.5
        return bool(difference > reach * of.values.std(ddof=1) + 1e-12)
    share = is_share(of.published.quantity)
    return bool(difference > (0.01 if share else 0.05 * abs(theirs)))


def _of(comparison: Comparison, study: Study) -> str:
    """What a series of numbers is of, whatever the class."""
    return setting_words(comparison, study).partition(", class ")[0]


def _differing(
    studies: Sequence[Study],
    each: dict[str, list[Comparison]],
    explanations: Sequence[dict[str, Any]],
) -> list[str]:
    """The numbers that differ although the settings are the published ones, and why."""
    lines = [
        "## What differs, and why",
        "",
        "Of the numbers in the published settings, those that lie outside of the interval that "
        "one more run of ours would lie in, in 95 of 100 cases (Student's t; so one in twenty is "
        "here by chance); where there is one run, those that differ by more than a point of "
        "accuracy, or by more than a twentieth. An explanation that was not tested is called a "
        "guess.",
        "",
    ]
    grouped: dict[str, list[str]] = {}
    for study in studies:
        for comparison in each[study.name]:
            if not _other_settings(comparison) and differs(comparison):
                explained = _explained(comparison, explanations)
                those = grouped.setdefault(explained, [])
                line = _difference(comparison, study)
                if line not in those:  # one run may stand in two parts
                    those.append(line)
    for text, those in sorted(grouped.items(), key=lambda item: item[0] == _UNEXPLAINED):
        lines += [
            text,
            "",
            "| quantity | of | where | published | ours | n |",
            "| --- | --- | --- | ---: | ---: | ---: |",
            *those,
            "",
        ]
    return lines


def _explained(of: Comparison, explanations: Sequence[dict[str, Any]]) -> str:
    run = of.runs[0]
    for entry in explanations:
        if (
            re.search(entry["source"], of.published.source)
            and re.search(entry.get("quantity", ""), of.published.quantity)
            and re.search(entry.get("model", ""), str(run.config["model"]["name"]))
            and re.search(entry.get("corruption", ""), str(run.config["corruption"]["name"]))
        ):
            kind = "Tested" if entry["tested"] else "Guess"
            return f"*{kind}:* {entry['text'].strip()}"
    return _UNEXPLAINED


def _difference(of: Comparison, study: Study) -> str:
    """A line: what a number is of, its class or epoch, the published one and ours."""
    quantity = of.published.quantity.partition("_of_class")[0]
    column = _column(of)
    where = "" if column is None else f"{column[0]} {_name(of)}"
    scale, unit = (100, " %") if is_share(of.published.quantity) else (1, "")
    assert of.published.value is not None
    theirs, ours = (f"{value * scale:.4g}" for value in (of.published.value, of.values.mean()))
    if of.values.count() > 1:
        ours += f" ± {of.values.std(ddof=1) * scale:.2g}"
    cells = [f"{quantity}{unit}", _of(of, study), where, theirs, ours, str(of.values.count())]
    return f"| {' | '.join(cells)} |"


def _left() -> list[str]:
    """The parts that want a GPU."""
    lines = [
        "## What is left for a GPU",
        "",
        "`make reproduce` on a machine with a CUDA device runs these as well. Times are estimates "
        "for one thread of a CPU; nothing of it was measured on a GPU.",
        "",
        "| part | what | a run on one CPU thread |",
        "| --- | --- | ---: |",
    ]
    wanted = [part for part in parts() if part.gpu]
    lines += [f"| {p.name} | {p.about} | {_time(60 * p.minutes)} |" for p in wanted]
    return [*lines, ""]


def _machines(studies: Sequence[Study]) -> list[str]:
    """Processors, versions, threads and devices of the results."""
    found: dict[str, int] = {}
    for study in studies:
        for run in study.every_run:
            found[_machine(run)] = found.get(_machine(run), 0) + 1
    lines = ["## Machines and versions", ""]
    lines += [f"- {number} runs: {text}" for text, number in found.items()]
    return [*lines, ""]


def _machine(run: TaskRun) -> str:
    file = run.folder / "machine.yaml"
    about = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    versions = run.result["versions"]
    named = ", ".join(f"{name} {versions[name]}" for name in ("python", "torch", "nullfit"))
    threads = run.result.get("threads")
    device = run.result.get("device")
    return f"{about.get('processor', '?')}, {threads} thread(s), device {device}; {named}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    main()
