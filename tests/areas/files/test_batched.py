"""Looks at a batch: a status of another kind than a text is no status, and breaks no law about how it goes on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from tests.support.recordings import HONEST


@pytest.mark.parametrize("status", [[], {}, ["completed"], 1, True, None])
def test_a_status_that_is_no_text_breaks_nothing(status):
    looks = [x for x in HONEST.values() if x.route in ("batches", "batch") and x.ok and b'"status"' in x.body]
    looks.append(
        replace(looks[-1], id="a-look", body=json.dumps({**looks[-1].answer, "status": status}).encode(), memo={})
    )
    found = {v.check.id: v.outcome for v in judge(looks)}
    assert found["file.batch-onward"] == "pass"
    assert "broken" not in found.values()


@pytest.mark.parametrize("id", [[], {}, 1, None])
def test_an_id_that_is_no_text_breaks_nothing(id):
    def renamed(x):
        lines = [json.loads(line) for line in x.body.splitlines() if line]
        return replace(x, body=b"\n".join(json.dumps({**line, "custom_id": id}).encode() for line in lines), memo={})

    files = {name: x for name, x in HONEST.items() if x.route == "file-content" and b'"custom_id"' in x.body}
    found = {
        v.check.id: v.outcome for v in judge([*(HONEST | {name: renamed(x) for name, x in files.items()}).values()])
    }
    assert files
    assert found["file.batch-each"] == "fail"
    assert "broken" not in found.values()
