"""Whether a file of ratings is a matrix, or a list with a line for each rating."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from nullfit.data.sources.text_file import first_rows, separator_of

Layout = Literal["matrix", "list"]

DOUBLE_COLON = "::"  # as in MovieLens' ratings.dat
_USERS = {"user", "userid", "uid", "reviewer", "reviewerid", "customer", "customerid", "rater"}
_ITEMS = {
    *("item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "book"),
    *("bookid", "isbn", "artist", "artistid", "song", "songid", "business", "businessid"),
}
_RATINGS = {"rating", "ratings", "score", "stars", "overall", "value", "bookrating"}
_FEWEST_LINES = 10
_EARLIEST = 1e8  # seconds: a time of 1973; no rating is as large


@dataclass(frozen=True)
class ListLayout:
    """Where a list has its user, item and rating.

    ``names`` are those of its heading if it ``has_heading``, else numbers of columns.
    """

    separator: str
    user: int
    item: int
    rating: int
    names: tuple[str, ...]
    has_heading: bool

    @property
    def columns(self) -> tuple[int, int, int]:
        """The columns that are read."""
        return self.user, self.item, self.rating

    @property
    def left_out(self) -> tuple[str, ...]:
        """The columns that are not read, by name."""
        places = range(len(self.names))
        return tuple(self.names[place] for place in places if place not in self.columns)


def list_layout(
    head: str, separator: str | None, layout: Layout | None, header: bool, index: bool
) -> ListLayout | None:
    """The layout of a list whose first lines are ``head``; None of a matrix.

    A list is told by its names, by ``::`` between its fields, by times in its fourth column, or by
    identifiers in its first two, no pair of them twice, that are far above its ratings.
    """
    if layout == "matrix" or (layout is None and index):
        return None
    rows, chosen = _rows(head, separator)
    if not rows or len(rows[0]) < 3 or len({len(row) for row in rows}) > 1:
        return None
    named = _named(rows[0])
    user, item, rating = named or (0, 1, 2)
    has_heading = header or not _is_number(rows[0][rating])
    body = rows[has_heading:]
    names = [field.strip() for field in rows[0]] if has_heading else _numbered(body)
    found = ListLayout(chosen, user, item, rating, tuple(names), has_heading)
    if layout == "list" or (has_heading and named):
        return found
    return found if chosen == DOUBLE_COLON or _looks_like_a_list(body) else None


def _rows(head: str, separator: str | None) -> tuple[list[list[str]], str]:
    lines = [line for line in head.splitlines() if line.strip()]
    doubled = separator == DOUBLE_COLON or (separator is None and DOUBLE_COLON in head)
    if doubled and all(DOUBLE_COLON in line for line in lines):
        return [line.split(DOUBLE_COLON) for line in lines[:1000]], DOUBLE_COLON
    chosen = separator_of(head, separator)
    return first_rows(head, chosen, 1000), chosen


def _named(heading: Sequence[str]) -> tuple[int, int, int] | None:
    """The columns of user, item and rating by their names."""
    plain = ["".join(filter(str.isalnum, name.lower())) for name in heading]
    places = [
        next((place for place, name in enumerate(plain) if name in known), None)
        for known in (_USERS, _ITEMS, _RATINGS)
    ]
    if places[2] is None or (places[0] is None and places[1] is None):
        return None
    free = [place for place in range(len(plain)) if place not in places]
    user, item, rating = (free.pop(0) if place is None else place for place in places)
    return user, item, rating


def _numbered(body: Sequence[Sequence[str]]) -> list[str]:
    """Names for the columns of a list without a heading."""
    times = [_are_times(column) for column in zip(*body, strict=True)]
    return [
        f"column {place}{' (times)' if is_times else ''}"
        for place, is_times in enumerate(times, start=1)
    ]


def _are_times(column: Iterable[str]) -> bool:
    return all(field.strip().isdecimal() and float(field) > _EARLIEST for field in column)


def _looks_like_a_list(body: Sequence[Sequence[str]]) -> bool:
    fields = [[field.strip() for field in row] for row in body]
    if len(fields) < _FEWEST_LINES or len(fields[0]) not in (3, 4):
        return False
    pairs = {(row[0], row[1]) for row in fields}
    complete = not any("" in row[:3] or not _is_number(row[2]) for row in fields)
    if len(pairs) < len(fields) or not complete:
        return False
    if len(fields[0]) == 4:
        return _are_times(row[3] for row in fields)
    if not any(_is_number(name) for pair in pairs for name in pair):
        return True
    largest = max(abs(_number(row[2])) for row in fields)
    return all(_are_numbers_above(2 * largest, names) for names in zip(*pairs, strict=True))


def _are_numbers_above(least: float, names: Sequence[str]) -> bool:
    """Whether they are whole numbers, the largest of which is above ``least``."""
    return all(name.isdecimal() for name in names) and max(map(float, names)) > least


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    return float(text.strip().replace(",", ".", 1))
