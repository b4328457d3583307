"""Refusals: what is asked of the answer to a mistake, and which requests should not have been refused at all.

Functions that say what is wrong yield problems, as checks do; which mistake it was is for mistakes.py to say.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import asked, chat_request, status
from conformance.judge.mistakes import BUSY, DENIED, mistaken
from conformance.judge.registry import differs
from conformance.judge.verdicts import Problems
from conformance.wire.jsontext import show


def said(x: Exchange, name: str) -> Any:
    """A member of the `error` object of an error answer; None where there is none, or no such object."""
    try:
        return x.error.get(name) if x.status >= 400 else None
    except Unreadable:
        return None


def accepted(x: Exchange) -> Problems:
    """The status, where the mistake was not refused. Whether the refusal was a right one is said elsewhere."""
    if x.status < 400:
        yield differs("status", x.status, "a refusal (400)")


def code_is_not(x: Exchange, *wanted: str) -> Problems:
    """The code of the error, where it is none of those wanted. Raises Unreadable."""
    code = need(x.error, "code", str, None)
    if code not in wanted:
        yield differs("error.code", code, " or ".join(map(show, wanted)))


def param_names_none(x: Exchange, *wanted: str) -> Problems:
    """The param of the error, where it does not begin with one of the names wanted. Raises Unreadable."""
    param = need(x.error, "param", str, None)
    if first_name(param) not in wanted:
        yield differs("error.param", param, " or ".join(map(show, wanted)))


def first_name(param: str | None) -> str | None:
    """The parameter in which a path begins: "messages" of "messages.[0].role"; None where there is none."""
    found = re.match(r"\w+", param or "")
    return found[0] if found else None


# ---------------------------------------------------------------------- refused without a mistake


asking = chat_request & ~mistaken
"""Chat requests that no mistake is known of."""
judged = chat_request & ~status(*DENIED, *BUSY)
"""Chat requests answered for what they ask, not for a key, a limit or an outage."""
MANNERS = frozenset({"way", "over-kept", "leaves", "after-left"})
"""Intents of requests that are about how they are sent, and no answer to them about what is in them."""
_NOT_PLAIN = frozenset(
    {"optional", "staged", "huge-limit", "unreachable-image", "bad-utf8", "text-plain", "trailing-slash"} | MANNERS
)
"""Requests of the suite that a server may well turn down, beside those with a mistake, or for how they came."""


@request("of the suite, with nothing in it that a server may turn down")
def plain_sense(x: Exchange) -> bool:
    return bool(x.intent) and not x.intent & _NOT_PLAIN and mistaken(x) is not True


TURNED_DOWN = (400, 415, 422, 500, 501)
"""How servers say that they cannot take a request; any other status is about the key, the model, a limit or an outage."""
SHORT = 4
"""Letters of a word that longer ones may well begin with."""
LACKING = ("unsupported_parameter", "unsupported_value")
"""Codes by which OpenAI says that this model lacks a parameter: `stop` with its reasoning models, for one."""

right = request("of the suite without a mistake")(
    lambda x: bool(x.intent & {"valid", "natural-end", "long-answer", "stop-inside", "history", "tool-result"})
)


def lacking(x: Exchange) -> bool:
    """The model turned the request down for a parameter that it lacks, which says nothing of the rest of the request."""
    return x.failed and x.not_json is None and find(x.json, "error.code") in LACKING


def blamed(*words: str) -> Condition:
    """The request was taken, or turned down for what these words name: by `error.param`, else in what the error says.

    A refusal that names nothing is blamed on nothing: param.refusal-names and error.valid-not-500 say so.
    """

    names = _any_of(words)

    @response(f"taken, or turned down for its {words[0]}")
    def decide(x: Exchange) -> bool:
        if x.status not in TURNED_DOWN:
            return x.ok
        if lacking(x):
            return False
        error = x.json if x.not_json is None else None
        param = find(error, "error.param")
        if isinstance(param, str) and param:
            return names.search(param.removeprefix("messages") or param) is not None
        return names.search(_said(x)) is not None

    return decide


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds a word where one begins; short ones (`n`) end there, too, but for a plural."""
    ways = (re.escape(word) + (r"s?(?![a-z0-9])" if word.isalpha() and len(word) <= SHORT else "") for word in words)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(ways)})", re.IGNORECASE)


def _said(x: Exchange) -> str:
    """The words of a refusal: every text in its JSON, wherever it stands, or the body as it is. Names of members are no words."""
    if x.not_json is not None:
        return x.body[:2000].decode("utf-8", "replace")
    texts, left = [], [x.json]
    while left and len(texts) < 100:
        value = left.pop()
        if isinstance(value, str):
            texts.append(value[:2000])
        elif isinstance(value, (dict, list)):
            left += list(value.values() if isinstance(value, dict) else value)[:100]
    return " ".join(texts)


def taken_or_blamed(*words: str) -> Condition:
    """The same, of requests of the suite that hold nothing unusual."""
    return chat_request & right & blamed(*words)


def not_taken(x: Exchange, what: str) -> Problems:
    """The one problem of a request that should have been taken."""
    if not x.ok:
        yield differs("the status", x.status, f"200: {what}")


def sent_messages(x: Exchange) -> list[dict]:
    sent = x.asked.get("messages")
    return [message for message in sent if isinstance(message, dict)] if isinstance(sent, list) else []


@cache
def taken_or_named(name: str) -> Condition:
    """A request of the suite that sets this parameter, and was taken, or turned down in words that name it."""
    quoted = re.compile(rf"""(['"`]|: ?){name}(\\?['"`.,]|\s|$)""")

    @response(f"taken, or turned down for {name}")
    def decide(x: Exchange) -> bool:
        if x.ok or x.status not in TURNED_DOWN or x.status >= 500:
            return x.ok
        error = x.json if x.not_json is None else None
        if find(error, "error.code") in LACKING:
            return False
        param = find(error, "error.param")
        if isinstance(param, str) and param:
            return param.partition(".")[0].partition("[")[0] == name
        return quoted.search(x.body[:2000].decode("utf-8", "replace")) is not None

    return chat_request & asked(name) & right & decide
