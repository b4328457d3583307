"""What changed since the document that the suite was made by."""

from __future__ import annotations

import copy
import gzip
import json

from conformance.specification import drift
from conformance.specification.openapi import Document, load
from tests.support.small_openapi import DELTA, DOCUMENT


def test_what_was_added_removed_and_retyped_is_said():
    newer = copy.deepcopy(DOCUMENT)
    model = newer["schemas"]["Model"]["properties"]
    del model["colour"]
    model["size"], model["id"] = {"type": "integer"}, {"type": "integer"}
    newer["paths"] |= DELTA
    said = [str(each) for each in drift.changes(Document(DOCUMENT).routes, Document(newer).routes)]
    assert said == [
        "GET /models: property Model.id retyped (string -> integer)",
        "GET /models: property Model.colour removed (string)",
        "GET /models: property Model.size added (integer)",
        "POST /responses: route POST /responses added (route)",
    ]


def test_the_names_that_are_kept_are_those_of_the_document(tmp_path, monkeypatch, capsys):
    path = tmp_path / "openapi.json.gz"
    path.write_bytes(gzip.compress(json.dumps(DOCUMENT).encode()))
    monkeypatch.setattr(drift, "NAMES", tmp_path / "names.json")
    assert [drift.main([str(path), "--write"]), drift.main([str(path)])] == [drift.CHANGED, drift.SAME]
    assert drift.listed() == load(path).routes
    assert "0 names differ" in capsys.readouterr().out


def test_the_names_of_ours_hold_every_route_and_event_that_is_judged():
    held = drift.listed()
    assert {"POST /chat/completions", "POST /responses", "POST /audio/speech", "GET /files"} <= set(held)
    assert "response.completed" in held["POST /responses"].events
