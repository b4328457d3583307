"""The names in an OpenAPI document: parameters, properties of answers and events of streams, by route. Reads nothing else of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from conformance.exchange.documented import ROUTES
from conformance.exchange.small_file import content

Schema = dict[str, Any]
_METHODS = ("get", "post", "delete")
_SIZE = 64 * 1024 * 1024


class Unusable(Exception):
    """The file is no such document; the message is one line."""


@dataclass(frozen=True)
class Route:
    """What a document names of one route: its parameters, the properties of its answers as SCHEMA.PROPERTY, and the types of the
    events that it streams; each with the JSON types that it may have."""

    parameters: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)


def load(path: str | Path) -> Document:
    """Read a document, YAML or JSON, gzipped or not. Raises Unusable."""
    try:
        raw = content(path)
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        if len(text) > _SIZE:
            raise Unusable(f"{path} is longer than {_SIZE:,} bytes")
        value = json.loads(text) if text.lstrip()[:1] == b"{" else yaml.load(text, Loader=_loader())
    except OSError as reason:
        raise Unusable(f"{path} cannot be read: {reason.strerror or reason}") from None
    except (ValueError, EOFError, yaml.YAMLError, RecursionError):
        raise Unusable(f"{path} is neither YAML nor JSON") from None
    if not isinstance(value, dict) or not isinstance(value.get("paths"), dict):
        raise Unusable(f"{path} is no OpenAPI document: it has no paths")
    return Document(value)


def _loader() -> type:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """An OpenAPI document, and the routes in it that this suite knows."""

    def __init__(self, value: Schema) -> None:
        self._value = value

    @cached_property
    def routes(self) -> dict[str, Route]:
        """What is named, by METHOD and path: "POST /chat/completions"."""
        found = {}
        for path, item in self._value["paths"].items():
            known = next((each for each in ROUTES.values() if each.path.search(path)), None)
            for method in _METHODS if known and "?" not in path and path.count("/") <= 4 else ():
                if method in item and method.upper() in known.methods and known.path.match(path):
                    found[f"{method.upper()} {path}"] = self._route(item[method])
        return found

    def answers(self, route: str) -> list[Schema]:
        """The schemas of what a route answers when all is well: a plain body, and the events of a stream."""
        method, _, path = route.partition(" ")
        operation = self._value["paths"][path][method.lower()]
        content = [
            self.resolved(answer).get("content", {})
            for code, answer in operation["responses"].items()
            if code[0] == "2"
        ]
        return [kind["schema"] for each in content for kind in each.values() if "schema" in kind]

    def _route(self, operation: Schema) -> Route:
        found = Route()
        for parameter in map(self.resolved, operation.get("parameters", ())):
            if parameter.get("in") == "query":
                found.parameters[parameter["name"]] = self.types(parameter.get("schema", {}))
        for kind in self.resolved(operation.get("requestBody", {})).get("content", {}).values():
            for schema in self.variants(kind.get("schema", {})):
                for name, inner in self.properties(schema).items():
                    found.parameters[name] = self.types(inner)
        for code, answer in operation["responses"].items():
            for media, kind in self.resolved(answer).get("content", {}).items() if code[0] == "2" else ():
                self._collect(kind.get("schema", {}), "", found.properties, set())
                if media == "text/event-stream":
                    found.events.update(self._events(kind["schema"]))
        return found

    def _events(self, schema: Schema) -> dict[str, str]:
        """The types of events that a stream may have."""
        types = [self.properties(each).get("type", {}) for each in self.variants(schema)]
        return {name: "event" for each in types for name in constants(self.resolved(each))}

    def _collect(self, schema: Schema, name: str, found: dict[str, str], seen: set[str]) -> None:
        """Every property that can be reached, under the name of the schema that it stands in."""
        for each in self.variants(schema):
            own = named(each) or name
            if own in seen and named(each):
                continue
            seen.add(own)
            for prop, inner in self.properties(each).items():
                found[f"{own}.{prop}"] = self.types(inner)
                self._collect(inner, f"{own}.{prop}", found, seen)
            if isinstance(items := self.resolved(each).get("items"), dict):
                self._collect(items, own, found, seen)

    # ------------------------------------------------------------------ schemas

    def resolved(self, schema: Schema) -> Schema:
        """What a reference leads to, or the schema itself."""
        while "$ref" in schema:
            found: Any = self._value
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema

    def variants(self, schema: Schema) -> Iterator[Schema]:
        """The alternatives of a schema, each of one name at most; of a plain one itself."""
        inner = self.resolved(schema)
        several = [*inner.get("oneOf", ()), *inner.get("anyOf", ())]
        if several:
            for each in several:
                yield from self.variants(each)
        if not several or "properties" in inner or "allOf" in inner:
            yield schema

    def properties(self, schema: Schema) -> dict[str, Schema]:
        """The properties of an object, those of its parts included."""
        inner = self.resolved(schema)
        found: dict[str, Schema] = {}
        for part in inner.get("allOf", ()):
            found.update(self.properties(part))
        return {**found, **inner.get("properties", {})}

    def types(self, schema: Schema) -> str:
        """The JSON types of a value, as one word or several."""
        found = set()
        for each in self.variants(schema):
            inner = self.resolved(each)
            kinds = inner.get("type") or ("object" if self.properties(each) else "any")
            found |= {kinds} if isinstance(kinds, str) else set(kinds)
            found |= {"null"} if inner.get("nullable") else set()
        return " or ".join(sorted(found))


def named(schema: Schema) -> str:
    """The name by which a schema is referred to, "" where it stands in its place."""
    return schema.get("$ref", "").rpartition("/")[2]


def constants(schema: Schema) -> list[Any]:
    """The values that a schema allows, where it names them."""
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))
