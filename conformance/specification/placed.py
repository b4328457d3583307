"""Where in an answer the properties stand that a specification names: the answer and its schema are walked side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange, Unreadable
from conformance.specification.openapi import Document, Schema, constants, named

Path = tuple[str | int, ...]


def places(document: Document, route: str, x: Exchange) -> Iterator[tuple[str, int | None, Path]]:
    """(SCHEMA.PROPERTY, number of the event or None, path within the JSON) of everything in an answer that the document names."""
    try:
        values = [(n, value) for n, value in x.messages] if x.streaming else [(None, x.json)]
    except Unreadable:
        return
    for schema in document.answers(route):
        for n, value in values:
            for name, path in _walk(document, schema, "", value, ()):
                yield name, n, path


def _walk(document: Document, schema: Schema, name: str, value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    variants = list(document.variants(schema))
    for each in [each for each in variants if fits(document, each, value)] or _called(document, variants, value):
        own = named(each) or name
        if isinstance(value, dict):
            for prop, inner in document.properties(each).items():
                if prop in value:
                    yield f"{own}.{prop}", (*path, prop)
                    yield from _walk(document, inner, f"{own}.{prop}", value[prop], (*path, prop))
        elif isinstance(value, list) and isinstance(items := document.resolved(each).get("items"), dict):
            for n, item in enumerate(value):
                yield from _walk(document, items, own, item, (*path, n))


def _called(document: Document, variants: list[Schema], value: Any) -> list[Schema]:
    """The alternatives that a value belongs to by its words, though it lacks what they must have."""
    words = [each for each in variants if isinstance(value, dict) and _told(document, document.properties(each))]
    return [each for each in words if fits(document, each, value, whole=False)]


def fits(document: Document, schema: Schema, value: Any, *, whole: bool = True) -> bool:
    """Whether a value may be of this alternative: by its type, what it must have if it is `whole`, and the words that only this one has."""
    inner = document.resolved(schema)
    properties = document.properties(schema)
    if isinstance(value, list):
        return inner.get("type") == "array"
    if not isinstance(value, dict):
        return False
    required = set(inner.get("required", ())) & set(properties) if whole else set()
    if not properties or not required <= set(value):
        return bool(properties) and not inner.get("required")
    told = _told(document, properties)
    return all(value.get(prop) in allowed for prop, allowed in told.items() if prop in value or not whole)


def _told(document: Document, properties: dict[str, Schema]) -> dict[str, list[Any]]:
    """The words that a value of these properties has, by the member that they stand in."""
    told = {
        prop: constants(document.resolved(each))
        for prop, each in properties.items()
        if prop in ("type", "object", "role")
    }
    return {prop: allowed for prop, allowed in told.items() if allowed}
