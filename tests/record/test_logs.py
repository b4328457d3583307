"""Logs of gateways: what was judged of an exchange is judged of the log that holds it, but for what the log lost; and nothing fails
for what a log did not keep."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
import zstandard

from conformance.areas.catalogue import catalogue, judge, lies
from conformance.exchange import Exchange, NotRecorded
from conformance.exchange.fragment import FRAMING, REQUEST, without
from conformance.judge.judge import RECORDED, Judge
from conformance.record import logs, recognition
from conformance.record.entries import Skipped
from conformance.record.jsonlines import lines
from conformance.record.mapping import MappingError, mapping, shipped
from conformance.run.options import MAPPINGS
from conformance.send.inprocess import exchanges
from conformance.wire.redact import Redactor
from tests.support import logs as gateways
from tests.support.checkout import ROOT
from tests.support.recordings import HONEST, read

CHECKS = [check for check in catalogue().values() if check.area != "sdk"]
WHOLE = ("tap", "tap-streamed", "flows")
PARTLY = (*gateways.WRITERS, "parquet")
KIND = {"tap": logs.TAP, "tap-streamed": logs.TAP, "flows": logs.FLOWS, "litellm": logs.LITELLM, "stored": logs.STORED,
        "otel": logs.OTEL, "parquet": logs.PARQUET}  # fmt: skip
PLAIN, STREAM = HONEST["chat.hello"], HONEST["chat.hello+stream"]
LIES = ("chat-role-model", "tool-arguments-half", "finish-eos", "usage-total-differs")
"""In the bodies of answers, so that most formats keep them."""
ALONE = [check for check in CHECKS if check.together is None]
TOGETHER = [check for check in CHECKS if check.together is not None]
MANY = 30
"""Exchanges of one lie."""


def bare(x: Exchange, number: int) -> Exchange:
    """The exchange without what no log holds: what the suite meant, and the times of portions."""
    return replace(x, id=f"log#{number}", intent=frozenset(), arrivals=(), memo={})


def whole_ones(these):
    return [x for x in these if x.answered and x.ended == "complete" and not x.socket and "too-long" not in x.intent]


@pytest.fixture(scope="module")
def honest():
    return whole_ones(HONEST.values())


@pytest.fixture(scope="module")
def told():
    """The answers of the reference that differ where it tells each of the lies."""
    found = {}
    for name in LIES:
        lying = [x.redacted(Redactor()) for x in exchanges(lies()[name])]
        changed = whole_ones(x for x in lying if x.id in HONEST and x.body != HONEST[x.id].body)[:MANY]
        found[name] = changed, said([bare(x, n) for n, x in enumerate(changed)], ALONE)
    return found


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """What comes of the log that a gateway writes of these exchanges, once of each."""
    known = {}

    def make(name, these):
        if (key := (name, *map(id, these))) not in known:
            path = tmp_path_factory.mktemp("log") / "log"
            path.write_bytes(gateways.written(name, these))
            (recording,), amiss, _ = recognition.find([str(path)])
            assert (amiss, recording.kind) == ([], KIND.get(name, logs.MAPPED))
            known[key] = list(recognition.exchanges(recording))
        return known[key]

    return make


def said(these, checks=CHECKS):
    """(outcome, messages) of each check."""
    found = judge([x for x in these if isinstance(x, Exchange)], checks)
    return {v.check.id: (v.outcome, {message for _, message in v.problems} or {v.reason}) for v in found}


@pytest.mark.parametrize("name", WHOLE)
def test_what_keeps_all_is_judged_as_the_exchanges_are(of, honest, name):
    if name != "flows":
        honest = honest[: len(honest) // 4]
    read = of(name, honest)
    kept = {int(x.id.partition("#")[2]) for x in read if isinstance(x, Exchange)}
    assert len(kept) > 0.9 * len(honest)
    wanted = [bare(x, n) for n, x in enumerate(honest) if n in kept]
    assert said(read) == said(wanted)


@pytest.mark.parametrize("name", PARTLY)
def test_nothing_fails_for_what_a_log_did_not_keep(of, honest, name):
    found = said(of(name, honest), ALONE)  # relations leave out what is not whole
    assert {id: it for id, it in found.items() if it[0] not in ("pass", "not-exercised")} == {}
    assert sum(outcome == "pass" for outcome, _ in found.values()) >= 20
    assert row(name, of(name, honest), found) in (ROOT / "docs/recordings.md").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", PARTLY)
def test_nothing_that_belongs_together_fails_for_what_a_log_did_not_keep(of, honest, name):
    found = said(of(name, honest), TOGETHER)
    assert {id: it for id, it in found.items() if it[0] not in ("pass", "not-exercised")} == {}
    assert any(outcome == "pass" for outcome, _ in found.values()) == (name == "portkey"), "it has a key of sessions"


def test_calls_of_one_session_are_compared_and_others_are_not():
    body = PLAIN.body.replace(b"hello", b"howdy") + b" "
    one = without(replace(PLAIN, id="one", session="s", memo={}), FRAMING)
    other = without(replace(PLAIN, id="other", session="s", body=body, memo={}), FRAMING)

    def outcome(*these):
        court = Judge(TOGETHER, RECORDED)
        for x in these:
            court.add(x)
        return {v.check.id: v.outcome for v in court.finish()}["chat.id-unique"]

    assert outcome(one, other) == "fail"
    assert outcome(one, replace(other, session="t")) == "not-exercised"
    assert outcome(replace(one, session=None), replace(other, session=None)) == "not-exercised"
    assert outcome(*(without(x, REQUEST) for x in (one, other))) == "not-exercised"


TITLES = {"litellm": "LiteLLM StandardLoggingPayload", "stored": "OpenAI stored completions", "otel": "OpenTelemetry GenAI",
          "parquet": "Databricks inference table, Parquet"}  # fmt: skip


def row(name, these, found):
    """The row of the table in the documents: what is lost of some calls, and by which areas the others are judged."""
    lost = {part for x in these if isinstance(x, Exchange) for part in x.missing} | {"headers"}
    words = [word for part, word in LOST_IN_WORDS.items() if part in lost]
    areas = {check.area for check in ALONE if found[check.id][0] == "pass"}
    title = TITLES.get(name) or shipped()[name].title
    return f"| {title} | {', '.join(words)} | {', '.join(sorted(areas))} |"


LOST_IN_WORDS = {
    "request": "some requests", "parameters": "parameters that are not in it", "status": "status", "headers": "headers",
    "members": "members that are not in it", "stream": "how a stream came", "framing": "bytes between events",
}  # fmt: skip


@pytest.mark.parametrize("name", [*WHOLE, *PARTLY])
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_a_log_is_found_in_the_words_of_the_exchange(of, told, name, lie):
    """Where the log keeps what the lie is about; and nothing is found that the exchanges do not show."""
    lying, live = told[lie]
    failing = {id for id, (outcome, _) in live.items() if outcome == "fail"}
    assert failing
    found = said(of(name, lying), ALONE)
    fails = {id for id, (outcome, _) in found.items() if outcome == "fail"}
    assert fails <= failing
    assert not [id for id, (outcome, _) in found.items() if outcome == "broken"]
    for id in fails:
        assert name not in WHOLE or found[id] == live[id]
    assert fails or (name, lie) in LOST, failing
    assert not (fails and (name, lie) in LOST)


LOST = {
    *((name, "tool-arguments-half") for name in ("stored", "otel", "langfuse", "bedrock")),
    *(("langfuse", lie) for lie in ("finish-eos", "usage-total-differs")),
    ("otel", "usage-total-differs"),
}
"""(format, lie): the format does not keep what the lie is about, or what could excuse it: a limit of tokens that was not reached."""


# ---------------------------------------------------------------------- each format


def test_what_a_log_does_not_keep_cannot_be_read(of):
    (x,) = of("litellm", [STREAM])
    assert (x.streaming, x.session, x.took, x.started) == (False, "t", 1.5, gateways.STARTED)
    assert "stream" not in x.asked
    for part in ("status", "events", "done_at", "sse"):
        with pytest.raises(NotRecorded):
            getattr(x, part)
    (x,) = of("stored", [PLAIN])
    for ask in (
        lambda: x.asked.get("max_tokens"),
        lambda: "max_tokens" in x.asked,
        lambda: x.asked["n"],
        lambda: x.request_body,
    ):
        with pytest.raises(NotRecorded):
            ask()


def test_a_property_that_no_object_of_a_log_has_is_not_passed(of):
    found = said(of("langfuse", [PLAIN]))
    assert {id: found[id][0] for id in ("chat.id", "chat.created", "chat.role")} == {
        "chat.id": "not-exercised", "chat.created": "not-exercised", "chat.role": "pass",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "failure", "response": {}}, "a call that failed, of which LiteLLM keeps no answer"),
        ({"cache_hit": True}, "answered by LiteLLM's cache"),
        ({"messages": [{"role": "user", "content": "redacted-by-litellm"}]}, "its texts were redacted by LiteLLM"),
        ({"call_type": "aspeech"}, "not of this API"),
        ({"response": None}, "without a recorded body"),
    ],
)
def test_what_litellm_did_not_keep_is_left_out(tmp_path, change, why):
    (tmp_path / "one").write_text(json.dumps(gateways.litellm(PLAIN) | change))
    assert read(tmp_path / "one") == [Skipped("@0", why, False)]


def test_one_object_a_file_is_read_however_it_is_written(tmp_path):
    for n, indent in enumerate((None, 2)):
        (tmp_path / f"{n}").write_text(json.dumps(gateways.litellm(PLAIN), indent=indent))
        (x,) = read(tmp_path / f"{n}")
        assert x.json == PLAIN.json | {"choices": x.json["choices"]}


@pytest.mark.parametrize("side", ["request", "response"])
def test_a_body_that_envoy_cut_is_not_held_against_anybody(tmp_path, side):
    trace = gateways.tap(PLAIN)
    trace["http_buffered_trace"][side]["body"]["truncated"] = True
    (tmp_path / "one").write_text(json.dumps(trace))
    (found,) = read(tmp_path / "one")
    if side == "request":
        assert found.missing == {"request"}
    else:
        assert (found.reason, found.fault, found.lost.route) == ("its body was cut by Envoy's limit", False, "chat")


def test_segments_of_many_calls_are_told_apart_and_camel_case_is_read(tmp_path):
    segments = [list(gateways.tapped_as_it_passes(x, n)) for n, x in enumerate((PLAIN, STREAM))]
    mixed = [each for pair in zip(*segments, strict=True) for each in pair]
    text = "".join(json.dumps(each) + "\n" for each in mixed)
    for name in ("http_streamed_trace_segment", "trace_id", "as_bytes", "request_body_chunk", "response_body_chunk", "request_headers",
                 "response_headers"):  # fmt: skip
        text = text.replace(name, re.sub("_(.)", lambda found: found[1].upper(), name))
    (tmp_path / "one").write_text(text)
    assert [x.body for x in read(tmp_path / "one")] == [PLAIN.body, STREAM.body]


def test_a_flow_file_of_mitmproxy_itself_is_read():
    """Written by mitmproxy 11.0.2."""
    (x,) = read(ROOT / "tests/record/data/mitmproxy-11.flows")
    assert (x.method, x.url, x.status, x.asked, x.json) == (
        "POST", "https://api.example.org/v1/chat/completions", 200, {"model": "m"}, {"a": 1},
    )  # fmt: skip
    assert (x.header("content-type"), x.headers_known, x.missing) == ("application/json", True, frozenset())


def test_packed_logs_are_read(tmp_path):
    content = gateways.written("litellm", [PLAIN, STREAM])
    (tmp_path / "gz").write_bytes(gzip.compress(content))
    (tmp_path / "zst").write_bytes(zstandard.ZstdCompressor().compress(content))
    assert [x.body for x in read(tmp_path / "gz")] == [x.body for x in read(tmp_path / "zst")]


def test_malformed_lines_are_named_and_the_rest_is_read(tmp_path):
    good = gateways.written("litellm", [PLAIN]).rstrip()
    (tmp_path / "log").write_bytes(
        b"\n".join([b"half a {", good, b"", b"[1]", b'"\xff"', b'{"call_type": 7}', good, good[:-9]])
    )
    found = read(tmp_path / "log")
    assert [n for n, x in enumerate(found) if isinstance(x, Exchange)] == [1, 5]
    assert [x.reason.partition(":")[0] for x in found if isinstance(x, Skipped)] == [
        "its line is not JSON", "not a call as these logs have them (TypeError", "its line is not JSON",
        "not a call as these logs have them (AttributeError", "its line is not JSON",
    ]  # fmt: skip


def test_a_file_read_in_parts_gives_each_line_once(tmp_path):
    content = gateways.written("litellm", list(HONEST.values())[:60])
    path = tmp_path / "log"
    path.write_bytes(content)
    whole = content.splitlines(keepends=True)
    for parts in (1, 2, 7, 50):
        edges = [len(content) * n // parts for n in range(parts + 1)]
        found = []
        for start, end in pairwise(edges):
            with path.open("rb") as file:
                found += [line for _, line in lines(file, start, end)]
        assert found == whole, parts


# ---------------------------------------------------------------------- mappings


def test_the_option_names_the_mappings_that_are_shipped_and_each_says_where_it_is_from():
    assert tuple(shipped()) == MAPPINGS
    assert [
        each.name for each in shipped().values() if not (each.source.startswith("https://") and each.recognise)
    ] == []


def test_any_rows_are_read_by_a_mapping(tmp_path):
    made = {"at": 1_790_000_000_000, "call": {"in": PLAIN.asked, "out": PLAIN.json}, "code": 200, "key": "s"}
    (tmp_path / "log").write_bytes(gateways.lines([made, {"other": 1}]))
    (tmp_path / "a.toml").write_text(
        'request = "whole"\n[columns]\nrequest = "call.in"\nresponse = "call.out"\nstatus = "code"\nstarted = "at"\nsession = "key"\n'
    )
    (recording,), _, _ = recognition.find([str(tmp_path / "log")], mapping(str(tmp_path / "a.toml")))
    x, skipped = recognition.exchanges(recording)
    assert (x.route, x.status, x.asked, x.json, x.started, x.session) == (
        "chat",
        200,
        PLAIN.asked,
        PLAIN.json,
        1.79e9,
        "s",
    )
    assert skipped == Skipped(
        "@" + str((tmp_path / "log").read_bytes().index(b"\n") + 1), "a row has none of the columns of its log", True
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns]\nrequest = 'a'\n", "no column holds the answer, expected columns.response or columns.message"),
        ("[columns]\nresponse = 7\n", "columns.response is 7, expected the name of a column, or a list of them"),
        ("[columns]\nresponse = 'a'\nwhat = 'b'\n", 'columns."what" has no meaning here, expected one of request'),
        ("streams = 'whole'\n", 'streams is "whole", expected assembled or events'),
        ("columns = 5\n", '"columns" has no meaning here, or not as 5'),
        ("= 5", "cannot be read"),
    ],
)
def test_a_mapping_that_is_none_is_one_line(tmp_path, text, said):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(MappingError) as raised:
        mapping(str(tmp_path / "a.toml"))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_mapping_that_is_not_there_is_a_mistake_of_the_user(tmp_path, call):
    (tmp_path / "log").write_bytes(gateways.written("litellm", [PLAIN]))
    code, _, err = call("judge", str(tmp_path / "log"), "--mapping", "nobody")
    assert (code, err.count("\n")) == (2, 1)
    assert "--mapping: there is no mapping" in err
