"""Judging a value by a schema that came with a request: bounded, and without a verdict where the schema is of no use.

Schemas of recordings are as hostile as answers: broken, endless, of exponential cost, with links into the network and
patterns that never end. None of them may crash, hang or send anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs

from conformance.wire.jsontext import show

MOST_CHARACTERS = 500_000
"""Of a schema as JSON text; OpenAI allows 120,000 in its names and values together."""
MOST_PARTS = 20_000
"""Parts of a schema that a value may be held against; OpenAI allows 5,000 properties, and real schemas have some hundred."""
MOST_STEPS = 5_000_000
"""Parts of the schema times parts of the value: a second at most."""
MOST_MISFITS = 20
USUAL_DEPTH = 10
MOST_LINKS = 20
"""References and unions one behind the other."""
Misfit = tuple[str, Any, str]
"""The path, what stands there, and what the schema wants."""
_NAMED = frozenset({"properties", "patternProperties"})
_DEEPER = frozenset({"additionalProperties", "items", "prefixItems", "contains"})
_ASIDE = frozenset({"$defs", "definitions", "enum", "const", "default", "examples", "required"})
_LINEAR = jsonschema_rs.RegexOptions()
"""Patterns whose time is linear in the text; those with look-around or back-references do not compile then."""


class Useless(Exception):
    """The schema cannot be used; the message says why. Never the server's fault."""


def usable(schema: Any) -> bool:
    """Whether values can be held against the schema at all: it is one, it is complete, and it comes to an end."""
    try:
        weigh(schema, USUAL_DEPTH)
        _compiled(json.dumps(schema), False)
    except (Useless, ValueError):
        return False
    return True


def problems(schema: Any, value: Any, *, formats: bool = False) -> Iterator[Misfit]:
    """Every misfit of a value, `format` left aside unless asked for, as JSON Schema leaves it to the reader. Raises Useless."""
    try:
        if weigh(schema, _depth(value)) * _size(value) > MOST_STEPS:
            raise Useless("the schema takes too long to check")
        validator = _compiled(json.dumps(schema), formats)
        misfits = [] if validator.is_valid(value) else list(islice(validator.iter_errors(value), MOST_MISFITS))
    except ValueError as reason:  # of the compiler, or half a surrogate pair
        raise Useless(str(reason).partition("\n")[0]) from None
    seen = set()
    for error in misfits:
        path = ".".join(map(str, error.instance_path))
        keyword = str(error.schema_path[-1]) if error.schema_path else "nothing:"
        if (path, keyword) not in seen:
            seen.add((path, keyword))
            yield path, error.instance, f"{keyword} {show(_at(schema, error.schema_path), 60)}"


def wrong_formats(schema: Any, value: Any) -> Iterator[Misfit]:
    """The strings that do not have the `format` that the schema wants. Raises Useless."""
    yield from (misfit for misfit in problems(schema, value, formats=True) if misfit[2].startswith("format "))


def wrong_order(schema: Any, value: Any) -> Iterator[Misfit]:
    """The keys of each object that are in another order than the properties of the schema. Raises Useless.

    Unions are followed only where all but one of their branches are null.
    """
    weigh(schema, _depth(value))
    yield from _wrong_order(schema, schema, value, ())


def _wrong_order(root: Any, schema: Any, value: Any, path: tuple[str, ...]) -> Iterator[Misfit]:
    schema = _followed(root, schema)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for n, each in enumerate(value):
            yield from _wrong_order(root, schema["items"], each, (*path, str(n)))
    known = schema.get("properties")
    if isinstance(value, dict) and isinstance(known, dict):
        keys, wanted = [key for key in value if key in known], [key for key in known if key in value]
        if keys != wanted:
            yield ".".join((*path, "keys")), keys, f"the order {show(wanted)}"
        for key in keys:
            yield from _wrong_order(root, known[key], value[key], (*path, key))


def _followed(root: Any, schema: Any) -> dict[str, Any]:
    """The schema behind references and unions with null; an empty one where there are too many."""
    for _ in range(MOST_LINKS):
        if not isinstance(schema, dict):
            return {}
        union = schema.get("anyOf")
        branches = [each for each in union if each != {"type": "null"}] if isinstance(union, list) else []
        if "$ref" in schema:
            schema = target(root, schema["$ref"])
        elif len(branches) == 1:
            schema = branches[0]
        else:
            return schema
    return {}


@lru_cache(maxsize=16)
def _compiled(text: str, formats: bool) -> jsonschema_rs.Draft202012Validator:
    if len(text) > MOST_CHARACTERS:
        raise Useless("the schema is too long")
    return jsonschema_rs.Draft202012Validator(
        json.loads(text), validate_formats=formats, pattern_options=_LINEAR, offline=True
    )


def weigh(schema: Any, depth: int) -> int:
    """How many parts of the schema a value of that depth is held against, at most. Raises Useless beyond MOST_PARTS."""
    known: dict[tuple[int, int], int] = {}

    def count(part: Any, left: int) -> int:
        if not isinstance(part, (dict, list)) or left < 0:
            return 0
        key = (id(part), left)
        if key not in known:
            known[key] = 1  # what comes back to itself without going deeper adds nothing more
            if isinstance(part, list):
                known[key] += sum(count(each, left) for each in part)
            else:
                known[key] += sum(below(word, value, left) for word, value in part.items())
            if known[key] > MOST_PARTS:
                raise Useless("the schema takes too long to check")
        return known[key]

    def below(word: str, value: Any, left: int) -> int:
        if word == "$ref":
            return count(target(schema, value), left)
        if word in _NAMED and isinstance(value, dict):
            return sum(count(each, left - 1) for each in value.values())
        return 0 if word in _ASIDE else count(value, left - 1 if word in _DEEPER else left)

    try:
        return count(schema, depth)
    except RecursionError:
        raise Useless("the schema refers from part to part without an end") from None


def target(schema: Any, reference: Any) -> Any:
    """The part of the schema that a `$ref` points at. Raises Useless where it points elsewhere or nowhere."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise Useless("the schema refers to something outside itself")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in reference[1:].split("/")[1:]]
    return _at(schema, steps, missing=Useless("the schema refers to a part that it does not have"))


def _at(value: Any, steps: Any, missing: Exception | None = None) -> Any:
    for step in steps:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (LookupError, TypeError, ValueError):
            if missing is not None:
                raise missing from None
            return None
    return value


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, _below(value)), default=0)


def _size(value: Any) -> int:
    return 1 + sum(map(_size, _below(value)))


def _below(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
