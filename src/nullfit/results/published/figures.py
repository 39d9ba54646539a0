"""What others published: published.yaml, read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from nullfit.system.shallow_yaml import LOADER

FILE = "published.yaml"


@dataclass(frozen=True)
class Published:
    """One published number; accuracies, errors and bounds are fractions, as in result.json.

    ``epoch`` is that of a point of a curve, counted from 1; None: the number belongs to whole runs.
    ``value`` is None where the source says in words what happened (``remark``). ``match`` says
    which runs it is compared to, and ``setup`` what its own runs were made with, by keys of
    config.yaml; what the source leaves ``open`` there may be anything, and what it does not speak
    of is to be as nullfit ships it. ``differs`` is what no run of nullfit has in common with the
    source.
    """

    source: str
    url: str | None
    quantity: str
    value: float | None
    match: dict[str, Any]
    setup: dict[str, Any]
    open: tuple[str, ...]
    remark: str | None
    differs: str | None
    epoch: int | None = None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Row(_Strict):
    match: dict[str, Any]
    published: dict[str, float | None] = {}
    curves: dict[str, dict[int, float]] = {}
    setup: dict[str, Any] = {}
    open: list[str] = []
    remark: str | None = None
    differs: str | None = None


class _Block(_Strict):
    source: str
    url: str | None
    rows: list[_Row]
    setup: dict[str, Any] = {}
    open: list[str] = []
    differs: str | None = None


@cache
def published_numbers() -> tuple[Published, ...]:
    """All of published.yaml, in its order."""
    text = files("nullfit.results.published").joinpath(FILE).read_text(encoding="utf-8")
    blocks = [_Block.model_validate(block) for block in yaml.load(text, LOADER)]
    return tuple(
        Published(
            source=block.source,
            url=block.url,
            quantity=quantity,
            value=_as_fraction(value) if is_share(quantity) else value,
            match=row.match,
            setup={**block.setup, **row.setup},
            open=(*block.open, *row.open),
            remark=row.remark,
            differs=row.differs or block.differs,
            epoch=epoch,
        )
        for block in blocks
        for row in block.rows
        for quantity, epoch, value in _numbers(row)
    )


def _numbers(row: _Row) -> Iterator[tuple[str, int | None, float | None]]:
    """Quantity, epoch and value of each number of a row."""
    for quantity, value in row.published.items():
        yield quantity, None, value
    for quantity, curve in row.curves.items():
        for epoch, point in curve.items():
            yield quantity, epoch, point


def _as_fraction(percent: float | None) -> float | None:
    # 9.78 / 100 is 0.09779999…; nobody published more than five digits
    return None if percent is None else round(percent / 100, 6)


def is_share(quantity: str) -> bool:
    """Whether a quantity is a fraction that people write in per cent."""
    named = "accuracy" in quantity or "never_forgotten" in quantity
    return named or quantity.endswith(("error", "bound"))
