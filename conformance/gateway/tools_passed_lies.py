"""Lies about tools, and the form of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lying_gateway import asks, edit
from conformance.reference.replies import Call

Json = dict[str, Any]


def _each(onward: Call, change: Callable[[Json], object]) -> Call:
    """The call with every function changed in place."""

    def change_all(body: Json) -> None:
        for tool in body.get("tools", ()):
            if tool["type"] == "function":
                change(tool.get("function", tool))

    return edit(onward, change_all)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@asks("tool-lost")
def _(call: Call, onward: Call) -> Call:
    """Only the first tool is passed on."""
    return edit(onward, lambda body: body.update(tools=body["tools"][:1]) if "tools" in body else None)


@asks("custom-tool-lost")
def _(call: Call, onward: Call) -> Call:
    """Tools that are no functions are left out."""

    def drop(body: Json) -> None:
        if "tools" in body:
            body["tools"] = [tool for tool in body["tools"] if tool["type"] == "function"]

    return edit(onward, drop)


@asks("tool-renamed")
def _(call: Call, onward: Call) -> Call:
    """Names of tools are written without an underscore."""
    return _each(onward, lambda tool: tool.update(name=tool["name"].replace("local_", "")))


@asks("description-cut")
def _(call: Call, onward: Call) -> Call:
    """Descriptions of tools are cut."""
    return _each(onward, lambda tool: tool.update(description=tool["description"][:10]))


@asks("schema-cleaned")
def _(call: Call, onward: Call) -> Call:
    """additionalProperties is taken out of schemas, as an upstream of another kind wants it."""
    return _each(onward, lambda tool: tool["parameters"].pop("additionalProperties", None))


@asks("schema-sorted")
def _(call: Call, onward: Call) -> Call:
    """The members of a schema are sorted by name."""

    def sort(body: Json) -> None:
        if "response_format" in body:
            body["response_format"] = _sorted(body["response_format"])

    return edit(onward, sort)


@asks("strict-dropped")
def _(call: Call, onward: Call) -> Call:
    """strict is left out of tools."""
    return _each(onward, lambda tool: tool.pop("strict", None))


@asks("choice-loosened")
def _(call: Call, onward: Call) -> Call:
    """A tool that is named in tool_choice becomes any."""
    return edit(
        onward, lambda body: body.update(tool_choice="required") if isinstance(body.get("tool_choice"), dict) else None
    )


@asks("form-loosened")
def _(call: Call, onward: Call) -> Call:
    """A schema that the answer must fit becomes any JSON object."""
    return edit(
        onward, lambda body: body.update(response_format={"type": "json_object"}) if "response_format" in body else None
    )


@asks("form-lost")
def _(call: Call, onward: Call) -> Call:
    """The form that is asked for by /responses is left out."""
    return edit(onward, lambda body: body.pop("text", None))
