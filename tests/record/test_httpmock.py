"""What httpmock records: each exchange is the one that it was, with no host, and what cannot be read is one line."""

from __future__ import annotations

import base64

import pytest
import yaml

from conformance.record.entries import Skipped
from tests.support.recordings import HONEST, read

PLAIN, STREAM, SPOKEN = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["speech.hello"]


def document(x) -> dict:
    """As httpmock's recorder writes a call."""

    def named(headers):
        return [{"name": name, "value": value} for name, value in headers]

    asked = {
        "path": "/v1" + x.url.partition("/v1")[2],
        "method": x.method,
        "query_param": [{"name": "limit", "value": "2"}],
    }
    said = {"status": x.status, "header": named(x.headers)}
    coded = {"body": base64.b64encode(x.body).decode(), "body_encoding": "base64"}
    body = coded if x.media_type.startswith("audio/") else {"body": x.body.decode()}
    return {"when": asked | {"header": named(x.request_headers), "body": x.request_body.decode()}, "then": said | body}


@pytest.fixture
def of(tmp_path):
    """What comes of a file of these documents."""

    def make(*documents):
        (tmp_path / "a").write_text(yaml.safe_dump_all(documents, sort_keys=False), "utf-8")
        return read(tmp_path / "a")

    return make


def test_the_exchanges_are_those_that_they_were(of):
    found = of(*map(document, (PLAIN, STREAM, SPOKEN)))
    for x, was in zip(found, (PLAIN, STREAM, SPOKEN), strict=True):
        assert (x.method, x.route, x.status, x.asked, x.body) == (was.method, was.route, 200, was.asked, was.body)
        assert x.header("x-request-id") == was.header("x-request-id")
        assert (x.url.startswith("http://unknown.invalid/v1/"), x.url.endswith("?limit=2")) == (True, True)


ODD = [{}, 7, "text", None, {"when": {"path": "/v1/models"}}, document(PLAIN) | {"then": {"status": 200, "body": [1]}}]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_document_is_one_line_and_the_others_are_judged(of, odd):
    first, line, last = of(document(PLAIN), odd, document(STREAM))
    assert (first.body, last.body) == (PLAIN.body, STREAM.body)
    assert isinstance(line, Skipped)
    assert (line.entry, line.fault) == (1, True)
    assert line.reason.isprintable()


def test_what_is_broken_is_said_and_what_was_before_it_is_judged(tmp_path):
    (tmp_path / "a").write_text(yaml.safe_dump(document(PLAIN), sort_keys=False) + '---\nwhen: "\n')
    x, line = read(tmp_path / "a")
    assert x.body == PLAIN.body
    assert line.fault
    assert "not YAML" in line.reason
