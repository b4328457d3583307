"""What is declared, what the reference answers, what each lie makes of it, and what is said of damaged answers, held as digests.

Words and conditions are held as text (snapshots.py); these hold all the rest, of which nobody would read a hundred thousand lines: a
change that alters it for any answer is seen, and named by the answer, lie, check or feature. `nox -s snapshots` writes them again, in
`tests/areas/recorded/*.digests`, a line each: a name, numbers to make sense of, a digest.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path

from conformance.areas.catalogue import area_of, catalogue, features, judge, lies, probes
from conformance.exchange import Exchange
from conformance.judge.condition import Condition
from conformance.judge.decider import Decider
from conformance.judge.verdicts import Relation, Verdict
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply
from conformance.send.inprocess import burst, exchanges
from tests.support import damage

FOLDER = Path(__file__).resolve().parents[1] / "areas" / "recorded"
COUNTED = re.compile(r"\b[0-9a-f]{12,}\b|(?<=[_-])[0-9a-f]{12,}|(?<=\"audio\":\")[\w+/=]+")
"""What the reference makes of the number of a request, which a new probe changes: ids, and headers that count down. And sounds, of
which another version of a codec makes other bytes."""
PYTHONS = re.compile(r"(not JSON: )?[A-Z][a-z' ,]+(?= at character \d)")
"""What Python says is wrong with JSON, each version in its own words."""
COUNTING = ("x-ratelimit-remaining", "x-ratelimit-reset", "openai-processing-ms", "x_ratelimit", "content-length")
DEEP = b"[" * 5000
"""A body of which each Python tells something else first: too deep, or not finished."""
ROUNDS, APART = 5, 8
"""Damages of each answer, and rounds in which one answer of so many is damaged, for the checks that put several together."""
TEXTS = ("says", "level", "words")
"""What levels.toml and prose say, which is reviewed there."""
Held = dict[str, str]


def digest(*parts: object) -> str:
    return hashlib.sha256(PYTHONS.sub("…", COUNTED.sub("…", repr(parts))).encode()).hexdigest()[:10]


def _headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if not name.lower().startswith(COUNTING)]


# ---------------------------------------------------------------------- what is asked and answered


@cache
def honest() -> tuple[list[Exchange], list[tuple[Call, Reply]], list[tuple[Call, tuple[bytes, ...]]]]:
    """The honest exchanges, and beneath them the replies and what was written of them."""
    replies: list[tuple[Call, Reply]] = []
    wires: list[tuple[Call, tuple[bytes, ...]]] = []

    def reply(call: Call, answer: Reply) -> Reply:
        replies.append((call, answer))
        return answer

    def wire(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
        wires.append((call, pieces))
        return pieces

    overheard = Lie("overheard", "The truth.", reply=reply, wire=wire, socket=True)
    return [*exchanges(overheard), *burst(overheard)], replies, wires


def answers() -> Held:
    """By exchange, of what was asked and answered."""
    return {x.id: _answer(x) for x in honest()[0]}


def _answer(x: Exchange) -> str:
    asked = (x.method, x.url, _headers(x.request_headers), x.request_body, sorted(x.intent))
    return digest(*asked, x.status, _headers(x.headers), text(x.body), x.ended, x.failure)


def text(body: bytes) -> str:
    """A body that is text."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return "bytes"


# ---------------------------------------------------------------------- what lies do


def told(area: str) -> Held:
    """By lie: how many honest calls and answers it changes, and to what."""
    return {name: _lie(lie) for name, lie in lies().items() if area_of_lie(lie) == area}


def area_of_lie(lie: Lie) -> str:
    """The area in whose folder a lie is told, or else that of the first check that it proves."""
    tells = lie.ask or lie.reply or lie.wire
    module = getattr(tells, "func", tells).__module__.split(".")
    return module[2] if module[1] == "areas" else area_of(next(c for c in catalogue().values() if lie.name in c.breaks))


def _lie(lie: Lie) -> str:
    _, replies, wires = honest()
    told: list[str] = []
    for call, reply in replies:
        if call.socket and not lie.socket:
            continue
        if lie.ask and (asked := _try(lie.ask, call)) is not call and asked != call:
            told.append(digest(call.path, asked and (asked.path, asked.headers, asked.json, asked.query)))
        if lie.reply and (said := _try(lie.reply, call, reply)) is not reply and said != reply:
            told.append(digest(call.path, said and _reply(said)))
    for call, pieces in wires if lie.wire else ():
        if (sent := _try(lie.wire, call, pieces)) is not pieces and sent != pieces:
            told.append(digest(call.path, sent and [text(piece) for piece in sent]))
    return f"{len(told)} {digest(told)}"


