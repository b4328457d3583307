"""What one check saw, made comparable: two symptoms with one key stem from the same thing.

A key is made of the answers alone where they say it (no whole answer, a server's fault, a refusal and its words), else of the
message: what it is about and what is wrong with it. It must not know any check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from conformance.exchange import Exchange
from conformance.report.causes.saying import signature, status
from conformance.report.locate import parts_of
from conformance.report.rows import Row

LOST, FAULT, REFUSED, SERVED, STATUS, MEMBER = "lost", "fault", "refused", "served", "status", "member"
"""Kinds of symptoms: no whole answer; 5xx; turned down; served although it is a mistake; another status; a member of the answer."""
NOTHING = ("absent", "null", "[]", '""', "{}")
GONE = "absent"
_WORD = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_QUOTED = re.compile(r"\"(?:\\.|[^\"])*\"|'[^']*'|\[[^\]]*\]|\([^)]*\)")
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a all an and any as at beside by chunk chunks choice choices call calls delta each end event events every first for from "
        "header in its last message no number of one or over plain stream streamed text the this to which who whole "
        "with without words data body output property names answer",
    )
)
"""Words of messages that are about no member; what is left when all are taken out is the member."""
_CONTAINERS = frozenset(
    ("choices", "message", "delta", "data", "tool_calls", "error", "body", "function", "content", "top_logprobs")
)
_STATUS = re.compile(r"\bstatus\b")


class Symptom(NamedTuple):
    """What was seen in which exchanges. `key` is equal for what stems from the same thing; its first word is the kind."""

    key: tuple[str, ...]
    ids: tuple[str, ...]
    message: str
    count: int

    @property
    def kind(self) -> str:
        return self.key[0]


def symptoms(row: Row, exchanges: Mapping[str, Exchange]) -> list[Symptom]:
    """What a failing check saw, the most frequent first, or why an untestable one could not see it, in the order told."""
    if row.state == "untestable":
        return list(_unread(row, exchanges))
    found: dict[tuple[str, ...], Symptom] = {}
    for problem in row.problems:
        seen = _failed(*problem, exchanges)
        if seen.kind == SERVED and row.level == "must":  # what must be refused does not stand among what should be
            seen = seen._replace(key=(*seen.key, row.level))
        before = found.get(seen.key, seen)
        ids = tuple(dict.fromkeys((*before.ids, *seen.ids)))
        found[seen.key] = Symptom(seen.key, ids, before.message, max(before.count, seen.count, len(ids)))
    return sorted(found.values(), key=lambda each: -each.count)


def split(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The single exchanges in ids of groups that were judged together."""
    return tuple(dict.fromkeys(one for joined in ids for one in joined.split(" + ")))


def _failed(ids: tuple[str, ...], message: str, count: int, exchanges: Mapping[str, Exchange]) -> Symptom:
    singles = split(ids)
    known = [exchanges[id] for id in split(ids[:1]) if id in exchanges]
    x = next((x for x in known if x.failure or x.failed), known[0] if known else None)
    key = _by_answer(x, message) or _by_words(message, x)
    turned = [id for id in singles if id not in exchanges or exchanges[id].failed or exchanges[id].failure]
    return Symptom(key, tuple(turned) if key[0] in (REFUSED, FAULT, LOST) and turned else singles, message, count)


def _unread(row: Row, exchanges: Mapping[str, Exchange]) -> Iterator[Symptom]:
    known = [exchanges[id] for id in row.exchanges if id in exchanges]
    for reason in row.reason.split("; "):
        x = next((x for x in known if x.failure and x.failure in reason), None)
        if x is not None:
            ids = tuple(each.id for each in known if each.failure)
            yield Symptom((LOST, x.ended, _masked(x.failure)), ids, reason, len(ids))
            continue
        x = next((x for x in known if x.failed), known[0] if known else None)
        yield Symptom(_by_answer(x, reason) or _by_words(reason, x), row.exchanges, reason, len(row.exchanges))


def _by_answer(x: Exchange | None, message: str) -> tuple[str, ...] | None:
    """The key where the answer as a whole is what is wrong."""
    if x is None:
        return None
    if x.failure:
        return LOST, x.ended, _masked(x.failure)
    what, seen, wanted = parts_of(message)
    if (status(x) or 0) >= 500:
        return FAULT, *signature(x)
    if not _STATUS.search(what):
        return None
    asked_for = (re.findall(r"\b[1-5]\d\d\b", wanted) or [""])[0]
    if x.failed:
        if asked_for.startswith("2"):
            return REFUSED, *signature(x)
        return STATUS, seen.strip('"'), asked_for
    return SERVED, asked_for


def _by_words(message: str, x: Exchange | None) -> tuple[str, ...]:
    """The key of a message about a member: where, which, and whether it is not there or what it should have been."""
    what, seen, wanted = parts_of(message)
    scope = "" if x is None or "-" in member(what) else "error" if x.failed else x.route or ""
    if not wanted and (found := re.fullmatch(r"(.+?) is (.+), expected (.+)", what, re.DOTALL)):
        what, seen, wanted = found.groups()
    gone = seen in NOTHING or seen.startswith("absent from every")
    return MEMBER, scope, member(what), GONE if gone else " ".join(_masked(wanted or message).split()[:2])


def member(what: str) -> str:
    """The member that a message is about, without its place: "role" of "role of choice 0" and of "chunk 1.choices.0.delta.role"."""
    bare = _QUOTED.sub(" ", what)
    for word in _WORD.findall(bare):
        steps = [step for step in word.split(".") if not step.isdigit()]
        if len(steps) > 1 or steps[0] not in _FILLER:
            last = steps[-1]
            parent = steps[-2] if len(steps) > 1 else ""
            return last if not parent or parent in _CONTAINERS or parent in _FILLER else f"{parent}.{last}"
    noun = re.search(r"(\w+) of\b", bare) or re.search(r"(\w+)\s*$", bare)
    return noun[1] if noun else ""


def _masked(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'|\d+(\.\d+)?", "*", text)
