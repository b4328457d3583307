"""Requests worth sending, and what each intends. A probe never judges.

A probe names a route, a body and its intent; `requests` turns it into what is sent: chat probes both plain and streamed,
with the model filled in. A probe that needs an earlier answer (`after`) builds its body from it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from conformance.exchange import Exchange

Body = dict[str, Any]
Headers = tuple[tuple[str, str], ...]

AREAS = ("models", "chat", "tools", "params", "surface", "structured", "logprobs", "mistakes", "http", "staged")

WRONG_KEY = "sk-conformance-wrong-key-0123456789abcdef"
"""A key that nobody has: no secret, and checks look for it in what comes back."""
UNKNOWN_MODEL = "conformance-no-such-model"


@dataclass(frozen=True)
class Probe:
    """A request worth sending.

    `body` is a JSON object (the model is filled in unless it is there or in `omit`) or raw bytes, in which `{model}` stands for
    it; `{model}` in `path` is replaced by it percent-encoded. `key` says which credential goes along. `streamed` are the keys
    added for the streamed twin, None for a probe sent once. `build` makes the body from the answer of the probe named in
    `after`, which may be None where that answer is not usable. `stage` asks a server that can stage situations (the reference)
    for one; such probes go to no other server.
    """

    name: str
    body: Body | bytes | None = None
    method: str = "POST"
    path: str = "/chat/completions"
    headers: Headers = ()
    key: Literal["given", "none", "wrong"] = "given"
    intent: frozenset[str] = frozenset()
    omit: tuple[str, ...] = ()
    streamed: Body | None = None
    after: str | None = None
    build: Callable[[Exchange | None], Body | str | None] | None = None
    stage: str | None = None


@dataclass(frozen=True)
class Request:
    """One request of a probe, ready to be sent but for the key and the base URL."""

    id: str
    probe: Probe
    method: str
    path: str
    headers: Headers
    body: bytes | None
    after: str | None


def chat_probe(name: str, body: Body, **more: Any) -> Probe:
    """A chat probe: sent plain and streamed."""
    more["intent"] = frozenset(more.get("intent", ()))
    return Probe(name, body, streamed=more.pop("streamed", {}), **more)


def user(text: Any) -> list[Body]:
    """The messages of a conversation that is one question."""
    return [{"role": "user", "content": text}]


@cache
def probes() -> tuple[Probe, ...]:
    """Every probe, in the order of the areas."""
    return tuple(p for area in AREAS for p in importlib.import_module(f"conformance.probes.{area}").PROBES)


def requests(probe: Probe, model: str) -> list[Request]:
    """What is sent for a probe: one request, or the plain and the streamed one. Bodies that wait for `after` are None."""
    plain = _request(probe, probe.name, model, probe.body)
    if probe.streamed is None:
        return [plain]
    extra = {"stream": True, **probe.streamed}
    body = {**probe.body, **extra} if isinstance(probe.body, dict) else probe.body
    twin = _request(probe, f"{probe.name}+stream", model, body)
    waits_for_twin = any(p.name == probe.after and p.streamed is not None for p in probes())
    return [plain, replace(twin, after=f"{probe.after}+stream") if waits_for_twin else twin]


def _request(probe: Probe, id: str, model: str, body: Body | bytes | None) -> Request:
    if isinstance(body, dict):
        if "model" not in body and "model" not in probe.omit:
            body = {"model": model, **body}
        body = json.dumps(body, ensure_ascii=False).encode("utf-8")
    elif body is not None:
        body = body.replace(b'"{model}"', json.dumps(model).encode())
    path = probe.path.replace("{model}", quote(model, safe=""))
    return Request(id, probe, probe.method, path, probe.headers, body, probe.after)


def built(request: Request, model: str, earlier: Exchange | None) -> Request | None:
    """The request with its body (or the last part of its path) made from the earlier answer; None: nothing to send."""
    made = request.probe.build(earlier) if request.probe.build else None
    if made is None:
        return None
    if isinstance(made, str):
        return replace(request, path=request.path.replace("{built}", quote(made, safe="")))
    extra = {"stream": True, **request.probe.streamed} if request.id.endswith("+stream") else {}
    return replace(request, body=_request(request.probe, request.id, model, {**made, **extra}).body)
