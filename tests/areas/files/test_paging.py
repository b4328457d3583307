"""Lists of files: what was recorded before there were pages is held to none of their laws."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import judge
from tests.support.recordings import HONEST

FILE = {"object": "file", "bytes": 1, "filename": "a", "purpose": "batch", "status": "processed"}


@pytest.mark.parametrize(
    ("date", "red"),
    [("Tue, 14 Nov 2023 21:48:47 GMT", False), ("Thu, 10 Oct 2024 08:55:51 GMT", True), (None, True)],
)
def test_before_there_were_pages_lists_have_none(date, red):
    page = HONEST["files.list"]
    data = [FILE | {"id": f"file-{n}", "created_at": 1_690_000_000 + n} for n in range(2)]
    headers = (*page.headers, *([("date", date)] if date else []))
    x = replace(page, body=json.dumps({"object": "list", "data": data}).encode(), headers=headers, memo={})
    found = {v.check.id for v in judge([x]) if v.outcome == "fail"}
    assert found == ({"file.list-more", "file.list-ends", "file.list-order"} if red else set())
