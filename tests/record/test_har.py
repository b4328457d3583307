"""HAR files: whatever a recorder wrote, each entry becomes the exchange that it was, or is left out for a reason that is said."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import judge
from conformance.exchange import Exchange, NotRecorded
from conformance.record import jsonarray
from conformance.record.entries import Kind, Skipped
from tests.support.recordings import HONEST, har, har_entry, read

PLAIN, STREAM, ERROR = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["models.unknown"]
KEY = "sk-very-secret-0123456789abcdef"


@pytest.fixture
def one(tmp_path):
    """Reads a HAR file that holds this one entry."""

    def make(entry, **options):
        path = tmp_path / "one.har"
        path.write_text(json.dumps(har([entry])))
        (found,) = read(path, **options)
        return found

    return make


def test_what_a_browser_kept_is_the_exchange_that_it_was(one):
    x = one(har_entry(PLAIN))
    assert (x.id, x.method, x.url, x.status) == ("one.har#0", "POST", PLAIN.url, 200)
    assert (x.body, x.request_body, x.headers) == (PLAIN.body, PLAIN.request_body, PLAIN.headers)
    assert x.started == PLAIN.started
    assert (x.ended, x.arrivals, x.intent, x.headers_known, x.missing) == (
        "complete",
        (),
        frozenset(),
        True,
        frozenset(),
    )


def test_the_honest_reference_conforms_as_a_recording_too(tmp_path):
    path = tmp_path / "all.har"
    path.write_text(json.dumps(har([har_entry(x) for x in HONEST.values() if x.status and x.ended == "complete"])))
    found = read(path)
    live = {v.check.id: v.outcome for v in judge(HONEST.values())}
    amiss = {v.check.id: v.problems or v.reason for v in judge(x for x in found if isinstance(x, Exchange))
             if v.outcome not in ("not-exercised", live[v.check.id])}  # fmt: skip
    assert amiss == {}
    assert {x.reason for x in found if isinstance(x, Skipped)} == {"not of this API"}


# ---------------------------------------------------------------------- bodies


def coded(x, coding, content=None):
    """The entry of an answer whose header says this coding."""
    entry = har_entry(x)
    headers = [header for header in entry["response"]["headers"] if header["name"].lower() != "content-encoding"]
    entry["response"]["headers"] = [*headers, {"name": "Content-Encoding", "value": coding}]
    if content is not None:
        entry["response"]["content"] = {"text": base64.b64encode(content).decode(), "encoding": "base64"}
    return entry


def packed(body, coding):
    return {"gzip": gzip.compress, "deflate": zlib.compress}[coding](body)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_body_that_is_still_compressed_is_undone(one, coding):
    assert one(coded(STREAM, coding, packed(STREAM.body, coding))).body == STREAM.body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_body_that_the_recorder_undid_is_left_alone(one, coding):
    assert one(coded(PLAIN, coding)).body == PLAIN.body


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("br", b"\x1b\x03\x00\xf8\xff\x00", "its br data is broken"),
        ("gzip", gzip.compress(PLAIN.body)[:-12], "stops before its end"),
        ("gzip", b"\x1f\x8b\x08" + b"\xff" * 20, "not gzip"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_left_out(one, coding, body, words):
    found = one(coded(PLAIN, coding, body))
    assert (found.entry, found.fault) == (0, True)
    assert words in found.reason


def test_a_small_file_that_unpacks_to_gigabytes_stops_in_time(one, monkeypatch):
    monkeypatch.setattr("conformance.record.entries.STRING_BYTES", 100_000)
    found = one(coded(PLAIN, "gzip", gzip.compress(b" " * 50_000_000)))
    assert found.fault
    assert found.reason == "the gzip data of the body stops before its end"


def test_base64_and_the_portions_of_polly(one):
    assert one(har_entry(STREAM, encoding="base64")).body == STREAM.body
    entry = har_entry(STREAM, encoding="base64")
    portions = [base64.b64encode(part).decode() for part in (STREAM.body[:7], STREAM.body[7:])]
    entry["response"]["content"]["text"] = json.dumps(portions)
    assert one(entry).body == STREAM.body
    entry["response"]["content"]["text"] = "{not base64}"
    assert one(entry).reason == "its body is not the base64 that it says it is"


def test_bytes_taken_for_characters_are_bytes_again(one):
    x = HONEST["chat.unicode"]
    entry = har_entry(x)
    entry["response"]["content"]["text"] = x.body.decode("latin-1")
    assert one(entry).body == x.body
    text = "naïve café"  # characters, although there are as many as the recorder counts
    entry["response"]["content"] = {"size": len(text), "text": text}
    assert one(entry).body == text.encode()


@pytest.mark.parametrize("content", [None, {}, {"size": 812, "mimeType": "text/event-stream"}, {"text": ""}])
def test_an_answer_whose_body_was_not_kept_is_left_out(one, content):
    entry = har_entry(STREAM)
    entry["response"]["content"] = content
    assert one(entry) == Skipped(0, "without a recorded body", False, Kind("chat", True))


def test_a_body_that_is_empty_on_purpose_is_judged(one):
    entry = har_entry(PLAIN)
    entry["response"]["content"] = {"size": 0, "text": ""}
    entry["response"]["headers"] = [{"name": "Content-Length", "value": "0"}]
    assert one(entry).body == b""
    entry = har_entry(ERROR)
    entry["response"]["content"] = {"size": 0}
    assert one(entry).body == b""


# ---------------------------------------------------------------------- what is judged


@pytest.mark.parametrize(
    "change",
    [
        {"method": "OPTIONS"},
        {"method": "GET"},
        {"url": "https://site.example/assets/app.js"},
        {"url": "https://generativelanguage.example/v1beta/models/gemini:generateContent"},
    ],
)
def test_what_is_not_of_this_api_is_left_out(one, change):
    entry = har_entry(PLAIN)
    entry["request"] |= change
    assert one(entry) == Skipped(0, "not of this API", False)


def test_a_page_of_a_web_site_at_such_a_path_is_left_out(one):
    entry = har_entry(HONEST["models.list"])
    entry["request"]["headers"] = [{"name": "Accept", "value": "text/html,application/xhtml+xml"}]
    assert isinstance(one(entry), Exchange)  # a browser that opens the API gets JSON from it
    entry["response"]["content"] = {"mimeType": "text/html", "text": "<!doctype html><html>"}
    assert one(entry) == Skipped(0, "not of this API", False)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434/api/v1/chat/completions",
        "https://a.b/openai/deployments/x/chat/completions?api-version=1",
    ],
)
def test_any_host_is_judged(one, url):
    entry = har_entry(PLAIN)
    entry["request"]["url"] = url
    assert one(entry).route == "chat"


def test_an_answer_that_the_user_broke_off_is_not_held_against_the_server(one):
    entry = har_entry(STREAM)
    entry["response"] |= {"status": 0, "content": {}, "headers": []}
    assert one(entry) == Skipped(0, "without an answer", False)
    entry = har_entry(STREAM)
    entry["response"]["_error"] = "net::ERR_ABORTED"
    assert one(entry) == Skipped(0, "without a whole answer", False)


# ---------------------------------------------------------------------- headers, times, secrets


def test_headers_that_were_scrubbed_are_not_asked_for(one):
    assert one(har_entry(PLAIN, _headers="partial")).headers_known is False
    assert one(har_entry(PLAIN), partial_headers=True).headers_known is False
    entry = har_entry(PLAIN)
    entry["response"]["headers"] = []
    assert one(entry).headers_known is False


def test_the_headers_of_http_2_are_none(one):
    entry = har_entry(PLAIN)
    entry["request"]["headers"].insert(0, {"name": ":authority", "value": "api.openai.com"})
    entry["response"]["headers"].insert(0, {"name": ":status", "value": "200"})
    x = one(entry)
    assert (x.headers, x.request_headers) == (PLAIN.headers, PLAIN.request_headers)


@pytest.mark.parametrize("stamp", ["1970-01-01T00:00:00.000Z", "yesterday", None, 7])
def test_a_time_that_is_not_known_is_not_made_up(one, stamp):
    entry = har_entry(PLAIN)
    entry["startedDateTime"] = stamp
    assert one(entry).started is None
    assert one(har_entry(PLAIN) | {"time": 400_000}).started is None


def test_no_secret_leaves_a_recording(one):
    entry = har_entry(PLAIN)
    entry["request"]["headers"] = [
        {"name": "Authorization", "value": f"Bearer {KEY}"},
        {"name": "Cookie", "value": f"session={KEY}"},
        {"name": "X-Api-Key", "value": "another-secret-of-mine-1"},
    ]
    entry["request"]["url"] += f"?api_key={KEY}"
    entry["response"]["headers"].append({"name": "Set-Cookie", "value": f"session={KEY}"})
    entry["response"]["content"]["text"] = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}})
    x = one(entry)
    assert KEY not in repr(x)
    assert "another-secret" not in repr(x)
    assert len(x.body) == len(entry["response"]["content"]["text"])


# ---------------------------------------------------------------------- what a recorder did not keep


def body_only(x, **response):
    entry = har_entry(x, _fidelity="body-only", _headers="partial")
    entry["request"] |= {"headers": [], "bodySize": -1}
    entry["request"].pop("postData", None)
    entry["response"] |= {"headers": [], "status": 200} | response
    return entry


def failing(*found):
    return {v.check.id for v in judge(found) if v.outcome in ("fail", "broken", "untestable")}


def judged(*found):
    return {v.check.id for v in judge(found) if v.outcome in ("pass", "fail")}


def test_of_a_body_alone_what_it_shows_is_judged_and_nothing_else(one):
    x = one(body_only(STREAM))
    assert x.missing == {"request", "status", "framing"}
    assert (x.streaming, x.ok, x.failed) == (True, True, False)
    assert failing(x) == set()
    assert {"stream.choice", "stream.same-id", "stream.chunk-object"} <= judged(x)
    assert not {"stream.done", "stream.status", "stream.usage-unasked", "http.request-id"} & judged(x)
    for name in ("status", "asked", "events", "request_body"):
        with pytest.raises(NotRecorded):
            getattr(x, name)


def test_an_error_without_its_status_is_judged_by_its_envelope(one):
    x = one(body_only(ERROR))
    assert (x.ok, x.failed) == (False, True)
    assert failing(x) == set()
    assert {"error.json", "error.envelope", "error.message", "error.type"} <= judged(x)
    assert not [id for id in judged(x) if id.startswith(("chat.", "stream.", "auth.")) or "status" in id]
    entry = body_only(ERROR)
    entry["response"]["content"]["text"] = '{"error": {"type": 7}}'
    assert {"error.type", "error.message"} <= failing(one(entry))


def test_a_request_that_was_not_kept_is_not_taken_for_an_empty_one(one):
    entry = har_entry(STREAM)
    del entry["request"]["postData"]
    x = one(entry)
    assert x.missing == {"request"}
    assert x.streaming
    assert failing(x) == set()
    assert "stream.done" in judged(x)
    entry["request"]["postData"] = {"text": STREAM.request_body.decode()[:20]}  # a recorder's own limit
    assert one(entry).missing == {"request"}


# ---------------------------------------------------------------------- files


def test_gzip_a_byte_order_mark_and_any_name_are_read(tmp_path):
    text = json.dumps(har([har_entry(PLAIN)]), indent=2, ensure_ascii=False).encode()
    for name, data in (("a.gz", gzip.compress(text)), ("b", b"\xef\xbb\xbf" + text), ("c.txt", b"\n " + text)):
        (tmp_path / name).write_bytes(data)
        (x,) = read(tmp_path / name)
        assert (x.id, x.body) == (f"{name}#0", PLAIN.body)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text[: text.rindex(b'"request"')], "the JSON stops before its end"),
        (lambda text: text.replace(b'"_third"', b"third"), "not JSON"),
        (lambda text: text.replace(b'"_third"', b'"' + b"\xff" * 3 + b'"'), "not JSON"),
        (lambda text: text.replace(b'"_third"', b'"x": ' + b"[" * 5000), "nested deeper than 100 levels"),
        (lambda text: text.replace(b'"_third"', b'"x": [' + b"1," * 600_000 + b'1], "y"'), "more than one call needs"),
    ],
)
def test_before_a_broken_place_everything_is_judged(tmp_path, damage, words):
    entries = [har_entry(PLAIN), har_entry(STREAM), {"_third": 1} | har_entry(PLAIN)]
    path = tmp_path / "broken.har"
    path.write_bytes(damage(json.dumps(har(entries)).encode()))
    *good, last = read(path)
    assert [x.id for x in good] == ["broken.har#0", "broken.har#1"]
    assert (last.entry, last.fault) == (2, True)
    assert words in last.reason
    assert "rest of the file could not be read" in last.reason


def test_a_broken_gzip_file_is_one_line(tmp_path):
    whole = gzip.compress(json.dumps(har([har_entry(PLAIN)] * 50)).encode(), 0)
    (tmp_path / "cut.har.gz").write_bytes(whole[:-2000])
    *good, last = read(tmp_path / "cut.har.gz")
    assert len(good) > 20
    assert "gzip data is broken or stops before its end" in last.reason


def test_a_file_without_entries_says_so(tmp_path):
    (tmp_path / "empty.har").write_text(json.dumps(har([])))
    assert read(tmp_path / "empty.har") == [Skipped(None, "holds no entry", True)]


def test_a_body_that_is_too_long_leaves_out_its_entry_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonarray, "STRING_BYTES", 300_000)
    long = har_entry(PLAIN)
    long["response"]["content"]["text"] = 'Grüße "\\ 😀' * 100_000
    beside = har_entry(PLAIN) | {"_events": "x" * 900_000}
    for ascii in (True, False):
        text = json.dumps(har([har_entry(PLAIN), long, beside, har_entry(STREAM)]), ensure_ascii=ascii)
        (tmp_path / "long.har").write_text(text)
        first, left_out, other, last = read(tmp_path / "long.har")
        assert (first.body, other.body, last.body) == (PLAIN.body, PLAIN.body, STREAM.body)
        assert (left_out.entry, left_out.fault) == (1, True)
        assert "longer than" in left_out.reason


NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "value", "text"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def places(value, path=()):
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


ENTRY = har_entry(STREAM)
PLACES = [path for path in places(ENTRY) if path]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), NODES, st.booleans())
def test_no_entry_however_odd_raises(path, node, remove):
    entry = copy.deepcopy(ENTRY)
    owner = entry
    for step in path[:-1]:
        owner = owner[step]
    if remove:
        del owner[path[-1]]
    else:
        owner[path[-1]] = node
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "odd.har").write_text(json.dumps(har([entry, har_entry(PLAIN)])))
        *_, last = read(Path(folder, "odd.har"))
    assert (last.id, last.body) == ("odd.har#1", PLAIN.body)


def test_strings_are_cut_anywhere_without_harm():
    text = 'a"\\\\😀é\n\u0007\\u12' * 40
    for ascii in (True, False):
        raw = json.dumps(text, ensure_ascii=ascii).encode()
        for at in range(1, len(raw)):
            kept, rest = jsonarray._split(raw[:at])
            assert kept + rest == raw[:at]
            kept.decode("utf-8")
            assert len(rest) < 6
