"""A request for each edge of each parameter, alone beside what its route needs; the values within all bounds together.

What routes other than chat share with it, by name and schema, is asked of chat alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.areas.edges.extremes import Edge, edges
from conformance.areas.edges.form_edges import FORMS
from conformance.areas.parameter_table import Parameter, every, parameters
from conformance.areas.questions import COUNT, TEXT, WEATHER, closed
from conformance.exchange.probe import Body, Probe, user

FUNCTION = {"name": "get_time", "parameters": closed(city=TEXT)}
BESIDE: dict[str, Any] = {"stream": True, "logprobs": True, "tools": [WEATHER], "functions": [FUNCTION],
                          "output_format": "jpeg"}  # fmt: skip
CHAT = next(row.of.asked for row in every() if row.route == "chat")
MOST = 4
"""Answers asked for at once where the bound is higher: each is paid for."""
PAID = ("n", "best_of")
NOT_TOGETHER = {
    "max_tokens": "max_completion_tokens", "functions": "tools", "function_call": "tools", "partial_images": "n",
}  # fmt: skip
"""Parameters whose place others have taken, or that go with one answer alone: not beside those."""
ODD_ITEMS: dict[str, Any] = {
    "logit_bias-above": {"logit_bias": {"0": 101}},
    "logit_bias-word": {"logit_bias": {"hello": 1}},
    "logit_bias-text": {"logit_bias": {"0": "1"}},
    "logit_bias-unknown": {"logit_bias": {"999999999": 1}},
    "metadata-number": {"metadata": {"n": 1}, "store": True},
    "metadata-many": {"metadata": {f"k{n}": "v" for n in range(17)}, "store": True},
    "stop-null-in-list": {"stop": [None]},
    "stop-empty-in-list": {"stop": [""]},
    "stop-number-in-list": {"stop": [5]},
    "tools-null-in-list": {"tools": [None]},
    "tools-empty-in-list": {"tools": [{}]},
    "tools-without-name": {"tools": [{"type": "function", "function": {}}]},
    "tools-parameters-null": {"tools": [{"type": "function", "function": {"name": "ping", "parameters": None}}]},
    "tools-parameters-list": {"tools": [{"type": "function", "function": {"name": "ping", "parameters": []}}]},
    "tools-broken-schema": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "thing"}}}]},
    "tools-twice": {"tools": [WEATHER, WEATHER]},
    "response_format-no-schema": {"response_format": {"type": "json_schema"}},
    "response_format-null-schema": {"response_format": {"type": "json_schema", "json_schema": None}},
    "response_format-broken-schema": {"response_format": {"type": "json_schema", "json_schema": {
        "name": "f", "schema": {"type": "object", "properties": {"a": {"pattern": "("}}}}}},
    "response_format-lost-ref": {"response_format": {"type": "json_schema", "json_schema": {
        "name": "f", "schema": {"$ref": "#/$defs/none"}}}},
    "limit-huge-digits": {"max_completion_tokens": 10**400},
}  # fmt: skip
"""Of chat alone: what stands inside of a parameter."""


def nested(name: str, value: Any) -> Body:
    """The members of a body that set a parameter, by its dotted name."""
    outer, _, inner = name.partition(".")
    return {outer: {inner: value}} if inner else {outer: value}


def asking(edge: Edge) -> Body:
    """A request that has this value of the parameter; a stream is of another question, so that it is nobody's twin."""
    row = edge.parameter
    body = dict(row.of.asked)
    if row.name == "max_tokens":
        body.pop("max_completion_tokens", None)
    if row.beside == "stream" and row.route == "chat":
        body["messages"] = user(COUNT)
    return body | ({row.beside: BESIDE[row.beside]} if row.beside else {}) | nested(row.name, edge.value)


def _own(row: Parameter) -> bool:
    """Whether it is no parameter of chat as well, nor the model, which others ask about."""
    shared = parameters("chat").get(row.name)
    return row.name != "model" and (row.route == "chat" or shared is None or shared.schema != row.schema)


EDGES = tuple(edge for row in every() if _own(row) for edge in edges(row))


def _alone() -> Iterator[Probe]:
    for edge in EDGES:
        if edge.kind != "within":
            row = edge.parameter
            name = row.name if row.route == "chat" else f"{row.route}-{row.name}"
            # Of other routes only what is sent to one that serves others is judged: most models have none of them.
            meant = {"mistake"} if row.route == "chat" and edge.kind != "odd" else set()
            yield Probe(f"edges.{name.replace('.', '-')}-{edge.word}", asking(edge), **row.of.sent, depth="deep",
                        intent=frozenset({"edge", "odd-value", edge.kind} | meant))  # fmt: skip


def _together() -> Iterator[Probe]:
    """For each route and word (minimum, maximum, null ...) the values within bounds that may stand in one request."""
    words = {(edge.parameter.route, edge.word): None for edge in EDGES if edge.kind == "within"}
    for route, word in words:
        held = [edge for edge in EDGES if (edge.parameter.route, edge.word, edge.kind) == (route, word, "within")]
        of = held[0].parameter.of
        body = dict(of.asked)
        for edge in held:
            row = edge.parameter
            if NOT_TOGETHER.get(row.name) in body or row.required or (row.name in PAID and (edge.value or 1) > MOST):
                continue
            body |= {row.beside: BESIDE[row.beside]} if row.beside and edge.value is not None else {}
            body |= nested(row.name, edge.value)
        yield Probe(
            f"edges.{route}-{word}", body, **of.sent, depth="deep", intent=frozenset({"odd-value", "edge", "within"})
        )


PROBES = (
    *_together(),
    *_alone(),
    *FORMS,
    *(Probe(f"edges.{name}", CHAT | body, depth="deep", intent=frozenset({"edge", "odd-value"}))
      for name, body in ODD_ITEMS.items()),
)  # fmt: skip
