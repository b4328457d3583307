"""Recordings of tools that stand in for servers: each exchange is the one that it was, and what was not kept is not judged."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from conformance.exchange import Exchange, NotRecorded
from conformance.record import stubs
from conformance.record.entries import Kind, Skipped
from tests.support.recordings import HONEST, read

PLAIN, STREAM, SPOKEN = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["speech.hello"]
ASKED = PLAIN.request_body.decode()


def single(x):
    request = {"method": x.method, "url": x.url, "headers": dict(x.request_headers), "body": x.request_body.decode()}
    return {
        "request": request,
        "response": {"status": {"code": x.status}, "headers": dict(x.headers), "body": x.body.decode()},
    }


def mapping(x):
    """As WireMock's recorder writes it: a path, what the body must equal, and the answer as JSON."""
    request = {
        "urlPath": "/v1/chat/completions",
        "method": x.method,
        "bodyPatterns": [{"equalToJson": x.request_body.decode()}],
    }
    return {
        "id": "0",
        "request": request,
        "response": {"status": x.status, "jsonBody": x.json, "headers": dict(x.headers)},
    }


def nock(x):
    flat = [part for pair in x.headers for part in pair]
    return {"scope": "https://api.example.org:443", "method": x.method, "path": "/v1/chat/completions", "body": x.asked,
            "status": x.status, "response": x.json, "rawHeaders": flat}  # fmt: skip


def proxied(x):
    return {"RequestUri": x.url, "RequestMethod": x.method, "RequestHeaders": dict(x.request_headers), "RequestBody": x.asked,
            "StatusCode": x.status, "ResponseHeaders": dict(x.headers), "ResponseBody": x.json if x.not_json is None else None}  # fmt: skip


FILES = {
    stubs.SINGLE: single(PLAIN),
    stubs.MAPPINGS: {"mappings": [mapping(PLAIN)]},
    stubs.NOCK: [nock(PLAIN)],
    stubs.PROXY: {"Entries": [proxied(PLAIN)], "Variables": {}},
    "one mapping": mapping(PLAIN),
}


@pytest.fixture
def of(tmp_path):
    """What comes of a file of this JSON."""

    def make(value):
        (tmp_path / "a").write_text(json.dumps(value, indent=1), "utf-8")
        return read(tmp_path / "a")

    return make


@pytest.mark.parametrize("kind", FILES)
def test_the_exchange_is_the_one_that_it_was(of, kind):
    (x,) = of(FILES[kind])
    assert (x.method, x.route, x.status, x.asked, x.json) == (PLAIN.method, "chat", 200, PLAIN.asked, PLAIN.json)
    assert x.header("x-request-id") == PLAIN.header("x-request-id")
    assert x.headers_known


def test_an_answer_that_wiremock_keeps_in_a_file_of_its_own_is_read_from_there_alone(tmp_path):
    (tmp_path / "a" / "mappings" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "__files").mkdir()
    (tmp_path / "a" / "__files" / "b.json").write_bytes(PLAIN.body)
    (tmp_path / "outside.json").write_bytes(PLAIN.body)
    where = tmp_path / "a" / "mappings" / "deep" / "one.json"

    def read_of(name):
        made = mapping(PLAIN)
        del made["response"]["jsonBody"]
        made["response"]["bodyFileName"] = name
        where.write_text(json.dumps(made))
        (found,) = read(where)
        return found

    assert read_of("b.json").body == PLAIN.body
    for name in ("none.json", "../../outside.json", str(tmp_path / "outside.json"), "", "\x00", "x" * 5000, 7):
        assert read_of(name).reason == "without a recorded body"


@pytest.mark.parametrize("status", [{}, {"status": 0}, {"status": None}])
def test_where_a_mapping_names_no_status_it_is_what_wiremock_answers_with(of, status):
    made = mapping(PLAIN)
    del made["response"]["status"]
    made["response"] |= status
    assert [x.status for value in (made, {"mappings": [made]}) for x in of(value)] == [200, 200]


