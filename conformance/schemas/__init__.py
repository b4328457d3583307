"""Small JSON Schemas (2020-12) of the objects on the wire, and where in an answer those objects stand.

One flat schema per object, ours, unknown keys allowed; the description of a property is what messages say was expected.
A schema never judges across objects: sums, order and uniqueness are checks of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from conformance.exchange import Exchange, Unreadable
from conformance.wire.jsontext import show

Placed = Iterator[tuple[str, Any]]

MANY = 1000
"""Misfits of one kind of object in one answer after which no more are looked for: nothing can be said that was not said."""


def misfits(x: Exchange, schema: str, *properties: str) -> Iterator[str]:
    """What is wrong with these properties in every object of that kind in the answer, as `<path> is <seen>, expected <wanted>`.

    Without properties: what is wrong with the objects as a whole (not an object at all). Raises Unreadable where the answer has
    no such object, so that nothing passes unseen.
    """
    for name, problem in _all(x, schema):
        if name in properties or (not properties and name == ""):
            yield problem


def _all(x: Exchange, schema: str) -> list[tuple[str, str]]:
    """(property, problem) of every misfit, found once an exchange."""
    key = ("misfits", schema)
    if key not in x.memo:
        placed = list(OBJECTS[schema](x))
        if not placed:
            raise Unreadable(f"{schema} is absent, expected at least one")
        found: list[tuple[str, str]] = []
        if not _list_validator(schema).is_valid([value for _, value in placed]):
            for path, value in placed:
                found += _misfits(schema, path, value)
                if len(found) > MANY:
                    break
        x.memo[key] = found
    return x.memo[key]


def _misfits(schema: str, path: str, value: Any) -> Iterator[tuple[str, str]]:
    reported = set()
    for error in validator(schema).iter_errors(value):
        steps = list(error.instance_path)
        if error.kind.name == "required":
            steps.append(error.kind.property)
        name = str(steps[0]) if steps else ""
        if name in reported:
            continue
        reported.add(name)
        where = ".".join(part for part in (path, name) if part) or "the body"
        wanted = describe(schema).get("properties", {}).get(name, describe(schema))["description"]
        if name and isinstance(value, dict) and name not in value:
            yield name, f"{where} is absent, expected {wanted}"
        else:
            yield name, f"{where} is {show(value[name] if name else value)}, expected {wanted}"


@cache
def describe(schema: str) -> dict[str, Any]:
    """The schema of that name, as written. Read-only."""
    return json.loads(resources.files(__package__).joinpath(f"{schema}.json").read_text("utf-8"))


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(describe(schema))


@cache
def _list_validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """Of a list of such objects: almost always all of a stream fit, and one call says so."""
    return jsonschema_rs.Draft202012Validator({"type": "array", "items": describe(schema)})


# ---------------------------------------------------------------------- where the objects stand


def _elements(path: str, value: Any, key: str) -> Placed:
    """The elements of a list property; nothing where it is no list: the schema of the owner says so."""
    items = value.get(key) if isinstance(value, dict) else None
    for n, item in enumerate(items if isinstance(items, list) else ()):
        yield f"{path}{'.' if path else ''}{key}.{n}", item


def _property(placed: Placed, key: str) -> Placed:
    """That property of each object, where it is there and not null."""
    for path, value in placed:
        if isinstance(value, dict) and value.get(key) is not None:
            yield f"{path}{'.' if path else ''}{key}", value[key]


def _below(placed: Placed, key: str) -> Placed:
    for path, value in placed:
        yield from _elements(path, value, key)


def _body(x: Exchange) -> Placed:
    yield "", x.json


def _chunks(x: Exchange) -> Placed:
    return ((f"chunk {n}", chunk) for n, chunk in x.placed_chunks)


def _stream_errors(x: Exchange) -> Placed:
    for n, value in x.messages:
        if isinstance(value, dict) and value.get("error"):
            yield f"event {n}.error", value["error"]


def _choices(x: Exchange) -> Placed:
    return _below(_body(x), "choices")


def _messages(x: Exchange) -> Placed:
    return _property(_choices(x), "message")


def _parts(x: Exchange) -> Placed:
    return _below(_chunks(x), "choices")


def _calls(x: Exchange) -> Placed:
    return _below(_messages(x), "tool_calls")


def _customs(x: Exchange) -> Placed:
    """The calls that have no function: servers that send both, one of them blank, mean the function."""
    return ((path, call) for path, call in _calls(x) if not (isinstance(call, dict) and "function" in call))


def _logprobs(x: Exchange) -> Placed:
    return _property(_parts(x) if x.streaming else _choices(x), "logprobs")


def _entries(x: Exchange) -> Placed:
    for key in ("content", "refusal"):
        yield from _below(_logprobs(x), key)


OBJECTS: dict[str, Callable[[Exchange], Placed]] = {
    "completion": _body,
    "choice": _choices,
    "message": _messages,
    "annotation": lambda x: _below(_messages(x), "annotations"),
    "url-citation": lambda x: _property(_below(_messages(x), "annotations"), "url_citation"),
    "audio": lambda x: _property(_messages(x), "audio"),
    "tool-call": _calls,
    "function-call": lambda x: _property(_calls(x), "function"),
    "custom-call": lambda x: _property(_customs(x), "custom"),
    "chunk": _chunks,
    "chunk-choice": _parts,
    "stream-error": _stream_errors,
    "delta": lambda x: _property(_parts(x), "delta"),
    "tool-call-delta": lambda x: _below(_property(_parts(x), "delta"), "tool_calls"),
    "logprobs": _logprobs,
    "token-logprob": _entries,
    "top-logprob": lambda x: _below(_entries(x), "top_logprobs"),
    "legacy-logprobs": lambda x: _property(_choices(x), "logprobs"),
    "envelope": _body,
    "error": lambda x: _property(_body(x), "error"),
    "model-list": _body,
    "model": lambda x: _below(_body(x), "data") if x.route == "models" else _body(x),
}
"""For each schema, the (path, value) of the objects that it describes."""
