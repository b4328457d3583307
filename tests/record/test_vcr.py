"""Cassettes: what each VCR library wrote is the exchange that it was, and no file, however odd, stops the others."""

from __future__ import annotations

import base64
import copy
import gzip
import json

import httpx
import pyarrow
import pytest
import vcr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import judge
from conformance.exchange import Exchange
from conformance.record import recognition
from conformance.record.entries import Kind, Skipped
from conformance.record.recognition import find
from conformance.send.embedded import Reference
from tests.support.recordings import HONEST, interaction, read

PLAIN, STREAM, UNICODE = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["chat.unicode"]


@pytest.fixture
def cassette(tmp_path):
    """Reads a cassette of these interactions, or of this whole content."""

    def make(*interactions, text=None, name="one.yaml", **content):
        path = tmp_path / name
        whole = content or {"interactions": list(interactions), "version": 1}
        path.write_text(text or yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))
        return read(path)

    return make


def facts(x):
    return x.method, x.url, x.request_body, x.status, x.body


def same(found, these):
    """Whether these are the exchanges, and all of them."""
    return [facts(x) for x in found] == [facts(x) for x in these]


def test_yaml_and_json_hold_the_exchanges_as_they_were(cassette, tmp_path):
    these = (PLAIN, STREAM, UNICODE, HONEST["models.list"])
    found = cassette(*map(interaction, these))
    assert [x.id for x in found] == [f"one.yaml#{n}" for n in range(4)]
    assert same(found, these)
    assert [x.headers for x in found] == [x.headers for x in these]
    whole = {"version": 1, "interactions": [interaction(x) for x in these]}
    (tmp_path / "one.json").write_text(json.dumps(whole, indent=4))
    assert same(read(tmp_path / "one.json"), these)
    (tmp_path / "packed").write_bytes(gzip.compress(yaml.safe_dump(whole).encode()))
    assert same(read(tmp_path / "packed"), these)


def test_the_honest_reference_conforms_as_a_cassette_too(cassette):
    these = [x for x in HONEST.values() if x.status and x.ended == "complete" and x.body.isascii()]
    found = [x for x in cassette(*map(interaction, these)) if isinstance(x, Exchange)]
    assert len(found) > 100
    amiss = {v.check.id: v.problems or v.reason for v in judge(found) if v.outcome not in ("pass", "not-exercised")}
    assert amiss == {}


# ---------------------------------------------------------------------- the shapes of a body


def with_body(x, body, **response):
    made = interaction(x)
    made["response"] |= {"body": body} | response
    return made


@pytest.mark.parametrize(
    "body",
    [
        {"string": STREAM.body.decode()},
        {"string": STREAM.body},
        {"base64_string": base64.b64encode(STREAM.body).decode()},
        {"encoding": "base64", "string": base64.b64encode(STREAM.body).decode()},
        {"encoding": "UTF-8", "string": STREAM.body.decode()},
        STREAM.body.decode(),
    ],
)
def test_a_body_is_text_or_bytes_or_base64(cassette, body):
    (x,) = cassette(with_body(STREAM, body))
    assert same([x], [STREAM])


def test_a_body_that_is_still_compressed_is_undone(cassette):
    packed = with_body(STREAM, {"string": gzip.compress(STREAM.body)})
    packed["response"]["headers"]["Content-Encoding"] = ["gzip"]
    undone = with_body(STREAM, {"string": STREAM.body.decode()})
    undone["response"]["headers"]["Content-Encoding"] = ["gzip"]
    scrubbed = with_body(STREAM, {"string": gzip.compress(STREAM.body)}, headers={})
    assert [x.body == STREAM.body for x in cassette(packed, undone)] == [True, True]
    assert cassette(scrubbed)[0].headers == ()


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_body_in_a_coding_of_browsers_is_undone_as_far_as_it_may_be(cassette, coding):
    def coded(body):
        packed = pyarrow.compress(body, codec={"br": "brotli"}.get(coding, coding), asbytes=True)
        return with_body(STREAM, {"string": packed}, headers={"content-encoding": [coding]})

    broken = coded(STREAM.body)
    broken["response"]["body"]["string"] = broken["response"]["body"]["string"][:-9]
    whole, cut, bomb = cassette(coded(STREAM.body), broken, coded(bytes(64 * 2**20)))
    assert whole.body == STREAM.body
    assert f"its {coding} data is broken" in cut.reason
    assert "longer than" in bomb.reason


def test_parsed_bodies_are_bodies_and_show_that_headers_were_scrubbed(cassette):
    made = interaction(PLAIN)
    made["request"] = made["request"] | {"parsed_body": PLAIN.asked}
    del made["request"]["body"]
    made["response"] |= {"parsed_body": PLAIN.json}
    del made["response"]["body"]
    (x,) = cassette(made)
    assert (x.asked, x.json, x.headers_known) == (PLAIN.asked, PLAIN.json, False)
    assert {v.check.id for v in judge([x]) if v.outcome not in ("pass", "not-exercised")} == set()


