"""The official client in the loop: it gets the very bytes, nothing leaves the process, nothing it does breaks a run or a check."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import catalogue, judge, lies
from conformance.clients import losses, outcomes, transport
from conformance.clients.outcomes import CREATE, HELPER, LOOP
from conformance.clients.replay import GIVE_UPS, Client
from conformance.clients.replaying import Broken, Replaying
from conformance.exchange import Exchange
from conformance.record.run_lines import exchanges as recorded
from conformance.report.files import write_reports
from conformance.run import witness
from conformance.run.conductor import conduct
from conformance.run.gate import NOT_JUDGED
from conformance.run.options import Options
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from conformance.send.inprocess import exchanges
from tests.support import damage, proving
from tests.support.command import command

CHECKS = [check for check in catalogue().values() if check.area == "sdk"]
HONEST = {x.id: x for x in exchanges() if "too-long" not in x.intent}
ENDS = {"length", "content_filter"}


@pytest.fixture(scope="module")
def client():
    with Client() as client:
        yield client


def lying(name: str, id: str) -> Exchange:
    """The answer of a lying reference to one request."""
    return next(x for x in proving.lying(lies()[name]) if x.id == id)


def tried(client: Client, x: Exchange) -> Exchange:
    outcomes.remember(x, client.outcomes(x))
    return x


# ---------------------------------------------------------------------- the replay


def test_nothing_reaches_a_network(client, monkeypatch):
    def forbidden(*anything):
        raise AssertionError("a socket is opened")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    assert client.outcomes(HONEST["chat.hello"])
    assert client.outcomes(HONEST["chat.hello+stream"])


def test_the_client_gets_the_very_bytes(client):
    body = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Grüße 😀"}}]}).encode()
    for x in (replace(HONEST["chat.hello"], body=body, memo={}), HONEST["chat.unicode+stream"]):
        assert transport._response(x).read() == x.body
    create, waiting = client.outcomes(replace(HONEST["chat.hello"], body=body, memo={}))
    assert create.choices[0].content == waiting.choices[0].content == "Grüße 😀"


def test_the_honest_reference_is_read_as_it_is_meant(client):
    for x in HONEST.values():
        found = client.outcomes(x)
        assert {outcome.raised for outcome in found} <= {None, "openai.APIError"} or x.failed
        assert {outcome.ended for outcome in found} <= {None, *ENDS}
        outcomes.remember(x, found)
        assert losses.breaks(x) == [], x.id


def test_an_answer_cut_by_the_limit_is_no_fault(client):
    found = {outcome.name: outcome for outcome in client.outcomes(HONEST["chat.cut+stream"])}
    assert list(found) == [LOOP, f"async {LOOP}", HELPER, "the async stream helper"]
    assert found[HELPER].ended == "length"
    assert found[HELPER].raised is None
    assert found[HELPER].choices == found[LOOP].choices == HONEST["chat.cut+stream"].choices


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 413, 422, 429, 451, 500, 501, 503, 529])
def test_every_status_raises_its_class_once(client, status):
    body = b'{"error": {"message": "No.", "type": "t", "param": "p", "code": "c"}}'
    for id in ("chat.hello", "chat.hello+stream", "models.list", "http.embeddings"):
        x = replace(HONEST[id], status=status, body=body, memo={})
        found = client.outcomes(x)
        assert len(found) == 2, "once synchronously, once not: no retries"
        assert [losses.unraised(x, outcome) for outcome in found] == [None, None]
        assert {outcome.refused for outcome in found} == {outcomes.Refused(status, "c", "t", "p")}
        assert {outcome.said for outcome in found} == {f"Error code: {status} - No."}


def test_what_is_not_for_this_client_is_not_replayed(client):
    hello = HONEST["chat.hello"]
    for odd in (
        {"status": 302},
        {"status": None},
        {"status": 101},
        {"method": "GET"},
        {"ended": "undecodable"},
        {"body": b" " * (5 << 20)},
    ):
        assert client.outcomes(replace(hello, memo={}, **odd)) == ()
    assert HELPER not in {outcome.way for outcome in client.outcomes(HONEST["tools.custom+stream"])}


def test_a_recorder_that_took_the_content_type_out_changes_nothing(client):
    x = replace(HONEST["chat.hello"], headers=(), headers_known=False, memo={})
    assert [outcome.choices for outcome in client.outcomes(x)] == [x.choices, x.choices]


def test_a_client_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(transport, "PATIENCE", -1.0)
    monkeypatch.setattr(transport, "PIECE", 64)
    with Client() as client:
        answers = [client.outcomes(HONEST["chat.hello+stream"]) for _ in range(GIVE_UPS)]
    assert answers == [()] * GIVE_UPS


STREAMS = [x for x in HONEST.values() if x.ok and x.streaming and x.media_type == "text/event-stream"]
ERRORS = {
    "nested": b'{"type": "error", "sequence_number": 9, "error": {"type": "server_error", "code": null, "message": "No."}}',
    "alone": b'{"error": {"message": "No.", "type": "server_error", "param": null, "code": null}}',
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_an_exception_that_a_stream_asks_for_is_no_fault_of_its_reading(client, error):
    """OpenAI reports what fails after the status in the stream, and the client raises it."""
    routes = set()
    for whole in STREAMS:
        told = replace(whole, body=b"event: error\ndata: " + error + b"\n\n", arrivals=(), memo={})
        found = judge([tried(client, told)], CHECKS)
        assert [v.check.id for v in found if v.outcome in ("fail", "broken")] == [], whole.id
        routes.add(whole.route)
    assert len(routes) > 3, routes


# ---------------------------------------------------------------------- what it breaks on


@pytest.mark.parametrize(
    ("lie", "id", "wanted"),
    [
        ("chat-without-choices", "chat.hello", [f"TypeError where a caller reads what {CREATE} gives"]),
        ("stream-two-spaces", "chat.hello+stream", [f"JSONDecodeError in {LOOP}", f"JSONDecodeError in {HELPER}"]),
        ("chunk-object-completion", "chat.hello+stream", [f"AssertionError in {HELPER}"]),
        ("stream-latin1", "chat.hello+stream", [f"UnicodeDecodeError in {LOOP}", f"UnicodeDecodeError in {HELPER}"]),
        ("stream-ignored", "chat.hello+stream", [f"AssertionError in {HELPER}", f"1 of 1 chunks lost without a word in {LOOP}"]),
        ("tool-delta-without-index", "tools.auto+stream", [f"TypeError in {HELPER}"]),
        ("tool-delta-one-index", "tools.parallel+stream", [f"changed id of a tool call from {HELPER}"]),
        ("stream-chunk-after-usage", "chat.cut+stream", [f"the usage lost in {HELPER}"]),
        ("error-as-string", "mistakes.orphan-result", [f"no reason in the exception of {CREATE}"]),
        ("models-not-in-data", "models.list", ["changed models from models.list()"]),
    ],
)  # fmt: skip
def test_what_the_client_makes_of_a_lie(client, lie, id, wanted):
    assert losses.breaks(tried(client, lying(lie, id))) == wanted


def test_no_damage_breaks_a_check_or_the_replay(client):
    @settings(max_examples=120, deadline=None)
    @given(st.data())
    def every(data):
        x = data.draw(st.sampled_from(list(HONEST.values())))
        for _ in range(data.draw(st.integers(1, 2))):
            damages = damage.all_damages(x)
            x = damages[data.draw(st.integers(0, len(damages) - 1))]()
        losses.breaks(tried(client, x))
        assert [(v.check.id, v.reason) for v in judge([x], CHECKS) if v.outcome == "broken"] == []

    every()


# ---------------------------------------------------------------------- in a run


def run(tmp_path, lie: str | None = None, **options):
    with Reference(lie=lies()[lie] if lie else None) as server:
        given = {
            "base_url": server.base_url,
            "report": str(tmp_path),
            "header": (f"Authorization=Bearer {server.key}",),
            **options,
        }
        return conduct(Options.make(given), reports=write_reports)


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    folder = tmp_path_factory.mktemp("liar")
    run(folder, "tool-delta-without-index", only=("sdk", "tool.delta-index"))
    return folder


def test_the_run_file_says_what_the_client_made_of_each_answer(liar):
    found = read(liar / "run.jsonl")
    ids = [x.id for x in found.exchanges]
    assert set(found.sdk) <= set(ids)
    assert {"models.list", "tools.auto", "tools.auto+stream", "mistakes.no-key"} <= set(found.sdk)
    seen = found.sdk["tools.auto+stream"]
    assert seen["client"].startswith("openai-python ")
    assert {outcome["way"]: outcome["raised"] for outcome in seen["outcomes"]} == {
        LOOP: None, f"async {LOOP}": None, HELPER: "TypeError", "the async stream helper": "TypeError",
    }  # fmt: skip
    assert seen["breaks"] == [f"TypeError in {HELPER}"]
    failed = {record["check"] for record in found.verdicts if record["outcome"] == "fail"}
    assert failed == {"tool.delta-index", "sdk.helper"}


def test_every_report_says_it_under_the_failure(liar):
    said = "openai-python 3"
    for name in ("junit.xml", "index.html"):
        assert f"TypeError in {HELPER}" in (liar / name).read_text("utf-8").partition(said)[2][:60]


def test_a_replay_of_the_run_gives_the_same_verdicts(liar, tmp_path):
    again = conduct(
        Options.make({"replay": str(liar / "run.jsonl"), "report": str(tmp_path), "only": ("sdk", "tool.delta-index")})
    )
    outcomes = {v.check.id: (v.outcome, v.problems) for v in again.verdicts}
    for record in read(liar / "run.jsonl").verdicts:
        problems = tuple((tuple(p["exchanges"]), p["message"]) for p in record["problems"])
        assert outcomes[record["check"]] == (record["outcome"], problems)
    assert len(list(recorded(liar / "run.jsonl"))) == len(read(liar / "run.jsonl").exchanges)


def test_without_a_check_of_it_only_what_failed_is_replayed(tmp_path):
    run(tmp_path, "stream-role-repeated", only=("stream.role-once", "stream.done"))
    found = read(tmp_path / "run.jsonl")
    blamed = {id for record in found.verdicts for problem in record["problems"] for id in problem["exchanges"]}
    assert set(found.sdk) == blamed != set()
    assert 'the role "assistantassistant' in found.sdk[min(blamed)]["breaks"][0]


@pytest.mark.parametrize("how", ["off", "missing"])
def test_without_the_client_nothing_is_exercised_and_nothing_fails(tmp_path, monkeypatch, how):
    if how == "missing":
        monkeypatch.setattr(outcomes, "find_spec", lambda name: None)
    done = run(tmp_path, sdk="off" if how == "off" else "auto", only=("sdk", "stream.done"))
    found = {verdict.check.id: verdict.outcome for verdict in done.verdicts}
    assert found.pop("stream.done") == "pass"
    assert set(found.values()) == {"not-exercised"}
    assert done.exit_code == NOT_JUDGED  # of what was asked for by name
    assert read(tmp_path / "run.jsonl").sdk == {}


def test_what_needs_the_client_says_so(monkeypatch, capsys, tmp_path):
    call = command(monkeypatch, capsys)
    report = ("--report", str(tmp_path))
    code, _, err = call("--only", "sdk", "--sdk", "off", *report)
    assert (code, err) == (
        2,
        "openai-conformance: the area sdk is about the official client: --sdk off leaves it out\n",
    )
    code, _, err = call("--sdk", "maybe", *report)
    assert (code, "--sdk is 'maybe', expected auto, on or off" in err) == (2, True)
    monkeypatch.setattr(outcomes, "find_spec", lambda name: None)
    code, _, err = call("--sdk", "on", *report)
    assert (code, "pip install 'openai-conformance[sdk]'" in err, err.count("\n")) == (2, True, 1)


def test_of_recordings_a_sample_is_replayed_unless_all_is_asked_for(liar, tmp_path, monkeypatch):
    monkeypatch.setattr(witness, "SAMPLE", 2)
    judged = {}
    for how in ("auto", "on"):  # what a report shows as wrong is replayed as well
        done = conduct(Options.make({"recordings": (str(liar / "run.jsonl"),), "report": str(tmp_path), "sdk": how}))
        judged[how] = sum(v.judged for v in done.verdicts if v.check.area == "sdk")
    assert 0 < judged["auto"] < judged["on"] / 5


def test_the_client_is_imported_only_where_it_is_used(tmp_path):
    code = (
        "import sys; from conformance.run.conductor import conduct; from conformance.run.options import Options\n"
        f"conduct(Options.make({{'report': {str(tmp_path)!r}, 'only': ('stream.done',)}}))\n"
        "print([name for name in ('openai', 'httpx2', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# ---------------------------------------------------------------------- what the witness itself gets wrong


@pytest.mark.parametrize("value", [[], {}, None, "0", 1.5, [[]]])
@pytest.mark.parametrize("name", ["chat.hello", "chat.hello+stream"])
def test_an_index_of_any_type_is_judged(client, name, value):
    x = HONEST[name]
    place = None if name == "chat.hello" else 1
    x = tried(client, damage.damaged(x, place, ("choices", 0, "index"), value))
    assert isinstance(losses.breaks(x), list)
    assert [v.reason for v in judge([x]) if v.outcome == "broken"] == []


def test_a_fault_of_the_witness_is_broken_and_ends_no_run(monkeypatch, tmp_path):
    def fails(self, x):
        raise Broken("ZeroDivisionError: in the witness")

    monkeypatch.setattr(Replaying, "outcomes", fails)
    only = ("sdk.create", "chat.id")
    outcome = conduct(Options.make({"only": only, "report": str(tmp_path), "sdk": "on"}), reports=write_reports)
    found = {verdict.check.id: verdict for verdict in outcome.verdicts}
    assert (found["sdk.create"].outcome, found["chat.id"].outcome) == ("broken", "pass")
    assert "in the witness" in found["sdk.create"].reason
    assert outcome.exit_code == 4
    assert (tmp_path / "index.html").exists()
    assert all("ZeroDivisionError" in record["breaks"][0] for record in read(tmp_path / "run.jsonl").sdk.values())


def test_a_fault_in_what_is_lost_is_broken(monkeypatch, tmp_path):
    monkeypatch.setattr(losses, "_finds", lambda x: 1 // 0)
    outcome = conduct(Options.make({"only": ("sdk.create",), "report": str(tmp_path), "sdk": "on"}))
    assert [verdict.outcome for verdict in outcome.verdicts] == ["broken"]
