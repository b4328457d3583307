"""Values at the edges of what a parameter may be, made of its schema: within, beyond, of another type, and odd ones.

It must not judge; what OpenAI makes of an odd value no document says, so that nothing follows from one but that no server may fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from conformance.areas.parameter_table import Parameter

Kind = Literal["within", "beyond", "mistyped", "odd"]
STEP = {"integer": 1, "number": 0.1}
OTHER: dict[str, Any] = {"string": 7, "integer": "7", "number": "0.5", "boolean": "true", "array": {}, "object": []}
"""For each JSON type a value of another: what stringly clients send, and what others forget to unpack."""
EMPTY = {"string": "", "array": [], "object": {}}
LONG = "x" * 10_000
HUGE = {"integer": 10**18, "number": 1e300}


class Edge(NamedTuple):
    """A value of a parameter, with a word for it that tells it from the parameter's others."""

    parameter: Parameter
    word: str
    value: Any
    kind: Kind


def edges(parameter: Parameter) -> Iterator[Edge]:
    """The values at the edges of a parameter, each once."""
    seen: list[Any] = []
    for word, value, kind in _every(parameter):
        if not any(value == other and type(value) is type(other) for other in seen):
            seen.append(value)
            yield Edge(parameter, word, value, kind)


def _every(parameter: Parameter) -> Iterator[tuple[str, Any, Kind]]:
    numeric = next((kind for kind in parameter.types if kind in STEP), None)
    if numeric:
        yield from _numbers(parameter.schema, numeric)
    elif "enum" in parameter.schema:
        yield "unknown", "conformance", "beyond"
    elif "string" in parameter.types and (parameter.required or parameter.name == "user"):
        yield "long", LONG, "odd"
    most = parameter.schema.get("maxItems")
    if most is not None and most <= 10:
        yield "many", [f"@{n}@" for n in range(most + 1)], "beyond"
    for kind in parameter.types:
        if kind in EMPTY and not (kind == "string" and "enum" in parameter.schema):
            least = parameter.schema.get("minItems", 0) if kind == "array" else 0
            yield f"empty-{kind}", EMPTY[kind], "beyond" if least else "odd"
    if "." not in parameter.name:
        yield "null", None, "within" if parameter.nullable else "odd"
    others = (OTHER[kind] for kind in parameter.types if not _fits(OTHER[kind], parameter.types))
    yield from (("mistyped", value, "mistyped") for value in list(others)[:1])


def _numbers(schema: dict[str, Any], kind: str) -> Iterator[tuple[str, Any, Kind]]:
    step = STEP[kind]
    for word, outward in (("minimum", -step), ("maximum", step)):
        bound = schema.get(word)
        if bound is None:
            yield "huge" if outward > 0 else "negative", HUGE[kind] if outward > 0 else -step, "odd"
            continue
        yield word, bound, "within"
        yield f"near-{word}", _rounded(bound - outward), "within"
        yield f"beyond-{word}", _rounded(bound + outward), "beyond"
    yield "zero", 0, "within" if schema.get("minimum", 0) <= 0 <= schema.get("maximum", 0) else "beyond"


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else round(value, 6)


def _fits(value: Any, types: tuple[str, ...]) -> bool:
    """Whether a value is of one of these JSON types."""
    python = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
    return any(isinstance(value, python[kind]) for kind in types)
