"""The table in the documentation comes from results alone, and nothing else of the page changes."""

import sys
from pathlib import Path

import pytest

import performance_page
import targets
from measurement import Measurement, write
from targets import Target

MACHINE = {
    "date": "2026-01-02",
    "processor": "a processor",
    "cores": "2 of 4",
    "memory_gib": 8,
    "system": "Linux x86_64",
    "versions": {"torch": "9.9"},
}


def test_new_results_are_kept_and_join_the_old_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [Target("one/a", "A", "B", "× faster", 4.0), Target("two/c", "C", "–", "s")]
    monkeypatch.setattr(targets, "TARGETS", lines)
    monkeypatch.setattr(performance_page, "TARGETS", lines)
    docs, new = tmp_path / "docs", tmp_path / "new"
    write(docs / "performance" / "two.json", [Measurement("two/c", [0.5], [])], MACHINE)
    write(new / "one.json", [Measurement("one/a", [1.0, 2.0, 2.0], [3.0, 8.0, 2.0])], MACHINE)
    page = docs / "performance.md"
    page.write_text(f"Before.\n{performance_page.BEGIN}old\n{performance_page.END}After.\n")
    monkeypatch.setattr(sys, "argv", ["performance_page.py", str(new), "--docs", str(docs)])
    performance_page.main()
    text = page.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert (
        "`one`, `two`: a processor, 2 of 4 cores, 8 GiB, Linux x86_64; torch 9.9; 2026-01-02."
        in (text)
    )
    assert "| A | B | 3× (1–4) | 3 | 2 s / 3 s | ≥ 4× | **missed** |\n| C | – | 0.5 s" in text
    performance_page.main()
    assert page.read_text() == text
