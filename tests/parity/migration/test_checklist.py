"""Each line of the checklist says yes, no and not told, by what both sides show. Sends nothing."""

from __future__ import annotations

import json

import pytest

from conformance.exchange import Exchange
from conformance.parity.migration.checklist import (
    Line,
    answer,
    cold_path,
    features,
    gated,
    parameters,
    rate_limits,
    smoke,
)
from conformance.parity.migration.defaults import differences, unpinned
from conformance.parity.prompt import Must, Prompt
from conformance.run.run_file import Run


def checks(outcome="pass", gap="same", unusable=None):
    verdicts = [{"check": "a.one", "level": "must", "outcome": outcome, "requirement": "It holds."}]
    return Run({}, verdicts=verdicts, gaps=[{"check": "a.one", "gap": gap}], footer={"unusable": unusable})


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (checks(), "yes"),
        (checks(outcome="not-exercised"), "untold"),
        (Run({}, verdicts=checks().verdicts, gaps=[{"check": "b", "gap": "worse"}, *checks().gaps], footer={}), "yes"),
        (checks(gap="not-compared"), "untold"),
        (checks(unusable="HTTP 500 to all"), "no"),
        (Run({}, verdicts=checks().verdicts, footer={"exit_code": 3, "scope": {"idle": [{"words": "streaming"}]}}), "untold"),
    ],
)  # fmt: skip
def test_the_smoke_test(run, verdict):
    assert smoke(run).verdict == verdict


def test_a_must_that_holds_where_we_are_and_fails_here_is_named():
    run = checks("fail", "worse")
    run.verdicts.append({"check": "b", "level": "must", "outcome": "pass"})
    line = smoke(run)
    assert (line.verdict, line.evidence) == ("no", ["a.one: It holds."])


def decided(decision):
    return Run({}, features=[{"feature": "tools", "decision": decision, "why": "400: no tools"}])


@pytest.mark.parametrize(
    ("here", "own", "before", "verdict"),
    [
        ("supported", "supported", "supported", "yes"),
        ("supported", "undecided", "supported", "yes"),
        ("undecided", "supported", "supported", "yes"),
        ("refused", "undecided", "supported", "no"),
        ("supported", "broken", "supported", "no"),  # on the very prompts
        ("absent", "absent", "undecided", "no"),
        ("refused", "refused", "refused", "yes"),  # it never was there
        ("undecided", "undecided", "supported", "untold"),
        ("undecided", "undecided", "undecided", "untold"),
        ("undecided", "undecided", "refused", "yes"),
    ],
)
def test_a_feature_in_use_is_served_here_as_where_we_are(here, own, before, verdict):
    line = features(decided(here), {"tools": ["the golden prompts"]}, {"tools": own}, {"tools": before})
    assert line.verdict == verdict, line
    if verdict == "no":
        assert "tools" in line.why
        assert line.evidence[0].startswith("tools: ")


def test_what_no_request_asks_for_is_not_in_use():
    line = features(Run({}), {"rate_limit_headers": ["x"], "request_ids": ["x"]}, {}, {"request_ids": "supported"})
    assert line.verdict == "untold"


def prompt(id, **request):
    return Prompt(id, "a", "", {"messages": [], **request}, (), Must(), False, "f:1")


def said(side, id, number, text, finish="stop", tokens=3):
    body = {"choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": tokens}}  # fmt: skip
    return exchange(f"{side}#as-sent.{id}~{number}", body)


def exchange(id, body, status=200, headers=()):
    sent = json.dumps(body).encode()
    return Exchange(id, "POST", "http://h/v1/chat/completions", (), b"{}", status, headers, sent, ((0.1, len(sent)),))


def asked(prompts, target, baseline):
    found = {}
    for p in prompts:
        for side, words in (("target", target), ("baseline", baseline)):
            found[side, f"as-sent.{p.id}"] = [said(side, p.id, n, *words(n)) for n in (1, 2, 3)]
    return found


