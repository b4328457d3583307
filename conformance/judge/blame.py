"""Which part of a valid request was refused. Told over all exchanges: what others carried with success is never blamed.

A part is blamed where nothing else is left that could be: the same request without it was served, or the refusal names it and no other.
It must not send; send/apart.py sends again in parts what was refused, so that there is something to tell by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from conformance.exchange import Exchange, find, remembered
from conformance.judge.belonging import made_of
from conformance.judge.carried import Part, named_by, parts
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import chat_request
from conformance.judge.mistakes import mistaken, too_long
from conformance.judge.refusals import TURNED_DOWN, UNUSUAL, lacking, own_words
from conformance.judge.verdicts import Relation, Untold

ECHOED = frozenset({"input", "received", "value"})
"""Members of a refusal in which frameworks send back what they were sent: no words of theirs."""


def valid(x: Exchange) -> bool:
    """A chat request of the suite that should be taken, or refused for what it carries."""
    return bool(x.intent) and not x.intent & UNUSUAL and bool(chat_request(x)) and mistaken(x) is not True


def turned_down(x: Exchange) -> bool:
    """Valid, and refused for what it carries: not for the key, a limit, its length or what the model lacks by its own words."""
    return x.status in TURNED_DOWN and valid(x) and not lacking(x) and too_long(x) is not True


class Case:
    """The refusals of one endpoint, and what speaks for each part of them."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.refused = [x for x in exchanges if turned_down(x)]
        self._served = [x for x in exchanges if x.ok and chat_request(x) is True and "edge" not in x.intent]
        self._taken = {name for x in self._served for name in parts(x)}

    def suspects(self, x: Exchange) -> list[Part]:
        """What no other request carried with success."""
        return [part for name, part in parts(x).items() if name not in self._taken]

    def blamed(self, x: Exchange) -> list[Part]:
        """The part that was refused. Several where the refusal names them all, none where nothing tells."""
        left = self.suspects(x)
        return left if len(left) == 1 and self._served_without(x, left[0]) else named(x, left)

    def _served_without(self, x: Exchange, part: Part) -> bool:
        """The same request without that part, and nothing else changed, was served."""
        body, headers = part.without(x.asked), _headers(x)
        return any(y.asked == body and _headers(y) == headers for y in self._served)

    @cached_property
    def known(self) -> set[str]:
        """The parts for which some request was refused, and no other part of it can have been the reason."""
        return {found[0].name for x in self.refused if len(found := self.blamed(x)) == 1}


def _headers(x: Exchange) -> set[tuple[str, str]]:
    return {(name.lower(), value) for name, value in x.request_headers if name.lower() != "content-length"}


def named(x: Exchange, among: Sequence[Part]) -> list[Part]:
    """Those that the refusal names, by `error.param` if that says more than `messages`; the one alone that it names by its own word."""
    param = find(x.json, "error.param") if x.not_json is None else None
    place = param.removeprefix("messages") if isinstance(param, str) else ""
    text = _words(x)
    found = [part for part in among if named_by(part.words).search(place if re.search("[a-z]", place) else text)]
    own = [part for part in found if named_by(part.words[:1]).search(text)]
    return own if len(own) == 1 else found


def names(x: Exchange, *words: str) -> bool:
    """Whether a refusal names one of these: by `error.param`, or in what it says."""
    param = find(x.json, "error.param") if x.not_json is None else None
    return named_by(words).search(f"{param} {_words(x)}" if isinstance(param, str) else _words(x)) is not None


@remembered
def _words(x: Exchange) -> str:
    """Every text in the JSON of the refusal, wherever it stands, or the body as it is.

    Names of members are no words, nor is what came back of the request.
    """
    if x.not_json is not None:
        return x.body[:2000].decode("utf-8", "replace")
    texts, left = [], [x.json]
    while left and len(texts) < 100:
        value = left.pop()
        if isinstance(value, str):
            texts.append(value[:2000])
        elif isinstance(value, list):
            left += value[:100]
        elif isinstance(value, dict):
            left += [item for name, item in value.items() if name not in ECHOED][:100]
    return " ".join(texts)


def carries(name: str) -> Condition:
    """The request carries the part of this name (carried.py)."""
    return request(f"with {name}")(lambda x: name in parts(x))


def _chat_requests(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return [x for x in exchanges if chat_request(x) is True and "edge" not in x.intent]


def _carrying(
    condition: Condition, own: tuple[str, ...], exchanges: Sequence[Exchange]
) -> Iterator[tuple[Exchange, ...]]:
    """Each request that carries it, taken; where none was, those refused for it, the smallest, or of which nobody can tell."""
    asking = [x for x in made_of(exchanges, _chat_requests) if condition(x) is True]
    taken = [x for x in asking if x.ok]
    yield from ((x,) for x in taken)
    refused = [] if taken else [x for x in asking if turned_down(x)]
    if not refused:
        return
    case = made_of(exchanges, Case)
    found = [(x, _judged(condition, own, x, case)) for x in sorted(refused, key=lambda x: len(parts(x)))]
    guilty = [(x,) for x, verdict in found if verdict is True]
    yield from guilty[:1] or (Untold((x,), _together(case, x)) for x, verdict in found if verdict is None)


def _judged(condition: Condition, own: tuple[str, ...], x: Exchange, case: Case) -> bool | None:
    """Whether this refusal is for what the condition is about: True, False (for another part) or None."""
    blamed = case.blamed(x) or [part for part in case.suspects(x) if part.name in case.known]
    if x.status >= 500 and not named(x, blamed):
        return False  # a crash is told as such, by error.valid-not-500
    about = [part for part in blamed if part.name.startswith(own) or _about(condition, x, part)]
    return bool(about) if blamed and len(about) in (0, len(blamed)) else None


def _about(condition: Condition, x: Exchange, part: Part) -> bool:
    """Without the part it no longer holds; and not because something went along with the part that could have gone alone."""
    if condition(less := _less(x, part)) is True:
        return False
    inner = [p for name, p in parts(x).items() if name not in parts(less) and part.name in parts(_less(x, p))]
    return all(condition(_less(x, p)) is True for p in inner)


def _less(x: Exchange, part: Part) -> Exchange:
    """The request without that part."""
    body = json.dumps(part.without(x.asked)).encode()
    return Exchange(x.id, x.method, x.url, x.request_headers, body, None, (), b"", intent=x.intent)


def _together(case: Case, x: Exchange) -> str:
    suspects = ", ".join(part.name for part in case.suspects(x)) or "what others carried with success"
    return f"refused together with {suspects}, and nothing tells for which of it; it says {own_words(x)}"


def for_another(condition: Condition, x: Exchange, exchanges: Sequence[Exchange]) -> bool:
    """The request was refused for something else than what the condition is about."""
    return turned_down(x) and _judged(condition, (), x, made_of(exchanges, Case)) is False


def carrying(condition: Condition, *own: str) -> Relation:
    """(a request that carries it), where the endpoint takes it or refuses it for that.

    It is about the parts without which the condition no longer holds, and those whose names begin so.
    """
    return Relation(f"valid request {condition.name}", partial(_carrying, condition, own))
