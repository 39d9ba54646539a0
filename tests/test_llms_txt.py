"""llms.txt: its form, its links, and that it leaves out no page of README's or the guide's."""

import re
from pathlib import Path

import nullfit

ROOT = Path(nullfit.__file__).parents[2]
TEXT = (ROOT / "llms.txt").read_text(encoding="utf-8")
LINKS = re.findall(r"\]\(([^)]+)\)", TEXT)


def test_it_has_the_form_that_readers_expect() -> None:
    title, blank, summary, *_ = TEXT.splitlines()
    assert title == "# nullfit"
    assert not blank
    assert summary.startswith("> ")
    lists = TEXT.partition("\n## ")[2].splitlines()
    assert all(re.match(r"- \[.+\]\(.+\)|## |$", line) for line in lists[1:])


def test_every_link_leads_to_a_file() -> None:
    assert len(LINKS) == len(set(LINKS)) > 30
    assert [link for link in LINKS if not (ROOT / link).is_file()] == []


def test_every_page_that_readme_and_guide_link_is_in_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    pages = set(re.findall(r"\]\((docs/[\w-]+\.md)[)#]", readme))
    pages |= {f"docs/{page}" for page in re.findall(r"\]\(([\w-]+\.md)[)#]", guide)}
    assert pages - set(LINKS) == set()