@pytest.mark.parametrize("url", [PLAIN.url, "/v1/chat/completions"])
def test_an_answer_of_which_no_status_was_kept_is_lost_and_not_broken(of, url):
    """A client's own objects may stand in place of the body, and an error look like a success."""
    made = single(PLAIN)
    made["request"]["url"] = url
    for body in ([{"__type__": "a.Chunk", "__data__": PLAIN.json}], PLAIN.json):
        made["response"] = {"body": body}
        assert of(made) == [Skipped(0, "without a recorded status", False, Kind("chat", False))]


def test_a_stream_keeps_its_bytes(of):
    (x,) = of(single(STREAM))
    assert x.body == STREAM.body
    assert x.chunks == STREAM.chunks


def test_what_the_test_proxy_parts_into_lines_is_joined(of):
    """Text that is no JSON: streams, forms, plain words. A list that is JSON stays one, and bytes are base64."""
    lines = proxied(STREAM) | {"ResponseBody": STREAM.body.decode().splitlines(keepends=True)}
    spoken = proxied(SPOKEN) | {"ResponseBody": base64.b64encode(SPOKEN.body).decode()}
    words = proxied(PLAIN) | {"ResponseBody": ["a", "b"]}
    streamed, heard, listed = of({"Entries": [lines, spoken, words]})
    assert (streamed.body, heard.body, listed.json) == (STREAM.body, SPOKEN.body, ["a", "b"])


def test_what_nock_packs_is_unpacked(of):
    packed = gzip.compress(PLAIN.body)
    coded = nock(PLAIN) | {"response": [packed[:40].hex(), packed[40:].hex()]}
    coded["rawHeaders"] = [*coded["rawHeaders"], "Content-Encoding", "gzip"]
    (x,) = of([coded])
    assert x.json == PLAIN.json


def test_a_mapping_without_the_whole_request_lacks_it(of):
    loose = mapping(PLAIN)
    loose["request"]["bodyPatterns"] = [{"matchesJsonPath": "$.messages"}]
    (x,) = of({"mappings": [loose]})
    with pytest.raises(NotRecorded):
        assert x.asked


@pytest.mark.parametrize(
    "url",
    [
        "/v1/chat/completions",
        "<HOST>/chat/completions",
        "{{base_url}}/v1/chat/completions",
        "**HOST**/v1/chat/completions",
    ],
)
def test_a_placeholder_for_the_host_leaves_the_route(of, url):
    made = single(PLAIN)
    made["request"]["url"] = url
    (x,) = of(made)
    assert (x.route, x.url.startswith("http://unknown.invalid/")) == ("chat", True)


@pytest.mark.parametrize("url", ["**REDACTED**", "", None, "javascript:alert(1)"])
def test_without_a_path_nothing_is_known(of, url):
    made = single(PLAIN)
    made["request"]["url"] = url
    (skipped,) = of(made)
    assert isinstance(skipped, Skipped)
    assert "its URL is" in skipped.reason


@pytest.mark.parametrize(
    "value",
    [
        "X-REQUEST-ID-XXX",
        "<REQUEST_ID>",
        "REDACTED",
        "**REDACTED**",
        "Sanitized",
        "[FILTERED]",
        "XXXX",
        "req_REDACTED",
        "req_REDACTED_12",
        "req-[filtered]",
    ],
)
def test_a_placeholder_is_no_header(of, value):
    made = single(PLAIN)
    made["response"]["headers"]["x-request-id"] = value
    (x,) = of(made)
    assert (x.header("x-request-id"), x.headers_known) == (None, False)


def test_a_request_that_was_edited_after_it_was_sent_is_not_known(of):
    added = {**PLAIN.asked, "stream_options": {"include_usage": True}}
    lengths = {
        "as sent": len(PLAIN.request_body),
        "of other spaces": len(json.dumps(PLAIN.asked, separators=(",", ":"))),
    }
    for length in lengths.values():
        for asked, known in ((PLAIN.asked, True), (added, False)):
            made = single(PLAIN)
            made["request"] |= {"body": json.dumps(asked, indent=2), "headers": {"Content-Length": str(length)}}
            (x,) = of(made)
            assert ("request" not in getattr(x, "missing", ())) == known
            made["request"]["headers"]["content-encoding"] = "gzip"
            (x,) = of(made)
            assert x.asked == asked


