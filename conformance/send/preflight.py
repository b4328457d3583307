"""One request before all others: can this endpoint be judged at all? If not, one line says what is wrong and what to do.

It must not judge: an endpoint that answers, however badly, is left to the checks. Only what would make every check red for
one and the same reason (no connection, a wrong address, a refused key, no such model) stops a run here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from conformance.areas.questions import GREETING, LIST
from conformance.exchange import Exchange, Unreadable, find
from conformance.send.allowance import Allowance
from conformance.send.aside import aside
from conformance.send.budget import Budget
from conformance.send.cannot_judge import CannotJudge
from conformance.send.limits import Limits
from conformance.send.patience import BUSY, loading
from conformance.send.requests import Request, requests
from conformance.send.retries import Asker
from conformance.send.sender import Unsendable, client, send
from conformance.send.target import Target
from conformance.wire.jsontext import printable, show
from conformance.wire.redact import names_a_secret, without_keys

MAX_MODEL = 500
"""Characters of a model's name that is taken from a list."""

_log = logging.getLogger(__name__)
_VERSION = re.compile(r"/v\d+[a-z0-9]*(/|$)")
_HTML = re.compile(rb"\s*(<!doctype html|<html|<head|<\?xml)", re.I)
_HTTPS = re.compile(rb"https port|over tls|client sent an http request to an https", re.I)
_UNKNOWN_MODEL = re.compile(
    r"\b(unknown|invalid|no such|not a valid|access to) model\b|model_not_found|invalid_model|no models? loaded"
    r"|\bmodel\b.{0,120}\b(not found|not exist|isn't found|not a valid)",
    re.I | re.S,
)
_NO_KEY = re.compile(
    r"api[ _-]?key (is )?(not valid|missing|invalid)|(invalid|incorrect|missing|no) api[ _-]?key", re.I
)
"""Some servers say 400 where others say 401."""
_NOT_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|rerank|moderation|image|transcribe|realtime|sora|davinci|babbage|-instruct-beta", re.I
)
"""Models of the public lists that answer no chat; passed over while there is any other."""


async def preflight(
    target: Target,
    model: str | None,
    limits: Limits,
    *,
    key_env: str | None = "OPENAI_API_KEY",
    wait: float = 0.0,
    on_refusal: Callable[[Exchange], None] = lambda x: None,
    chats: bool = True,
    allowance: Allowance | None = None,
) -> tuple[str, Exchange]:
    """The model to judge and the exchange of the one request sent, which the run need not send again.

    Asks for the list of models where no model is given (the first that can chat is taken), or none is to chat, else greets that model.
    `target.model` is not read. `key_env` names the variable that the key is from, for the message. An endpoint that is not
    up yet is asked again for `wait` seconds, and `on_refusal` gets each answer before the last. It costs some of the `allowance`;
    where that is over before, a model that is named is taken without asking. Raises CannotJudge.
    """
    _check(target)
    target = replace(target, model=model or "")
    request = requests(GREETING if model is not None and chats else LIST, target.model)[0]
    refusals = 0

    def waiting(x: Exchange) -> None:
        nonlocal refusals
        refusals += 1
        if refusals == 1:
            _log.warning("%s; waiting up to %g s for it (--wait)", _not_yet(x), wait)
        on_refusal(x)

    try:
        sending = client(target.base_url)
    except Unsendable as why:
        raise CannotJudge(str(why)) from None
    allowance = allowance or Allowance(limits)
    if allowance.over:
        if model is None:
            raise CannotJudge(f"{_shown(target)} is asked no more: {allowance.over}")
        return model, allowance.unsent(request, target)

    async def once(request: Request) -> Exchange:  # also where nothing came of it so often that no more is asked else
        began = time.perf_counter()
        x = await send(request, target, limits, http, allowance.room)
        allowance.came(x, time.perf_counter() - began)
        return x

    async with sending as http:
        x = await Asker(once, waiting, Budget(), (partial(loading, wait=wait),)).ask(request)
    greeted = model is not None
    wrong = await aside([x], _wrong, x, target, model, key_env, chats or not greeted)
    if wrong:
        raise CannotJudge(f"{wrong}{_waited(x, wait, refusals)}", x)
    return model if greeted else await aside([x], _first, x), x


def _wrong(x: Exchange, target: Target, model: str | None, key_env: str | None, routed: bool) -> str | None:
    """Why nothing can be judged, by this answer; `routed` where its route must be there."""
    wrong = _unreachable(x) or _misplaced(x, target) or _refused(x, target, key_env)
    return wrong or (_no_route(x, target, model) if routed else None)


