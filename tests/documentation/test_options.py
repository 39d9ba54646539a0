"""The reference of options: what is said of each setting, and that nothing is left out."""

from typing import Annotated, Any, Literal

import pytest
import yaml
from annotated_types import Ge, Interval
from pydantic import BaseModel, Field

from documentation import options
from documentation.types_in_words import in_words
from nullfit.config.composer import config_folder
from nullfit.ranges import Decay, Positive, PositiveInt, Probability


class Inner(BaseModel):
    size: int


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (bool, "true or false"),
        (PositiveInt | None, "whole number > 0 or null"),
        (Probability, "number from 0 to 1"),
        (Decay, "number ≥ 0 and < 1"),
        (Annotated[int, Ge(2)], "whole number ≥ 2"),
        (Annotated[float, Interval(gt=0, le=1)], "number > 0 and ≤ 1"),
        (Literal["auto", "cpu"], "`auto` or `cpu`"),
        (Literal["a", "b", "c"] | None, "`a`, `b`, `c` or null"),
        (Annotated[list[Positive], Field(min_length=2)], "list of numbers > 0, at least 2"),
        (dict[str, int] | None, "map from names to whole number or null"),
        (Inner, "map with `size`"),
        (Any, "anything"),
    ],
)
def test_types_in_words(annotation: Any, words: str) -> None:
    assert in_words(annotation) == words


def test_a_type_without_a_form_is_refused() -> None:
    class Own:
        pass

    with pytest.raises(ValueError, match="cannot be told in words"):
        in_words(Own)


def row(page: str, key: str) -> list[str]:
    (found,) = {line for line in page.splitlines() if line.startswith(f"| `{key}` |")}
    return [cell.strip() for cell in found.strip("|").split(" | ")]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return options.pages()


@pytest.mark.parametrize(
    ("page", "key", "default", "kind", "comment"),
    [
        ("corruption", "corruption.sigma", "0.1", "number ≥ 0", "standard deviation"),
        ("trainer", "trainer.max_epochs", "null", "whole number > 0 or null", "stop after"),
        ("optimizer", "optimizer.nesterov", "false", "true or false", "look ahead"),
        ("launcher", "hydra.launcher.n_jobs", "null", "whole number > 0 or null", "jobs at once"),
        ("logger", "logger.patience", "5", "number ≥ 0", "seconds"),
        (
            "task",
            "permutation_test.null",
            "conditional",
            "`feature`",
            "what replicates",
        ),
        ("general", "seed", "0", "whole number ≥ 0", "decides every random draw"),
    ],
)
def test_a_setting_has_default_type_and_comment(
    pages: dict[str, str], page: str, key: str, default: str, kind: str, comment: str
) -> None:
    text = pages[f"reference/options/{page}.md"]
    found = next(line for line in text.splitlines() if line.startswith(f"| `{key}` |"))
    assert f"| `{default}" in found
    assert kind in found
    assert comment in found


def leaves(content: dict[str, Any], top: str) -> set[str]:
    """Keys of plain values, counted by hand: lists and maps stand for themselves elsewhere."""
    found = set()
    for key, value in content.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{top}{key}.")
        elif key not in ("name", "_target_", "uses", "defaults", "_recursive_"):
            found.add(f"{top}{key}")
    return found


def test_every_setting_of_every_file_is_there(pages: dict[str, str]) -> None:
    counted = 0
    for file in config_folder().rglob("*.yaml"):
        group = file.parent.relative_to(config_folder()).as_posix()
        if group in (".", "experiment", "scale"):
            continue
        text = file.read_text(encoding="utf-8")
        top = "" if "@package _global_" in text else f"{group.replace('/', '.')}."
        for key in leaves(yaml.safe_load(text) or {}, top):
            if not key.startswith("permutation_calibration.regimes."):  # one setting, shown whole
                assert f"| `{key}` |" in pages[options.page_of(group)], f"{file}: {key}"
                counted += 1
    assert counted > 200


def test_a_setting_without_a_comment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "explanations", lambda text, group="": {})
    with pytest.raises(ValueError, match=r"model\.\w+ has no comment in conf/"):
        options.settings_of("model", "mlp")
