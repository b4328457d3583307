"""What a request carries of tools that an endpoint may turn down by itself: their number, their names, their schemas.

A part is found in the request alone and taken out so that what is left is still valid. Nothing here sends or judges.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange import find

Body = dict[str, Any]

GENERATED = frozenset(
    {"const", "oneOf", "allOf", "pattern", "format", "default", "title", "minimum", "minItems", "maxLength", "examples"}
)
"""Keywords of schemas that typed code is turned into, and nobody writes by hand."""
MANY = 16
"""Tools from which their number is something that a server may refuse."""
LONG = 40
"""Characters from which the name of a tool is a long one."""


@dataclass(frozen=True)
class Part:
    """One thing that a request carries. `words` are those by which a refusal names it."""

    name: str
    words: tuple[str, ...] = field(compare=False)
    without: Callable[[Body], Body] = field(compare=False, repr=False)


def tool_parts(body: Body, less: Callable[..., Callable[[Body], Body]]) -> Iterator[Part]:
    """Each thing about the tools. `less` makes the request without members, by their names."""
    tools = body.get("tools")
    if not isinstance(tools, list) or not tools:
        if body.get("tool_choice") is not None:
            yield Part("a tool_choice without tools", ("tool_choice", "tools"), less("tool_choice"))
        return
    if body.get("tool_choice") is None:
        yield Part("an open choice of tools", ("tool_choice", "auto"), lambda body: {**body, "tool_choice": "none"})
    loose = _each_function(lambda f: {k: v for k, v in f.items() if k != "strict"})
    if any(find(tool, "function.strict") is True for tool in tools):
        yield Part("strict tools", ("strict",), loose)
    if any(find(tool, "type") == "custom" for tool in tools):
        yield Part("custom tools", ("custom", "type"), less("tools", "tool_choice", "parallel_tool_calls"))
    if any(_long(find(tool, "function.name")) for tool in tools):
        yield Part("a long tool name", ("name", "64", "characters", "pattern"), _shortly)
    if any(str(find(tool, "function.name")).startswith("_") for tool in tools):
        yield Part("a tool name that begins with _", ("name", "pattern"), _renamed(lambda name: name.lstrip("_")))
    if len(tools) >= MANY:
        yield Part("many tools", ("too many", "at most", "number of tools", "tools"), _few)
    if any(find(tool, "function.strict") is None for tool in tools):
        yield Part("strict: null", ("strict",), loose)
    bare = _each_function(lambda f: {**f, "parameters": {"type": "object", "properties": {}}})
    if '"$ref"' in json.dumps(tools):
        yield Part("a schema with $ref", ("$ref", "$defs", "schema", "anyOf"), bare)
    if keywords := GENERATED & set(_keys(find(tool, "function.parameters") for tool in tools)):
        yield Part("a generated schema", (*sorted(keywords), "schema", "keyword", "grammar"), bare)


def _few(body: Body) -> Body:
    """The first tool and the last."""
    tools = body.get("tools")
    return {**body, "tools": [tools[0], tools[-1]]} if tools else body


def _keys(values: Iterable[Any]) -> Iterator[str]:
    """The names of all members within."""
    for value in values:
        if isinstance(value, dict):
            yield from value
            yield from _keys(value.values())
        elif isinstance(value, list):
            yield from _keys(value)


def _long(name: Any) -> bool:
    return isinstance(name, str) and len(name) > LONG


def _shortly(body: Body) -> Body:
    """Long names of tools replaced by short ones, where they are offered and where one is chosen."""
    short: dict[str, str] = {}
    return _renamed(lambda name: short.setdefault(name, f"tool_{len(short) + 1}") if _long(name) else name)(body)


def _renamed(rename: Callable[[str], str]) -> Callable[[Body], Body]:
    """Functions under other names, where they are offered and where one is chosen."""

    def named(value: Any) -> Any:
        name = find(value, "function.name")
        return {**value, "function": {**value["function"], "name": rename(name)}} if isinstance(name, str) else value

    def renamed(body: Body) -> Body:
        offered = {"tools": [named(tool) for tool in body["tools"]]} if "tools" in body else {}  # else taken out before
        chosen = {"tool_choice": named(body["tool_choice"])} if "tool_choice" in body else {}
        return body | offered | chosen

    return renamed


def _each_function(change: Callable[[Body], Body]) -> Callable[[Body], Body]:
    def changed(tool: Any) -> Any:
        return {**tool, "function": change(tool["function"])} if isinstance(find(tool, "function"), dict) else tool

    return lambda body: {**body, "tools": [changed(tool) for tool in body.get("tools") or ()]}
