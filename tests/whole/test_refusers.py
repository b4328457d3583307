"""Servers that refuse one thing, or break on one mistake: what turns red is that thing, and nothing beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.areas.catalogue import features, judge, probes
from conformance.judge.decider import Decider
from conformance.reference.lies import several
from conformance.send.inprocess import exchanges
from tests.support import refusers

UNSTAGED = [probe for probe in probes() if probe.stage is None]


def found(these):
    """The ids of what fails, and of what is untestable."""
    verdicts = judge(these)
    return [{v.check.id for v in verdicts if v.outcome == outcome} for outcome in ("fail", "untestable")]


def decided(these):
    decider = Decider(features().values())
    for x in these:
        decider.add(x)
    return {each.feature.name: each.decision for each in decider.finish()}


PARTS = {"chat.parts", "content.parts-of-all", "content.tool-history"}


@pytest.mark.parametrize(("server", "failing"), {
    "BUNDLES": PARTS | {"stream.null-is-plain", "param.refusal-names"},
    "FASTAPI": PARTS | {"error.envelope"},
    "ALL_OF_MESSAGES": PARTS | {"error.envelope"},
    "NO_PARSER": set(),
    "NO_TOOLS": {"tool.accepted", "tool.none-alone"},
    "NO_STRICT": {"param.refusal-names", "tool.strict-accepted", "tool.strict-null"},
    "N_AND_ZERO": {"pair.accepted"},
    "SHORT": {"error.too-long-code", "error.too-long-param"},
}.items())  # fmt: skip
def test_a_refusal_is_blamed_on_what_was_refused(server, failing):
    assert found(exchanges(getattr(refusers, server))) == [failing, set()]


def test_the_refusal_of_tools_decides_all_that_hangs_on_them():
    told = decided(exchanges(refusers.NO_TOOLS))
    hanging = {name for name, each in features().items() if each.part_of == "tools"}
    assert len(hanging) >= 9
    assert {name for name in hanging if told[name] != "refused"} == set()
    assert told["tools"] == "refused"


def test_what_others_carried_with_success_is_no_refused_feature():
    told = decided(exchanges(refusers.NO_PARSER))
    assert (told["tools"], told["tool_choice_required"], told["tool_choice_named"]) == (
        "refused",
        "supported",
        "supported",
    )
    told = decided(exchanges(refusers.NO_STRICT))
    assert {name for name, decision in told.items() if decision == "refused"} == {"strict_tools", "reasoning_effort"}
    assert told["allowed_tools"] == "supported"
    assert decided(exchanges(refusers.BUNDLES))["developer_role"] == "supported"


BREAKING = {
    "CRASHES": ({"chat.messages-empty", "error.json", "error.content-type", "error.not-500"}, {"error.internal-type"}),
    "HANGS_UP": ({"error.complete", "error.not-500", "http.answered"}, {"chat.messages-empty"}),
    "BROKEN_STREAM": ({"chat.messages-empty"}, set()),
    "PAGE": ({"chat.messages-empty"}, set()),
}


@pytest.mark.parametrize("server", BREAKING)
def test_a_broken_answer_to_a_mistake_says_nothing_of_what_was_not_asked_for(server):
    """At a server that has little, so that nothing else exercises what the broken answer might have told of."""
    bare = found(exchanges(refusers.BARE, UNSTAGED))
    broken = found(exchanges(several(refusers.BARE, getattr(refusers, server)), UNSTAGED))
    assert bare[1] == set()
    assert (broken[0] - bare[0], broken[1]) == BREAKING[server]


def test_nor_does_no_answer_at_all():
    def silent(x):
        left = x.route == "chat" and x.asked.get("messages") == []
        nothing = {
            "status": None,
            "headers": (),
            "body": b"",
            "arrivals": (),
            "ended": "timeout",
            "failure": "no answer",
        }
        return replace(x, **nothing, memo={}) if left else x

    these = exchanges(refusers.BARE, UNSTAGED)
    bare, broken = found(these), found([silent(x) for x in these])
    assert (broken[0] - bare[0], broken[1]) == ({"http.in-time"}, {"chat.messages-empty"})


def test_an_echo_tells_nothing_of_what_was_read():
    failing, untestable = found(exchanges(refusers.ECHO))
    assert "chat.parts-read" in untestable
    assert "chat.parts-read" not in failing
