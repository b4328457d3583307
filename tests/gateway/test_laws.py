"""Every law over both ends proves that it can fail: its lies make it fail, and no other; a gateway that changes nothing passes all."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from conformance.gateway.laws import laws, lies
from conformance.gateway.pair import pairs
from conformance.gateway.without_sockets import CLIENT_KEY, both_ends
from conformance.judge.judge import Judge
from conformance.reference.lying_gateway import GatewayLie, edit, edit_answer, edit_events
from tests.support import wording


def verdicts(exchanges):
    court = Judge(laws().values())
    for x in exchanges:
        court.add(x)
    return court.finish()


@cache
def honest():
    """The exchanges of a gateway that changes nothing."""
    return both_ends()


def changed(lie):
    """The pairs that a lie changed; the others were judged without it."""
    same = {id(x) for x in honest()}
    before = {pair.outer.id: len(pair.inners) for pair in pairs(honest())}
    for pair in pairs(both_ends(lie)):
        group = (pair.outer, *pair.inners)
        if len(pair.inners) != before[pair.outer.id] or not all(id(x) in same for x in group):
            yield from group


def test_a_gateway_that_changes_nothing_passes_every_law():
    amiss = {v.check.id: (v.outcome, v.reason, v.problems[:2]) for v in verdicts(honest()) if v.outcome != "pass"}
    needs_a_lie = {"gateway.no-fallback", "gateway.own-refusal", "gateway.retry-same"}
    assert {id: said for id, said in amiss.items() if id not in needs_a_lie} == {}
    assert {amiss[id][0] for id in needs_a_lie} == {"not-exercised"}


def test_every_law_names_lies_that_exist_and_every_lie_is_named():
    named = {name for law in laws().values() for name in law.breaks}
    assert named == set(lies())
    assert len(laws()) >= 60


@pytest.mark.parametrize("name", sorted(lies()))
def test_a_lie_makes_exactly_the_laws_that_name_it_fail(name):
    found = verdicts(changed(lies()[name]))
    assert {v.check.id: v.reason for v in found if v.outcome == "broken"} == {}
    failing = {v.check.id: [words for _, words in v.problems][:2] for v in found if v.outcome == "fail"}
    assert set(failing) == {law.id for law in laws().values() if name in law.breaks}, failing
    unhelpful = [words for id, said in failing.items() for words in said if [*wording.faults(id, words)]]
    assert unhelpful == []
    assert all(CLIENT_KEY not in words for said in failing.values() for words in said)


# ---------------------------------------------------------------------- what a gateway may do


def _counts(call, onward):
    """A gateway that bills asks for the usage where its client did not."""
    return edit(
        onward,
        lambda body: (
            body.setdefault("stream_options", {"include_usage": True})
            if body.get("stream") and "input" not in body
            else None
        ),
    )


def _takes_it_out(call, passed):
    return (
        passed
        if (call.json or {}).get("stream_options")
        else edit_events(passed, lambda n, chunk: bool(chunk.get("choices", True)))
    )


def _repeats_the_type(call, passed):
    def repeat(n, chunk):
        for part in chunk.get("choices", ()):
            for tool_call in (part.get("delta") or {}).get("tool_calls") or ():
                tool_call.setdefault("type", "function")

    return edit_events(passed, repeat)


@pytest.mark.parametrize(
    ("gateway", "failing"),
    [
        (GatewayLie("counts", "It counts for itself.", ask=_counts, answer=_takes_it_out), set()),
        (GatewayLie("counts", "It shows what it counts.", ask=_counts), {"gateway.stream-usage-added"}),
        (GatewayLie("repeats", "Every fragment has the type.", answer=_repeats_the_type), set()),
    ],
    ids=["counts for itself", "shows its count", "repeats the type"],
)
def test_what_harms_no_client_fails_nothing(gateway, failing):
    exchanges = list(changed(gateway))
    assert len(exchanges) > 2
    assert {
        v.check.id: v.problems[:2] for v in verdicts(exchanges) if v.outcome == "fail" and v.check.id not in failing
    } == {}
    assert failing <= {v.check.id for v in verdicts(exchanges) if v.outcome == "fail"}


def test_a_stream_that_was_asked_for_and_is_made_of_a_plain_answer_has_the_type_of_streams():
    """That it was not asked for upstream is another law's."""
    by_id = {x.id: x for x in honest()}
    asked, plain = by_id["gateway.bias+stream"], by_id["gateway.bias@upstream"]
    group = [asked, replace(plain, id="gateway.bias+stream@upstream", memo={})]
    assert "gateway.media-type" not in {v.check.id for v in verdicts(group) if v.outcome == "fail"}


def test_a_number_of_an_answer_that_is_only_written_otherwise_is_not_another():
    def rewrite(call, passed):
        def as_float(body):
            if "total_tokens" in (usage := body.get("usage") or {}):
                usage["total_tokens"] = float(usage["total_tokens"])

        return edit_answer(passed, as_float)

    found = verdicts(list(changed(GatewayLie("floats", "Counts are floats.", answer=rewrite))))
    assert {v.check.id for v in found if v.outcome == "fail"} == {"gateway.answer-members"}
