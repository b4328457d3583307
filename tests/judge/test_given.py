"""Schemas from strangers neither crash nor hang the judging, and the reference obeys those it takes."""

from __future__ import annotations

import time
from dataclasses import replace

import jsonschema
import pytest

from conformance.areas.catalogue import catalogue, judge
from conformance.areas.structured.output import bare
from conformance.areas.structured.probes import BOTH, BOUNDED, EITHER, LINKED, NESTED, ONE_CAPITAL, OPTIONAL
from conformance.judge import given
from conformance.reference import strict, tokens, values
from conformance.send.inprocess import exchanges

CLOSED = {"type": "object", "additionalProperties": False, "required": ["a"]}


def doubling(levels: int) -> dict:
    """A schema of a few kilobytes whose check takes 2 ** levels steps."""
    parts = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{levels}": {"type": "null"}}}


def chain(length: int) -> dict:
    parts = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{length}": {"type": "null"}}}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "objec"}, {}),
        ({"minimum": "x"}, 1),
        ({"type": "string", "pattern": "(?=a)b"}, "b"),
        ({"type": "string", "pattern": "a{1000}{1000}{100}"}, "a"),
        ({"$ref": "https://example.invalid/schema"}, {}),
        ({"$ref": "#/$defs/nowhere"}, {}),
        ({"$ref": 1}, {}),
        ({"type": "string"}, "\ud800"),
        ([], {}),
        (None, {}),
        (doubling(60), 1),
        (chain(6000), 1),
        ({"items": {"anyOf": [{"type": "null"}] * 5000}}, [1] * 50_000),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_useless_schema_gives_no_verdict(schema, value):
    began = time.perf_counter()
    with pytest.raises(given.Useless):
        list(given.problems(schema, value))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#"}, 1),
        ({"properties": {"a": {"$ref": "#"}}}, {"a": {"a": {}}}),
        ({"pattern": "^(a+)+$"}, "a" * 5000),
        (LINKED, {"letter": "a", "next": {"letter": "b", "next": None}}),
        (True, {}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_odd_schemas_that_can_be_used_are(schema, value):
    assert list(given.problems(schema, value)) == []


def test_a_misfit_says_where_it_is_and_what_was_wanted():
    value = values.example(NESTED, "Ana") | {"zone": "zone"}
    value["lines"][0]["cups"] = "1"
    assert list(given.problems(NESTED, value)) == [
        ("zone", "zone", 'enum ["zone-K17", "zone-Q42"]'),
        ("lines.0.cups", "1", 'type "integer"'),
    ]
    assert list(given.wrong_order(NESTED, dict(sorted(value.items())))) == [
        ("keys", ["buyer", "express", "lines", "phone", "zone"], f"the order {given.show([*NESTED['properties']])}")
    ]


def test_formats_are_apart():
    value = values.example(BOUNDED, "tea") | {"day": "yesterday"}
    assert list(given.problems(BOUNDED, value)) == []
    assert list(given.wrong_formats(BOUNDED, value)) == [("day", "yesterday", 'format "date"')]


@pytest.mark.parametrize(
    "schema",
    [
        NESTED,
        LINKED,
        BOUNDED,
        ONE_CAPITAL,
        {"type": "array", "items": {"const": 3}, "minItems": 4},
        {"type": "string", "pattern": r"^\d{3}-[a-f]+ \w$"},
        {"type": "number", "exclusiveMinimum": 2, "multipleOf": 0.5},
        {"type": "integer", "maximum": -3},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
        *({"type": "string", "format": name} for name in values.FORMATS),
    ],
    ids=lambda schema: str(schema)[:40],
)
def test_the_reference_writes_what_fits(schema):
    value = values.example(schema, "Paris")
    jsonschema.validate(value, schema)
    assert list(given.problems(schema, value, formats=True)) == []


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (EITHER, "got 'type: \"None\"'"),
        (OPTIONAL, "Missing 'country'"),
        (BOTH, "In context=('properties', 'capital'), 'allOf' is not permitted."),
        ({"type": "object", "properties": {"a": {"type": "object"}}} | CLOSED, "'additionalProperties' is required"),
    ],
)
def test_the_reference_refuses_what_strict_mode_does_not_have(schema, words):
    assert words in next(strict.faults(schema))


@pytest.mark.parametrize("schema", [NESTED, LINKED, BOUNDED, ONE_CAPITAL])
def test_the_reference_takes_what_strict_mode_has(schema):
    assert list(strict.faults(schema)) == []


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('{"a":1}', '{"a":1}'),
        ('```json\n{"a":1}\n```', '{"a":1}'),
        ("```\n[1]\n```", "[1]"),
        ('Here: {"a":1}. Bye', '{"a":1}'),
        ('<think>no</think>\n{"a":[1]}', '{"a":[1]}'),
        ("Hello", "Hello"),
        ('{"a":1}\n{"a":1}', '{"a":1}\n{"a":1}'),
        ("{" * 1_000_000, "{" * 1_000_000),
        ("```" + "a" * 1_000_000, "```" + "a" * 1_000_000),
    ],
    ids=lambda text: text[:20],
)
def test_the_json_within_a_text_is_found_in_no_time(text, json):
    began = time.perf_counter()
    assert bare(text) == json
    assert time.perf_counter() - began < 5


def test_parts_of_characters_are_spelt_as_escapes():
    said = tokens.encode("Hi 😀!")
    assert [tokens.spell(token) for token in said] == ["Hi", " \\xf0\\x9f", "\\x98\\x80", "!"]
    assert [text for text, _ in tokens.portions(said)] == ["Hi", " 😀", "!"]
    assert list(tokens.portions(said[:2])) == [("Hi", [b"Hi"]), ("", [b" \xf0\x9f"])]


def test_a_schema_that_cannot_be_used_is_not_held_against_the_server():
    x = next(x for x in exchanges() if x.id == "structured.nested")
    broken = x.request_body.replace(b'"integer"', b'"intege"')
    checks = [check for name, check in catalogue().items() if name in ("structured.schema", "structured.json")]
    outcomes = {v.check.id: v.outcome for v in judge([replace(x, request_body=broken, memo={})], checks)}
    assert outcomes == {"structured.json": "not-exercised", "structured.schema": "not-exercised"}
