"""Sentences for people about settings that are wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from nullfit.config.free_text import TEXT_LISTS
from nullfit.errors import override, shown

_TYPES = ("bool", "int", "float", "str", "none")


def complaints(problems: Iterable[Mapping[str, Any]], section: str = "") -> list[str]:
    """A sentence for each setting that pydantic finds fault with.

    Where several types are allowed it finds fault with each; what they allow becomes one sentence.
    """
    sentences: dict[tuple[Any, ...], str] = {}
    for found in problems:
        problem = _of_setting(found)
        key, sentence = tuple(problem["loc"]), complaint(problem, section)
        if key in sentences:
            allowed = sentence.rpartition(": ")[2].removeprefix("it must be ")
            sentence = f"{sentences[key].rstrip('.')} or {allowed}"
        sentences[key] = sentence
    return list(sentences.values())


def _of_setting(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same without the type that pydantic tried last, which it puts behind the key."""
    *location, last = problem["loc"]
    is_type = str(last) in _TYPES or str(last).startswith(("literal[", "list[", "constrained-"))
    return {**problem, "loc": tuple(location)} if location and is_type else problem


def complaint(problem: Mapping[str, Any], section: str = "") -> str:
    """One sentence for one of pydantic's findings: the key, the value, and what is allowed."""
    location = [str(part) for part in problem["loc"]]
    if location[:1] == ["logger"] and len(location) > 2:
        del location[1]  # pydantic puts the kind of logger there
    if problem["type"] == "union_tag_invalid":
        location.append("name")
    key = ".".join(([section] if section else []) + location)
    if problem["type"] == "missing":
        return f"{key} is missing: give it a value."
    if problem["type"] == "string_pattern_mismatch":
        others = ", blanks and , ; % ( ) [ ]" if key == "study" else " and"
        return (
            f"{key}={shown(problem['input'])} is not allowed: use letters, digits{others} _ . = + "
            "- only, and begin with a letter or digit."
        )
    if problem["type"] == "union_tag_invalid":
        return f"{key} is not allowed: it must be one of {problem['ctx']['expected_tags']}."
    if problem["type"] in ("too_short", "too_long"):
        least, most = (problem["ctx"].get(key) for key in ("min_length", "max_length"))
        bound = f"at least {least}" if problem["type"] == "too_short" else f"at most {most}"
        return f"{key}={shown(problem['input'])} is not allowed: it must have {bound} entries."
    if problem["type"] == "list_type" and key in (*TEXT_LISTS, "data.test_corruptions"):
        one = override(key, [str(problem["input"])])
        return f"{key}={shown(problem['input'])} is not allowed: it must be a list, as in {one}."
    message = problem["msg"].replace("Input should be", "it must be").rstrip(".")
    return f"{key}={shown(problem['input'])} is not allowed: {message[0].lower()}{message[1:]}."
