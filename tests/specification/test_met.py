"""Which names are met."""

from __future__ import annotations

from conformance.specification import met
from conformance.specification.openapi import Document
from tests.support.small_openapi import DOCUMENT


def test_a_name_is_met_where_a_check_misses_it():
    found = {(each.kind, each.name): each.met for each in met.names(Document(DOCUMENT))}
    assert found["property", "Model.id"] == "model.id"
    assert found["property", "Message.content"]
    assert found["parameter", "messages"]
    assert {name for (_, name), by in found.items() if by is None} == {"Model.colour", "Message.colour", "colour"}
