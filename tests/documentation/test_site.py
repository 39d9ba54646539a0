"""The site as `make docs` builds it: whole, small, and readable without a network."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
import yaml

from documentation import options, python_names
from documentation.notebooks import tutorials
from nullfit.config.composer import config_folder
from tests.browser import needs_browser
from tests.documentation.building import ROOT, build

LARGEST = 300_000  # bytes of a page without its pictures
pytestmark = pytest.mark.slow


class References(HTMLParser):
    """What a page fetches by itself, where its links lead, and the names of its places."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.places |= {own[name] for name in ("id", "name") if name in own}
        if "src" in own:
            self.fetched.append(own["src"])
        if "href" in own:
            (self.fetched if tag == "link" else self.links).append(own["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as where `make gallery` made one report page of several."""
    folder = tmp_path_factory.mktemp("site")
    root = copied(tmp_path_factory.mktemp("root"))
    (root / "docs" / "gallery").mkdir()
    (root / "docs" / "gallery" / "digits.html").write_text("<!doctype html><title>digits</title>")
    done = build(folder, root)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, References]:
    return {page: References(page) for page in site.rglob("*.html") if page.name != "404.html"}


def test_every_page_of_docs_is_in_it(site: Path) -> None:
    docs = ROOT / "docs"
    for page in docs.rglob("*.md"):
        assert (site / page.relative_to(docs)).with_suffix(".html").is_file(), page


def test_pages_are_small(pages: dict[Path, References]) -> None:
    assert {page: page.stat().st_size for page in pages if page.stat().st_size > LARGEST} == {}


def test_nothing_is_fetched_from_elsewhere(site: Path, pages: dict[Path, References]) -> None:
    for page, found in pages.items():
        for reference in found.fetched:
            assert not urlsplit(reference).netloc, f"{page}: {reference}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8"))


def test_every_link_within_it_leads_somewhere(site: Path, pages: dict[Path, References]) -> None:
    assert sum(len(found.links) for found in pages.values()) > 1000
    for page, found in pages.items():
        for reference in (*found.fetched, *found.links):
            parts = urlsplit(reference)
            if parts.scheme or parts.netloc:
                assert parts.scheme in ("http", "https", "mailto"), reference
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page}: {reference}"
            place = unquote(parts.fragment)
            if place and not place.startswith("__") and target in pages:
                assert place in pages[target].places, f"{page}: {reference}"


def test_it_has_four_parts_two_forms_and_a_search_field(site: Path) -> None:
    first = (site / "index.html").read_text(encoding="utf-8")
    tabs = re.findall(r'md-tabs__link">\s*(.*?)\s*</a>', first, re.S)
    assert tabs[1:] == ["Tutorials", "Gallery", "How to", "Explanation", "Reference"]
    assert {"default", "slate"} <= set(re.findall(r'data-md-color-scheme="(\w+)"', first))
    assert 'data-md-component="search-query"' in first
    # From disk the search runs without a worker, and its index is a script.
    assert "assets/iframe-worker.js" in first
    index = (site / "search" / "search_index.js").read_text(encoding="utf-8")
    entries = json.loads(index.removeprefix("var __index = "))["docs"]
    found = {entry["location"] for entry in entries if "corruption.probability" in entry["text"]}
    assert any(place.startswith("reference/options/corruption.html") for place in found)


@needs_browser
def test_from_disk_it_searches_and_misses_nothing(site: Path, browser: Any) -> None:
    browser.get((site / "index.html").as_uri() + "?q=corruption.probability")
    links = "return Array.from(document.querySelectorAll('.md-search-result__link'), a => a.href)"
    found = wait_for(browser, links)
    assert any("reference/options/corruption.html" in link for link in found)
    for form in ("default", "slate"):
        press = f"document.querySelector('[data-md-color-scheme={form}]').click()"
        browser.execute_script(press)
        assert (
            browser.find_element("tag name", "body").get_dom_attribute("data-md-color-scheme")
            == form
        )
    assert browser.get_log("browser") == []


