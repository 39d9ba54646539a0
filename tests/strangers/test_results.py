"""What a stranger leaves in a folder of results costs that run its line, and nothing else.

To add an attack, add a line to one of the lists: its name, what makes it, and what is said of it.
What would hang a reader, as a pipe does, hangs its test.
"""

import io
import json
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from markupsafe import Markup

from nullfit.charts.figure import Figure
from nullfit.console.messages import one_line, say, show, visible, warn
from nullfit.console.progress import announce, track
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.sources.cache import cached
from nullfit.errors import UserError
from nullfit.report.build import build_report
from nullfit.report.card.card import study_card
from nullfit.report.samples import Samples, samples_of
from nullfit.report.section import section_modules
from nullfit.report.tables import print_table
from nullfit.results.database import Database
from nullfit.results.formats import csv_text, latex, markdown
from nullfit.results.job_folders import finished_folders, job_folders
from nullfit.results.metrics_file import read_metrics
from nullfit.results.published.scoreboard import usable_scoreboard
from nullfit.results.result import read_arrays
from nullfit.results.study import read_study
from nullfit.results.usable import of_usable
from nullfit.runs.outcome import finished
from nullfit.system.reading import open_regular, read_beginning, read_end, read_regular
from nullfit.tasks.permutation.checkpoint import Checkpoint
from nullfit.tasks.query import query
from nullfit.tasks.rademacher.draws import Draw, fit_draws
from nullfit.tasks.train import section
from nullfit.tracking.records import records_of
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.checkpoints import resumable
from nullfit.training.given_checkpoint import checkpoint_file
from tests.report.conftest import config_of, only_named

Attack = Callable[[Path], object]
Row = tuple[str, Attack, str]

PINNED = Path(__file__).parents[1] / "finished_runs/outputs/pinned"
DEEP = 1_000_000


# What attacks are made of. Each changes the folder of a run that was sound before.


def text(name: str, content: str | bytes) -> Attack:
    return lambda job: (job / name).write_bytes(
        content.encode() if isinstance(content, str) else content
    )


def link(name: str, target: str) -> Attack:
    return lambda job: ((job / name).unlink(missing_ok=True), (job / name).symlink_to(target))


def pipe(name: str) -> Attack:
    return lambda job: ((job / name).unlink(missing_ok=True), os.mkfifo(job / name))


def folder(name: str) -> Attack:
    return lambda job: ((job / name).unlink(missing_ok=True), (job / name).mkdir())


def sparse(name: str, size: int) -> Attack:
    return lambda job: os.truncate(job / name, size)


def result(*path: str, to: Any) -> Attack:
    """A field of result.json, named by its path, is another one; `...` takes it away."""

    def attack(job: Path) -> None:
        fields = json.loads((job / "result.json").read_text())
        inner = fields
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = to
        if to is ...:
            del inner[path[-1]]
        (job / "result.json").write_text(json.dumps(fields))

    return attack


def replaced(name: str, old: str, new: str) -> Attack:
    def attack(job: Path) -> None:
        before = (job / name).read_text()
        assert old in before
        (job / name).write_text(before.replace(old, new))

    return attack


def of_task(task: str, attack: Attack) -> Attack:
    """The same on a run of another task."""

    def on_another(job: Path) -> None:
        shutil.rmtree(job)
        shutil.copytree(next(PINNED.glob(f"{task}-*")), job)
        attack(job)

    return on_another


