"""A run under a corruption that reads a file is another one when the file is another."""

from pathlib import Path

import pytest

from nullfit.config.identity import config_hash
from nullfit.config.recall import recalled


def alone(path: Path) -> list[str]:
    return ["corruption=transition_matrix", f"corruption.path={path}"]


def by_hand(path: Path) -> list[str]:
    return ["corruption=labels_from_file", f"corruption.path={path}"]


def in_a_chain(path: Path) -> list[str]:
    steps = f"[random_pixels,{{name:transition_matrix,path:{path}}}]"
    return ["corruption=chain", f"corruption.steps={steps}"]


@pytest.mark.parametrize("overrides", [alone, by_hand, in_a_chain])
def test_a_changed_file_is_another_job_and_the_same_content_is_not(
    make_config, tmp_path: Path, overrides
) -> None:
    path = tmp_path / "matrix.csv"

    def job(content: str) -> str:
        path.write_text(content)
        return str(make_config(*overrides(path)).job)

    first = job("1,0\n0,1\n")
    assert job("0,1\n1,0\n") != first
    assert job("1,0\n0,1\n") == first
    path.unlink()
    assert make_config(*overrides(path)).job != first


@pytest.mark.parametrize("overrides", [alone, by_hand, in_a_chain])
def test_a_stored_run_does_not_say_which_files_are_read(make_config, tmp_path, overrides) -> None:
    plain = make_config(*overrides(tmp_path / "matrix.csv")).plain()
    assert not [text for text in recalled(plain, []) if "matrix.csv" in text]


def test_corruptions_of_ones_own_keep_their_identity(make_config, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("1")
    plain = make_config().plain()
    plain["corruption"] |= {
        "name": "own",
        "_target_": "mine.own",
        "path": str(tmp_path / "own.csv"),
    }
    assert config_hash(plain) == config_hash(plain, content=False)