def _check(target: Target) -> None:
    """What the user gave must be fit to be sent at all."""
    try:
        parts = urlsplit(target.base_url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable:
        shown = show(without_keys(target.redactor.url(target.base_url)), 100)
        raise CannotJudge(f"the base URL {shown} is no URL like http://localhost:8000/v1")
    if target.key is not None and not re.fullmatch("[\x21-\x7e]+", target.key):
        raise CannotJudge("the API key holds a space, a line end or another character that no header can carry")
    for name, value in target.headers:
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not re.fullmatch("[\t\x20-\x7e]*", value):
            raise CannotJudge(f"the header {show(without_keys(name), 60)} holds what no header can carry")


_ADVICE = (
    ("TLS", "does it speak https, with a certificate that this machine trusts (SSL_CERT_FILE names others)?"),
    ("is not known", "is the base URL spelled right?"),
    ("listens|limit: connect|no connection|proxy", "is the server running, and the base URL right?"),
    ("limit|too slow", "is the server overloaded? --timeout gives it longer"),
    ("", "does the base URL lead to an HTTP server (http or https, and the right port)?"),
)


def _unreachable(x: Exchange) -> str | None:
    if x.status is not None:
        return None
    advice = next(advice for words, advice in _ADVICE if re.search(words, x.failure or ""))
    return f"no answer from {x.url}: {x.failure}; {advice}"


def _misplaced(x: Exchange, target: Target) -> str | None:
    """The base URL leads to something else than an API."""
    if _HTTPS.search(x.body[:2000]) and x.status == 400:
        return f"{_shown(target)} speaks https: write https:// in the base URL"
    if 300 <= x.status < 400:
        return (
            f"{x.url} redirects to {show(x.header('location') or '', 100)}; give the address that answers as base URL"
        )
    if (x.ok or x.status in (403, 404, 405) or (x.status == 400 and not _versioned(target))) and _is_html(x):
        return f"{x.url} answers {x.status} with an HTML page instead of JSON; {_hint(target)}"
    return None


def _refused(x: Exchange, target: Target, key_env: str | None) -> str | None:
    said = _said(x)
    unknown_model = _UNKNOWN_MODEL.search(f"{_code(x)} {said}")
    if x.status == 401 or (x.status == 403 and not unknown_model) or (x.status == 400 and _NO_KEY.search(said)):
        if not any(names_a_secret(name) for name, _ in x.request_headers):
            unset = f"${key_env} is not set" if key_env else "none was given"
            return f"the endpoint wants a key ({x.status}: {said}) and {unset}"
        whose = f"the key in ${key_env}" if key_env and target.key else "the credentials given"
        return f"the endpoint refused {whose} ({x.status}: {said})"
    if x.status in (402, 407, 408, 429):
        return f"the endpoint takes no requests now ({x.status}: {said}{_later(x)}); try again when it does"
    if x.status >= 500:
        return f"{x.url} answers {x.status} to a plain request ({said}{_later(x)}); the server's log may say why"
    return None


def _no_route(x: Exchange, target: Target, model: str | None) -> str | None:
    """Neither this route nor this model is there."""
    if x.ok:
        return None
    said = _said(x)
    named = model is not None and (_UNKNOWN_MODEL.search(f"{_code(x)} {said}") or (x.status == 404 and model in said))
    if named and x.status in (400, 403, 404, 422):
        return (
            f"the endpoint does not know the model {show(model, 100)} ({x.status}: {said}); name another with --model"
        )
    if x.status in (404, 405, 501) and not _versioned(target):
        return f"{x.url} answers {x.status}; {_hint(target)}"
    if model is None:
        return f"{x.url} gives no list of models ({x.status}: {said}); name a model with --model"
    if x.status in (404, 405, 501):
        return f"{x.url} answers {x.status} ({said}): there is no such route below this base URL"
    return None


def _first(x: Exchange) -> str:
    """The first model of the list that can chat. Raises CannotJudge."""
    try:
        listed = x.answer.get("data")
    except Unreadable as reason:
        raise CannotJudge(
            f"{x.url} gives no list of models: {x.failure or reason}; name a model with --model", x
        ) from None
    if listed == []:
        raise CannotJudge(f"the list of models of {x.url} is empty; load a model, or name one with --model", x)
    ids = [find(item, "id") for item in listed] if isinstance(listed, list) else []
    ids = [
        id
        for id in ids
        if isinstance(id, str) and id.isprintable() and "\ufffd" not in id and id.strip() and len(id) <= MAX_MODEL
    ]
    if not ids:
        raise CannotJudge(f"the list of models of {x.url} holds no usable id; name a model with --model", x)
    return next((id for id in ids if not _NOT_CHAT.search(id)), ids[0])


def _shown(target: Target) -> str:
    return target.redactor.url(target.base_url)


def _versioned(target: Target) -> bool:
    return _VERSION.search(urlsplit(target.base_url).path) is not None


def _hint(target: Target) -> str:
    if _versioned(target):
        return "is the base URL that of an OpenAI-compatible API?"
    return f"the base URL has no /v1, try {_shown(target).rstrip('/')}/v1"


def _is_html(x: Exchange) -> bool:
    return x.media_type in ("text/html", "application/xhtml+xml") or _HTML.match(x.body) is not None


def _said(x: Exchange) -> str:
    """The endpoint's own words, wherever they stand in an error body, as one safe line."""
    for path in ("error.message", "error", "message", "detail", "detail.message"):
        found = find(_json(x), path)
        if isinstance(found, str) and found.strip():
            return show(found, 200)
    return show(x.body[:400].decode("utf-8", "replace"), 120) if x.body else "no message"


def _later(x: Exchange) -> str:
    """What the answer says of when to come back, as it stands there."""
    told = ((name, x.header(name)) for name in ("Retry-After", "retry-after-ms"))
    return "".join(f"; {name}: {printable(value):.60}" for name, value in told if value)


def _waited(x: Exchange, wait: float, times: int) -> str:
    """The end of a sentence: how long the endpoint was waited for, or that it may be."""
    if times:
        return f"; it was waited for {wait:g} s (--wait)"
    return "; a longer --wait waits for it" if x.status in BUSY and _later(x) else ""


def _not_yet(x: Exchange) -> str:
    """Why an endpoint is waited for, in words of our own but for the time it names."""
    return f"{x.url} answers {x.status}{_later(x)}" if x.answered else str(x.failure)


def _code(x: Exchange) -> str:
    return " ".join(
        str(found) for path in ("error.code", "error.type", "code") if isinstance(found := find(_json(x), path), str)
    )


def _json(x: Exchange) -> Any:
    try:
        return x.json
    except Unreadable:
        return None
