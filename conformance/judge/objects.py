"""The kinds of objects on the wire: a small JSON Schema (2020-12) of each, and where in an answer they stand.

An area declares its own in `objects.py`, and keeps their schemas in `schemas/`. One flat schema a kind, ours, unknown keys allowed; the
description of a property is what messages say was expected. A schema never judges across objects: sums, order and uniqueness
are checks of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.exchange import Exchange, Unreadable
from conformance.exchange.reading import Kept, NotRecorded
from conformance.judge.hollow import filled
from conformance.wire.jsontext import show

Placed = Iterator[tuple[str, Any]]
Where = Callable[[Exchange], Placed]

OBJECTS: dict[str, Where] = {}
"""For each kind declared so far, the (path, value) of the objects that its schema describes."""
_SCHEMAS: dict[str, Path] = {}

_NONE: set[str] = set()
MANY = 1000
"""Misfits of one kind of object in one answer after which no more are looked for: nothing can be said that was not said."""


def described(kind: str) -> Callable[[Where], Where]:
    """Declare a kind of object: the function finds them, `schemas/<kind>.json` beside its file describes them."""

    def declare(where: Where) -> Where:
        if kind in OBJECTS:
            raise ValueError(f"the kind of object {kind!r} is declared twice")
        OBJECTS[kind] = where
        _SCHEMAS[kind] = Path(where.__code__.co_filename).parent / "schemas" / f"{kind}.json"
        return where

    return declare


def misfits(x: Exchange, schema: str, *properties: str) -> Iterator[str]:
    """What is wrong with these properties in every object of that kind in the answer, as `<path> is <seen>, expected <wanted>`.

    Without properties: what is wrong with the objects as a whole (not an object at all). Raises Unreadable where the answer has
    no such object, so that nothing passes unseen.
    """
    found = _all(x, schema)
    if properties and not _kept(x, schema).isdisjoint(properties):
        raise NotRecorded(f"the recording holds no {' or '.join(properties)}")
    for name, problem in found:
        if name in properties or (not properties and name == ""):
            yield problem


def _kept(x: Exchange, schema: str) -> set[str]:
    """The properties that a log may have left out of every object of that kind; none of an exchange of which it kept all."""
    if "members" not in x.missing:
        return _NONE
    key = ("left out", schema)
    if key not in x.memo:
        there = [set(value) for _, value in OBJECTS[schema](x) if isinstance(value, Kept)]
        x.memo[key] = set(describe(schema).get("properties", {})).difference(*there)
    return x.memo[key]


def _all(x: Exchange, schema: str) -> list[tuple[str, str]]:
    """(property, problem) of every misfit, found once an exchange."""
    key = ("misfits", schema)
    if key not in x.memo:
        placed = list(OBJECTS[schema](x))
        if not placed:
            raise Unreadable(f"{schema} is absent, expected at least one")
        found: list[tuple[str, str]] = []
        if not _all_fit(schema, [value for _, value in placed]):
            for path, value in placed:
                found += _misfits(schema, path, value)
                if len(found) > MANY:
                    break
        x.memo[key] = found
    return x.memo[key]


def _all_fit(schema: str, values: list[Any]) -> bool:
    try:
        return _list_validator(schema).is_valid(values)
    except ValueError:  # no JSON: it has holes
        return _list_validator(schema).is_valid([filled(value, describe(schema)) for value in values])


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
            if isinstance(value, Kept):  # a log may have left it out
                continue
            yield name, f"{where} is absent, expected {wanted}"
        else:
            yield name, f"{where} is {show(value[name] if name else value)}, expected {wanted}"


@cache
def describe(schema: str) -> dict[str, Any]:
    """The schema of that name, as written. Read-only."""
    return json.loads(_SCHEMAS[schema].read_text("utf-8"))


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(describe(schema))


@cache
def _list_validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """Of a list of such objects: almost always all of a stream fit, and one call says so."""
    return jsonschema_rs.Draft202012Validator({"type": "array", "items": describe(schema)})


# ---------------------------------------------------------------------- where objects stand


def elements(path: str, value: Any, key: str) -> Placed:
    """The elements of a list property; nothing where it is no list: the schema of the owner says so."""
    items = value.get(key) if isinstance(value, dict) else None
    for n, item in enumerate(items if isinstance(items, list) else ()):
        yield f"{path}{'.' if path else ''}{key}.{n}", item


def held(placed: Placed, key: str) -> Placed:
    """That property of each object, where it is there and not null."""
    for path, value in placed:
        if isinstance(value, dict) and value.get(key) is not None:
            yield f"{path}{'.' if path else ''}{key}", value[key]


def below(placed: Placed, key: str) -> Placed:
    """The elements of that list property of each object."""
    for path, value in placed:
        yield from elements(path, value, key)


def body(x: Exchange) -> Placed:
    """The whole of a plain answer."""
    yield "", x.json


def chunks(x: Exchange) -> Placed:
    """The chunks of a stream."""
    return ((f"chunk {n}", chunk) for n, chunk in x.placed_chunks)


def choices(x: Exchange) -> Placed:
    """The choices of a plain answer."""
    return below(body(x), "choices")


def messages(x: Exchange) -> Placed:
    """The messages of a plain answer."""
    return held(choices(x), "message")


def parts(x: Exchange) -> Placed:
    """The elements of `choices` in the chunks of a stream."""
    return below(chunks(x), "choices")
