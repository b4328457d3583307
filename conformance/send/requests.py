"""What is sent for a probe: one request, or the plain and the streamed one, with the model filled in. It sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from conformance.areas.catalogue import probes
from conformance.exchange import Exchange, Headers
from conformance.exchange.probe import EARLIER, Body, Probe
from conformance.wire import multipart

SEGMENT = "!$&'()*+,;=:@"
"""What the SDKs leave as it is in one segment of a path, beside letters, digits and -._~ (RFC 3986 section 3.3); a slash is none."""
ONWARD = 25
"""How often something is sent in place of one request, at most: what is asked for until it is done may never be done."""
TWIN = "+stream"
"""Ends the id of the streamed one of two requests."""


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


def requests(probe: Probe, model: str) -> list[Request]:
    """What is sent for a probe: one request, or the plain and the streamed one. Bodies that wait for `after` are None."""
    plain = _request(probe, probe.name, model, probe.body)
    if probe.streamed is None:
        return [plain]
    extra = {"stream": True, **probe.streamed}
    body = {**probe.body, **extra} if isinstance(probe.body, dict) else probe.body
    twin = _request(probe, probe.name + TWIN, model, body)
    waits_for_twin = any(p.name == probe.after and p.streamed is not None for p in probes())
    return [plain, replace(twin, after=probe.after + TWIN) if waits_for_twin else twin]


def _request(probe: Probe, id: str, model: str, body: Body | bytes | None) -> Request:
    if isinstance(body, dict):
        if "model" not in body and "model" not in probe.omit:
            body = {"model": model, **body}
        body = _text(body)
    elif body is not None:
        is_form = any(value.startswith(multipart.FORM) for _, value in probe.headers)
        body = body.replace(*((b"{model}", model.encode()) if is_form else (b'"{model}"', json.dumps(model).encode())))
    path = probe.path.replace("{model}", quote(model, safe=SEGMENT))
    return Request(id, probe, probe.method, path, probe.headers, body, probe.after or probe.manner.over)


def onward(request: Request, model: str, x: Exchange) -> Request | None:
    """What is to be sent next in place of a request that was answered so, without a body the same again; None: nothing."""
    made = request.probe.onward(x) if request.probe.onward else None
    if made is None or request.body is None:
        return None if made is None else request
    return replace(request, body=_request(request.probe, request.id, model, made).body)


def _text(body: Body) -> bytes:
    """The body as JSON; with escapes where it holds half of a surrogate pair, which nothing else can write."""
    try:
        return json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(body).encode("ascii")


def built(request: Request, model: str, earlier: Exchange | Sequence[Exchange] | None) -> Request | None:
    """The request with its body (or parts of its path) made from the earlier answer or answers; None: nothing to send."""
    made = request.probe.build(earlier) if request.probe.build else None
    if made is None:
        return None
    if isinstance(made, str | tuple):
        path = request.path
        for part in (made,) if isinstance(made, str) else made:
            path = path.replace("{built}", quote(part, safe=SEGMENT), 1)
        return replace(request, path=path)
    extra = {"stream": True, **request.probe.streamed} if request.id.endswith(TWIN) else {}
    return replace(request, body=_request(request.probe, request.id, model, {**made, **extra}).body)


def waited_for(request: Request, done: Mapping[str, Exchange]) -> Exchange | Sequence[Exchange] | None:
    """What the request is built from, of the answers so far."""
    return [done[id] for id in sorted(done)] if request.after == EARLIER else done.get(request.after or "")
