"""Sentences for people about settings that are wrong."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

_TYPES = ("bool", "int", "float", "str", "none")


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """`` Did you mean …?`` if something known looks like it, else what there is."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean {prefix}{close[0]}?"
    if not names:
        return " There are none here."
    return " Allowed: " + ", ".join(names) + "."


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
    if location[:1] in (["logger"], ["probe"]) and len(location) > 2:
        del location[1]  # pydantic puts the kind of logger or probe there
    if problem["type"] == "union_tag_invalid":
        location.append("name")
    key = ".".join(([section] if section else []) + location)
    if problem["type"] == "missing":
        return f"{key} is missing: give it a value."
    if problem["type"] == "string_pattern_mismatch":
        return (
            f"{key}={shown(problem['input'])} is not allowed: use letters, digits and _ . = + - "
            "only, and begin with a letter or digit."
        )
    if problem["type"] == "union_tag_invalid":
        return f"{key} is not allowed: it must be one of {problem['ctx']['expected_tags']}."
    if problem["type"] in ("too_short", "too_long"):
        least, most = (problem["ctx"].get(key) for key in ("min_length", "max_length"))
        bound = f"at least {least}" if problem["type"] == "too_short" else f"at most {most}"
        return f"{key}={shown(problem['input'])} is not allowed: it must have {bound} entries."
    message = problem["msg"].replace("Input should be", "it must be").rstrip(".")
    return f"{key}={shown(problem['input'])} is not allowed: {message[0].lower()}{message[1:]}."


def shown(value: Any) -> str:
    """A value in a message: on one line, and not too long."""
    text = "null" if value is None else str(value)
    if not text.isprintable():
        text = repr(text)
    return text if len(text) <= 60 else text[:57] + "…"