def wait_for(browser: Any, script: str, seconds: float = 60.0) -> Any:
    """What a script of the page gives, once it gives something."""
    end = time.monotonic() + seconds
    while not (found := browser.execute_script(script)):
        assert time.monotonic() < end, script
        time.sleep(0.05)
    return found


def every_option() -> Iterator[tuple[str, str]]:
    for file in config_folder().rglob("*.yaml"):
        group = file.parent.relative_to(config_folder()).as_posix()
        if group != ".":
            yield group, file.stem


def test_every_option_is_in_the_reference(site: Path) -> None:
    for group, option in every_option():
        page = site / options.page_of(group).replace(".md", ".html")
        assert f"<code>{group}={option}</code>" in page.read_text("utf-8"), f"{group}={option}"


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    shown = "".join(
        page.read_text("utf-8") for page in (site / "reference" / "python").glob("*.html")
    )
    for package in python_names.PACKAGES:
        for name in python_names.public_names(package):
            assert re.search(rf'id="nullfit(?:\.\w+)*\.{name}"', shown), f"{package}.{name}"


def test_words_lead_to_the_pages_that_are_tagged_with_them(site: Path) -> None:
    index = (site / "how-to" / "index.html").read_text("utf-8")
    for page in (ROOT / "docs" / "how-to").glob("*.md"):
        if page.stem != "index":
            _, front, _ = page.read_text("utf-8").split("---\n", 2)
            for word in yaml.safe_load(front)["tags"]:
                start = index.index(f'id="tag:{word.replace(" ", "-")}"')
                below = index[start:].split("<h3", 1)[0]
                assert f'{page.stem}.html"' in below, f"{page.stem}: {word}"


def test_tutorials_come_as_notebooks_with_what_they_show(site: Path) -> None:
    assert len(tutorials(ROOT / "docs")) == 4
    for page in tutorials(ROOT / "docs"):
        notebook = nbformat.read(site / "tutorials" / f"{page.stem}.ipynb", 4)
        nbformat.validate(notebook)
        kinds = [out.output_type for cell in notebook.cells for out in cell.get("outputs", [])]
        assert {"stream", "display_data"} <= set(kinds)


def test_the_gallery_links_the_report_pages_that_are_there(site: Path) -> None:
    page = (site / "gallery.html").read_text("utf-8")
    assert re.findall(r'href="(gallery/[^"]*)"', page) == ["gallery/digits.html"]
    assert "<code>docs/gallery/table_1.html</code>" in page


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    for own in ("hooks", "plugins", "extra_css"):  # a site of one page needs none of them
        del settings[own]
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump({**settings, "nav": ["index.md"]}))
    page = tmp_path / "docs" / "index.md"
    page.parent.mkdir()
    page.write_text("# A page\n")
    assert build(tmp_path / "site", tmp_path).returncode == 0
    page.write_text("# A page\n\n[nowhere](nowhere.md)\n")
    done = build(tmp_path / "site", tmp_path)
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr


def test_a_name_that_the_reference_lacks_fails_the_build(tmp_path: Path) -> None:
    lacking = copied(tmp_path)
    page = lacking / "docs" / "reference" / "python" / "optimizers.md"
    page.write_text(page.read_text("utf-8").replace("::: nullfit.optimizers.adamw\n", ""))
    done = build(tmp_path / "site", lacking)
    assert done.returncode != 0
    assert "nullfit.optimizers.adamw is not in docs/reference/python/" in done.stderr


def copied(folder: Path) -> Path:
    """What the site is made of, elsewhere."""
    copy = folder / "copy"
    for name in ("docs", "documentation"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(copy / "docs" / "gallery", ignore_errors=True)  # of whoever ran `make gallery`
    shutil.copy(ROOT / "mkdocs.yml", copy)
    shutil.copy(ROOT / "SECURITY.md", copy)
    published = "src/nullfit/results/published/published.yaml"
    (copy / published).parent.mkdir(parents=True)
    shutil.copy(ROOT / published, copy / published)
    return copy
