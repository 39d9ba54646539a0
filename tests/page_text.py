"""What a page of HTML says: headings, sentences and tables, without its figures."""

import re
from html.parser import HTMLParser

_BEFORE = {
    **{"h1": "\n# ", "h2": "\n## ", "h3": "\n### ", "td": " | ", "th": " | "},
    **dict.fromkeys(("p", "div", "tr", "summary", "nav"), "\n"),
    **dict.fromkeys(("span", "a"), " "),
}
_EMPTY = {"meta", "link", "img", "br", "input", "hr"}  # have no end
_UNREAD = {"head", "script", "pre", "svg", "button", "select"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._within: list[str] = []  # elements that are not read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _EMPTY:
            return
        if self._within or tag in _UNREAD or ("class", "files") in attrs:
            self._within.append(tag)
        else:
            self.text += _BEFORE.get(tag, "")

    def handle_endtag(self, tag: str) -> None:
        if self._within:
            assert self._within.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.text += re.sub(r"\s+", " ", data)


def page_text(html: str) -> str:
    """A line for each heading, paragraph and row; no figures, settings or names of files."""
    reader = _Reader()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in reader.text.splitlines())
    return "\n".join(line for line in lines if line.strip("# |")) + "\n"
