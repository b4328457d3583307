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

from conformance.judge.hollow import Touched, hole
from tests.support.checkout import ROOT

TYPES_SEEN = {
    "areas/conversations/conditions.py": 2,  # of exchanges beside each other, which are never hollow
    "areas/edges/extremes.py": 2,  # of a table of ours
    "areas/files/batched.py": 1,  # of None
    "areas/errors/probes.py": 1,  # what to send
    "exchange/reading.py": 2,  # the usual case, told sooner than by the isinstance after it
    "exchange/view.py": 2,  # of exceptions
    "judge/decider.py": 2,  # of exceptions
    "judge/hollow.py": 3,  # what makes holes
    "judge/outlines.py": 2,  # what says where they are
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
    "==": lambda x: x == "text", "== another": lambda x: x == hole("text"), "in": lambda x: x in ("a", "b"), "bool": bool, "len": len,
    "hash": hash, "as a key": lambda x: {}.get(x), "inside": lambda x: [x] == ["text"], "str": str, "repr": repr, "iter": list,
    "format": lambda x: f"{x}", "add": lambda x: "a" + x, "add to": lambda x: x + "a", "index": lambda x: x[0],
    "method": lambda x: x.startswith("a"), "hasattr": lambda x: hasattr(x, "lower"), "int": int, "float": float, "<": lambda x: x < 1,
    "json": json.dumps, "not json": json.loads, "sort": lambda x: sorted([x, hole("")]), "sum": lambda x: sum([x, x]), "abs": abs,
    "range": range, "join": "".join, "join it": lambda x: "".join([x]), "re": lambda x: re.search("a", x), "base64": base64.b64decode,
    "schema": lambda x: jsonschema_rs.Draft202012Validator({"type": "string"}).is_valid(x),
}  # fmt: skip


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("value", ["text", b"bytes", 1, 1.5, (1, 2)], ids=repr)
def test_a_hole_answers_nothing_else(ask, value):
    with pytest.raises((Touched, TypeError, ValueError)):
        ask(hole(value))


def test_who_touches_a_hole_is_found_also_where_that_is_swallowed():
    before = Touched.times
    with suppress(BaseException):
        bool(hole("text"))
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
