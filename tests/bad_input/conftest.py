"""Commands with bad input, run in this process."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.bad_input.hints import UNREADABLE, followed
from tests.command_line import Answer, carry_out

# Quick, and no matter for what is refused: given only where a case says nothing else.
QUIET = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1")
# For what a refusal suggests, unless it is about data itself.
FEW = ("data.train_limit=100", "data.test_limit=50")

Run = Callable[..., Answer]
Refuse = Callable[[Sequence[str], str], None]


def _contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {str(path): b"" if path.is_symlink() else path.read_bytes() for path in found}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Carry out a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return partial(carry_out, tmp_path)


@pytest.fixture
def refuse(run: Run, tmp_path: Path) -> Refuse:
    """Check that a command is refused in a line or two that hold ``tells``, and writes nothing.

    What the refusal suggests is then tried: it leads to something else, and can be read.
    """

    def check(arguments: Sequence[str], tells: str) -> None:
        given = {argument.partition("=")[0] for argument in arguments}
        defaults = [text for text in QUIET if text.partition("=")[0] not in given]
        before = _contents(tmp_path)
        answer = run(*arguments, *defaults)
        lines = answer.err.strip().splitlines()
        assert answer.code == 2, answer.err
        assert tells in answer.err, answer.err
        assert 1 <= len(lines) <= 2, answer.err
        assert lines[0].startswith("nullfit: ")
        assert "Traceback" not in answer.err + answer.out
        assert _contents(tmp_path) == before
        for command in followed(answer.err, [*arguments, *defaults]):
            few = () if any(word.startswith("data") for word in command) else FEW
            then = run(*command, *few)
            assert then.err != answer.err, f"following {command} leads nowhere"
            assert not any(words in then.err for words in UNREADABLE), then.err

    return check
