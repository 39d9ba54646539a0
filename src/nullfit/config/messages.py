"""Sentences for people about settings that are wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nullfit.config.free_text import TEXT_LISTS
from nullfit.errors import override, shown

_TYPES = ("bool", "int", "float", "str", "none")
_FORMS = ("literal[", "list[", "constrained-")
_BOUNDS = ("than", "than_equal")  # how the names of such findings end


def complaints(problems: Iterable[Mapping[str, Any]], section: str = "") -> list[str]:
    """A sentence for each setting that pydantic finds fault with.

    Where several types are allowed it finds fault with each; what they allow becomes one sentence.
    """
    found = [_of_setting(problem) for problem in problems]
    sentences: dict[tuple[Any, ...], str] = {}
    for problem in found:
        if _is_beside_the_point(problem, found):
            continue
        key, sentence = tuple(problem["loc"]), complaint(problem, section)
        if key in sentences:
            allowed = sentence.rpartition(": ")[2].removeprefix("it must be ")
            sentence = f"{sentences[key].rstrip('.')} or {allowed}"
        sentences[key] = sentence
    return list(sentences.values())


def _of_setting(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same without the type that pydantic tried, which it puts into the key."""
    parts = problem["loc"]
    location = tuple(
        part
        for place, part in enumerate(parts)
        if not place or not (str(part) in _TYPES or str(part).startswith(_FORMS))
    )
    return {**problem, "loc": location}


def _is_beside_the_point(problem: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it asks for a list in place of a number out of bounds, or the other way round.

    Where a number or a list of numbers is allowed, pydantic finds fault with either.
    """
    key = problem["loc"]
    others = [other for other in found if other is not problem]
    if problem["type"] == "list_type":
        return any(other["loc"] == key and other["type"].endswith(_BOUNDS) for other in others)
    of_entry = any(other["loc"][: len(key)] == key != other["loc"] for other in others)
    return isinstance(problem["input"], list) and of_entry


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
