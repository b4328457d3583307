"""The table of parameters is sound: schemas of known words, routes that exist, and what the laws hold of chat's bounds."""

from __future__ import annotations

import jsonschema

from conformance.areas.catalogue import routes
from conformance.areas.parameter_table import every, parameters
from conformance.exchange.documented import ROUTES
from conformance.judge.mistakes import BOUNDS, PARAMETERS


def test_every_row_is_a_schema_of_a_known_route():
    assert every()
    for row in every():
        jsonschema.Draft202012Validator.check_schema(row.schema)
        assert row.types, row
        assert (row.route in ROUTES, row.of.path in routes()) == (True, True), row
        assert row.beside is None or row.beside in parameters(row.route), row


def test_the_bounds_of_chat_are_those_that_laws_hold():
    table = parameters("chat")
    assert {n: (table[n].schema["minimum"], table[n].schema.get("maximum")) for n in BOUNDS} == BOUNDS
    assert {name for name in table if "." not in name} <= PARAMETERS


def test_what_may_be_null_is_told_apart_from_its_types():
    stop = parameters("chat")["stop"]
    assert (stop.types, stop.nullable) == (("string", "array"), True)
    assert not parameters("chat")["tools"].nullable
    assert parameters("nowhere") == {}
