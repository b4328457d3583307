"""What the laws of moderations ask: how many inputs were sent, which results came back, and which answers can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from conformance.exchange import Exchange, find, need
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import looked_at, ok, post, route, status
from conformance.judge.verdicts import Relation

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "self-harm", "self-harm/instructions", "self-harm/intent",
    "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip
"""Those that every model knows; omni-moderation knows `illicit`, too."""
ILLICIT = ("illicit", "illicit/violent")

moderation_request = route("moderations") & post
made = moderation_request & ok
heard = moderation_request & looked_at & ~status(401, 403)
"""Answered for what was asked, not for the key or a limit."""


def inputs(x: Exchange) -> int:
    """How many results are owed: one for each text of a list. Parts, images among them, are one input together."""
    asked = x.asked.get("input")
    return len(asked) if isinstance(asked, list) and all(isinstance(each, str) for each in asked) else 1


def texts(x: Exchange) -> list[str]:
    """The texts to judge; none where they are parts."""
    asked = x.asked.get("input")
    found = asked if isinstance(asked, list) else [asked]
    return found if all(isinstance(each, str) and each for each in found) else []


def results(x: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, result). Raises Unreadable."""
    for n in range(len(need(x.answer, "results", list))):
        yield f"results.{n}", need(x.answer, f"results.{n}", dict)


@request("with several texts")
def of_several(x: Exchange) -> bool:
    return isinstance(x.asked.get("input"), list) and bool(texts(x))


@request("with parts")
def of_parts(x: Exchange) -> bool:
    asked = x.asked.get("input")
    return isinstance(asked, list) and bool(asked) and all(isinstance(each, dict) for each in asked)


@request("with parts that are texts")
def of_text_parts(x: Exchange) -> bool:
    return of_parts(x) is True and all(each.get("type") == "text" for each in x.asked["input"])


@response("of a model that knows more than texts")
def omni(x: Exchange) -> bool:
    """text-moderation, which went before, has 11 categories and does not say what they were applied to."""
    model = find(x.answer, "model")
    return not (isinstance(model, str) and model.startswith("text-moderation"))


def _beside_a_text(form: Condition, exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(one text that was judged, another form of input to the same model), no mistake among them."""
    first: dict[Any, Exchange] = {}
    for x in exchanges:
        if made(x) is True and isinstance(x.asked.get("input"), str):
            first.setdefault((x.url, x.asked.get("model")), x)
    for x in exchanges:
        sound = moderation_request(x) is True and not x.intent & {"mistake", "edge"} and form(x) is True
        if sound and (served := first.get((x.url, x.asked.get("model")))) is not None:
            yield served, x


def _same_text(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """(a text alone, the first list that holds it), of one model."""
    alone = {(x.url, x.asked.get("model"), texts(x)[0]): x for x in exchanges if made(x) is True and len(texts(x)) == 1}
    seen = set()
    for x in exchanges:
        for text in texts(x) if made(x) is True and len(texts(x)) > 1 else ():
            key = (x.url, x.asked.get("model"), text)
            if key in alone and key not in seen:
                seen.add(key)
                yield alone[key], x


def beside_a_text(form: Condition) -> Relation:
    return Relation(f"moderation {form.name}, by a model that judges a text", partial(_beside_a_text, form))


same_text = Relation("text judged alone and among others", _same_text)
"""(alone, among others)"""
