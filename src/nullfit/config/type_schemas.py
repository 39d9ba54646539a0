"""JSON schemas of the types of settings, and what is made of several."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

Schema = dict[str, Any]
_REFERENCE = {"type": "string", "pattern": r"\$\{"}


class _Lenient(GenerateJsonSchema):
    """A type that JSON does not have is anything."""

    def handle_invalid_for_json_schema(
        self, schema: core_schema.CoreSchema, error_info: str
    ) -> Schema:
        return {}


def schema_of(model: type[BaseModel]) -> Schema:
    """The JSON schema of a model, without names that stand for parts of it."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Lenient)
    definitions = schema.pop("$defs", {})
    return _unfolded(schema, definitions)  # type: ignore[no-any-return]


def _unfolded(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_unfolded(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _unfolded(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _unfolded(value, definitions) for key, value in node.items()}


def merged(schemas: Iterable[Schema]) -> dict[str, Schema]:
    """The properties of all; one that several have may be as any of them has it."""
    found: dict[str, list[Schema]] = {}
    for schema in schemas:
        for key, value in schema.get("properties", {}).items():
            kinds = found.setdefault(key, [])
            bare = {k: v for k, v in value.items() if k not in ("default", "title")}
            if bare not in kinds:
                kinds.append(bare)
    return {key: _any_of([k for k in kinds if k] or kinds) for key, kinds in found.items()}


def _any_of(kinds: list[Schema]) -> Schema:
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def object_of(properties: Mapping[str, Schema]) -> Schema:
    """Of a section with these keys and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def relaxed(node: Any) -> Any:
    """As a file may have it: nothing is required, and a reference may stand for any value."""
    if isinstance(node, list):
        return [relaxed(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: relaxed(value) if key != "properties" else value
        for key, value in node.items()
        if key not in ("required", "title", "default", "discriminator")
        and not (key == "pattern" and r"\p{" in value)  # which no editor knows
    }
    if "properties" in node:
        kept["properties"] = {
            name: _or_reference(relaxed(value)) for name, value in node["properties"].items()
        }
    return kept


def _or_reference(schema: Schema) -> Schema:
    if not schema or schema == {"type": "string"} or schema.get("type") == "object":
        return schema
    kinds = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
    return {"anyOf": [*kinds, _REFERENCE]}
