"""A cause in one sentence: in the words of the check that says it best, or of what its checks have in common."""

from __future__ import annotations

import re

from conformance.report.causes.joining import SEVERAL, Group, neglects
from conformance.report.causes.symptom import FAULT, GONE, LOST, MEMBER, REFUSED, SERVED
from conformance.report.locate import parts_of
from conformance.run.words import several

NAMED = 3
"""Members that one sentence names."""
FAILED = 3
"""Requests that are named where the server failed."""
CLAUSE = 20
"""Characters of a clause that says something."""
_CLAUSE = re.compile(r"(?:`[^`]*`|[^`,;:])+")
_BARE = re.compile(r"(the )?status is \d+, expected \w+( \(\d+\))?$")
"""A message that says nothing of what was asked."""


def sentence(members: Group, said: str) -> str:
    """What is wrong with a group of checks, the most telling first. `said` is the line of the answer that matters."""
    root, symptom = members[0]
    failing = [(row, each) for row, each in members if row.state == "fail"]
    if symptom.kind == LOST:
        number = len(symptom.ids)
        return f"{number} request{'s' * (number > 1)} without a whole answer: {symptom.message}"
    if len(ignored := neglects(members)) >= SEVERAL:
        more = f" and {len(ignored) - SEVERAL * 2} more" if len(ignored) > SEVERAL * 2 else ""
        return f"{len(ignored)} parameters are taken and ignored: {', '.join(ignored[: SEVERAL * 2])}{more}"
    if symptom.kind == SERVED and len(failing) > 1:
        return f"{len(failing)} kinds of mistakes are served, expected {symptom.key[1] or 'a refusal'}"
    if symptom.kind == REFUSED and len(failing) > 1:
        return f"{len(failing)} checks fail on one refusal: {said}"
    if symptom.kind == FAULT and said:
        return f"The server fails on {several(symptom.ids, FAILED)}: {said}"
    if symptom.kind == REFUSED and said:
        return f"{said.rstrip('.')}, but {_head(root.requirement)}"
    if symptom.kind in (REFUSED, FAULT) or _BARE.match(symptom.message):
        return f"{root.requirement.rstrip('.')}: {symptom.message}"
    lacking = dict.fromkeys(each.key[2] for row, each in failing if each.key[3:] == (GONE,) and row.area != "sdk")
    if symptom.key[2:3] == tuple(lacking)[:1] and len(lacking) > 1:
        more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
        return f"{', '.join(list(lacking)[:NAMED])}{more} are absent"
    others = {each.key for row, each in failing if row.area != "sdk"} - {symptom.key}
    message = symptom.message or root.requirement
    if symptom.key[1:2] == ("error",) and others:
        wrong = dict.fromkeys(_seen(each.message) for row, each in failing if row.area != "sdk")
        return f"Errors are not in OpenAI's form: {'; '.join(list(wrong)[:NAMED])}"
    return f"{message}; and {len(others)} more of the same request" if others and symptom.kind == MEMBER else message


def _head(requirement: str) -> str:
    """A requirement up to its first colon, semicolon or comma outside of a quotation, where that says enough."""
    head = _CLAUSE.match(requirement)
    text = (head[0] if head and len(head[0]) >= CLAUSE else requirement).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _seen(message: str) -> str:
    """What was seen, without what was expected."""
    what, seen, _ = parts_of(message)
    return f"{what} is {seen}" if seen else what
