"""What a gateway does with a lie of its upstream, told from both ends of a request with the lie and of one without. It must not send.

The same checks judge both ends. What fails at the upstream's and at the client's is passed on; where it passes at the client's, and what
the client is told is what the model said, it is healed; a clean error of the gateway's own in its place says that something is wrong;
all else that the client did not have to bear from the upstream is worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.areas.catalogue import catalogue
from conformance.exchange import Exchange, Unreadable, find
from conformance.gateway.pair import Pair
from conformance.gateway.said_there import said
from conformance.gateway.streams import Stream
from conformance.judge.judge import Judge
from conformance.judge.verdicts import MUST, Check
from conformance.run.words import several

PASSES, HEALS, SAYS, WORSE, UNSEEN, UNCLEAR = "passes on", "heals", "says so", "worse", "not seen", "unclear"
STATES = (WORSE, PASSES, SAYS, HEALS, UNCLEAR, UNSEEN)
"""The worst first: where a lie takes two requests, it is the worse of both that counts."""

WAITS = "the client waits as the gateway does, or is left as it is"
SAYING = (502, 503, 504)
"""By these a gateway says that its upstream is at fault (RFC 9110, section 15.6)."""


@dataclass(frozen=True)
class Cell:
    """What came of one lie at one request, why in a sentence, and the checks that fail at the client's end with the lie alone."""

    state: str
    why: str
    checks: tuple[str, ...] = ()


@dataclass
class Judged:
    """What checks of one answer found: the first problem of each that fails on it, and those that pass."""

    fails: dict[str, str] = field(default_factory=dict)
    passes: set[str] = field(default_factory=set)


Found = Mapping[str, Judged]
"""By the id of an exchange."""


def ruled(named: Sequence[Check], honest: Pair, lying: Pair, found: Found) -> Cell:
    """The cell of one request; `named` are the checks that the lie is known to fail."""
    if not lying.reached and honest.reached and lying.outer.ended == "timeout":
        return Cell(PASSES, WAITS)
    if not honest.reached or not lying.reached:
        return Cell(UNSEEN, "the request does not reach the upstream")
    if len(lying.inners) == len(honest.inners) and not _told(named, lying.answered, found):
        return Cell(UNSEEN, "what the gateway asks is not answered with the lie")
    if (bad := _worse(honest, lying)) is not None:
        return Cell(WORSE, bad)
    if (word := _says(lying)) is not None:
        return Cell(SAYS, word)
    return _by_checks(named, honest, lying, found)


def _told(named: Sequence[Check], x: Exchange, found: Found) -> bool:
    """Whether the lie is in what the upstream answered; what it never finished, it was told by."""
    return x.ended != "complete" or any(check.id in found[x.id].fails for check in named)


def judged_alone(exchanges: Iterable[Exchange]) -> dict[str, Judged]:
    """What each of these is by itself."""
    found: dict[str, Judged] = {}
    court = Judge(each for each in catalogue().values() if each.together is None and not each.id.startswith("sdk."))
    for x in exchanges:
        found[x.id] = Judged()
        court.add(x)
    for verdict in court.finish():
        for id, problem in ((id, problem) for ids, problem in verdict.problems for id in ids):
            found[id].fails.setdefault(verdict.check.id, problem)
        for id in verdict.exchanges if verdict.outcome in ("pass", "fail") else ():
            if verdict.check.id not in found[id].fails:
                found[id].passes.add(verdict.check.id)
    return found


def _worse(honest: Pair, lying: Pair) -> str | None:
    """What is plainly worse than the lie: no answer, or a failure of the gateway's own where the upstream had none."""
    x, upstream = lying.outer, lying.answered
    if x.ended == "timeout" and upstream.ended in ("complete", "cut"):
        return "the client waits for an end that does not come, though the upstream's answer is over"
    if upstream.ended == "complete" and upstream.answered and not x.answered:
        return f"the client gets no answer: {x.failure or x.ended}"
    if x.ended == "cut" and upstream.ended == "complete" and upstream.status == x.status:
        return "the answer breaks off, though the upstream's is whole"
    refuses = x.status is not None and x.status >= 400 and x.status not in (upstream.status, honest.outer.status)
    if refuses and not _clean(x, upstream):
        form = "" if _in_envelope(x) else " without an error object"
        return f"the client gets {x.status}{form}, the upstream answered {upstream.status}"
    return None


def _clean(x: Exchange, upstream: Exchange) -> bool:
    """An error object under a status that blames the upstream, or any failure where that said its error under a success."""
    says_error = upstream.ok and (_in_envelope(upstream) or _errors(upstream))
    return _in_envelope(x) and (x.status in SAYING or (says_error and x.status >= 400))


def _in_envelope(x: Exchange) -> bool:
    try:
        return isinstance(find(x.json, "error.message"), str)
    except Unreadable:
        return False


def _says(lying: Pair) -> str | None:
    """The gateway's own word that the upstream's answer is no good, where a client looks for it."""
    x, upstream = lying.outer, lying.answered
    if x.status is not None and x.status != upstream.status and _clean(x, upstream):
        return f"the client gets {x.status} and an error object"
    try:
        streamed = x.ok and x.media_type == "text/event-stream"
        if streamed and Stream(x).errors and not _errors(upstream):
            return "the stream has an error event"
    except Unreadable:
        pass
    return None


def _errors(x: Exchange) -> bool:
    try:
        return bool(Stream(x).errors)
    except Unreadable:
        return False


def _by_checks(named: Sequence[Check], honest: Pair, lying: Pair, found: Found) -> Cell:
    upstream, before, outer = found[lying.answered.id], found[honest.outer.id].fails, found[lying.outer.id]
    now = {id: problem for id, problem in outer.fails.items() if id not in before}
    mine = [check.id for check in named if check.id in now]
    added = [id for id in now if id in upstream.passes and catalogue()[id].level == MUST]
    if lost := _lost(honest, lying):
        return Cell(WORSE, lost, tuple(now))
    if added:
        return Cell(WORSE, f"{several(added)} fails at the client's end alone: {now[added[0]]}", tuple(now))
    if mine or "complete" not in (lying.answered.ended, lying.outer.ended):
        return Cell(PASSES, now[mine[0]] if mine else WAITS, tuple(now))
    if any(check.id in before for check in named):
        return Cell(
            UNCLEAR, f"{several([c.id for c in named if c.id in before])} fails without the lie, too", tuple(now)
        )
    if lying.answered.status != lying.outer.status:
        return Cell(
            UNCLEAR, f"the client gets {lying.outer.status}, the upstream answered {lying.answered.status}", tuple(now)
        )
    if now:
        return Cell(PASSES, f"as another fault: {next(iter(now.values()))}", tuple(now))
    healed = [check.id for check in named if check.id in upstream.fails and check.id in outer.passes]
    if healed:
        return Cell(HEALS, f"{several(healed)} passes at the client's end")
    return Cell(UNCLEAR, "nothing judges the client's end by what the lie breaks")


def _lost(honest: Pair, lying: Pair) -> str | None:
    """What the client is told neither as the upstream said it with the lie, nor as without."""
    was, now, upstream = (said(x) for x in (honest.outer, lying.outer, lying.answered))
    if was is None or now is None:
        return None
    for kind in (*was, *now):
        as_upstream = upstream is not None and now.get(kind) == upstream.get(kind)
        if now.get(kind) != was.get(kind) and not as_upstream:
            return (
                f"{kind} is {'not what the upstream said' if kind in now else 'missing, as if the answer were whole'}"
            )
    return None
