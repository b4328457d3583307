"""Tool calls of every kind: chosen, refused, forced, named, parallel, without arguments, cut, and the result sent back."""

from __future__ import annotations

from contextlib import suppress

from conformance.areas.questions import (
    GENERATED,
    HELLO,
    LIMIT,
    LONG_NAME,
    MOST_TOOLS,
    NOTE,
    PING,
    TIME,
    TRIP,
    WEATHER,
    WITH_USAGE,
    bare_functions,
    named,
)
from conformance.exchange import Exchange, Unreadable
from conformance.exchange.probe import Body, Probe, chat_probe, user

ONE_CITY = "What is the weather in Paris right now? Use the tool."
TWO_CITIES = "What is the weather in Paris and in Tokyo right now? Use the tool once for each city."
PING_IT = "Call the ping tool."
BOOK_IT = (
    "Book a trip to Rome by train with a stop in Berlin: 3 days, for Ana, aged 30, with a budget of 500, confirmed."
)
RESULT = '{"city": "Paris", "temperature_celsius": 17, "sky": "violet fog"}'
RESULT_WORD = "violet"
"""A word of the result that no model would say unless it read it."""

CODED = {
    "type": "function",
    "function": {
        "name": "get_local_time",
        "description": "Get the local time in one city, by its code.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["city-K17", "city-Q42"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
"""A strict tool that the question contradicts, so that arguments which follow the question alone show."""

NAMED_AT_LENGTH = {
    "type": "function",
    "function": {
        "name": LONG_NAME,
        "description": "Get the weather in one city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Paris"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
"""A tool whose name has all that names may have, as clients of MCP make them; its arguments leave no choice."""


EVERY_TOOL = [{"type": "function", "function": each} for each in (*bare_functions(MOST_TOOLS - 1), GENERATED)]
"""As many as there may be, as a client of several servers of MCP has them; the last is one that is not lost among them."""


def _body(text: str, *tools: Body, **more: object) -> Body:
    return {"messages": user(text), "tools": list(tools), "temperature": 0, "max_completion_tokens": LIMIT, **more}


def _result(earlier: Exchange | None) -> Body:
    """The call of the earlier answer sent back with a result for each call; a made-up call where there was none."""
    calls: list[Body] = []
    with suppress(Unreadable):
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in (earlier.choices[0].tool_calls if earlier is not None and earlier.ok else ())
            if call.name and call.arguments is not None
        ]
    calls = calls or [{"id": "call_conformance0001", **named("get_weather")}]
    calls[0]["function"].setdefault("arguments", '{"city": "Paris"}')
    body = _body(ONE_CITY, WEATHER)
    body["messages"] = [
        *body["messages"],
        {"role": "assistant", "content": None, "tool_calls": calls},
        *({"role": "tool", "tool_call_id": call["id"], "content": RESULT} for call in calls),
    ]
    return body


PROBES = (
    chat_probe("tools.auto", _body(ONE_CITY, WEATHER), intent={"must-call"}),
    chat_probe("tools.parallel", _body(TWO_CITIES, WEATHER), intent={"must-call", "two-calls"}, streamed=WITH_USAGE),
    chat_probe("tools.small-talk", _body(HELLO, WEATHER, tool_choice="auto"), intent={"natural-end", "small-talk"}),
    chat_probe("tools.none", _body(ONE_CITY, WEATHER, tool_choice="none"), intent={"tempting"}),
    Probe("tools.none-alone", {"messages": user(HELLO), "tool_choice": "none", "max_completion_tokens": 16},
          intent=frozenset({"none-alone"})),
    chat_probe("tools.required", _body(HELLO, WEATHER, tool_choice="required"), intent={"forced"}),
    chat_probe("tools.named", _body(ONE_CITY, WEATHER, TIME, tool_choice=named("get_local_time")),
         intent={"forced"}, streamed=WITH_USAGE),
    Probe("tools.long-name", _body(ONE_CITY, NAMED_AT_LENGTH, tool_choice=named(LONG_NAME)), intent=frozenset({"forced"}),
          depth="normal"),
    Probe("tools.many", _body("Find a city.", *EVERY_TOOL, tool_choice=named("find_place")), intent=frozenset({"forced"}),
          depth="normal"),
    chat_probe("tools.no-arguments", _body(PING_IT, PING, tool_choice="required"), intent={"forced"}),
    # Arguments of every type, the last of them no string, from a schema of every kind.
    chat_probe("tools.typed", _body(BOOK_IT, TRIP, tool_choice=named("plan-trip_2")), intent={"forced"}),
    chat_probe("tools.single", _body(TWO_CITIES, WEATHER, parallel_tool_calls=False), intent={"must-call"}),
    chat_probe("tools.result", {}, intent={"tool-result"}, after="tools.auto", build=_result),
    Probe("tools.strict", _body('Call get_local_time with "Paris" as the city.', CODED,
                                tool_choice=named("get_local_time")), intent=frozenset({"optional"})),
    chat_probe("tools.cut", _body(ONE_CITY, WEATHER, tool_choice="required") | {"max_completion_tokens": 3},
         intent={"cut-call"}, streamed=WITH_USAGE),
    chat_probe("tools.allowed",
         _body(ONE_CITY, WEATHER, TIME,
               tool_choice={"type": "allowed_tools",
                            "allowed_tools": {"mode": "required", "tools": [named("get_local_time")]}}),
         intent={"optional"}),
    chat_probe("tools.custom", _body("Write a note that says hello.", NOTE,
                               tool_choice={"type": "custom", "custom": {"name": "write_note"}}),
         intent={"optional"}),
    chat_probe("tools.functions",
         {"messages": user(ONE_CITY), "functions": [WEATHER["function"]], "function_call": {"name": "get_weather"},
          "temperature": 0, "max_completion_tokens": LIMIT},
         intent={"optional"}),
)  # fmt: skip
