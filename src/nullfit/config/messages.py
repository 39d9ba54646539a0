"""Sentences for people about settings that are wrong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nullfit.config.free_text import TEXT_LISTS
from nullfit.errors import override, shown

_TYPES = ("bool", "int", "float", "str", "none")
_BRACKET = "["  # in what pydantic calls other types: list[int], dict[str,int], literal['a']
_CONSTRAINED = "constrained-"
_BOUNDS = ("than", "than_equal")  # how the names of such findings end
# Settings of more than one level, whose type alone would tell nobody what to write.
_TAKES = {
    "data.binary": "two lists of numbers of classes, counted from 0 in the order of their names, "
    "each class in one of the two, e.g. 'data.binary=[[0],[1]]'",
    "start.rewind": "layers, each with its epoch, e.g. 'start.rewind={head:5}'",
    "corruption.classes": "mnist, cifar10, cifar100, or which class becomes which, by name or by "
    "number from 0, e.g. 'corruption.classes={0:1}'",
}
_IN_BRACKETS = ("data.binary", "start.rewind")  # of these, those that no word stands for
_AS_A_WHOLE = ("distinct", "too_short", "too_long")  # findings that say it better


def complaints(problems: Iterable[Mapping[str, Any]], section: str = "") -> list[str]:
    """A sentence for each setting that pydantic finds fault with.

    Where several types are allowed it finds fault with each; what they allow becomes one sentence.
    """
    found = [_of_setting(problem) for problem in once_each(problems, section)]
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


def once_each(problems: Iterable[Mapping[str, Any]], section: str = "") -> list[Mapping[str, Any]]:
    """The findings, of each setting of more than one level the first alone."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, problem in enumerate(problems):
        found.setdefault(_whole(_key(problem, section)) or str(number), problem)
    return list(found.values())


def has_levels(key: str) -> bool:
    """Whether it is a setting of more than one level, so that a list of words is none of it."""
    return key in _TAKES


def without_brackets(key: str, text: str) -> str:
    """The refusal of words, parted by commas, for a setting that none stands for; else empty."""
    if key not in _IN_BRACKETS or "[" in text or "{" in text:
        return ""
    return f"{key}={text} is not allowed: it must be {_TAKES[key]}."


def _whole(key: str) -> str:
    """The setting of more than one level that a key belongs to, if it does."""
    return next((whole for whole in _TAKES if f"{key}.".startswith(f"{whole}.")), "")


def _key(problem: Mapping[str, Any], section: str) -> str:
    return ".".join([*([section] if section else []), *map(str, problem["loc"])])


def _of_setting(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same without the type that pydantic tried, which it puts into the key."""
    parts = problem["loc"]
    location = tuple(
        part
        for place, part in enumerate(parts)
        if not place or not (str(part) in _TYPES or _is_type(str(part)))
    )
    return {**problem, "loc": location}


def _is_type(part: str) -> bool:
    return _BRACKET in part or part.startswith(_CONSTRAINED)


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
    if problem["type"] == "union_tag_invalid":
        return f"{key} is not allowed: it must be one of {problem['ctx']['expected_tags']}."
    whole = _whole(key)
    given = f"{key}={shown(problem['input'])}"
    if (whole := _whole(key)) and problem["type"] not in _AS_A_WHOLE:
        part = given if key == whole else f"{whole}: {shown(problem['input'])}"
        return f"{part} is not allowed: it must be {_TAKES[whole]}."
    return f"{given} is not allowed: {_allowed(problem, key)}."


def _allowed(problem: Mapping[str, Any], key: str) -> str:
    """What a setting may be instead of what it is."""
    if problem["type"] == "string_pattern_mismatch":
        others = ", blanks and , ; % ( ) [ ]" if key == "study" else " and"
        return f"use letters, digits{others} _ . = + - only, and begin with a letter or digit"
    if problem["type"] in ("too_short", "too_long"):
        least, most = (problem["ctx"].get(key) for key in ("min_length", "max_length"))
        bound = f"at least {least}" if problem["type"] == "too_short" else f"at most {most}"
        return f"it must have {bound} entries"
    if problem["type"] == "list_type" and key in (*TEXT_LISTS, "data.test_corruptions"):
        return f"it must be a list, as in {override(key, [str(problem['input'])])}"
    if problem["type"] == "dict_type":
        return f"it must be pairs, as in '{key}={{name:value}}'"
    message = problem["msg"].replace("Input should be", "it must be").rstrip(".")
    return f"{message[0].lower()}{message[1:]}"
