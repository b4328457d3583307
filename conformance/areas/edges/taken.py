"""EDGE: what becomes of values at the edges of what a parameter may be: taken or refused, and never the server's failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.areas.citations import ERROR_CODES, REQUEST, SAYS_BAD_ENUM, SAYS_WRONG_TYPE, rfc
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.blame import names
from conformance.judge.condition import request
from conformance.judge.conditions import looked_at
from conformance.judge.mistakes import above, bad_shape, below, examined, mistaken, wrong_type
from conformance.judge.refusals import TURNED_DOWN, lacking
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show


def _served(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each request with a value at an edge, after one to the same route that was served: the endpoint has it for this model."""
    served: dict[str, Exchange] = {}
    for x in exchanges:
        if x.ok and x.route and x.method == "POST" and "edge" not in x.intent:
            served.setdefault(x.route, x)
    yield from ((served[x.route], x) for x in exchanges if "odd-value" in x.intent and x.route in served)


beside_a_served_one = Relation("value at an edge, sent to a route that serves others", _served)
judged_elsewhere = above | below | wrong_type | bad_shape | request("without messages, or with too many stop sequences")(
    lambda x: x.asked.get("messages") == [] or (isinstance(x.asked.get("stop"), list) and len(x.asked["stop"]) > 4)
)  # fmt: skip
"""Mistakes that checks of the area of errors are about."""


def told(x: Exchange) -> str:
    """The parameters of a request beside those that every one has, as one line."""
    plain = ("model", "messages", "prompt", "max_completion_tokens")
    set_here = {name: value for name, value in x.asked.items() if name not in plain or value in (None, [], {}, "")}
    return show(set_here or x.asked, 60)


@check("edge.no-failure", MUST, when=looked_at, together=beside_a_served_one, source=(rfc(9110, "15.6"), ERROR_CODES),
       breaks=("edge-seed-500", "edge-empty-500", "edge-inner-null-500", "edge-mistyped-500",
               "response-arguments-500"), covers="EDGE-001")  # fmt: skip
def no_value_makes_it_fail(_: Exchange, x: Exchange) -> Problems:
    """No value of a documented parameter is answered with a 5xx status, be it empty, huge, null or of another type.

    A 500 says that trying again may help: both SDKs send it twice more, and nobody learns which value was wrong.
    """
    if x.status >= 500 and "mistake" not in x.intent:  # of those error.not-500 speaks
        yield differs(f"the status with {told(x)}", x.status, "200, or 400")


def _named(served: Exchange, x: Exchange) -> list[str]:
    """The parameters of a request, beside those of one that was served, that its refusal names."""
    return [name for name in x.asked if name not in served.asked and names(x, name)] if x.failed else []


def _within(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Those of them with values within their bounds. Several travel together: a refusal must name which it is about, and that
    parameter not be refused where it has another value, which is for other checks."""
    plain = (x for x in exchanges if not x.intent & {"edge", "staged"} and mistaken(x) is not True)
    refused = [x for x in plain if x.status in TURNED_DOWN]
    for served, x in _served(exchanges):
        named = _named(served, x)
        alone = any(y.route == x.route and name in y.asked and names(y, name) for name in named for y in refused)
        if "within" in x.intent and (x.ok or (named and not alone)):
            yield served, x


@check("edge.within-accepted", SHOULD, when=examined, source=REQUEST,
       together=Relation("values within their bounds, sent to a route that serves others", _within),
       breaks=("edge-bound-refused", "edge-null-refused", "stream-not-acceptable"), covers="EDGE-002")  # fmt: skip
def values_within_bounds_are_accepted(served: Exchange, x: Exchange) -> Problems:
    """Values at the documented bounds, just within them, zero and null are accepted, unless the model lacks a parameter altogether.

    Settings that a slider or a sweep reaches fail at its ends, and nowhere else.
    """
    if not x.ok and not lacking(x):
        refused = {name: x.asked[name] for name in _named(served, x)}
        yield differs(f"the status with {show(refused, 60)}", x.status, "200")


@check("edge.beyond-refused", SHOULD, when=examined & ~judged_elsewhere, together=beside_a_served_one, source=(REQUEST, SAYS_BAD_ENUM),
       breaks=("edge-unknown-value-served", "edge-other-route-served", "edge-form-bound-served",
               "transcription-format-bent"), covers="EDGE-003")  # fmt: skip
def values_beyond_bounds_are_refused(_: Exchange, x: Exchange) -> Problems:
    """A value that a parameter does not have, or one beyond its bounds, is refused on every route, neither ignored nor bent.

    The setting has no effect, and no message says so.
    """
    if "beyond" in x.intent and x.status < 400:
        yield differs(f"the status with {told(x)}", x.status, "a refusal (400)")


@check("edge.type-refused", SHOULD, when=examined & ~judged_elsewhere, together=beside_a_served_one, source=(REQUEST, SAYS_WRONG_TYPE),
       breaks=("edge-text-for-true", "edge-form-word-served"), covers="EDGE-003")  # fmt: skip
def values_of_other_types_are_refused(_: Exchange, x: Exchange) -> Problems:
    """A value of another JSON type than the documented ones is refused.

    "false" as a text is true in most languages; what was meant is guessed, and guessed otherwise by the next server.
    """
    if "mistyped" in x.intent and x.status < 400:
        yield differs(f"the status with {told(x)}", x.status, "a refusal (400)")
