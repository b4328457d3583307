"""Refusals: what is asked of the answer to a mistake, and which requests should not have been refused at all.

Functions that say what is wrong yield problems, as checks do; which mistake it was is for mistakes.py to say.
"""

from __future__ import annotations

import re
from typing import Any

from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge.condition import request
from conformance.judge.conditions import chat_request, status
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
UNUSUAL = (
    frozenset({"edge", "staged", "huge-limit", "unreachable-image", "bad-utf8", "text-plain", "trailing-slash"})
    | MANNERS
)
"""Requests of the suite that a server may well turn down, beside those with a mistake and those for what is optional."""


@request("of the suite, with nothing in it that a server may turn down")
def plain_sense(x: Exchange) -> bool:
    return bool(x.intent) and not x.intent & {*UNUSUAL, "optional"} and mistaken(x) is not True


TURNED_DOWN = (400, 415, 422, 500, 501)
"""How servers say that they cannot take a request; any other status is about the key, the model, a limit or an outage."""
LACKING = ("unsupported_parameter", "unsupported_value")
"""Codes by which OpenAI says that this model lacks a parameter: `stop` with its reasoning models, for one."""


def lacking(x: Exchange) -> bool:
    """The model turned the request down for a parameter that it lacks, which says nothing of the rest of the request."""
    return x.failed and x.not_json is None and find(x.json, "error.code") in LACKING


def not_taken(x: Exchange, what: str) -> Problems:
    """The one problem of a request that should have been taken, and what the endpoint says to it."""
    if not x.ok:
        yield differs("the status", x.status, f"200: {what}; it says {own_words(x)}")


def own_words(x: Exchange) -> str:
    """The endpoint's own words in an error, as one short line; those of FastAPI begin with the place."""
    body = x.json if x.not_json is None else None
    for path in ("error.message", "error", "message", "detail", "detail.0.msg"):
        if isinstance(text := find(body, path), str) and text.strip():
            place = find(body, "detail.0.loc") if path == "detail.0.msg" else None
            return show(f"{'.'.join(map(str, place))}: {text}" if isinstance(place, list) else text, 160)
    return show(x.body[:400].decode("utf-8", "replace"), 100) if x.body else "no message"


def texts_sent(x: Exchange) -> list[str]:
    """The text of each message, its text parts in one."""
    contents = [message.get("content") for message in sent_messages(x)]
    parts = [content if isinstance(content, list) else [{"text": content}] for content in contents]
    return ["".join(text for part in each if isinstance(text := find(part, "text"), str)) for each in parts]


def sent_messages(x: Exchange) -> list[dict]:
    sent = x.asked.get("messages")
    return [message for message in sent if isinstance(message, dict)] if isinstance(sent, list) else []
