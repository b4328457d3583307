"""What strict mode does not take in a JSON Schema, in the words in which OpenAI refuses it. It must not decide on the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FOREIGN = ("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties")


def faults(schema: Json) -> Iterator[str]:
    """What is wrong with a schema for strict mode, most important first."""
    if schema.get("type") != "object":
        kind = schema.get("type", "None")
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    for context, part in parts(schema, ()):
        yield from (f"In context={context}, '{word}' is not permitted." for word in FOREIGN if word in part)
        if part.get("type") == "object":
            if part.get("additionalProperties") is not False:
                yield f"In context={context}, 'additionalProperties' is required to be supplied and to be false."
            named = {key for key in part.get("required", ()) if isinstance(key, str)}
            missing = [key for key in part.get("properties", {}) if key not in named]
            if missing:
                yield (
                    f"In context={context}, 'required' is required to be supplied and to be an array including every "
                    f"key in properties. Missing '{missing[0]}'."
                )


def parts(schema: Json, context: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """(where, schema) of a schema and those within it, definitions included."""
    yield context, schema
    for word in ("properties", "$defs"):
        for key, part in schema.get(word, {}).items():
            yield from parts(part, (*context, word, key))
    if "items" in schema:
        yield from parts(schema["items"], (*context, "items"))
    for n, part in enumerate(schema.get("anyOf", ())):
        yield from parts(part, (*context, "anyOf", str(n)))
