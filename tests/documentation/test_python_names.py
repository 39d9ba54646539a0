"""What the build asks of the reference of Python."""

import shutil
from pathlib import Path

from documentation.python_names import missing, public_names, undocumented
from tests.documentation.building import ROOT


def test_names_are_those_that_a_package_offers() -> None:
    assert public_names("nullfit") == ["run", "study", "sweep"]
    assert {"random_labels", "Corrupted", "changes", "TEST_INDEX"} <= set(
        public_names("nullfit.corruptions")
    )
    assert {"sgd", "adamw", "NoisySGD"} <= set(public_names("nullfit.optimizers"))
    assert "nn" not in public_names("nullfit.optimizers")


def test_the_reference_lacks_nothing() -> None:
    assert missing(ROOT / "docs") == []


def test_a_page_that_is_gone_is_missed_name_by_name(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs" / "reference", tmp_path / "reference")
    (tmp_path / "reference" / "python" / "probes.md").unlink()
    assert missing(tmp_path) == [
        "nullfit.training.probe.Probe is not in docs/reference/python/",
        "nullfit.results.findings.Findings is not in docs/reference/python/",
    ]


def test_what_has_no_docstring_is_named() -> None:
    class Explained:
        """It is."""

        def explained(self) -> None:
            """It is."""

        def bare(self) -> None: ...

        @property
        def bare_too(self) -> int:
            return 0

    def alone() -> None: ...

    assert undocumented("Explained", Explained) == ["Explained.bare", "Explained.bare_too"]
    assert undocumented("alone", alone) == ["alone"]
