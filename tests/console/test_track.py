import io
import sys

import pytest

from nullfit.console import track as progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stderr", "patience", "shown"),
    [(Terminal(), 0.0, True), (Terminal(), 60.0, False), (io.StringIO(), 0.0, False)],
    ids=["slow", "fast", "no terminal"],
)
def test_a_bar_appears_only_for_what_is_slow_on_a_terminal(
    stderr: io.StringIO, patience: float, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", patience)
    assert list(progress.track(iter(range(5)), 5, "Decoding images")) == list(range(5))
    assert ("Decoding images" in stderr.getvalue()) == shown


def test_elsewhere_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    assert list(progress.track(iter(range(3)), 3, "Decoding images")) == list(range(3))
    assert stderr.getvalue().splitlines()[-1] == "Decoding images: 2 of 3, 0:00:00 left"
