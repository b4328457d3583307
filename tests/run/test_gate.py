"""What makes a run red: the levels of --fail-on, what got worse since an earlier run, and how the verdict says it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.areas.catalogue import catalogue, features, judge, probes
from conformance.judge.condition import whole
from conformance.judge.decider import Decided, Decider
from conformance.judge.verdicts import MAY, MUST, SHOULD, Check, Verdict
from conformance.reference.lies import Lie
from conformance.run.gate import BROKEN, CONFORMS, DIFFERS, NOT_JUDGED, Earlier, rule
from conformance.run.known import Complaint
from conformance.run.run_file import read
from conformance.run.selection import required
from conformance.send.embedded import Reference
from conformance.send.inprocess import exchanges

pytestmark = pytest.mark.usefixtures("elsewhere")


def check(id: str, level: str) -> Check:
    return Check(id, level, lambda x: iter(()), whole, None, (), (), ())


def verdicts(must: str = "pass", should: str = "pass", may: str = "pass", **more) -> list[Verdict]:
    levels = {"m": (MUST, must), "s": (SHOULD, should), "y": (MAY, may)}
    return [Verdict(check(id, level), outcome, **more) for id, (level, outcome) in levels.items()]


def earlier(must: str = "pass", should: str = "pass", may: str = "pass", **decisions: str) -> Earlier:
    outcomes = {"m": must, "s": should, "y": may}
    return Earlier("old.jsonl", {id: {"outcome": outcome} for id, outcome in outcomes.items()}, decisions)


@pytest.mark.parametrize(
    ("fail_on", "found", "before", "red"),
    [
        ("must", verdicts("fail", "fail", "fail"), None, ["m"]),
        ("should", verdicts("fail", "fail", "fail"), None, ["m", "s"]),
        ("must", verdicts("untestable", "untestable"), None, ["m"]),
        ("must", verdicts("fail", "fail", "fail"), earlier(), ["m"]),
        ("should", verdicts("fail", "fail", "fail"), earlier(), ["m", "s"]),
        ("regression", verdicts("fail", "fail", "fail"), earlier(), ["m", "s", "y"]),
        ("regression", verdicts("fail", "fail", "fail"), earlier("fail", "pass", "fail"), ["s"]),
        ("regression", verdicts("untestable", "untestable"), earlier(), ["m"]),
        ("regression", verdicts("fail"), earlier("not-exercised"), []),
        ("must", verdicts("fail"), earlier("fail"), []),
        ("must", verdicts("untestable"), earlier("fail"), []),
        ("must", verdicts("fail", known="on purpose"), None, []),
        ("regression", verdicts("fail", known="on purpose"), earlier(), []),
    ],
)
def test_what_counts_at_which_level(fail_on, found, before, red):
    ruling = rule(found, [], [], fail_on=fail_on, earlier=before)
    assert (ruling.red, ruling.code) == (red, DIFFERS if red else CONFORMS)


@pytest.mark.parametrize(
    ("then", "now", "red"),
    [
        (["a"], ["a"], False),
        (["a"], ["a", "b"], True),
        (["a"], ["b"], False),
        (["a", "b"], ["a"], False),
        (["a"], ["a", "new"], False),
    ],
)
def test_what_failed_before_is_worse_where_it_fails_on_more(then, now, red):
    problems = tuple(((id,), "wrong") for id in now)
    before = {
        "outcome": "fail",
        "exchanges": ["a", "b", "c"],
        "problems": [{"exchanges": [id], "message": "wrong"} for id in then],
    }
    verdict = Verdict(check("m", MUST), "fail", ("a", "b", "c", "new"), problems, judged=4, failed=len(now))
    assert rule([verdict], [], [], earlier=Earlier("old.jsonl", {"m": before}, {})).red == (["m"] if red else [])


def test_what_conforms_is_said_whatever_the_gate_counts():
    assert not rule(verdicts("fail"), [], [], fail_on="regression", earlier=earlier("fail")).conforms
    assert rule(verdicts("pass", "fail"), [], [], fail_on="should").conforms
    assert not rule(verdicts(), [], [], complete=False).conforms


def test_beside_an_earlier_run_better_worse_and_not_compared_are_named():
    ruling = rule(verdicts("fail", "pass", "pass"), [], [], earlier=earlier("pass", "fail", "not-exercised"))
    assert (ruling.worse, ruling.better, ruling.not_compared) == (["m"], ["s"], ["y"])
    new = rule([*verdicts(), Verdict(check("new", MUST), "fail")], [], [], earlier=earlier())
    assert (new.code, new.not_compared) == (CONFORMS, ["new"])


def test_a_stale_entry_is_red_beside_an_earlier_run_too():
    ruling = rule(verdicts(), [Complaint("m", "delete lines 1-3")], [], earlier=earlier())
    assert (ruling.code, ruling.red) == (DIFFERS, ["m"])


def test_broken_is_broken_and_nothing_judged_is_not_judged():
    assert rule(verdicts("broken"), [], [], fail_on="regression", earlier=earlier("broken")).code == BROKEN
    assert rule(verdicts("not-exercised", "not-exercised", "not-exercised"), [], []).code == NOT_JUDGED
    assert rule(verdicts(), [], [], complete=False).code == NOT_JUDGED
    assert rule(verdicts("fail"), [], [], complete=False).code == DIFFERS


@pytest.mark.parametrize(
    ("fail_on", "decision", "wanted", "before", "red"),
    [
        ("must", "ignored", True, None, True),
        ("must", "ignored", False, None, False),
        ("must", "ignored", True, "ignored", False),
        ("must", "ignored", True, "supported", True),
        ("must", "ignored", False, "supported", False),
        ("regression", "ignored", False, "supported", True),
        ("regression", "undecided", False, "supported", False),
        ("regression", "undecided", True, "supported", True),
        ("regression", "supported", True, "ignored", False),
    ],
)
def test_features_that_make_it_red(fail_on, decision, wanted, before, red):
    before = earlier(tools=before) if before else None
    decided = [Decided(features()["tools"], decision, "why", ("a",), {"ignored": 1})]
    ruling = rule(verdicts(), [], decided, fail_on=fail_on, wanted=["tools"] if wanted else [], earlier=before)
    assert (ruling.features, ruling.code) == ((["tools"], DIFFERS) if red else ([], CONFORMS))


# ---------------------------------------------------------------------- the command


FEW = ("--depth", "quick", "--endpoints", "chat", "--sdk", "off")
"""What keeps a run short: the gate is the same."""
ONLY = ("--only", "stream.done", "--only", "http.request-id", "--only", "finish.length", *FEW)


def test_against_gates_on_what_got_worse_alone(call, server, liar):
    call(*ONLY, "--report", "good", server=server)
    assert call(*ONLY, "--report", "bad", server=liar)[0] == 1
    code, out, _ = call(*ONLY, "--against", "good/run.jsonl", server=liar)
    out = " ".join(out.split())
    assert code == 1
    assert "REGRESSION" in out
    assert "1 MUST fail, worse than in good/run.jsonl" in out
    assert "Beside good/run.jsonl: worse http.request-id, stream.done" in out
    code, out, _ = call(*ONLY, "--against", "bad/run.jsonl", server=liar)
    assert code == 0
    assert out.startswith("NO REGRESSION IN ")
    assert "1 MUST, 1 SHOULD fail there, too, or do not count" in " ".join(out.split())
    assert read("reports/latest/run.jsonl").footer["gate"]["conforms"] is False
    code, out, _ = call(*ONLY, "--against", "bad/run.jsonl", server=server)
    assert (code, "CONFORMS" in out, "better http.request-id, stream.done" in out) == (0, True, True)


def test_a_regression_counts_at_any_level(call, server, liar):
    call("--only", "http.request-id", *FEW, "--report", "good", server=server)
    arguments = ("--only", "http.request-id", *FEW, "--against", "good/run.jsonl")
    assert call(*arguments, server=liar)[0] == 0
    assert call(*arguments, "--fail-on", "regression", server=liar)[0] == 1


def test_a_gap_is_whatever_is_worse_than_at_the_baseline(call, server, liar):
    call(*ONLY, "--report", "good", server=server)
    code, out, _ = call(*ONLY, "--fail-on", "gap", "--baseline", "good/run.jsonl", server=liar)
    assert code == 1
    assert "1 MUST and 1 SHOULD fail, 1 feature is not supported, worse than in good/run.jsonl" in " ".join(out.split())
    assert "\nno longer there: request_ids is absent: " in out
    assert "GAP  " in out
    call(*ONLY, "--report", "bad", server=liar)
    code, out, _ = call(*ONLY, "--fail-on", "gap", "--baseline", "bad/run.jsonl", server=liar)
    assert code == 0
    assert out.startswith("NO GAP IN ")


def test_fail_on_should_is_strict(call, liar):
    for arguments, code in (((), 0), (("--strict",), 1), (("--fail-on", "should"), 1), (("--fail-on", "must"), 0)):
        assert call("--only", "http.request-id", *FEW, *arguments, server=liar)[0] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fail-on", "may"], "--fail-on is 'may', expected must, should"),
        (["--fail-on", "regression"], "--fail-on regression needs --against RUN"),
        (["--fail-on", "must", "--strict"], "--strict means --fail-on should, not --fail-on must"),
        (["--fail-on", "gap", "--against", "cut.jsonl"], "--fail-on gap compares with the baseline"),
        (["--fail-on", "gap", "--baseline", "none.jsonl"], "--baseline none.jsonl cannot be read"),
        (["--against", "none.jsonl"], "--against none.jsonl cannot be read: No such file"),
        (["--against", "cut.jsonl"], "--against cut.jsonl holds no verdicts"),
        (["--write-known", "there.toml"], "--write-known there.toml: it exists already"),
    ],
)
def test_mistakes_are_said_before_anything_is_sent(call, server, arguments, said):
    header = {"type": "header", "format": 1, "version": "0", "python": "3", "started": "x", "options": {}, "target": {}}
    Path("cut.jsonl").write_text(json.dumps(header) + "\n")
    Path("there.toml").touch()
    code, out, err = call(*arguments, server=server)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert said in err


def test_a_first_file_of_known_deviations_makes_the_next_run_green(call, liar):
    code, out, _ = call(*ONLY, "--write-known", "known.toml", server=liar)
    assert code == 0
    assert "DOES NOT CONFORM" in out
    assert read("reports/latest/run.jsonl").footer["exit_code"] == 1
    assert "2 known deviations were written to known.toml: say in each why" in " ".join(out.split())
    code, out, _ = call(*ONLY, "--known", "known.toml", server=liar)
    assert code == 0
    assert "known deviations without a reason: http.request-id (known.toml," in " ".join(out.split())
    assert catalogue()["stream.done"].requirement in Path("known.toml").read_text()


def test_only_entries_that_could_have_been_judged_are_stale_and_those_are_pruned(call):
    """Chat answers have no request id, those of embeddings have: a run of embeddings alone shows nothing of chat."""

    def of_chat(call, reply):
        return reply.with_headers(x_request_id=None) if call.path.endswith("/chat/completions") else reply

    id = "http.request-id"
    text = f'[[deviation]]\ncheck = "{id}"\nreason = "the gateway"\n'
    Path("known.toml").write_text(text)
    only = ("--only", id, "--sdk", "off", "--known", "known.toml", "--prune")
    with Reference(lie=Lie("test", "A lie.", reply=of_chat)) as server:
        code, out, _ = call(*only, "--endpoints", "embeddings", server=server)
        assert (code, read("reports/latest/run.jsonl").verdicts[0]["outcome"]) == (0, "pass"), out
        assert call(*only, "--budget-requests", "3", "--endpoints", "embeddings", server=server)[0] != 1
        assert call(*only, server=server)[0] == 0
        assert Path("known.toml").read_text() == text
    with Reference() as server:
        code, out, _ = call(*only[:-1], server=server)
        assert (code, "delete lines 1-3" in " ".join(out.split())) == (1, True)
        code, out, _ = call(*only, server=server)
        assert (code, f"taken out of known.toml: {id}" in " ".join(out.split())) == (0, True)
    assert Path("known.toml").read_text().strip() == ""


def test_an_entry_may_name_the_feature(call, liar):
    Path("known.toml").write_text('[[deviation]]\ncheck = "stream.done"\nfeature = "tools"\nreason = "the gateway"\n')
    code, out, _ = call("--only", "stream.done", "--known", "known.toml", server=liar)
    assert code == 1, "it fails elsewhere, too"
    assert re.search(r"unlocks 1 MUST, .*: stream\.done", out)


@pytest.fixture(scope="module")
def chat_alone():
    """The verdicts and features of a server of chat and models that has no /responses, nor anything below it."""

    def elsewhere(call):
        return replace(call, path="/v1/nowhere") if call.path.startswith("/v1/responses") else call

    first = ("models.list", "models.one", "chat.hello", "http.responses")
    asked = sorted(probes(), key=lambda probe: probe.name != "http.responses")
    asked = [probe for probe in asked if probe.name in first or probe.door == "http.responses"]
    found = exchanges(Lie("without responses", "There is no such route.", ask=elsewhere), asked)
    decider = Decider(features().values())
    for x in found:
        decider.add(x)
    return found, judge(found), decider.finish()


@pytest.mark.parametrize(
    ("names", "profile", "red"),
    [
        ((), None, set()),
        (("models",), None, set()),
        (("responses",), None, {"responses"}),
        (("models,responses",), None, {"responses"}),
        (("responses", "response_store"), None, {"responses", "response_store"}),
        ((), "chat", set()),
        ((), "full", {"responses", "response_store"}),
    ],
)
def test_a_route_that_is_absent_is_red_where_it_is_required_and_nowhere_else(chat_alone, names, profile, red):
    found, verdicts, decided = chat_alone
    about = {each for each in features() if features()[each].route and each.startswith(("model", "response"))}
    wanted = [name for name in required(names, profile) if name in about]
    ruling = rule(verdicts, [], decided, wanted=wanted)
    assert (set(ruling.features), ruling.red, ruling.code) == (red, [], DIFFERS if red else CONFORMS)
    assert [x.id for x in found if "/responses" in x.url] == ["http.responses"]
