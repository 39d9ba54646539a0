"""Carry out the studies of the gallery, and keep their report pages and pictures: ``make gallery``.

    python -m documentation.gallery [--only STUDY …] [--data FOLDER]

Each study is one command and ``task=report``; what is finished is not run again. Its page goes to
docs/gallery/ (from where `make docs` takes it along), its pictures to docs/images/gallery/, and
docs/gallery.md says what is seen on them. A study whose data are missing is left out: that alone
is no failure, unless no other was asked for.
"""

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nullfit.errors import UserError, nearest
from reproduction.parts import jobs_of

DOCS = Path(__file__).parents[1] / "docs"
SIZE = (1100, 1000)  # pixels of a picture, at most
REFUSED, INTERRUPTED = 2, 130  # exit codes of the program: bad input, Ctrl+C
# Links of a report's page to what lies beside it: figures, tables, folders of runs.
_BESIDE = re.compile(r'<a href="(?:figures|tables|\.\.)/[^"]*">(.*?)</a>')


@dataclass(frozen=True)
class Picture:
    """A figure of a study's report that the gallery shows."""

    name: str  # of its file in docs/images/gallery/, without suffix
    figure: str  # pattern of its file in report/figures/, without suffix


@dataclass(frozen=True)
class Study:
    """A study of the gallery."""

    name: str  # in outputs/, and of its page
    title: str
    question: str
    command: str  # what a shell reads after `python run.py`
    takes: str  # time, on one thread
    pictures: tuple[Picture, ...]
    files: bool = False  # whether it needs data that are no part of the package

    def words(self, data: str) -> list[str]:
        """The words of its command, with the folder of the data."""
        return [*shlex.split(self.command), *([f"data.root={data}"] if self.files else [])]


STUDIES = (
    Study(
        "digits",
        "The randomization test",
        "Does a network that fits its training set learn, or does it memorize?",
        "experiment=digits",
        "half a minute",
        (Picture("digits_learning_curves", "learning_curves_mlp_1x512"),),
    ),
    Study(
        "table_1",
        "Five networks, with and without regularization",
        "Is it the regularizer that makes networks generalize?",
        "experiment=table_1",
        "4 minutes",
        (Picture("table_1_generalization", "generalization"),),
    ),
    Study(
        "mnist_memorization",
        "What is memorized of MNIST",
        "Which images are predicted only by networks that were trained on them?",
        "task=memorization study=mnist_memorization data=mnist data.train_limit=5000 "
        "model=mlp 'model.hidden=[128]'",
        "2½ minutes",
        (
            Picture("mnist_memorization_scores", "memorization_*-????????"),
            Picture("mnist_memorization_samples", "memorization_*_samples"),
        ),
        files=True,
    ),
    Study(
        "detectors",
        "Which score finds wrong labels",
        "By which score of its training does a wrong label give itself away?",
        "experiment=detectors",
        "a minute",
        (Picture("detectors", "detectors_digits"),),
    ),
    Study(
        "double_descent",
        "Double descent",
        "What happens where a model can just fit its training set, and beyond?",
        "experiment=double_descent",
        "half a minute",
        (Picture("double_descent", "double_descent"),),
    ),
    Study(
        "pixels_of_digits",
        "The pixels that a network uses",
        "Which pixels of a digit does a network use?",
        "experiment=pixels_of_digits",
        "4½ minutes",
        (Picture("pixels_of_digits", "maps_*"),),
    ),
)


def main() -> None:
    """Carry out the studies that the command names, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[], help="studies, by name")
    parser.add_argument("--data", default="data", help="folder of the data (data)")
    given = parser.parse_args()
    try:
        sys.exit(make(chosen(given.only), given.data))
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(REFUSED)


def chosen(names: Sequence[str]) -> list[Study]:
    """The studies of such names, in the order of the gallery; all where none is named.

    Raises:
        UserError: there is no study of such a name.
    """
    known = [study.name for study in STUDIES]
    for name in names:
        if name not in known:
            raise UserError(f"ONLY={name} is no study." + nearest(name, known, "ONLY="))
    return [study for study in STUDIES if not names or study.name in names]


def make(studies: Sequence[Study], data: str, docs: Path = DOCS) -> int:
    """Carry out studies, one after the other, and keep what they show.

    Returns:
        An exit code: 0 where studies were made and none failed, though others lacked their data;
        1 where one failed, 2 where all lacked their data.
    """
    codes = {study: carry_out(study, data, docs) for study in studies}
    lacking = [study for study, code in codes.items() if code == REFUSED and study.files]
    failed = [study.name for study, code in codes.items() if code and study not in lacking]
    for study in lacking:
        command = shlex.join([*study.words(data), "data.download=true"])
        say(f"{study.name} is left out: its data are missing. Fetch them: python run.py {command}")
    if failed:
        say(f"Not made: {', '.join(failed)}")
        return 1
    return REFUSED if len(lacking) == len(codes) else 0


def carry_out(study: Study, data: str, docs: Path) -> int:
    """Run what is left of a study, report it, and keep its page and pictures.

    Returns:
        The exit code of the program.
    """
    say(f"\n{study.name}: {study.question}")
    since = time.monotonic()
    words = study.words(data)
    jobs = jobs_of(words)
    if all(job.finished for job in jobs):
        say(f"{study.name} is finished.")
    elif code := program(words):
        return code
    if code := program(["task=report", f"study={study.name}"]):
        return code
    config = jobs[0].config
    keep(study, Path(config.outputs, config.study, "report"), docs)
    say(f"{study.name}: {(time.monotonic() - since) / 60:.1f} min")
    return 0


def program(words: Sequence[str]) -> int:
    """The exit code of ``python run.py <words>``; Ctrl+C ends all.

    Raises:
        SystemExit: it was interrupted.
    """
    code = subprocess.run([sys.executable, "run.py", *words], check=False).returncode
    if code == INTERRUPTED:
        sys.exit(code)
    return code


def keep(study: Study, report: Path, docs: Path) -> None:
    """Copy the page of a report to ``docs/gallery/``, its pictures to ``docs/images/gallery/``.

    The page alone, of a megabyte or two: figures for print and tables stay with the study, and
    where the page links them its copy names them.

    Raises:
        ValueError: a picture's pattern is that of no figure, or of several.
    """
    pages, pictures = docs / "gallery", docs / "images" / "gallery"
    for folder in (pages, pictures):
        folder.mkdir(parents=True, exist_ok=True)
    page = (report / "index.html").read_text(encoding="utf-8")
    (pages / f"{study.name}.html").write_text(_BESIDE.sub(r"\1", page), encoding="utf-8")
    for picture in study.pictures:
        (figure,) = (report / "figures").glob(f"{picture.figure}.png")
        shrink(figure, pictures / f"{picture.name}.png")


def shrink(figure: Path, picture: Path) -> None:
    """A figure for print as a small picture on white, for a page."""
    with Image.open(figure) as opened:
        drawn = opened.convert("RGBA")
    white = Image.new("RGBA", drawn.size, "white")
    small = Image.alpha_composite(white, drawn).convert("RGB")
    small.thumbnail(SIZE, Image.Resampling.LANCZOS)
    # A palette takes a fifth of the bytes; a smaller one, or that of median cuts, changes hues.
    method, dither = Image.Quantize.MAXCOVERAGE, Image.Dither.NONE
    small.quantize(method=method, dither=dither).save(picture, optimize=True)


def say(line: str) -> None:
    """A line between those of the program."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
