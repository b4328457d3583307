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
