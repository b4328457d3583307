"""The parameters of each route, as its documents have them: the table of every area's folder, for who makes requests up.

A row is a JSON Schema, so that values within and beyond it can be made of it. It must not judge: laws say what follows from a value.
"""

from __future__ import annotations

import mimetypes
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath
from typing import Any

from conformance.exchange.probe import Task
from conformance.exchange.shipped import place
from conformance.wire.multipart import Field

_FOLDER = Path(__file__).parent
_OWN = ("required", "beside")
"""Members of a row that are ours; the others are JSON Schema's."""


@dataclass(frozen=True)
class Route:
    """A route with a table: its name ("chat") and path ("/chat/completions"), the least body that is served (`asked`), and what its
    probes say of `task`, `door` and `dear` (exchange/probe.py). A form has beside it `files`: for a field, what is
    shipped for it; and `undone`, the path by which what it makes is deleted."""

    name: str
    path: str
    asked: dict[str, Any]
    task: Task = "chat"
    door: str | None = None
    dear: bool = False
    files: dict[str, str] = field(default_factory=dict)
    undone: str | None = None

    @property
    def sent(self) -> dict[str, Any]:
        """What all probes of the route have in common."""
        return {"path": self.path, "task": self.task, "door": self.door, "dear": self.dear}

    def fields(self, plain: dict[str, str]) -> list[Field]:
        """The fields of its form: these texts, and behind them its files."""
        return [
            *(Field(name, text.encode()) for name, text in plain.items()),
            *(_file(*each) for each in self.files.items()),
        ]


def _file(field: str, path: str) -> Field:
    kind, _ = mimetypes.guess_type(path)
    return Field(field, place(path).read_bytes(), PurePath(path).name, kind or "application/octet-stream")


@dataclass(frozen=True)
class Parameter:
    """One parameter: its route and its name, dotted within an object.

    `schema` is a JSON Schema of the value; `beside` names a parameter without which this one means nothing, or is refused.
    """

    of: Route
    name: str
    schema: dict[str, Any]
    required: bool = False
    beside: str | None = None

    @property
    def route(self) -> str:
        return self.of.name

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that it may have, null apart: "string", "number", "integer", "boolean", "array", "object"."""
        kinds = self.schema["type"]
        return tuple(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")

    @property
    def nullable(self) -> bool:
        return "null" in self.schema["type"]


@cache
def parameters(route: str) -> dict[str, Parameter]:
    """The parameters of a route by name, in the order of its table; empty where no area has one."""
    return {row.name: row for row in every() if row.route == route}


@cache
def schemas(route: str) -> dict[str, dict[str, Any]]:
    """The schema of each parameter of a route, by its name."""
    return {name: row.schema for name, row in parameters(route).items()}


@cache
def every() -> tuple[Parameter, ...]:
    """The parameters of all routes that take JSON. An area is named as its route is."""
    tables = (
        (file.parent.name, tomllib.loads(file.read_text("utf-8"))) for file in sorted(_FOLDER.glob("*/parameters.toml"))
    )
    return tuple(row for name, table in tables for row in _rows(name, table))


@cache
def forms() -> tuple[Parameter, ...]:
    """The plain fields of all routes that take a form; an area has several of these in one file, by their names."""
    tables = (tomllib.loads(file.read_text("utf-8")) for file in sorted(_FOLDER.glob("*/forms.toml")))
    return tuple(row for table in tables for name, route in table.items() for row in _rows(name, route))


def _rows(name: str, table: dict[str, Any]) -> Iterator[Parameter]:
    route = Route(name, **{key: value for key, value in table.items() if key != "parameters"})
    for parameter, row in table["parameters"].items():
        schema = {key: value for key, value in row.items() if key not in _OWN}
        own = {key: row[key] for key in _OWN if key in row}
        yield Parameter(route, parameter, schema, **own)