def zipped(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def npy(array: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def arrays(**content: bytes) -> Attack:
    return text("arrays.npz", zipped({f"{name}.npy": part for name, part in content.items()}))


def declared(sizes: int) -> bytes:
    """An archive whose list of parts says that one of them unpacks to so many bytes."""
    content = bytearray(zipped({"confusion_matrix.npy": npy(np.eye(10, dtype=int))}))
    place = content.rindex(b"PK\1\2")
    content[place + 24 : place + 28] = sizes.to_bytes(4, "little")
    return bytes(content)


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)
EVERYTHING = "\x1b]0;title\x07\x1b[2J\x9b\x7f\r\u202e\u2066"
IGNORED = ""  # the run stays, and nothing need be said

REFUSED: list[Row] = [
    # Files that are none
    ("a pipe for the result", pipe("result.json"), "it is no regular file"),
    ("a pipe for the settings", pipe("config.yaml"), "it is no regular file"),
    ("a folder for the result", folder("result.json"), "it is no regular file"),
    ("a folder for the settings", folder("config.yaml"), "it is no regular file"),
    ("a link for the result", link("result.json", "/etc/passwd"), "it is a link"),
    ("a link to nothing for the result", link("result.json", "nowhere"), "it is a link"),
    ("a device for the result", link("result.json", "/dev/zero"), "it is a link"),
    ("a device for the settings", link("config.yaml", "/dev/zero"), "it is a link"),
    ("a result of a terabyte", sparse("result.json", 2**40), "it has more than 67,108,864 bytes"),
    ("settings of a gigabyte", sparse("config.yaml", 2**30), "it has more than 1,048,576 bytes"),
    # result.json
    ("a result nested without end", text("result.json", "[" * DEEP), "nested too deeply"),
    ("fields without end", text("result.json", '{"a":' * DEEP), "nested too deeply"),
    ("a field of 900 lists", result("x", to=json.loads("[" * 900 + "]" * 900)), "nested too"),
    ("a seed of 5,000 digits", replaced("result.json", '"seed": 1', '"seed": 1' + "0" * 5000),
     "is damaged"),
    ("a seed of 65 bits", result("seed", to=2**64), "more than 64 bits"),
    ("a metric of 65 bits", result("metrics", "test/loss", to=10**30), "more than 64 bits"),
    ("a list of half characters", result("x", to=["\ud800"]), "surrogates not allowed"),
    ("a field of half a character", result("\ud800", to=1), "surrogates not allowed"),
    ("five million values", text("result.json", "[" + "0," * 5_000_000 + "0]"), "4,000,000 values"),
    ("a result of other bytes", text("result.json", b"\xff\xfe{}"), "is damaged"),
    ("a model without a name", result("model", to={}), "it has no model.name"),
    ("a model that is a list", result("model", to=[]), "(model: "),
    ("a model of 10,000 characters", result("model", "name", to="m" * 10_000), "(model.name: "),
    ("a seed that is text", result("seed", to="0"), "(seed: "),
    ("a metric that is text", result("metrics", "test/loss", to="x"), "(metrics.test/loss: "),
    ("20,000 metrics", result("metrics", to={str(n): 0.5 for n in range(20_000)}), "(metrics: "),
    ("versions that are a list", result("versions", to=[1]), "(versions: "),
    ("a version that is a number", result("versions", "torch", to=2), "(versions.torch: "),
    ("a shape of texts", result("data", "input_shape", to=["a", "b", "c"]), "(data.input_shape"),
    ("samples that are text", result("data", "train_samples", to="many"), "(data.train_samples"),
    ("classes that are numbers", result("data", "class_names", to=[1]), "(data.class_names"),
    ("a threshold that is text", result("fit", "threshold", to="x"), "(fit.threshold: "),
    ("a fit that is a list", result("fit", to=[]), "(fit: "),
    ("seconds that are a list", result("wall_seconds", to=[]), "(wall_seconds: "),
    ("revisions that are a number", result("revisions", to=3), "(revisions: "),
    ("a command that is a list", result("command", to=[]), "(command: "),
    ("a name with a new line", result("metrics", "a\nb", to="x"), r"metrics.a\nb"),
    # Names of tasks
    ("a task without a name", result("task", to=""), "(task: "),
    ("a task of 10,000 characters", result("task", to="t" * 10_000), "(task: "),
    ("a task in another folder", result("task", to="../x"), "(task: "),
    ("a task with a new line", result("task", to="a\nb"), "(task: "),
    ("a task with an escape", result("task", to="a\x1b[2J"), "(task: "),
    # config.yaml
    ("settings of references", text("config.yaml", BOMB), "a reference"),
    ("one reference", text("config.yaml", "a: &a {}\ntask: *a\n"), "a reference"),
    ("settings with code", text("config.yaml", "!!python/object/apply:os.mkdir [x]"), "a tag"),
    ("a set", text("config.yaml", "!!set {a}"), "a tag"),
    ("lists without end", text("config.yaml", "[" * DEEP), "nested too deeply"),
    ("maps without end", text("config.yaml", "{" * DEEP), "nested too deeply"),
    ("rows without end", text("config.yaml", "- " * (DEEP // 2)), "nested too deeply"),
    ("questions without end", text("config.yaml", "? " * (DEEP // 2)), "nested too deeply"),
    ("a day that is none", text("config.yaml", "task: 2001-99-99"), "month must be"),
    ("a day", text("config.yaml", "task: 2001-01-01"), "it has a date in it"),
    ("a setting of 5,000 digits", text("config.yaml", "task: 1" + "0" * 5000), "cannot be read"),
    ("a setting of 65 bits", text("config.yaml", f"task: {2**64}"), "more than 64 bits"),
    ("a time of 300,000 parts", text("config.yaml", "task: 1" + ":59" * 300_000), "10,000 char"),
    ("a long time", text("config.yaml", "task: 1" + ":59" * 3000 + ".5"), "too large to convert"),
    ("settings that are a list", text("config.yaml", "[]"), "is no configuration"),
    ("a corruption of 5 steps", replaced(
        "config.yaml", "  name: none\n  _target_: nullfit.corruptions.none",
        "  name: chain\n  _target_: nullfit.corruptions.chain\n  steps: 5",
    ), "is no configuration"),
]  # fmt: skip

LEFT_OUT: list[Row] = [
    ("a corruption that is a list", replaced("config.yaml", "regularizer:", "regularizer: 3\nr2:"),
     "left out of"),
    ("a data section without a name", replaced("config.yaml", "  name: digits\n", ""),
     "left out of"),
    ("a number for what a task uses", replaced("config.yaml", "  uses: null\n", "  uses: 5\n"),
     "left out of"),
    ("a matrix of words", arrays(confusion_matrix=npy(np.array([["a", "b"]]))), "left out of"),
    ("a matrix of other classes", arrays(confusion_matrix=npy(np.eye(3, 4))), "left out of"),
    ("a link for arrays", link("arrays.npz", "/dev/zero"), "it is a link"),
    ("a kernel without its section", of_task("kernel", result("kernel", to=...)), "Not shown"),
    ("metrics that are text", of_task("kernel", result("metrics", "test/error", to="x")),
     "left out of"),
    ("a pipe for iterations", of_task("factorization", pipe("metrics.csv")), "Not shown"),
    ("draws of words", of_task("rademacher", arrays(correlation_by_epoch=npy(np.array(["a"])))),
     "Not shown"),
    ("a test without arrays", of_task("permutation_test", arrays(x=npy(np.eye(1)))), "Not shown"),
    ("a link for the rates", of_task("permutation_calibration", link("rates.csv", "/dev/zero")),
     "Not shown"),
]  # fmt: skip

ARRAYS: list[Row] = [
    ("arrays that hold objects", arrays(confusion_matrix=npy(np.array([{}]), allow_pickle=True)),
     "Object arrays cannot be loaded"),
    ("arrays that are none", text("arrays.npz", b"PK\3\4junk"), "arrays.npz is damaged"),
    ("an array for arrays", text("arrays.npz", npy(np.eye(3))), "arrays.npz is damaged"),
    ("arrays of four gigabytes", text("arrays.npz", declared(2**32 - 2)), "unpacks to more than"),
    ("an array of 10^15 numbers", arrays(confusion_matrix=npy(np.eye(10)).replace(
        b"(10, 10), }" + b" " * 4, b"(10**15,), }")), "arrays.npz is damaged"),
    ("a shape without an end", arrays(confusion_matrix=npy(np.eye(10)).replace(
        b"(10, 10), }", b"(10, 10    ")), "arrays.npz is damaged"),
    ("arrays packed by LZMA", text("arrays.npz", zipped({"a.npy": b"x"}, zipfile.ZIP_LZMA)),
     "packed in another way"),
    ("a pipe for arrays", pipe("arrays.npz"), "it is no regular file"),
]  # fmt: skip

TAKEN: list[Row] = [
    ("metrics without a row", text("metrics.csv", "epoch,step\n"), IGNORED),
    ("metrics that are empty", text("metrics.csv", ""), IGNORED),
    ("metrics of words", text("metrics.csv", "epoch,step,lr\na,b,c\n"), IGNORED),
    ("metrics of another header", text("metrics.csv", "x,y\n1,2\n"), IGNORED),
    ("metrics of a million columns", text("metrics.csv", "epoch,step," + "x," * 10**6),
     "more than 1,000 columns"),
    ("columns that differ by case", text("metrics.csv", "epoch,step,Epoch,a,A\n1,2,3,4,5\n"),
     IGNORED),
    ("rows of 400 digits", text("metrics.csv", f"epoch,step\n{10**400},1\n"), IGNORED),
    ("metrics of other bytes", text("metrics.csv", b"epoch,step\n\xff,\x00\n"), IGNORED),
    ("a quote that never ends", text("metrics.csv", 'epoch,step\n"' + "x\n" * 10**5), IGNORED),
    ("a pipe for metrics", pipe("metrics.csv"), "it is no regular file"),
    ("a device for metrics", link("metrics.csv", "/dev/zero"), "it is a link"),
    ("a file for the note of a failure", link("failure.txt", "/etc/passwd"), IGNORED),
    ("numbers that are none", replaced("result.json", '"seed": 1', '"seed": 1, "x": NaN'), IGNORED),
    ("numbers without end", replaced("result.json", '"seed": 1', '"seed": 1, "x": 1e999'), IGNORED),
    ("a metric of 1e308", result("metrics", "test/loss", to=1e308), IGNORED),
    ("fields that differ by case", result("metrics", "TEST/accuracy", to=0.5), IGNORED),
    ("a field without a name", result("", to=0.5), IGNORED),
    ("a field that begins a string", result('a"; drop table runs; --', to=0.5), IGNORED),
    ("a text of a megabyte", result("x", to="x" * 2**20), IGNORED),
    ("2,000 fields", result("x", to={str(n): n for n in range(2000)}), "more than 1,000 fields"),
    ("escapes for a model", result("model", "name", to=EVERYTHING), IGNORED),
    ("escapes for a status", result("status", to=EVERYTHING), IGNORED),
    ("a task in capitals", result("task", to="RUNS"), IGNORED),
    ("a task of another table", result("task", to="results"), IGNORED),
    ("a task of a mark", result("task", to='a"; drop table runs; --'), IGNORED),
    ("a task of dots", result("task", to=".."), IGNORED),
]  # fmt: skip


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study ``s`` of two sound runs, ``good`` and ``bad``; figures are not drawn."""
    only_named(monkeypatch)
    monkeypatch.setattr("nullfit.report.page.head", str)  # a megabyte of scripts
    monkeypatch.setattr("nullfit.charts.page.html", lambda *_: Markup())
    monkeypatch.setattr(section, "samples_of", lambda *_: Samples({}, []))
    for figure in (  # most of a second
        "section_learning_curves.learning_curves",
        "section_settings.generalization",
    ):
        monkeypatch.setattr(f"nullfit.tasks.train.{figure}", lambda *_: Figure([], ""))
    for job, seed in (("good", 0), ("bad", 1)):
        shutil.copytree(
            next(PINNED.glob(f"mlp_1x512-digits-none-seed{seed}-*")), tmp_path / f"o/s/{job}"
        )
    return tmp_path / "o"


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return config_of(tmp_path_factory.mktemp("command"), "task=report", "study=s")


def told_by_all_readers(outputs: Path, command: Any, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said while everything that reads a study reads this one; the good run is in all."""
    study = read_study(str(outputs), "s")
    print_table(study)
    tables = capsys.readouterr()
    assert "MLP" in tables.out
    usable_scoreboard(study)
    card = of_usable(study.every_run, lambda runs: study_card(study, runs, None), "the card")
    assert "MLP 1×4" in card
    assert visible(card) == card
    database = Database(outputs)
    jobs = database.ask("select folder from runs").rows
    assert any(str(job).endswith("good") for (job,) in jobs)
    assert database.ask("select count(*) from epochs").rows[0][0] >= 4
    page, *_ = build_report(study, outputs / "s/report", command)
    html = page.read_text()
    assert "../good/" in html
    said = capsys.readouterr()
    told = tables.err + said.err
    assert "Traceback" not in told
    assert visible(told + tables.out) == told + tables.out
    return told + html


def ids(rows: list[Row]) -> Any:
    return [pytest.param(attack, tells, id=name) for name, attack, tells in rows]


@pytest.mark.parametrize(("attack", "tells"), ids(REFUSED))
def test_is_refused_when_it_is_read(
    outputs: Path, capsys: pytest.CaptureFixture[str], attack: Attack, tells: str
) -> None:
    attack(outputs / "s/bad")
    study = read_study(str(outputs), "s")
    assert [run.folder.name for run in study.every_run] == ["good"]
    told = capsys.readouterr().err
    assert "s/bad" in told
    assert tells in told
    assert visible(told) == told
    assert len(told.splitlines()) == 2
    Database(outputs)


@pytest.fixture
def told_after(outputs: Path, command: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """What all readers say after an attack on the run ``bad``."""

    def attacked(attack: Attack) -> str:
        attack(outputs / "s/bad")
        return told_by_all_readers(outputs, command, capsys)

    return attacked


@pytest.mark.parametrize(("attack", "tells"), ids(LEFT_OUT))
def test_is_left_out_where_it_cannot_be_used(told_after: Any, attack: Attack, tells: str) -> None:
    told = told_after(attack)
    assert tells in told
    assert "s/bad" in told


@pytest.mark.parametrize(("attack", "tells"), ids(TAKEN))
def test_is_read_all_the_same(told_after: Any, attack: Attack, tells: str) -> None:
    assert tells in told_after(attack)


@pytest.mark.parametrize(("attack", "tells"), ids(ARRAYS))
def test_arrays_are_refused(outputs: Path, attack: Attack, tells: str) -> None:
    attack(outputs / "s/bad")
    with pytest.raises(UserError, match=tells):
        read_arrays(outputs / "s/bad")


# Folders


def test_links_to_folders_are_left_out(
    outputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (outputs / "s/bad").rename(tmp_path / "elsewhere")
    (outputs / "s/bad").symlink_to(tmp_path / "elsewhere")
    (outputs / "other").symlink_to(outputs / "s")
    assert [job.name for job in job_folders(outputs / "s")] == ["good"]
    assert [job.name for job in finished_folders(outputs)] == ["good"]
    assert capsys.readouterr().err.count("is a link, which is not followed") == 2  # once for each
    assert records_of(outputs / "s/bad") == []


@pytest.mark.parametrize("name", [b"a\x1b[2J", b"\xff", b"a\nb", "\u202ea".encode()])
def test_folders_of_no_name_are_left_out(
    outputs: Path, capsys: pytest.CaptureFixture[str], name: bytes
) -> None:
    os.rename(outputs / "s/bad", os.path.join(os.fsencode(outputs), b"s", name))
    assert [job.name for job in job_folders(outputs / "s")] == ["good"]
    assert capsys.readouterr().err.removesuffix("\n").isprintable()


# Files one by one


@pytest.mark.parametrize(
    "read", [read_beginning, read_end, lambda path: read_regular(path, 99), open_regular]
)
@pytest.mark.parametrize(
    "make",
    [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero")],
    ids=["pipe", "folder", "device"],
)
def test_what_is_no_file_is_not_read(
    tmp_path: Path, read: Callable[[Path], object], make: Callable[[Path], object]
) -> None:
    make(tmp_path / "x")
    with pytest.raises(UserError, match=r"is no regular file|is a link"):
        read(tmp_path / "x")


def test_long_notes_are_read_in_part(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n" + bytes(10**6) + b"last\n")
    assert read_beginning(path).startswith(b"first\n")
    assert read_end(path).endswith(b"last\n")
    assert len(read_end(path)) < 10**5


def test_a_run_is_not_taken_for_finished_by_a_link(tmp_path: Path, command: Any) -> None:
    (tmp_path / "result.json").symlink_to("/dev/zero")
    with pytest.raises(UserError, match="is a link"):
        finished(command, tmp_path)


@pytest.mark.parametrize("damage", ["[" * DEEP, '{"number": "a"}', "[]", "1" * 5000, "\ud800"])
def test_a_damaged_draw_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "draws/0/draw.json"
    path.parent.mkdir(parents=True)
    path.write_text(damage, errors="surrogatepass")
    with pytest.raises(UserError, match="Delete it to fit the draw again"):
        list[Draw](fit_draws(1, pytest.fail, tmp_path, {"config_hash": "0"}))


def test_rows_of_metrics_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(f"epoch,step\n{10**400},1\n")
    assert read_metrics(tmp_path) == [{"epoch": float("inf"), "step": 1}]
    (tmp_path / "metrics.csv").unlink()
    os.mkfifo(tmp_path / "metrics.csv")
    with pytest.raises(UserError, match="is no regular file"):
        read_metrics(tmp_path)


# Checkpoints


def nested(levels: int, width: int) -> object:
    value: object = "x"
    for _ in range(levels):
        value = [value] * width
    return value


def checkpoint(**about: object) -> Attack:
    state = {"state_dict": {}, "nullfit": {"config": about}}
    return lambda path: torch.save(state, path)


def bomb(path: Path) -> None:
    """Packed to a thousandth: what 8 MB that come to 8 GB are like."""
    path.write_bytes(zipped({"archive/data/0": bytes(2**24), "archive/data.pkl": b""}))


def overlapping(path: Path) -> None:
    """A list of parts that all lie in the same place."""
    content = zipped({"a": bytes(10**5)}, zipfile.ZIP_STORED)
    place = content.rindex(b"PK\1\2")
    end = content.rindex(b"PK\5\6")
    entries = content[place:end] * 100
    tail = bytearray(content[end:])
    tail[8:12] = (100).to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    path.write_bytes(content[:place] + entries + bytes(tail))


CHECKPOINTS: list[Row] = [
    ("packed parts", bomb, "packed, which torch never does"),
    ("overlapping parts", overlapping, "larger than the file"),
    ("a pipe", os.mkfifo, "is no regular file"),
    ("a device", lambda path: path.symlink_to("/dev/zero"), "is no regular file"),
    ("a hundred gigabytes", lambda path: (path.touch(), os.truncate(path, 10**11)), "more than"),
    ("settings that unfold", checkpoint(a=nested(12, 10)), "is no checkpoint"),
    ("settings without end", checkpoint(a=nested(200, 1)), "is no checkpoint"),
]


@pytest.mark.parametrize(("attack", "tells"), ids(CHECKPOINTS))
def test_a_hostile_checkpoint_is_refused(tmp_path: Path, attack: Attack, tells: str) -> None:
    path = tmp_path / "checkpoints/last.ckpt"
    path.parent.mkdir()
    attack(path)
    with pytest.raises(UserError, match=tells):
        read_checkpoint(path)
    with pytest.raises(UserError, match="Delete it to start the run over"):
        resumable(tmp_path, "0")


def test_what_is_named_as_a_checkpoint_is_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.ckpt")
    with pytest.raises(UserError, match="is no regular file"):
        read_checkpoint(checkpoint_file(str(tmp_path / "x.ckpt")))


def test_replicates_are_read_from_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    os.mkfifo(tmp_path / "checkpoints/replicates.ckpt")
    with pytest.raises(UserError, match="Delete it to start over"):
        Checkpoint(tmp_path, "0", 0.0).load()


# Caches of decoded data


class Source:
    """Files that are decoded, with a cache beside them."""

    def __init__(self, root: Path) -> None:
        self.root, self.decoded = root, 0
        self.read()
        (self.entry,) = self.entries()

    def entries(self) -> list[Path]:
        return sorted((self.root / "cache").iterdir())

    def read(self) -> None:
        cached("toy", {}, self.root, [], str(self.root / "cache"), "1", self._build)

    def _build(self) -> Dataset:
        self.decoded += 1
        images = ImageSet(torch.zeros(2, 1, 1, 1), torch.tensor([0, 1]), ("a", "b"), "x")
        return Dataset("toy", images, images)


def test_an_entry_is_for_its_owner_alone(tmp_path: Path) -> None:
    source = Source(tmp_path)
    assert stat.S_IMODE(source.entry.stat().st_mode) == 0o600


def test_an_entry_of_another_user_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source(tmp_path)
    before = source.entry.read_bytes()
    another = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: another)
    source.read()
    assert source.decoded == 2
    assert source.entry.read_bytes() == before
    assert "another user's" in caplog.text


def test_a_link_for_an_entry_is_left_alone(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.entry.rename(tmp_path / "real")
    source.entry.symlink_to(tmp_path / "real")
    for _ in range(2):
        source.read()
    assert source.decoded == 2  # the second time there is an own one
    assert source.entry.is_symlink()
    assert len(source.entries()) == 2


# What is shown


def test_nothing_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.table import Table

    for tell in (say, warn, announce):
        tell(f"{EVERYTHING}\nsecond line")
    table = Table(title=EVERYTHING)
    table.add_column(EVERYTHING)
    table.add_row(EVERYTHING + "\n")
    show(table)
    list(track([0], 1, EVERYTHING))
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert visible(text) == text
        assert r"\x1b]0;title\x07\x1b[2J\x9b\x7f\x0d\u202e\u2066" in text
    assert "\nsecond line" in said.out


def test_a_name_stays_on_its_line() -> None:
    assert one_line("a\n\x00\u2028\ud800") == r"a\x0a\x00\u2028\ud800"


def test_a_queried_table_holds_no_formula(outputs: Path, command: Any) -> None:
    sql = "select '=1' as \"@a\", '+1' as b, -1 as c, '\t=1' as d"
    path = outputs / "s/answer.csv"
    query(command.model_copy(update={"outputs": str(outputs)}), outputs, sql=sql, output=str(path))
    assert path.read_text() == "'@a,b,c,d\n'=1,'+1,-1,'\t=1\n"


def test_tables_hold_no_markup() -> None:
    import pandas

    cell = "<img src=x onerror=a()>|`b`[c](javascript:d)&amp;\\\ne"
    table = pandas.DataFrame({cell: [cell]})
    (head, _, row) = markdown(table).splitlines()
    assert head == row
    shown = r"| &lt;img src=x onerror=a()&gt;\|\`b\`\[c\](javascript:d)&amp;amp;\\ e |"
    assert row == shown
    assert len(latex(table).splitlines()) == len(latex(pandas.DataFrame({"a": ["b"]})).splitlines())
    assert csv_text(pandas.DataFrame({"a": ["＝1"]})) == "a\n'＝1\n"


# Data that a stored configuration names


def looks_into_private() -> tuple[list[str], list[bool]]:
    """Looks into paths with "private" in them from now on, while the second list has an item."""
    looked, looking = list[str](), [True]

    def look(event: str, given: tuple[object, ...]) -> None:  # which stays, there is no way back
        if looking and event.startswith(("open", "os.")) and "private" in str(given):
            looked.append(f"{event} {given}")

    sys.addaudithook(look)
    return looked, looking


@pytest.mark.parametrize(
    ("settings", "tells"),
    [
        ("name: image_folder\n  _target_: nullfit.data.image_folder\n  channels: 3\n"
         "  streaming: auto\n  workers: null", "give 'data.root={root} $(x)'"),
        ("name: mnist\n  _target_: nullfit.data.mnist", "give 'data.root={root} $(x)'"),
    ],
)  # fmt: skip
def test_a_report_reads_no_folder_that_only_the_study_names(
    outputs: Path,
    tmp_path: Path,
    command: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: str,
    tells: str,
) -> None:
    monkeypatch.setattr(section, "samples_of", samples_of)
    private = tmp_path / "private $(x)"
    private.mkdir()
    looked, looking = looks_into_private()
    for job in ("good", "bad"):
        for old, new in (
            ("name: digits\n  _target_: nullfit.data.digits", settings),
            ("root: data", f"root: '{private}'"),
            ("cache: null", f"cache: '{outputs}/cache'"),
            ("download: false", "download: true"),
        ):
            replaced("config.yaml", old, new)(outputs / "s" / job)
    told = told_by_all_readers(outputs, command, capsys)
    assert tells.format(root=tmp_path / "private").replace("'", "&#39;") in told
    assert not (outputs / "cache").exists()
    looking.clear()
    assert looked == []


def test_a_report_reads_no_labels_that_only_the_study_names(
    outputs: Path,
    tmp_path: Path,
    command: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(section, "samples_of", samples_of)
    private = tmp_path / "private.csv"
    private.write_text("index,label\n0,1\n")
    looked, looking = looks_into_private()
    target = "nullfit.corruptions.labels_from_file"
    own = f"name: labels_from_file\n  _target_: {target}\n  path: {private}"
    for job in ("good", "bad"):
        old = "name: none\n  _target_: nullfit.corruptions.none"
        replaced("config.yaml", old, own)(outputs / "s" / job)
    told = told_by_all_readers(outputs, command, capsys)
    assert f"add corruption=labels_from_file corruption.path={private}" in told
    looking.clear()
    assert looked == []


def test_sections_are_found() -> None:
    assert {"train", "kernel", "rademacher"} <= set(section_modules())
