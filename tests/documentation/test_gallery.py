"""The gallery: its page and its list agree, and its runner runs, reports, keeps and skips."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from PIL import Image

from documentation import gallery, hooks
from documentation.gallery import DOCS, STUDIES, Picture, Study, chosen, make
from nullfit.errors import UserError
from reproduction.parts import jobs_of
from tests.commands import run_command

TEXT = (DOCS / "gallery.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## ([^\n]*)\n(.*?)(?=^## |\Z)", TEXT))
TINY = Study(
    "tiny",
    "A tiny study",
    "Does it run?",
    "study=tiny model=mlp 'model.hidden=[4]' data.train_limit=60 data.test_limit=30 "
    "trainer.max_epochs=1 logger=csv",
    "a second",
    (Picture("tiny_curves", "learning_curves*"),),
)
LACKING = replace(
    TINY,
    name="lacking",
    command="study=lacking data=mnist 'model.hidden=[4]' model=mlp logger=csv",
    files=True,
)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_study_is_runs_of_its_own_that_can_be_run(study: Study) -> None:
    jobs = jobs_of(study.words("elsewhere"))
    assert jobs
    assert {job.config.study for job in jobs} == {study.name}
    assert {job.config.data.root for job in jobs} == {"elsewhere"} or not study.files
    assert study.files == (jobs[0].config.data.name != "digits")


def test_the_page_has_the_studies_of_the_list_in_its_order() -> None:
    assert list(SECTIONS) == [study.title for study in STUDIES]
    assert len({study.name for study in STUDIES}) == 6


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_study_on_the_page_is_that_of_the_list(study: Study) -> None:
    section = SECTIONS[study.title]
    assert f"*{study.question}*" in section
    assert re.findall(r"```sh\n(.*?)```", section, re.S) == [f"python run.py {study.command}\n"]
    assert f"It takes {study.takes}." in section
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", section)
    assert shown == [f"images/gallery/{picture.name}.png" for picture in study.pictures]
    assert f"`docs/gallery/{study.name}.html`" in re.sub(r"\s+", " ", section)
    assert re.search(r"\bn = \d", section)


def test_pictures_are_small_and_all_are_shown() -> None:
    names = {f"{picture.name}.png" for study in STUDIES for picture in study.pictures}
    found = {path.name: path for path in (DOCS / "images" / "gallery").iterdir()}
    assert set(found) == names
    for path in found.values():
        assert path.stat().st_size < 100_000, path
        with Image.open(path) as picture:
            assert picture.mode == "P"
            assert picture.width <= gallery.SIZE[0]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were carried out, in ``tmp_path``."""
    commands: list[list[str]] = []

    def program(words: list[str]) -> int:
        commands.append(list(words))
        return run_command(*words, cwd=tmp_path).returncode

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gallery, "program", program)
    return commands


@pytest.mark.slow
def test_a_study_is_run_reported_and_kept_and_the_second_time_not_run(
    tmp_path: Path, started: list[list[str]]
) -> None:
    docs = tmp_path / "docs"
    assert make([TINY], "data", docs) == 0
    report = ["task=report", "study=tiny"]
    assert started == [TINY.words("data"), report]
    (result,) = (tmp_path / "outputs" / "tiny").glob("*/result.json")
    written = result.stat().st_mtime_ns
    page = (docs / "gallery" / "tiny.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]*)"', page)
    assert links
    assert all(link.startswith("#") for link in links)  # nothing else lies beside it
    assert "learning_curves.pdf" in page
    with Image.open(docs / "images" / "gallery" / "tiny_curves.png") as picture:
        assert picture.mode == "P"
        assert picture.convert("RGB").getpixel((0, picture.height - 1)) == (255, 255, 255)

    assert make([TINY], "data", docs) == 0
    assert started[2:] == [report]
    assert result.stat().st_mtime_ns == written


def test_a_study_without_its_data_is_left_out_and_told_how_to_fetch_them(
    tmp_path: Path, started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert make([LACKING], "nowhere", tmp_path / "docs") == 2
    said = capsys.readouterr().out
    (command,) = re.findall(r"^lacking is left out: .* python run\.py (.*)$", said, re.M)
    fetching = replace(LACKING, command=command, files=False)
    (job,) = jobs_of(fetching.words(""))
    assert (job.config.data.root, job.config.data.download) == ("nowhere", True)
    assert not (tmp_path / "outputs").exists()
    assert not (tmp_path / "docs").exists()


CODES = {
    "all made": ({}, 0),
    "one lacks its data": ({"lacking": 2}, 0),
    "one is refused": ({"tiny": 2}, 1),
    "one fails": ({"tiny": 1}, 1),
    "one fails for another reason than its data": ({"lacking": 1}, 1),
    "one lacks its data and one fails": ({"lacking": 2, "tiny": 1}, 1),
}


@pytest.mark.parametrize(("codes", "code"), CODES.values(), ids=list(CODES))
def test_studies_go_on_after_one_that_was_not_made(
    codes: dict[str, int],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried: list[str] = []

    def carry_out(study: Study, *_: object) -> int:
        tried.append(study.name)
        return codes.get(study.name, 0)

    monkeypatch.setattr(gallery, "carry_out", carry_out)
    assert make([LACKING, TINY], "data") == code
    assert tried == ["lacking", "tiny"]
    assert ("Not made: " in capsys.readouterr().out) == (code == 1)


def test_ctrl_c_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    class Done:
        returncode = 130

    monkeypatch.setattr(gallery.subprocess, "run", lambda *_, **__: Done)
    with pytest.raises(SystemExit) as stopped:
        make([TINY, LACKING], "data")
    assert stopped.value.code == 130


def test_an_unknown_study_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="ONLY=digits"):
        chosen(["digit"])
    assert [study.name for study in chosen(["detectors", "digits"])] == ["digits", "detectors"]
    assert chosen([]) == list(STUDIES)


def test_the_site_links_the_report_pages_that_it_has() -> None:
    config = MkDocsConfig()
    own, there = (
        File(name, str(DOCS), "site", use_directory_urls=False)
        for name in ("gallery.md", "gallery/digits.html")
    )
    page = Page(None, own, config)
    linked = hooks.on_page_markdown(TEXT, page, config, Files([own, there]))
    assert linked.count("](gallery/") == 1
    assert "[`docs/gallery/digits.html`](gallery/digits.html)" in linked
    assert hooks.on_page_markdown(TEXT, page, config, Files([own])) == TEXT
