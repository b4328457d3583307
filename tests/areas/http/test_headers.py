"""Headers: two recordings of one streamed answer do not share a request's id by mistake of the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import catalogue, judge
from tests.support.recordings import HONEST


@pytest.mark.parametrize("name", ["chat.hello+stream", "chat.hello"])
@pytest.mark.parametrize(("same", "outcome"), [(True, "pass"), (False, "fail")])
def test_one_completion_that_was_recorded_and_edited_twice_has_one_request_id(name, same, outcome):
    x = HONEST[name]
    body = x.body.replace(b'"created":', b'"created": ') if same else x.body.replace(b"chatcmpl-", b"chatcmpl-0")
    assert body != x.body
    other = replace(x, id="again", body=body, memo={})
    (verdict,) = judge([replace(x, memo={}), other], [catalogue()["http.request-id-unique"]])
    assert verdict.outcome == outcome