def test_a_server_that_varies_has_another_temperature():
    prompts = [prompt(f"a.{n}") for n in range(4)]
    found = differences(prompts, asked(prompts, lambda n: (f"{n}",), lambda n: ("same",)))
    assert [row[0] for row in found["differ"]] == ["temperature"]
    assert parameters(found).verdict == "no"
    assert "pin temperature" in parameters(found).why
    same = differences(prompts, asked(prompts, lambda n: (f"{n}",), lambda n: (f"{n}",)))
    assert parameters(same).verdict == "yes"
    pinned = [prompt(f"a.{n}", temperature=0) for n in range(4)]
    assert differences(pinned, asked(pinned, lambda n: (f"{n}",), lambda n: ("same",)))["differ"] == []


def test_a_server_that_cuts_what_was_given_no_limit_has_one():
    prompts = [prompt("a.long")]
    found = differences(prompts, asked(prompts, lambda n: ("x", "length", 16), lambda n: ("x y z",)))
    assert found["differ"] == [["max_completion_tokens", "a.long is not cut", "a.long is cut after 16 tokens"]]
    limited = [prompt("a.long", max_tokens=16)]
    assert differences(limited, asked(limited, lambda n: ("x", "length", 16), lambda n: ("x",)))["differ"] == []


def test_a_default_that_both_say_and_that_differs_is_to_be_pinned_where_it_is_left_out():
    echo = {side: [exchange(f"{side}#echo", {"temperature": t, "reasoning": {"effort": None}})]
            for side, t in (("target", 0.7), ("baseline", 1.0))}  # fmt: skip
    answers = {(side, "echo"): xs for side, xs in echo.items()}
    assert differences([prompt("a.b")], answers)["differ"] == [["temperature", "1.0", "0.7"]]
    assert differences([prompt("a.b", temperature=0)], answers)["differ"] == []


def test_where_nothing_tells_of_a_default_nothing_is_green():
    assert parameters(differences([prompt("a.b")], {})).verdict == "untold"
    assert "temperature" in unpinned([prompt("a.b", temperature=1), prompt("a.c")])


@pytest.mark.parametrize(("holds", "verdict"), [(True, "yes"), (False, "no"), (None, "untold")])
def test_a_gate_is_a_line(holds, verdict):
    gate = {"gate": "--max-gap", "wanted": "at most 0", "seen": "1", "holds": holds}
    assert gated("golden prompts", gate).verdict == verdict
    assert gated("golden prompts", None).verdict == "untold"


def limited(number, status=200):
    return exchange("target#a", {}, status, (("X-RateLimit-Limit-Requests", str(number)),))


@pytest.mark.parametrize(
    ("target", "baseline", "monthly", "verdict"),
    [
        ([limited(500)], [limited(500)], None, "yes"),
        ([limited(499)], [limited(500)], None, "no"),
        ([limited(499)], [limited(5000)], 1_000_000, "yes"),  # 231 in a busy minute
        ([limited(200)], [limited(100)], 1_000_000, "no"),
        ([limited(500, 429)], [limited(500)], None, "no"),
        ([exchange("target#a", {})], [limited(500)], None, "yes"),
        ([], [], None, "untold"),
    ],
)
def test_rate_limits(target, baseline, monthly, verdict):
    assert rate_limits(target, baseline, monthly).verdict == verdict


def test_the_answer_is_the_worst_line():
    yes, no, untold = (Line(name, name, "") for name in ("yes", "no", "untold"))
    assert answer([yes, yes]) == ("Yes, cut over: all 2 lines of the checklist hold", 0)
    assert answer([yes, untold, no]) == ("No, do not cut over yet: no; not told: untold", 1)
    assert answer([yes, untold]) == ("Not told: untold; all else holds", 3)


@pytest.mark.parametrize(
    ("python", "node", "verdict"), [("yes", "yes", "yes"), ("yes", "untold", "untold"), ("no", "untold", "no")]
)
def test_the_cold_path_is_as_good_as_what_the_worse_sdk_gets(python, node, verdict):
    sdks = {"openai-python": {"verdict": python, "why": "1"}, "openai-node": {"verdict": node, "why": "2"}}
    line = cold_path({"sdks": sdks}, "the first token came after 2 s", 900)
    assert (line.name, line.verdict) == ("cold path", verdict)
    assert line.evidence == ["openai-python 1", "openai-node 2"]