def _reply(reply: Reply) -> Reply:
    body = text(reply.body) if isinstance(reply.body, bytes) else reply.body
    return replace(reply, headers=tuple(_headers(reply.headers)), body=body)


def _try(lie: Callable, *given: object) -> object:
    """What a lie makes of it; None where it makes no sense of so odd a request, which is answered honestly then."""
    try:
        return lie(*given)
    except Exception:
        return None


# ---------------------------------------------------------------------- what is said of damaged answers


@cache
def damaged() -> list[list[Exchange]]:
    """All answers, each damaged in one way or two, several times over, drawn by its name."""
    rounds: list[list[Exchange]] = [[] for _ in range(ROUNDS)]
    for x in honest()[0]:
        draw, ways = random.Random(x.id), [way for way in damage.all_damages(x) if way.keywords.get("body") != DEEP]
        for each in rounds:
            each.append(draw.choice(ways)())
    return rounds


@cache
def verdicts(area: str) -> dict[str, list[Verdict]]:
    """By check of an area, what came of each round of damaged answers."""
    every = [check for check in catalogue().values() if area_of(check) == area]
    alone = [check for check in every if check.together is None]
    together = [check for check in every if check.together is not None]
    found: dict[str, list[Verdict]] = defaultdict(list)
    for n, each in enumerate(damaged()):
        here = [x if (hash_of(x.id) + n) % APART == 0 else honest for x, honest in zip(each, honest()[0], strict=True)]
        for verdict in (*judge(each, alone), *judge(here, together)):
            found[verdict.check.id].append(verdict)
    return found


def judged(area: str) -> Held:
    """By check: how many damaged answers failed of those that were judged, the outcomes, and all that was said."""
    return {check: f"{outcomes(found)} {digest(*map(said, found))}" for check, found in verdicts(area).items()}


def hash_of(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def said(v: Verdict) -> tuple[object, ...]:
    return v.outcome, v.exchanges, v.problems, v.reason, v.judged, v.failed, v.counts, v.left_out


def outcomes(found: Sequence[Verdict]) -> str:
    words = Counter(v.outcome for v in found)
    counts = f"{sum(v.failed for v in found)}/{sum(v.judged for v in found)}"
    return f"{counts} {','.join(f'{words[word]}:{word}' for word in sorted(words))}"


def decided() -> Held:
    """By feature, what was decided of each round of damaged answers."""
    found: dict[str, list[object]] = defaultdict(list)
    for each in (honest()[0], *damaged()):
        decider = Decider(features().values())
        for x in each:
            decider.add(x)
        for decision in decider.finish():
            found[decision.feature.name].append(replace(decision, feature=None))
    return {feature: digest(decisions) for feature, decisions in found.items()}


# ---------------------------------------------------------------------- what is declared


def declared() -> Held:
    """By check, feature, probe and lie, of what is said of it beside texts and code: sources, requests, links, what goes with it."""
    every = {"check": catalogue().values(), "feature": features().values(), "probe": probes(), "lie": lies().values()}
    return {
        f"{kind}:{getattr(each, 'id', '') or each.name}": digest(_parts(each))
        for kind, many in every.items()
        for each in many
    }


def _parts(each: object) -> list[tuple[str, object]]:
    return [(part.name, _part(getattr(each, part.name))) for part in fields(each) if part.name not in TEXTS]


def _part(value: object) -> object:
    if isinstance(value, Condition | Relation):
        return value.name
    if callable(value):
        return "code"
    return sorted(value) if isinstance(value, frozenset) else value


# ---------------------------------------------------------------------- the files

TABLES: dict[str, Callable[[], Held]] = {"declared": declared, "answers": answers, "decided": decided}
BY_AREA: dict[str, Callable[[str], Held]] = {"judged": judged, "told": told}
AREAS = sorted({area_of(check) for check in catalogue().values()} | {area_of_lie(lie) for lie in lies().values()})


def recorded(table: str) -> Held:
    lines = (FOLDER / f"{table}.digests").read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def write() -> None:
    made = {table: make() for table, make in TABLES.items()}
    made |= {
        table: {name: held for area in AREAS for name, held in make(area).items()} for table, make in BY_AREA.items()
    }
    for table, held in made.items():
        (FOLDER / f"{table}.digests").write_text(
            "".join(f"{name} {each}\n" for name, each in sorted(held.items())), "utf-8"
        )