@pytest.mark.parametrize("body", [None, {"string": ""}, {"string": None}, ""])
def test_an_answer_whose_body_was_not_kept_is_left_out(cassette, body):
    made = with_body(PLAIN, body, headers={"content-type": ["application/json"]})
    assert cassette(made) == [Skipped(0, "without a recorded body", False, Kind("chat", False))]


def test_a_length_that_a_recorder_wrote_beside_chunks_says_nothing_of_a_body(cassette):
    headers = {"content-type": ["application/json"], "content-length": ["0"]}
    chunked = with_body(PLAIN, {"string": ""}, headers=headers | {"Transfer-Encoding": ["chunked"]})
    empty = with_body(PLAIN, {"string": ""}, headers=headers)
    lost, kept = cassette(chunked, empty)
    assert (lost, kept.body) == (Skipped(0, "without a recorded body", False, Kind("chat", False)), b"")


# ---------------------------------------------------------------------- the shapes of a cassette


def test_httpx_as_older_vcrpy_wrote_it(cassette):
    made = interaction(PLAIN)
    made["response"] = {"content": PLAIN.body, "http_version": "HTTP/1.1", "status_code": 200, "headers": [["a", "b"]]}
    (x,) = cassette(made)
    assert same([x], [PLAIN])
    assert x.headers == (("a", "b"),)


def test_requests_and_responses_in_two_lists(cassette):
    both = [interaction(x) for x in (PLAIN, STREAM)]
    content = {"requests": [i["request"] for i in both], "responses": [i["response"] for i in both]}
    assert same(cassette(**content), (PLAIN, STREAM))
    content["requests"].pop()
    assert cassette(**content)[1] == Skipped(1, "its request is missing", True)


def test_cassettes_of_ruby(cassette):
    made = interaction(PLAIN) | {"recorded_at": "Fri, 02 May 2025 10:00:00 GMT"}
    made["request"] |= {"method": "post", "body": {"encoding": "UTF-8", "string": PLAIN.request_body.decode()}}
    made["response"]["body"] = {"encoding": "ASCII-8BIT", "string": "BINARY"}
    text = yaml.safe_dump({"http_interactions": [made], "recorded_with": "VCR 6.3.1"})
    raw = base64.b64encode(PLAIN.body).decode()
    (x,) = cassette(text=text.replace("BINARY", f"!binary |-\n          {raw}"))
    assert same([x], [PLAIN])


def test_cassettes_of_go(cassette):
    request = {"body": PLAIN.request_body.decode(), "form": {}, "headers": {}, "url": PLAIN.url, "method": "POST"}
    response = {
        "body": PLAIN.body.decode(),
        "headers": {"A": ["b", "c"]},
        "status": "200 OK",
        "code": 200,
        "duration": "1s",
    }
    (x,) = cassette({"id": 0, "request": request, "response": response})
    assert same([x], [PLAIN])
    assert x.headers == (("A", "b"), ("A", "c"))


def test_headers_may_be_dates_numbers_or_nothing(cassette):
    text = yaml.safe_dump({"interactions": [with_body(PLAIN, {"string": "{}"}, headers={"x": "HERE"})]})
    (x,) = cassette(text=text.replace("HERE", "\n          - 2020-10-01\n          - 12\n          - null"))
    assert x.headers == (("x", "2020-10-01"), ("x", "12"), ("x", ""))


@pytest.mark.parametrize("kind", ["apply:multidict._multidict.istr", "new:multidict.istr"])
def test_names_of_headers_as_aiohttp_has_them_are_text(cassette, kind):
    made = interaction(PLAIN)
    made["request"]["headers"] = {"NAME": ["*/*"]}
    text = yaml.safe_dump({"interactions": [made]}).replace(
        "      NAME:\n", f"      ? !!python/object/{kind}\n      - Accept\n      :\n"
    )
    (x,) = cassette(text=text)
    assert same([x], [PLAIN])
    assert x.request_headers == (("Accept", "*/*"),)


def test_a_request_whose_body_was_an_object_is_not_known(cassette):
    made = interaction(STREAM) | {"request": {"method": "POST", "uri": STREAM.url, "body": "HERE"}}
    text = yaml.safe_dump({"interactions": [made]})
    (x,) = cassette(text=text.replace("HERE", "!!python/object/new:_io.BytesIO\n      state: !!python/tuple [a, 0]"))
    assert x.missing == {"request"}
    assert x.streaming


