"""Holes tell nothing but that they are there and of which type; and what is asked of hollow exchanges asks no more of types than that."""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Sequence
from contextlib import suppress

import jsonschema_rs
import pytest

from conformance.exchange import ABSENT
from conformance.judge.hollow import Touched, filled, hole
from tests.support.checkout import ROOT

TYPES_SEEN = {
    "areas/conversations/conditions.py": 2,  # of exchanges beside each other, which are never hollow
    "areas/edges/extremes.py": 2,  # of a table of ours
    "areas/files/batched.py": 1,  # of None
    "areas/errors/probes.py": 1,  # what to send
    "exchange/reading.py": 2,  # the usual case, told sooner than by the isinstance after it
    "exchange/view.py": 2,  # of exceptions
    "judge/decider.py": 2,  # of exceptions
    "judge/hollow.py": 7,  # what makes holes
    "judge/outlines.py": 5,  # what says where they are
}
"""Where `type()` looks at a value, and how often."""


@pytest.mark.parametrize("value", ["text", b"bytes", 1, 1.5, (1, 2)], ids=repr)
def test_a_hole_is_of_its_type_and_there(value):
    found = hole(value)
    assert found is not None
    assert isinstance(found, type(value))
    assert isinstance(found, Sequence) == isinstance(value, Sequence)
    assert not isinstance(found, (dict, list, bool))


ASKED = {
    "== another": lambda x: x == type(x)(), "in": lambda x: x in (None, type(x)()), "!= another": lambda x: x != type(x)(), "len": len,
    "hash": hash, "as a key": lambda x: {}.get(x), "inside": lambda x: [x] == [type(x)()], "str": str, "repr": repr, "iter": list,
    "format": lambda x: f"{x}", "add": lambda x: "a" + x == "ab", "add to": lambda x: x + "a" == x, "index": lambda x: x[0],
    "method": lambda x: x.startswith("a"), "hasattr": lambda x: hasattr(x, "lower"), "int": int, "float": float, "<": lambda x: x < 1,
    "json": json.dumps, "not json": json.loads, "sort": lambda x: sorted([x, type(x)()]), "sum": lambda x: sum([x, x]), "abs": abs,
    "range": range, "join": "".join, "join it": lambda x: "".join([x]), "re": lambda x: re.search("a", x), "base64": base64.b64decode,
    "schema": lambda x: jsonschema_rs.Draft202012Validator({"type": "string"}).is_valid(x),
}  # fmt: skip


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("value", ["text", b"bytes", 1, 1.5, (1, 2)], ids=repr)
def test_a_hole_answers_nothing_else(ask, value):
    with pytest.raises((Touched, TypeError, ValueError)):
        ask(hole(value))


@pytest.mark.parametrize("value", ["text", b"bytes", 1, 1.5, (1, 2)], ids=repr)
def test_a_hole_hides_nothing_that_is_empty_and_is_none_of_another_type(value):
    empty = type(value)()
    assert hole(empty) == empty
    found = hole(value)
    assert found
    for other in (None, {}, [], ABSENT, "" if isinstance(value, int | float) else 1, empty):
        assert found != other
        assert other != found
        assert not found == other  # noqa: SIM201  # asks another of its methods
    for other in (value, type(value)(value)):
        with pytest.raises(Touched):
            _ = found == other


def test_an_integer_in_a_hole_is_more_than_zero_and_of_a_float_that_is_not_known():
    assert [hole(n) for n in (0, -1, -0.0, False)] == [0, -1, 0.0, False]
    found = hole(5)
    assert found > 0
    assert found >= 0
    assert found != -1
    assert not found < 0
    assert not found <= -1
    for ask in (
        lambda: found > 1,
        lambda: found < 5,
        lambda: hole(1.5) > 0,
        lambda: hole(1.5) == -1,
        lambda: found == 1.0,
    ):
        with pytest.raises(Touched):
            ask()


@pytest.mark.parametrize("schema", [{}, {"type": "string"}, {"type": ["string", "null"], "minLength": 1}], ids=str)
def test_where_a_schema_wants_any_text_one_is_put_in_its_hole(schema):
    owner = {"type": "object", "required": ["a"], "properties": {"a": schema, "b": {"enum": ["c"]}}}
    assert isinstance(filled({"a": hole("text"), "b": "c"}, owner)["a"], str)


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["a"]},
        {"const": "a"},
        {"type": "string", "minLength": 2},
        {"pattern": "a"},
        {"maxLength": 9},
        {"not": {}},
    ],
    ids=str,
)
def test_where_a_schema_looks_at_a_text_its_hole_is_touched(schema):
    with pytest.raises(Touched):
        filled({"a": [hole("text")]}, {"properties": {"a": {"items": schema}}})


def test_where_a_schema_looks_at_an_object_as_a_whole_its_holes_stay():
    value = {"a": hole("text")}
    assert filled(value, {"if": {"properties": {"a": {"const": "b"}}}, "then": False}) is value
    assert filled({"n": hole(3)}, {"properties": {"n": {"type": "integer", "minimum": 0}}})["n"] > 0
    with pytest.raises(Touched):
        filled({"n": hole(3)}, {"properties": {"n": {"type": "integer", "maximum": 9}}})


def test_who_touches_a_hole_is_found_also_where_that_is_swallowed():
    before = Touched.times
    with suppress(BaseException):
        len(hole("text"))
    assert Touched.times == before + 1


def test_nothing_that_reads_exchanges_looks_at_types_but_in_places_that_are_known():
    found = {}
    for room in ("areas", "exchange", "judge", "wire"):
        for path in sorted((ROOT / "conformance" / room).rglob("*.py")):
            if path.name.endswith("_lies.py") or path.name == "honest.py":
                continue
            calls = [each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call)]
            looks = [each for each in calls if getattr(each.func, "id", "") == "type" and len(each.args) == 1]
            if looks:
                found[str(path.relative_to(ROOT / "conformance"))] = len(looks)
    assert found == TYPES_SEEN
