"""Values that fit a JSON Schema of the strict subset: what the reference "model" writes where a schema forces its hand.

The same schema gives the same value. It must not judge schemas (strict.py refuses those outside the subset).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

VALUES, LEVELS, LENGTH = 10_000, 100, 100_000
"""Of one example: values, references followed within each other, characters of one text."""
DEPTH = 3
"""How often a recursive schema is followed before its other branch ends it."""
FORMATS = {
    "date": "2026-01-31",
    "time": "12:30:00Z",
    "date-time": "2026-01-31T12:30:00Z",
    "duration": "P1DT2H",
    "email": "ana@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
}
_ATOM = re.compile(
    r"(?:\[(?P<first>\\?.)[^\]]*\]|\\(?P<kind>[dws])|\\?(?P<plain>[^\\]))(?:\{(?P<times>\d+)[^}]*\}|[+])?"
)


class Boundless(ValueError):
    """What fits the schema is more than any answer holds, or has no end."""


def example(schema: Json, text: str) -> Any:
    """A value that fits; strings that nothing else decides are `text`. Raises Boundless."""
    try:
        return _value(schema, _Root(schema), text, 0)
    except (RecursionError, ArithmeticError) as error:
        raise Boundless(str(error)) from None


class _Root:
    """The whole schema, and how many values may still be made of it."""

    def __init__(self, schema: Json) -> None:
        self.schema, self.left = schema, VALUES

    def take(self, depth: int, count: int = 1) -> None:
        """Raises Boundless."""
        self.left -= count
        if self.left < 0 or depth > LEVELS:
            raise Boundless(f"more than {VALUES:,} values, or {LEVELS} references within each other")


def _value(schema: Json, root: _Root, text: str, depth: int) -> Any:
    root.take(depth)
    if "$ref" in schema:
        return _value(target(root.schema, schema["$ref"]), root, text, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        branches = schema["anyOf"]
        return _value(branches[-1 if depth > DEPTH else 0], root, text, depth)
    kind = schema.get("type", "string")
    match kind[-1] if isinstance(kind, list) else kind:
        case "object":
            return {key: _value(part, root, text, depth) for key, part in schema.get("properties", {}).items()}
        case "array":
            count = schema.get("minItems", 0 if depth > DEPTH else 1)
            root.take(depth, max(0, count))
            root.left += count  # each is counted when it is made
            return [_value(schema.get("items", {}), root, text, depth) for _ in range(count)]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _string(schema, text)


def target(root: Json, reference: str) -> Json:
    """The schema that a `$ref` within the document points at. Raises KeyError."""
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def _number(schema: Json) -> int | float:
    step = schema.get("multipleOf", 1)
    least = schema.get("minimum", schema.get("exclusiveMinimum", min(1, schema.get("maximum", 1))))
    value = math.ceil(least / step) * step
    return value + step if value <= schema.get("exclusiveMinimum", -math.inf) else value


def _string(schema: Json, text: str) -> str:
    if "pattern" in schema:
        return "".join(_spelt(schema["pattern"]))
    return FORMATS.get(schema.get("format", ""), text)


def _spelt(pattern: str) -> Iterator[str]:
    """The shortest text of a plain pattern: characters, classes and fixed repetitions. Raises Boundless."""
    length = 0
    for found in _ATOM.finditer(pattern.removeprefix("^").removesuffix("$")):
        kinds = {"d": "0", "w": "a", "s": " "}
        times = int((found["times"] or "1")[:9])
        if (length := length + times) > LENGTH:
            raise Boundless(f"a text of more than {LENGTH:,} characters")
        yield (found["plain"] or found["first"] or kinds[found["kind"]]) * times
