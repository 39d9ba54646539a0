"""Numbers as people write them: decimal commas, separators of thousands, any number of digits."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Literal

import numpy as np
import pandas

from nullfit.errors import UserError, override

Decimal = Literal[".", ","]

_OTHER: dict[Decimal, Decimal] = {".": ",", ",": "."}
_GROUPS = "'’ \u00a0\u202f"  # what separates thousands beside the other of . and ,

Raw = Callable[[list[str]], pandas.DataFrame]


def read_numbers(
    frame: pandas.DataFrame, raw: Raw, decimal: Decimal | None
) -> tuple[pandas.DataFrame, tuple[str, ...]]:
    """Turn columns of text that are numbers into numbers, and say which of their marks were read.

    ``raw`` gives columns as they are written. ``decimal`` null is what the columns say together:
    1,5 is one and a half, 1,234,567 is above a million, and 1,234 what the others are.

    Raises:
        UserError: nothing tells what a comma is.
    """
    texts = {name: frame[name].dropna().astype(str) for name in frame if _is_text(frame[name])}
    marks = {name: [each for each in _OTHER if _all(text, each)] for name, text in texts.items()}
    known = _known(frame, texts, marks, raw, decimal)
    changed: dict[str, pandas.Series] = {}
    for name, text in texts.items():
        chosen = _chosen(name, text, marks[name], known, decimal)
        if chosen is not None:
            changed[name] = frame[name].where(frame[name].isna(), _plain(text, chosen))
            if marks[name]:
                changed[name] = changed[name].astype(np.float64)
    if "," in known:
        for name, written in _floats(frame, raw):  # 1.234 is a thousand there
            if _has(written, ".") and _all(written, ","):
                changed[name] = _plain(written, ",").astype(np.float64).reindex(frame.index)
    return frame.assign(**changed), tuple(known)


def _is_text(column: pandas.Series) -> bool:
    return not pandas.api.types.is_numeric_dtype(column) and bool(column.notna().any())


def _floats(frame: pandas.DataFrame, raw: Raw) -> Iterator[tuple[str, pandas.Series]]:
    """Columns that pandas took for numbers with a decimal point, as they are written."""
    names = list(frame.select_dtypes("floating"))
    written = raw(names) if names else frame[[]]
    yield from ((name, written[name][frame[name].notna()]) for name in names)


@cache
def _pattern(decimal: Decimal) -> re.Pattern[str]:
    mark, groups = re.escape(decimal), f"[{re.escape(_OTHER[decimal])}{_GROUPS}]"
    whole = rf"(?:\d+|[1-9]\d{{0,2}}({groups})\d{{3}}(?:\1\d{{3}})*)"
    return re.compile(rf"[+\-−]?(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?")


def _all(text: pandas.Series, decimal: Decimal) -> bool:
    return all(map(_pattern(decimal).fullmatch, text.tolist()))


def _share(text: pandas.Series, decimal: Decimal) -> float:
    return sum(map(bool, map(_pattern(decimal).fullmatch, text.tolist()))) / len(text)


def _has(text: pandas.Series, character: str) -> bool:
    return any(character in value for value in text.tolist())


def _plain(text: pandas.Series, decimal: Decimal) -> pandas.Series:
    """Values that are numbers as Python writes them; others as they are."""
    number = _pattern(decimal)
    marks = {ord(mark): None for mark in _OTHER[decimal] + _GROUPS}
    plain = {**marks, ord(decimal): ".", ord("−"): "-"}
    values = [
        value.translate(plain) if number.fullmatch(value) else value for value in text.tolist()
    ]
    return pandas.Series(values, index=text.index, name=text.name, dtype=object)


def _known(
    frame: pandas.DataFrame,
    texts: dict[str, pandas.Series],
    marks: dict[str, list[Decimal]],
    raw: Raw,
    decimal: Decimal | None,
) -> list[Decimal]:
    """The decimal marks that at least one column shows beyond doubt."""
    if decimal is not None:
        return [decimal]
    sure = {found[0] for found in marks.values() if len(found) == 1}
    is_open = any(len(found) == 2 and _has(texts[name], ",") for name, found in marks.items())
    if is_open and any(not _all(written, ",") for _, written in _floats(frame, raw)):
        sure.add(".")
    return sorted(sure, reverse=True)


def _chosen(
    name: str,
    text: pandas.Series,
    marks: Sequence[Decimal],
    known: Sequence[Decimal],
    given: Decimal | None,
) -> Decimal | None:
    """The decimal mark to read a column of text with; None if it is of no numbers."""
    if given is not None:
        return given if given in marks else None
    if len(marks) == 1:
        return marks[0]
    if marks and (not _has(text, ",") or len(known) == 1):
        return known[0] if len(known) == 1 else "."
    if marks:
        example = next(value for value in text if "," in value)
        ways = (example.replace(",", ""), example.replace(",", "."))
        raise UserError(
            f"column {name}: {example} may be {ways[0]} or {ways[1]}.\nSay which: "
            f"{override('data.decimal', '.')} or {override('data.decimal', ',')}."
        )
    # Few texts among numbers are refused where categories are told from identifiers.
    mostly = [each for each in known if each == "," and _share(text, each) > 0.5]
    return mostly[0] if mostly else None
