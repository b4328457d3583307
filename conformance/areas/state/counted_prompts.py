"""STATE: a conversation that is counted or compacted, without an answer to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from conformance.areas.citations import oas
from conformance.areas.state.conditions import making
from conformance.exchange import Exchange, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import response
from conformance.judge.conditions import ok, post, route
from conformance.judge.final_response import final_response, read_once
from conformance.judge.objects import misfits
from conformance.judge.verdicts import Relation

COUNT = oas("TokenCountsResource", 72229)
COUNT_TOKENS = oas("POST /responses/input_tokens", 24677)
COMPACTED = oas("CompactResource", 72376)
COMPACT = oas("POST /responses/compact", 24805)
_PROMPT = (
    "model",
    "input",
    "instructions",
    "tools",
    "text",
    "reasoning",
    "previous_response_id",
    "conversation",
    "truncation",
)
"""What a prompt is made of."""

counting = route("response-tokens") & post & ok
compacting = route("response-compact") & post & ok


def _counted(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A count with each plain response to the same prompt; what an earlier response adds to one, others judge."""
    alone = [x for x in exchanges if x.route == "response-tokens" and x.ok and not x.asked.get("previous_response_id")]
    counts = {_prompt(x): x for x in alone}
    for x in exchanges:
        if x.route == "responses" and x.ok and not x.streaming and read_once(x) and _prompt(x) in counts:
            yield counts[_prompt(x)], x


def _prompt(x: Exchange) -> str:
    return json.dumps([x.url.partition("/responses")[0], [x.asked.get(name) for name in _PROMPT]], sort_keys=True)


def _went_on(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A compacted conversation with each request whose input begins with it."""
    compacted = [x for x in exchanges if x.route == "response-compact" and x.ok and x.not_json is None]
    for x in exchanges:
        given = x.asked.get("input") if x.route == "responses" else None
        for before in compacted if isinstance(given, list) else ():
            output = before.json.get("output") if isinstance(before.json, dict) else None
            if output and isinstance(output, list) and given[: len(output)] == output:
                yield before, x


@check(
    "state.count",
    MUST,
    when=counting,
    source=COUNT,
    breaks=("state-count-named-total", "state-count-text"),
    covers="RESP-053",
)
def count_is_a_number(x: Exchange) -> Problems:
    """POST /responses/input_tokens answers with the object "response.input_tokens" and `input_tokens`, an integer.

    Agents compact their conversation by it before it is too long, and crash or never do.
    """
    yield from misfits(x, "token-count")
    yield from misfits(x, "token-count", "object", "input_tokens")


# SHOULD: the count may be an estimate, says no document; recorded ones agree.
@check("state.count-true", SHOULD, together=Relation("prompt that was counted and then answered", _counted), source=COUNT_TOKENS,
       when=counting | (making & ok), breaks="state-count-of-words", covers="RESP-053")  # fmt: skip
def count_is_what_the_prompt_costs(counted: Exchange, made: Exchange) -> Problems:
    """The count of a prompt is the number of input tokens that the same prompt then costs.

    Who plans by it runs beyond the window, or pays more than planned.
    """
    cost = need(final_response(made), "usage.input_tokens", int)
    if (count := need(counted.answer, "input_tokens", int)) != cost:
        yield differs("input_tokens", count, f"{cost}, as in usage of {made.id}")


@check("state.compacted", MUST, when=compacting, source=COMPACTED, breaks="state-compacts-to-text", covers="RESP-053")
def compacted_conversation_has_its_shape(x: Exchange) -> Problems:
    """POST /responses/compact answers with the object "response.compaction", its id, time, usage and `output`, an array of items.

    Agents send `output` on in place of the conversation.
    """
    yield from misfits(x, "compaction")
    yield from misfits(x, "compaction", "id", "object", "output", "created_at", "usage")


@check("state.compacted-accepted", MUST, together=Relation("compacted conversation that was gone on with", _went_on), source=COMPACT,
       when=compacting | (making & response("whose items were looked at")(lambda x: x.status not in (401, 403, 429, 503))),
       breaks="state-refuses-compacted", covers="RESP-053")  # fmt: skip
def compacted_conversation_goes_on(compacted: Exchange, x: Exchange) -> Problems:
    """The items of a compacted conversation are accepted as input, unchanged.

    A long agent run ends where its conversation was compacted.
    """
    if not x.ok:
        yield differs(f"status of a request that goes on with {compacted.id}", x.status, "200")