@pytest.mark.parametrize(
    "path",
    [
        "vector_stores/vs_1/files",
        "vector_stores/vs_1/files/file-1",
        "containers/c_1/files",
        "containers/c_1/files/f_1/content",
    ],
)
def test_files_of_something_are_no_files(of, path):
    made = single(HONEST["models.list"])
    made["request"]["url"] = f"https://a.example/v1/{path}"
    assert [(each.reason, each.fault) for each in of(made)] == [("not of this API", False)]


@pytest.mark.parametrize("host", ["api.anthropic.com", "api.deepgram.com", "api.elevenlabs.io"])
def test_the_routes_of_a_namesake_are_another_api(of, host):
    made = single(PLAIN)
    made["request"]["url"] = f"https://{host}/v1/models"
    assert of(made) == [Skipped(0, "not of this API", False)]


@pytest.mark.parametrize("header", ["anthropic-version", "XI-API-Key"])
def test_so_is_what_is_sent_with_the_headers_of_one(of, header):
    made = single(PLAIN)
    made["request"]["headers"][header] = "2023-06-01"
    assert of(made) == [Skipped(0, "not of this API", False)]


@pytest.mark.parametrize(
    ("method", "url", "asked", "answer", "judged"),
    [
        (
            "POST",
            "/app/api/v1/tracing/batches",
            {"trace_id": "t", "context": {}},
            {"id": 7, "status": "running"},
            False,
        ),
        ("POST", "/app/api/v1/tracing/batches", {"trace_id": "t"}, {"error": "bad_credentials"}, False),
        ("POST", "/app/api/v1/tracing/batches", None, {"trace_id": "t", "status": "running"}, False),
        ("POST", "/v1/account/gateway/openai/embeddings", None, {"data": []}, True),
        ("GET", "/app/api/v1/tracing/batches/7", None, {"id": 7, "status": "running"}, False),
        ("GET", "/api/v1/projects/7/files", None, [{"name": "a"}], False),
        ("POST", "/v1/account/gateway/openai/batches", {"input_file_id": "file-1"}, {"id": "batch_1"}, True),
        ("GET", "/v1/account/gateway/openai/models", None, {"data": []}, True),
        ("GET", "/v1/account/gateway/openai/models/none", None, {"error": {"message": "no"}}, True),
        ("POST", "/v1/batches", {"metadata": {}}, {"id": 7, "status": "running"}, True),
        ("POST", "/batches", {}, {"id": 7}, True),
    ],
)
def test_what_only_ends_as_a_route_of_this_api_does_is_another_one(of, method, url, asked, answer, judged):
    request = {"method": method, "url": f"https://a.example{url}", "headers": {}, "body": json.dumps(asked or "")}
    (found,) = of(
        {"request": request, "response": {"status": {"code": 200}, "headers": {}, "body": json.dumps(answer)}}
    )
    assert isinstance(found, Exchange) == judged
    assert judged or (found.reason, found.fault) == ("not of this API", False)


ODD = {
    "no request": {"request": None, "response": {}},
    "a list": {"request": [], "response": []},
    "headers a number": {
        "request": {"url": "/v1/chat/completions", "method": "POST", "headers": 5},
        "response": {"status": 200},
    },
    "a status that is none": single(PLAIN) | {"response": {"status": {"code": "later"}, "body": "{}"}},
    "no base64": {**mapping(PLAIN), "response": {"status": 200, "base64Body": "?"}},
    "mappings of nothing": {"mappings": [None, 5, {}]},
    "nock without hex": [nock(PLAIN) | {"response": ["zz"]}],
    "entries of nothing": {"Entries": [[], "x", {"RequestUri": 1}]},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_said_and_stop_nothing(of, name):
    found = of(ODD[name])
    assert found
    assert all(isinstance(each, Skipped) and each.reason and "\n" not in each.reason for each in found)
