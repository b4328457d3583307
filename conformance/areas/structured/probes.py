"""Structured output: JSON mode, strict schemas that nobody would guess, beside tools and cut, and what must be refused."""

from __future__ import annotations

from conformance.areas.questions import COUNT, LIMIT, TEXT, WEATHER, WHOLE, WITH_USAGE, closed, staged, strict
from conformance.exchange.probe import Body, Probe, chat_probe, user

CAPITAL = "What is the capital of France?"
IN_JSON = f'{CAPITAL} Answer as JSON, with "capital" as the only key.'
IN_PROSE = "Say hello in one friendly sentence. Write plain prose for a person to read, no JSON."
"""It must hold the word: OpenAI refuses JSON mode without it."""
ORDER = "Two large teas and one coffee for Ana, please. She left no phone number."
LETTERS = "The letters a, b and c, in this order."
PARCEL = "Make up a parcel: its code, the day it was sent, its weight and two labels."


ONE_CAPITAL = closed(capital=TEXT)
NESTED = closed(
    zone={"type": "string", "enum": ["zone-K17", "zone-Q42"]},
    lines={"type": "array", "items": {"$ref": "#/$defs/line"}},
    buyer={"anyOf": [{"$ref": "#/$defs/person"}, {"type": "null"}]},
    phone={"type": ["string", "null"]},
    express={"type": "boolean"},
) | {
    "$defs": {
        "line": closed(drink={"type": "string", "enum": ["tea", "coffee"]}, cups=WHOLE, litres={"type": "number"}),
        "person": closed(name=TEXT),
    }
}
"""No prose and no JSON of a model's own making fits it, so an ignored schema shows. Its keys are in no usual order."""
LINKED = closed(letter=TEXT, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})
BOUNDED = closed(
    code={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    day={"type": "string", "format": "date"},
    grams={"type": "integer", "minimum": 100, "maximum": 900},
    labels={"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
    kind={"type": "string", "const": "parcel", "title": "Kind"},
    shelf={"type": "integer", "enum": [17, 42], "description": "Where it lies."},
    sizes={"type": "array", "items": {"type": "array", "items": WHOLE}},
    hall={"type": ["string", "null"], "enum": ["hall-K17", None]},
)
PLAIN = closed(capital=TEXT, country=TEXT, continent=TEXT, language=TEXT)
"""What any server takes that takes schemas at all."""
OPTIONAL = closed(capital=TEXT, country=TEXT) | {"required": ["capital"]}
EITHER = {"anyOf": [ONE_CAPITAL, closed(country=TEXT)]}
BOTH = closed(capital={"allOf": [TEXT, {"minLength": 2}]})


def _asking(text: str, form: Body, **more: object) -> Body:
    return {"messages": user(text), "response_format": form, "temperature": 0, "max_completion_tokens": LIMIT, **more}


def _mistake(name: str, form: Body) -> Probe:
    return Probe(f"structured.{name}", _asking(CAPITAL, form), intent=frozenset({"mistake"}))


_OPTIONAL = {"optional"}

PROBES = (
    chat_probe("structured.object", _asking(IN_JSON, {"type": "json_object"}), intent=_OPTIONAL, streamed=WITH_USAGE),
    # A model that is asked for JSON writes it by itself; asked for prose, only a server that heeds the mode gives any.
    Probe("structured.prose", _asking(IN_PROSE, {"type": "json_object"}), intent=frozenset(_OPTIONAL), depth="normal"),
    chat_probe("structured.nested", _asking(ORDER, strict("order", NESTED)), intent=_OPTIONAL, streamed=WITH_USAGE),
    chat_probe("structured.recursive", _asking(LETTERS, strict("letters", LINKED)), intent=_OPTIONAL),
    Probe("structured.keywords", _asking(PARCEL, strict("parcel", BOUNDED)), intent=frozenset(_OPTIONAL), depth="normal"),
    chat_probe("structured.cut", _asking(CAPITAL, strict("country", PLAIN), max_completion_tokens=5), intent=_OPTIONAL,
               streamed=WITH_USAGE),
    chat_probe("structured.tools", _asking(CAPITAL, strict("capital", ONE_CAPITAL), tools=[WEATHER]), intent=_OPTIONAL),
    Probe("structured.responses",
          {"input": ORDER, "max_output_tokens": LIMIT,
           "text": {"format": {"type": "json_schema", "name": "order", "strict": True, "schema": NESTED}}},
          path="/responses", intent=frozenset(_OPTIONAL)),
    _mistake("bad-name", strict("not a name!", ONE_CAPITAL)),
    _mistake("optional-property", strict("capital", OPTIONAL)),
    _mistake("any-of-root", strict("capital", EITHER)),
    _mistake("all-of", strict("capital", BOTH)),
    staged("refused", response_format=strict("greeting", closed(greeting=TEXT))),
    staged("refused-stream", COUNT, response_format=strict("greeting", closed(greeting=TEXT)), stream=True),
)  # fmt: skip
