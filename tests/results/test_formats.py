"""How shares and numbers are written."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nullfit
from nullfit.results.formats import percent, short

# Not of samples, but of work that is done: it is over when it shows 100 %.
OF_WORK = {"progress.py"}


@given(st.floats(0, 1), st.integers(0, 3))
def test_all_and_nothing_are_only_said_of_all_and_nothing(share, digits):
    shown = float(percent(share, digits))
    assert (shown == 100) == (share == 1)
    assert (shown == 0) == (share == 0)
    assert abs(shown - 100 * share) <= 10.0**-digits


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        *((0.9997, 1, "99.9"), (0.0003, 1, "0.1"), (0.99, 1, "99.0"), (0.8905, 2, "89.05")),
        *((1.0, 1, "100.0"), (0.0, 1, "0.0"), (0.9999, 2, "99.99"), (0.997, 0, "99")),
    ],
)
def test_percent(share, digits, text):
    assert percent(share, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.99997, "0.9999"), (-0.99997, "-0.9999"), (1.0, "1"), (0.12345, "0.1235"), (1234.5, "1234")],
)
def test_what_is_below_one_never_reads_one(value, text):
    assert short(value) == text


def test_no_percentage_is_written_otherwise():
    package = Path(nullfit.__file__).parent
    otherwise = re.compile(r":\.\d%\}|f[\"'].*\{100 \*")
    found = [
        f"{path.relative_to(package)}:{number}: {line.strip()}"
        for path in package.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if otherwise.search(line) and path.name not in (*OF_WORK, "formats.py")
    ]
    assert found == []
