"""The reference server as a pure function: `Server.respond(call)` gives the Reply to a Call.

Headers, errors and the way to a route are here; what is answered there, areas say (routes.py), and what is refused and
staged is next door. No sockets, no clock but the one given.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from urllib.parse import unquote

from conformance.reference import rules, talk
from conformance.reference.forms import Form, read_form
from conformance.reference.kept_conversations import KeptConversations
from conformance.reference.kept_responses import KeptResponses
from conformance.reference.lies import Lie
from conformance.reference.limiter import Limiter, Quota
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply, frames
from conformance.reference.routes import Routes
from conformance.reference.script import MODEL
from conformance.reference.shelf import Shelf
from conformance.reference.staging import STAGE_HEADER, STAGED_LIMIT, limited
from conformance.reference.values import Boundless

LIMIT_REQUESTS = 5000
LIMIT_TOKENS = 200_000
WORTH_PACKING = 400
"""Bytes from which a plain answer is compressed for a client that takes gzip."""

TASKS = ("embedding", "transcription", "speech", "image", "moderation")
"""What has a model of its own here: no model chats and embeds."""

MISSHAPEN = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
"""What code raises that reads a part of another shape than it is used to, or a number or nest beyond all use."""
T = TypeVar("T")
_GZIP = re.compile(r"\bgzip\b(?! *; *q=0(\.0*)? *(,|$))", re.IGNORECASE)
_CLIENT_ID = re.compile(r"[\x20-\x7e]{1,512}")


@dataclass
class Server:
    """One reference server: what it answers on its routes, its key, its model, what it counts and stores, and the lie it tells, if any;
    `left` is whether a client has gone away in the middle of an answer.

    `limit` are the POST requests that a key may send in `window` seconds; without it none is turned away, but where a
    probe asks for a limit.
    """

    routes: Routes
    key: str = "sk-reference"
    model: str = MODEL
    lie: Lie | None = None
    now: Callable[[], float] = time.time
    served: int = 0
    stored: dict[str, Json] = field(default_factory=dict)
    responses: KeptResponses = field(default_factory=KeptResponses)
    conversations: KeptConversations = field(default_factory=KeptConversations)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    limit: int | None = None
    window: float = 1.0
    left: bool = False

    def __post_init__(self) -> None:
        self._limiter = Limiter(self.limit or STAGED_LIMIT, self.window, lambda: self.now())

    def respond(self, call: Call) -> Reply:
        """The reply to a call, lies included."""
        original, lie = call, self.lie if self.lie and (self.lie.socket or not call.socket) else None
        if lie and lie.ask:
            call = _told(lie.ask, call)
        reply = self._answer(call)
        if lie and lie.reply:
            reply = _told(partial(lie.reply, original), reply)
        return reply

    def wire(self, call: Call, reply: Reply) -> tuple[Reply, tuple[bytes, ...]]:
        """The reply as sent: its final headers and the pieces of its body."""
        pieces = frames(reply)
        if self.lie and self.lie.wire:
            pieces = _told(partial(self.lie.wire, call), pieces)
        if not reply.in_portions and _GZIP.search(call.header("accept-encoding")):
            body = b"".join(pieces)
            if len(body) >= WORTH_PACKING and not reply.header("content-encoding"):
                reply, pieces = reply.with_headers(content_encoding="gzip"), (gzip.compress(body, mtime=0),)
        return reply, pieces

    # ------------------------------------------------------------------ answering

    def _answer(self, call: Call) -> Reply:
        self.served += 1
        quota = self._quota(call)
        try:
            reply = limited() if quota and quota.denied else self._route(call)
        except Refusal as refusal:
            reply = Reply(refusal.status, (), {"error": refusal.error})
            if refusal.status == 401:
                reply = reply.with_headers(www_authenticate='Bearer realm="OpenAI API"')
        except Boundless as reason:
            error = Refusal(400, f"Invalid schema: what fits it is too large ({reason}).", code="invalid_schema").error
            reply = Reply(400, (), {"error": error})
        except MISSHAPEN:
            reply = Reply(400, (), {"error": Refusal(400, "Invalid request: a part of it has the wrong shape.").error})
        if call.socket and call.method == "POST":
            return talk.spoken(reply)
        streamed = reply.chunks is not None
        return reply.with_headers(
            content_type="text/event-stream; charset=utf-8" if streamed else "application/json",
            cache_control="no-cache" if streamed else None,
            **{**self._standing(call), **(quota.headers() if quota else {})},
            **dict(reply.headers),
        )

    def _quota(self, call: Call) -> Quota | None:
        """Where this request stands, None where no limit is set or asked for."""
        if call.method != "POST" or (self.limit is None and call.header(STAGE_HEADER) != "limit"):
            return None
        return self._limiter.count(call.header("authorization"))

    def _standing(self, call: Call) -> dict[str, str]:
        """The headers of every answer, and of generations those that count down."""
        headers = {
            "x_request_id": f"req_{self.hash('request', 32)}",
            "openai_version": "2020-10-01",
            "openai_processing_ms": str(1 + self.served % 9),
            "openai_organization": "conformance",
        }
        if call.header("origin"):
            headers |= {"access_control_allow_origin": "*", "access_control_expose_headers": "X-Request-ID"}
        if call.method == "POST":
            headers |= {
                "x_ratelimit_limit_requests": str(LIMIT_REQUESTS),
                "x_ratelimit_limit_tokens": str(LIMIT_TOKENS),
                "x_ratelimit_remaining_requests": str(LIMIT_REQUESTS - self.served),
                "x_ratelimit_remaining_tokens": str(LIMIT_TOKENS - 40 * self.served),
                "x_ratelimit_reset_requests": f"{12 * self.served}ms",
                "x_ratelimit_reset_tokens": f"{self.served // 60}m{self.served % 60}s",
            }
        return headers

    def hash(self, kind: str, length: int) -> str:
        """What tells the objects of one answer from those of any other."""
        return hashlib.sha256(f"{kind}{self.served}{self.key}".encode()).hexdigest()[:length]

    def _route(self, call: Call) -> Reply:
        client_id = call.header("x-client-request-id")
        if client_id and not _CLIENT_ID.fullmatch(client_id):
            raise Refusal(400, "X-Client-Request-Id must be at most 512 ASCII characters.")
        path = call.path.removeprefix("/v1") if call.path.startswith("/v1/") else ""  # no route is anywhere else
        if path != "/" and path.endswith("/"):
            return Reply(308, (("location", call.path.rstrip("/")),), b"")
        if call.socket:
            rules.check_key(call, self.key)
            talk.check_message(call)
        for pattern, methods in self.routes.items():
            if found := re.fullmatch(pattern, path):
                if call.socket and call.method == "GET":
                    return talk.greeting(path)
                if call.method == "OPTIONS":
                    return _preflight(call, methods)
                if call.method not in methods:
                    allowed = ", ".join(methods)
                    error = Refusal(405, f"Not allowed to {call.method} on {call.path} (HINT: try {allowed})").error
                    return Reply(405, (("allow", allowed),), {"error": error})
                rules.check_key(call, self.key)
                return methods[call.method](self, call, *map(unquote, found.groups()))
        raise Refusal(404, f"Invalid URL ({call.method} {call.path})")

    @property
    def models(self) -> dict[str, str]:
        """The model of each task that has one of its own."""
        return {task: f"{self.model}-{task}" for task in TASKS}

    @property
    def tuned(self) -> str:
        """A second name of the model that chats, written as nothing forbids: names of tuned models hold colons, those of users anything."""
        return f"{self.model}:tuned for labs+1"

    def read(self, call: Call, task: str = "") -> Json:
        """The body of a request to this server's model, or to that of a task. Raises Refusal."""
        asked = rules.check_json(call)
        if task or asked.get("model") != self.tuned:
            rules.check_model(asked, self.models.get(task, self.model))
        return asked

    def read_form(self, call: Call, task: str = "") -> Form:
        """A form that asks this server's model, or that of a task. Raises Refusal."""
        form = read_form(call)
        if task:
            rules.check_model({"model": form.text("model")}, self.models[task])
        return form

    def shelf(self, kind: str, most: int, seconds: float) -> Shelf:
        """Where things of this kind are kept: so many, for so many seconds."""
        return self.shelves.setdefault(kind, Shelf(most, seconds))

    def within(self, call: Call) -> Reply:
        """The reply to a call that this server makes of its own, for another: no lie is told to itself."""
        return self._answer(call)

    def head(self, prefix: str) -> Json:
        """The members with which an object made now begins: an id of its own, the time, the model."""
        return {"id": prefix + self.hash("other", 29), "created": int(self.now()), "model": self.model}


def _told(lie: Callable[[T], T], honest: T) -> T:
    """What the lie makes of it; nothing where it makes no sense of so odd a request."""
    try:
        return lie(honest)
    except (*MISSHAPEN, ValueError):
        return honest


def _preflight(call: Call, methods: Iterable[str]) -> Reply:
    """The answer to a browser that asks before it sends: no key, which it does not send then."""
    wanted = call.header("access-control-request-headers")
    allowed = {"access_control_allow_methods": ", ".join(methods), "access_control_allow_headers": wanted}
    return Reply(200, (), b"").with_headers(**allowed, content_type="text/plain")
