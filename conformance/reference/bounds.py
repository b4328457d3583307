"""What the reference server refuses for its type, its bounds or its value, given a JSON Schema of each parameter. It must not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.reference.refusal import Refusal

Json = dict[str, Any]

_TYPES = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_NAMES = {"string": "a string", "integer": "an integer", "number": "a decimal", "boolean": "a boolean",
          "array": "an array", "object": "an object"}  # fmt: skip


def check_bounds(asked: Json, schemas: Mapping[str, Json]) -> None:
    """Every parameter of a request that has a schema; a dotted name is a member of an object. Raises Refusal."""
    for name, schema in schemas.items():
        outer, _, inner = name.partition(".")
        value = asked.get(outer)
        if inner:
            value = value.get(inner) if isinstance(value, dict) else None
        if value is not None:
            _check(name, value, schema)


def _check(name: str, value: Any, schema: Json) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kinds = [kind for kind in kinds if kind != "null"]
    if not any(
        isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in kinds
    ):
        wanted = " or ".join(_NAMES[kind] for kind in kinds)
        raise Refusal(400, f"Invalid type for '{name}': expected {wanted}.", param=name, code="invalid_type")
    if isinstance(value, (int, float)):
        _check_number(name, value, schema, "integer" if "integer" in kinds else "decimal")
    if isinstance(value, list):
        _check_length(name, len(value), schema)
    if isinstance(value, str) and value not in schema.get("enum", (value,)):
        message = f"Invalid value: '{value}'. Supported values are: {', '.join(map(repr, schema['enum']))}."
        raise Refusal(400, message, param=name, code="invalid_value")


def _check_number(name: str, value: float, schema: Json, kind: str) -> None:
    for side, word, bound in (("below", "min", schema.get("minimum")), ("above", "max", schema.get("maximum"))):
        if bound is not None and (value < bound if word == "min" else value > bound):
            message = f"Invalid '{name}': {kind} {side} {word}imum value. Expected a value no further than {bound}."
            raise Refusal(400, message, param=name, code=f"{kind}_{side}_{word}_value")


def _check_length(name: str, length: int, schema: Json) -> None:
    if length < schema.get("minItems", 0):
        message = f"Invalid '{name}': empty array. Expected an array with minimum length {schema['minItems']}."
        raise Refusal(400, message, param=name, code="empty_array")
    if length > schema.get("maxItems", length):
        message = f"Invalid '{name}': array too long. Expected an array with maximum length {schema['maxItems']}."
        raise Refusal(400, message, param=name, code="array_above_max_length")
