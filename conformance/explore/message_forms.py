"""Tools, JSON Schemas and response formats: simple ones, and made-up ones of the strict subset, which every documented server knows."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.areas.questions import HELLO, NOTE, PING, TIME, TRIP, UNICODE, WEATHER, closed, named, strict
from conformance.exchange.probe import Body
from conformance.explore.sayings import NAMES, Question, one_of, question

CAPITAL = "What is the capital of France?"
IN_JSON = f'{CAPITAL} Answer as JSON, with "capital" as the only key.'
ONE_CITY = "What is the weather in Paris right now? Use the tool."
TWO_CITIES = "What is the weather in Paris and in Tokyo right now? Use the tool once for each city."
_ALLOWED = {"mode": "required", "tools": [named("get_local_time")]}
_CODED = {"type": "function", "function": {
    "name": "get_local_time", "strict": True, "parameters": closed(city={"type": "string", "enum": ["city-K17", "city-Q42"]}),
}}  # fmt: skip
CALLS = (
    question(HELLO, "forced", tools=[WEATHER], tool_choice="required"),
    question(ONE_CITY, "must-call", tools=[WEATHER]),
    question(TWO_CITIES, "must-call", "two-calls", tools=[WEATHER]),
    question(TWO_CITIES, "must-call", tools=[WEATHER], parallel_tool_calls=False),
    question(HELLO, "natural-end", "small-talk", tools=[WEATHER], tool_choice="auto"),
    question(ONE_CITY, "tempting", tools=[WEATHER], tool_choice="none"),
    question(ONE_CITY, "forced", tools=[WEATHER, TIME], tool_choice=named("get_local_time")),
    question("Call the ping tool.", "forced", tools=[PING], tool_choice="required"),
    question("Book a trip to Rome.", "forced", tools=[TRIP], tool_choice=named("plan-trip_2")),
    question("What time is it in Paris?", "optional", tools=[_CODED], tool_choice=named("get_local_time")),
    question(ONE_CITY, "cut-call", tools=[WEATHER], tool_choice="required", max_completion_tokens=3),
    question(ONE_CITY, "optional", tools=[WEATHER, TIME], tool_choice={"type": "allowed_tools", "allowed_tools": _ALLOWED}),
    question("Write a note that says hello.", "optional", tools=[NOTE],
             tool_choice={"type": "custom", "custom": {"name": "write_note"}}),
    question(ONE_CITY, "optional", functions=[WEATHER["function"]], function_call={"name": "get_weather"}),
    question(ONE_CITY, "optional", functions=[WEATHER["function"]]),
)  # fmt: skip
"""Questions that a tool answers, or must not."""
LINKED = closed(letter={"type": "string"}, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})
NESTED = closed(
    zone={"type": "string", "enum": ["zone-K17", "zone-Q42"]},
    lines={"type": "array", "items": {"$ref": "#/$defs/line"}},
    phone={"type": ["string", "null"]},
    buyer={"anyOf": [closed(name={"type": "string"}), {"type": "null"}]},
    code={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    day={"type": "string", "format": "date"},
    grams={"type": "integer", "minimum": 100, "maximum": 900},
) | {"$defs": {"line": closed(drink={"type": "string", "enum": ["tea", "coffee"]}, cups={"type": "integer"})}}
ONE_CAPITAL = strict("capital", closed(capital={"type": "string"}))
FORMS = (
    question(CAPITAL, "optional", response_format=ONE_CAPITAL),
    question(IN_JSON, "optional", response_format={"type": "json_object"}),
    question(CAPITAL, "optional", response_format=strict("order", NESTED)),
    question(CAPITAL, "optional", response_format=strict("letters", LINKED)),
    question(CAPITAL, "optional", response_format=ONE_CAPITAL, tools=[WEATHER]),
    question(CAPITAL, "optional", response_format=ONE_CAPITAL, max_completion_tokens=2),
    question(HELLO, "natural-end", response_format={"type": "text"}),
    question(HELLO, "natural-end", "optional", logprobs=True),
    *(question(UNICODE, "natural-end", "optional", logprobs=True, top_logprobs=top) for top in (0, 1, 3, 20)),
)
"""Questions whose answers have a form, or come with log probabilities."""
KEYS = st.sampled_from(
    ("capital", "zone", "city", "n", "größe", "a b", "type", "$id", "名前", "items")
) | st.from_regex(r"\A[a-z_]{1,12}\Z")
_FLAT: SearchStrategy[Body] = st.one_of(
    st.sampled_from([{"type": kind} for kind in ("string", "integer", "number", "boolean")]),
    st.lists(st.sampled_from(("zone-K17", "tea", "ü", "two words", "")), min_size=1, max_size=3, unique=True).map(
        lambda words: {"type": "string", "enum": words}
    ),
    st.just({"type": ["string", "null"]}),
    st.sampled_from(("date", "email", "uuid", "date-time")).map(lambda form: {"type": "string", "format": form}),
    st.integers(1, 100).map(lambda least: {"type": "integer", "minimum": least, "maximum": least + 400}),
    st.just({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
)


def _properties(depth: int) -> SearchStrategy[Body]:
    return st.dictionaries(KEYS, _parts(depth), min_size=1, max_size=4).map(lambda parts: closed(**parts))


def _parts(depth: int) -> SearchStrategy[Body]:
    if depth == 0:
        return _FLAT
    lists = _parts(depth - 1).map(lambda part: {"type": "array", "items": part})
    return st.one_of(_FLAT, _FLAT, _FLAT, lists, _properties(depth - 1))


SCHEMAS = st.one_of(_properties(0), _properties(1), _properties(2), st.sampled_from((LINKED, NESTED)))
"""Schemas of objects that fit strict mode."""


def _tool(name: str, schema: Body, is_strict: bool | None) -> Body:
    function: Body = {"name": name, "description": "A tool of this test.", "parameters": schema}
    return {"type": "function", "function": function | ({} if is_strict is None else {"strict": is_strict})}


TOOLS = st.sampled_from((WEATHER, TIME, PING, TRIP)) | st.builds(
    _tool, NAMES, SCHEMAS, st.sampled_from((None, False, True))
)
OFFERS = st.lists(TOOLS, min_size=1, max_size=4, unique_by=lambda tool: tool["function"]["name"])
"""Tools of different names."""


@st.composite
def _calling(draw: st.DrawFn) -> Question:
    """A call of made-up tools that the choice forces."""
    tools = draw(OFFERS)
    chosen = draw(st.sampled_from(tools))["function"]["name"]
    choice = draw(st.sampled_from(("required", named(chosen))))
    limit = draw(st.sampled_from((400, 400, 3, 8)))
    meant = "forced" if limit == 400 else "cut-call"
    return question(f"Call {chosen} for Paris.", meant, tools=tools, tool_choice=choice, max_completion_tokens=limit)


@st.composite
def _formed(draw: st.DrawFn) -> Question:
    """An answer in a made-up form."""
    limit = draw(st.sampled_from((400, 400, 400, 1, 4)))
    form = strict(draw(NAMES), draw(SCHEMAS))
    return question(CAPITAL, "optional", response_format=form, max_completion_tokens=limit)


CALLING = one_of(CALLS) | _calling()
FORMED = one_of(FORMS) | _formed()
