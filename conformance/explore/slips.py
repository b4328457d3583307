"""Requests with one mistake: a valid one in which one thing was changed, from the table of parameters or in the conversation.

Each is a mistake that OpenAI refuses, or that no document allows; what laws make of it they see in the request itself, and what only
its sender knows is said as its intent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from conformance.areas.parameter_table import Parameter, parameters
from conformance.areas.questions import HELLO, WEATHER, closed, named, strict
from conformance.exchange.probe import UNKNOWN_MODEL, Body, user
from conformance.explore.made import Made, Way
from conformance.explore.sayings import SAID, one_of

SMALL = 16
"""Tokens of an answer that should not come."""
OTHERS: dict[str, tuple[Any, ...]] = {
    "number": ("hot", [1], {"a": 1}),
    "integer": ("many", [1], {"a": 1}, 1.5),
    "string": (5, ["a"], {"a": 1}),
    "boolean": ("false", 7, ["a"]),
    "array": ("abc", 5, {"a": 1}),
    "object": ("abc", 5, ["a"]),
}
"""Values of another type than each."""
_TAKEN = frozenset({"model", "messages", "stream", "stream_options", "web_search_options"})
"""Parameters with mistakes of their own below."""


def outside(row: Parameter) -> list[Any]:
    """Values that its schema does not allow: just beyond a bound, none of the words, of another type; the plainest first."""
    schema, kinds = row.schema, row.types
    bounds = [(schema[name], step) for name, step in (("minimum", -1), ("maximum", 1)) if name in schema]
    near = 0.5 if "number" in kinds else 1
    wrong = [bound + near * step for bound, step in bounds]
    wrong += ["banana"] if "enum" in schema else []
    wrong += [value for value in OTHERS[kinds[0]] if not _is_any(value, kinds)]
    far = (
        [] if row.name == "n" else [bound + 1000 * step for bound, step in bounds]
    )  # choices are paid for where they come
    return wrong + far + [""] * ("enum" in schema)


def _is_any(value: object, kinds: tuple[str, ...]) -> bool:
    names = {str: "string", list: "array", dict: "object", bool: "boolean", int: "integer", float: "number"}
    return names[type(value)] in kinds or ("number" in kinds and isinstance(value, int))


def _of_the_table(most: int) -> Iterator[Made]:
    """Each parameter of the table with values that the table does not allow, so many of each."""
    beside: Mapping[str | None, Body] = {
        "tools": {"tools": [WEATHER]},
        "functions": {"functions": [WEATHER["function"]]},
        None: {},
    }
    for name, row in parameters("chat").items():
        for value in outside(row)[:most] if name not in _TAKEN and "." not in name else ():
            meant = ["unknown-effort"] * (name == "reasoning_effort" and isinstance(value, str))
            more = beside.get(row.beside, {row.beside: True})
            yield slip(_small(HELLO), {**more, name: value}, *meant)


_CALL = {"id": "call_conformance0001", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
_CALLING = {"role": "assistant", "content": None, "tool_calls": [_CALL]}
_LOOSE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_OPTIONAL = {**closed(city={"type": "string"}, land={"type": "string"}), "required": ["city"]}
_IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
CHANGES: tuple[Callable[[str], Body], ...] = (
    lambda text: {"messages": []},
    lambda text: {"messages": text},
    lambda text: {"messages": {"role": "user", "content": text}},
    lambda text: {"messages": [{"role": "robot", "content": text}]},
    lambda text: {"messages": user(123)},
    lambda text: {"messages": [{"role": "tool", "tool_call_id": "call_x", "content": text}]},
    lambda text: {"messages": [*user(text), _CALLING, *user(HELLO)], "tools": [WEATHER]},
    lambda text: {"messages": user([{"type": "text", "text": text}, _IMAGE])},
    lambda text: {"tools": [{"type": "function", "name": "get_weather", "parameters": {}}]},
    lambda text: {"tools": [{"type": "function", "function": {"name": "get weather!"}}]},
    lambda text: {"tools": [WEATHER], "tool_choice": named("no_such_tool")},
    lambda text: {"tools": [WEATHER], "tool_choice": "any"},
    lambda text: {"tool_choice": "auto"},
    lambda text: {"top_logprobs": 3},
    lambda text: {"stop": ["a1", "b2", "c3", "d4", "e5"]},
    lambda text: {"response_format": {"type": "object"}},
    lambda text: {"messages": user(HELLO), "response_format": {"type": "json_object"}},
    lambda text: {"response_format": strict("city", _LOOSE)},
    lambda text: {"response_format": strict("city", _OPTIONAL)},
    lambda text: {"response_format": strict("city", {"anyOf": [closed(city={"type": "string"})]})},
    lambda text: {"response_format": strict("city", closed(city={"allOf": [{"type": "string"}]}))},
    lambda text: {"response_format": strict("not a name!", closed(city={"type": "string"}))},
    lambda text: {"conformance_unknown": 1},
    lambda text: {"stream": "false"},
    lambda text: {"stream_options": {"include_usage": True}},
)  # fmt: skip
"""What is changed, given some text of the user."""
_STREAM = ("stream", "stream_options")


def slip(body: Body, change: Body, *intent: str, omit: tuple[str, ...] = ()) -> Made:
    """The request with that one change; the twin is left out where the change is about streaming."""
    changed = {name: value for name, value in {**body, **change}.items() if name not in omit}
    ways: tuple[Way, ...] = ("plain",) if any(name in change for name in _STREAM) else ("plain", "streamed")
    return Made(changed, omit=omit, intent=frozenset({"mistake", *intent}), ways=ways)


def _small(text: str) -> Body:
    return {"messages": user(text), "max_completion_tokens": SMALL}


def half(body: Body, length: int) -> Made:
    """The first bytes of a request, as many as are asked for; at least one, and not all."""
    whole = json.dumps({"model": "{model}", **body}, ensure_ascii=False).encode()
    return Made(whole[: 1 + length % (len(whole) - 1)], intent=frozenset({"mistake", "half-json"}))


def _alone(text: str) -> Iterator[Made]:
    """Each mistake of the conversation and of the whole request."""
    body = _small(text)
    yield from (slip(body, change(text)) for change in CHANGES)
    yield from (slip(body, {}, omit=(name,)) for name in ("model", "messages"))
    yield slip(body, {"model": UNKNOWN_MODEL}, "unknown-model")


ALONE = (*_alone(HELLO), half(_small(HELLO), 30), *_of_the_table(2))
"""Each mistake by itself."""
_BYTES = st.builds(half, SAID.map(_small), st.integers(0, 200))
MISTAKEN = st.one_of(SAID.flatmap(lambda text: one_of(list(_alone(text)))), one_of(list(_of_the_table(20))), _BYTES)
"""Requests with one mistake."""
