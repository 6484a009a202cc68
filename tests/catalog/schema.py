"""As much of JSON Schema (draft 2020-12) as our own schemas use; a keyword it does not know fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": float,
}
WORDS = {"$schema", "$id", "$defs", "title", "description"}
KNOWN = WORDS | {
    *("$ref", "const", "enum", "type", "anyOf", "pattern", "minimum", "required", "properties", "additionalProperties"),
    *("items", "prefixItems", "minItems", "maxItems"),
}


def faults(value: Any, schema: Any, whole: Any = None, at: str = "") -> Iterator[str]:
    """Everything about a value that the schema does not allow."""
    whole = whole or schema
    if isinstance(schema, bool):
        yield from () if schema else (f"{at}: one too many",)
        return
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        yield from faults(value, whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], whole, at)
    if "anyOf" in schema and all(list(faults(value, one, whole, at)) for one in schema["anyOf"]):
        yield f"{at}: {value!r} is none of what it may be"
    if value != schema.get("const", value) or value not in schema.get("enum", [value]):
        yield f"{at}: {value!r} is not allowed"
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if kinds and not any(type(value) is KINDS[kind] for kind in kinds):
        yield f"{at}: {value!r} is not {kinds}"
        return
    yield from _inner(value, schema, whole, at)


def _inner(value: Any, schema: Any, whole: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) and re.search(schema.get("pattern", ""), value) is None:
        yield f"{at}: {value!r} is not of the form"
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{at}: {value} is too small"
    if isinstance(value, dict):
        yield from (f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value)
        for name, inner in value.items():
            allowed = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
            yield from faults(inner, allowed, whole, f"{at}/{name}")
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        if len(value) < schema.get("minItems", 0):
            yield f"{at}: too few"
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{at}: too many"
        for number, inner in enumerate(value):
            allowed = first[number] if number < len(first) else schema.get("items", True)
            yield from faults(inner, allowed, whole, f"{at}/{number}")
