"""The type and the range of a setting, as a reader of the reference sees them."""

from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

_NAMES = {"integer": "whole number", "number": "number", "string": "text"}
_LARGEST = 2**31  # what sizes are below: of no interest to a reader

Schema = dict[str, Any]


def in_words(annotation: Any) -> str:
    """The values that an annotation admits: ``whole number > 0``, or ``auto, cpu or null``.

    Raises:
        ValueError: it has no form that could be told.
    """
    config = (
        None if hasattr(annotation, "model_fields") else ConfigDict(arbitrary_types_allowed=True)
    )
    try:
        schema = TypeAdapter(annotation, config=config).json_schema()
    except (PydanticUserError, PydanticInvalidForJsonSchema) as error:
        raise ValueError(f"{annotation} cannot be told in words") from error
    return _joined(_alternatives(schema, schema.get("$defs", {})))


def _joined(words: list[str]) -> str:
    *first, last = dict.fromkeys(words)  # each once
    return f"{', '.join(first)} or {last}" if first else last


def _alternatives(schema: Schema, known: dict[str, Schema], plural: str = "") -> list[str]:
    """What a value may be, one by one; ``plural`` is the ending of several."""
    if "$ref" in schema:
        return _alternatives(known[schema["$ref"].rpartition("/")[2]], known, plural)
    if several := schema.get("anyOf", schema.get("oneOf")):
        return [told for one in several for told in _alternatives(one, known, plural)]
    values = schema.get("enum") or [schema[key] for key in ("const",) if key in schema]
    if values:
        return [f"`{value}`" for value in values]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    return [_kind(schema, known, plural)]


def _kind(schema: Schema, known: dict[str, Schema], plural: str) -> str:
    """A kind of values with its range."""
    match schema.get("type"):
        case "array":
            return _list(schema, known, plural)
        case "object":
            return _map(schema, known, plural)
        case "null":
            return "null"
        case None:
            return "anything"
        case kind:
            return f"{_NAMES[kind]}{plural}{_range(schema)}"


def _list(schema: Schema, known: dict[str, Schema], plural: str) -> str:
    if fixed := schema.get("prefixItems"):
        return f"list of {', '.join(_joined(_alternatives(one, known)) for one in fixed)}"
    least = schema.get("minItems", 0)
    of = _joined(_alternatives(schema.get("items", {}), known, "s"))
    what = f"list{plural}" if of == "anything" else f"list{plural} of {of}"
    return f"{what}, at least {least}" if least else what


def _map(schema: Schema, known: dict[str, Schema], plural: str) -> str:
    if fields := schema.get("properties"):
        return f"map{plural} with {', '.join(f'`{name}`' for name in fields)}"
    values = schema.get("additionalProperties") or next(
        iter(schema.get("patternProperties", {}).values()), None
    )
    to = _joined(_alternatives(values, known)) if isinstance(values, dict) else "anything"
    return f"map{plural}" if to == "anything" else f"map{plural} from names to {to}"


def _range(schema: Schema) -> str:
    """`` > 0``, `` from 0 to 1``, or nothing."""
    above, least = schema.get("exclusiveMinimum"), schema.get("minimum")
    below, most = schema.get("exclusiveMaximum"), schema.get("maximum")
    if below is not None and below >= _LARGEST:
        below = None
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    said = {"> ": above, "≥ ": least, "< ": below, "≤ ": most}
    bounds = [f"{sign}{bound:g}" for sign, bound in said.items() if bound is not None]
    return f" {' and '.join(bounds)}" if bounds else ""