# ---------------------------------------------------------------------- odd files


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("interactions:\n- request: [", "not YAML"),
        ("interactions:\n- a: 1\n  - b", "not YAML"),
        ("interactions:\n- *nobody", "not YAML (found undefined alias"),
        ("- interactions:\n  - 1", None),
        ("interactions:\n", "holds no entry"),
        ("interactions: 7\n", "holds no entry"),
        ("interactions:\n- " + "[" * 3000, "nest"),
        ("interactions:\n- \x00", "not YAML"),
    ],
)
def test_a_file_that_is_no_cassette_is_one_line(tmp_path, text, words):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    found, amiss, _ = find([str(path)])
    if words is None:
        assert amiss == [f"{path} is not a HAR file, a VCR cassette, another known recording or a run file"]
    else:
        (line,) = recognition.exchanges(found[0])
        assert line.fault
        assert words in line.reason
        assert line.reason.isprintable()


@pytest.mark.parametrize(
    "odd",
    ["just text", 7, None, [], {}, {"request": 1, "response": 2}, {"request": {}, "response": {}},
     {"request": {"method": "POST", "uri": "http://[::"}, "response": {"status": {"code": 200}, "body": {"string": "x"}}},
     {"request": {"method": "POST", "uri": PLAIN.url}, "response": {"status": {"code": "many"}, "body": {"string": "x"}}},
     {"request": {"method": "POST", "uri": PLAIN.url}, "response": {"status": {"code": 200}, "body": {"string": [1]}}}],
)  # fmt: skip
def test_an_odd_interaction_is_one_line_and_the_others_are_judged(cassette, odd):
    first, line, last = cassette(interaction(PLAIN), odd, interaction(STREAM))
    assert same([first], [PLAIN])
    assert same([last], [STREAM])
    assert (line.entry, line.fault) == (1, True)
    assert line.reason.isprintable()


def test_messages_of_a_realtime_session_are_of_another_api(cassette):
    message = {"kind": "message", "direction": "received", "data": {"type": "session.created"}}
    assert cassette(message, message) == [Skipped(n, "a message of a WebSocket alone", False) for n in (0, 1)]


def test_aliases_are_read_and_cannot_fill_the_memory(cassette):
    made = interaction(PLAIN)
    made["response"]["headers"] = made["request"]["headers"] = {"a": ["b"]}  # YAML writes an anchor and an alias
    assert [x.headers for x in cassette(made)] == [(("a", "b"),)]
    bomb = "  response:\n    status: {code: 200}\n    parsed_body:\n      - &a0 [lol, lol]\n"
    bomb += "".join(f"      - &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    text = f"interactions:\n- request: {{method: POST, uri: {PLAIN.url}}}\n{bomb}"
    (line,) = cassette(text=text)
    assert "more than 500,000 values" in line.reason


def test_one_interaction_cannot_fill_the_memory(cassette, monkeypatch):
    monkeypatch.setattr("conformance.record.vcr.ELEMENT_BYTES", 200_000)
    first, line = cassette(interaction(PLAIN), *[interaction(STREAM)] * 0, with_body(PLAIN, {"string": "x" * 900_000}))
    assert same([first], [PLAIN])
    assert (line.entry, line.fault) == (1, True)
    assert "more than one call needs" in line.reason
    assert len(cassette(*[interaction(STREAM)] * 300)) == 300


NODES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.binary(max_size=4)
    | st.lists(st.text(), max_size=2)
)


def places(value, path=()):
    yield path
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*path, key))


WHOLE = interaction(STREAM)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([path for path in places(WHOLE) if path]), NODES, st.booleans())
def test_no_interaction_however_odd_raises(tmp_path_factory, path, node, remove):
    odd = owner = copy.deepcopy(WHOLE)
    for step in path[:-1]:
        owner = owner[step]
    if remove:
        del owner[path[-1]]
    else:
        owner[path[-1]] = node
    file = tmp_path_factory.mktemp("odd") / "odd.yaml"
    file.write_text(yaml.safe_dump({"interactions": [odd, interaction(PLAIN)]}))
    *_, last = read(file)
    assert same([last], [PLAIN])


# ---------------------------------------------------------------------- the library itself


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_what_vcrpy_records_from_the_reference_conforms(tmp_path, serializer):
    path = tmp_path / f"real.{serializer}"
    asked = {"model": "reference/scripted", "messages": [{"role": "user", "content": "Grüße 😀"}]}
    with Reference() as server, vcr.VCR(serializer=serializer).use_cassette(str(path)):
        headers = {"Authorization": f"Bearer {server.key}", "Accept-Encoding": "identity"}
        with httpx.Client(base_url=server.base_url, headers=headers, trust_env=False) as client:
            client.get("/models")
            client.post("/chat/completions", json=asked)
            client.post("/chat/completions", json=asked | {"stream": True})
            client.post("/chat/completions", json={})
    found = read(path)
    assert [x.status for x in found] == [200, 200, 200, 400]
    assert server.key not in repr(found)
    verdicts = judge(found)
    assert {v.check.id: v.problems for v in verdicts if v.outcome not in ("pass", "not-exercised")} == {}
    assert sum(v.outcome == "pass" for v in verdicts) > 100
