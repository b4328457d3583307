"""What the probes of several areas ask: the same words, tools and schemas, so that answers can be compared. It sends nothing."""

from __future__ import annotations

from conformance.exchange.probe import Body, Probe, chat_probe, user
from conformance.exchange.shipped import fixture

LIMIT = 400
"""Room for any natural answer here, reasoning included, and little cost where a model does not stop."""
WITH_USAGE: Body = {"stream_options": {"include_usage": True}}

HELLO = "Say hello."
COUNT = "Count from 1 to 40, separated by commas. Write only the numbers."
COUNT_ENDS = "40"
DIGITS = "Count from 1 to 9, separated by spaces. Write only the digits."
UNICODE = "Repeat exactly this line and nothing else: Grüße, 你好, 😀👍, Ωmega."
COUNTED: Body = {
    "messages": [{"role": "system", "content": "You answer exactly as asked."}, *user(COUNT)],
    "temperature": 0,
    "max_completion_tokens": LIMIT,
}
"""The count, as it is answered with and without a penalty on repetition."""

ENDLESS: Body = {
    "messages": user("Count from 1 to 400, separated by commas. Write only the numbers."),
    "temperature": 0,
    "max_completion_tokens": 200,
}
"""Long enough to be left in the middle, and short enough to be over soon where a server goes on though nobody listens."""

LIST = Probe("models.list", method="GET", path="/models")
GREETING = chat_probe(
    "chat.hello", {"messages": user(HELLO), "temperature": 0, "max_completion_tokens": LIMIT}, intent={"natural-end"}
)
"""The one of these two that a run begins with tells whether the endpoint can be judged at all (send/preflight.py)."""

ORIGIN = "https://conformance.invalid"
"""A web page that asks; the name is reserved, so that nobody is there (RFC 2606)."""

TOOLS = fixture("tools.json")
WEATHER, TIME, PING, NOTE, TRIP = (
    TOOLS[name] for name in ("get_weather", "get_local_time", "ping", "write_note", "plan-trip_2")
)


def repeating(text: str) -> Body:
    """A request to repeat a text."""
    return {
        "messages": user(f"Repeat exactly this line and nothing else: {text}"),
        "temperature": 0,
        "max_completion_tokens": LIMIT,
    }


def named(name: str) -> Body:
    return {"type": "function", "function": {"name": name}}


LONG_NAME = "3rd-Party__Travel-Desk_mcp__find_weather_of_each_city_for_a_team"
"""All that the name of a function may have, as clients of MCP make it of a server's name and its tool's."""
MOST_TOOLS = 128
"""As many functions as OpenAI takes."""
GENERATED: Body = {
    "name": "find_place",
    "description": "Find a place of a kind.",
    "strict": None,
    "parameters": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "FindPlace",
        "type": "object",
        "properties": {
            "kind": {"const": "city", "type": "string", "title": "Kind"},
            "level": {"type": "integer", "enum": [1, 2, 3], "default": 2},
            "name": {"type": ["string", "null"], "pattern": "^[A-Z]", "maxLength": 2000, "default": None},
            "since": {"oneOf": [{"type": "string", "format": "date"}, {"type": "integer", "minimum": 0}]},
            "grid": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}, "minItems": 1},
            "notes": {"type": "object", "properties": {}, "required": [], "additionalProperties": {"type": "string"}},
            "code": {"allOf": [{"type": "string"}, {"minLength": 1}], "examples": ["K17"]},
        },
        "required": ["kind"],
    },
}
"""A function as typed code is turned into one, with the keywords that pydantic, zod and servers of MCP write."""


def bare_functions(count: int) -> list[Body]:
    """So many functions without arguments, of names that begin with an underscore."""
    return [{"name": f"_step-{n}", "parameters": {"type": "object", "properties": {}}} for n in range(count)]


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def closed(**properties: Body) -> Body:
    """The schema of an object as strict mode wants it: every property required, no others allowed."""
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def strict(name: str, schema: Body) -> Body:
    """The response_format of a strict schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


STAGE_HEADER = "X-Conformance-Stage"


def staged(stage: str, text: str = HELLO, **body: object) -> Probe:
    """A situation that no client can bring about at will: the reference stages it on request, and no other server is sent it.

    It exercises laws that then also judge recordings, and any endpoint where the situation comes about by itself.
    """
    full: Body = {"messages": user(text), "temperature": 0, **body}
    return Probe(f"staged.{stage}", full, headers=((STAGE_HEADER, stage),), intent=frozenset({"staged"}), stage=stage)
