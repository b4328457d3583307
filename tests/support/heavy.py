"""Answers that are small to send and much to read, each one kind of thing as often as it goes: what an endpoint may weigh us down with."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from functools import partial

from tests.support.hostile import whole
from tests.support.recordings import HONEST

PLAIN, STREAM, MODELS = HONEST["chat.hello"], HONEST["chat.hello+stream"], HONEST["models.list"]
MOST = 4 * 1024 * 1024
CHUNK = b"data: " + json.dumps(STREAM.chunks[1]).encode() + b"\n\n"
DONE = b"data: [DONE]\n\n"
TOKEN = {"token": "x", "logprob": -0.5, "bytes": [120]}
KINDS = {"JSON": b"application/json", "events": b"text/event-stream"}


def _chat(choice: dict, many: int = 1, **more: object) -> bytes:
    choices = [PLAIN.json["choices"][0] | choice | {"index": n} for n in range(many)]
    return json.dumps(PLAIN.json | {"choices": choices} | more).encode()


def _message(**message: object) -> dict:
    return {"message": {"role": "assistant", "content": None, "refusal": None} | message}


def _call(n: int) -> dict:
    return {"id": f"c{n}", "type": "function", "index": n, "function": {"name": "f", "arguments": "{}"}}


def _event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _chunk(delta: dict, n: int = 0) -> bytes:
    return _event(STREAM.chunks[1] | {"choices": [{"index": n, "delta": delta, "finish_reason": None}]})


def _tokens(n: int) -> dict:
    token = TOKEN | {"top_logprobs": []}
    return _message(content="x" * n) | {"logprobs": {"content": [token] * n, "refusal": None}}


SCALED: dict[str, Callable[[int], bytes]] = {
    "comments": lambda n: b":\n\n" * n,
    "lines of one comment": lambda n: b":\n" * n,
    "comments that end": lambda n: b": x\n\n" * n + DONE,
    "blank lines": lambda n: b"\n" * n,
    "carriage returns": lambda n: b"\r" * n,
    "events that end in CR": lambda n: b"data: x\r\r" * n,
    "events of both": lambda n: b"data: {}\r\n\r\n" * n,
    "empty events": lambda n: b"data:\n\n" * n,
    "lines of one event": lambda n: b"data: x\n" * n,
    "events of no JSON": lambda n: b"data: {\n\n" * n,
    "lines of nothing": lambda n: b"x\n\n" * n,
    "names of events": lambda n: b"event: x\n\n" * n,
    "ids": lambda n: b"id: 1\n\n" * n,
    "waits": lambda n: b"retry: 1\n\n" * n,
    "marks": lambda n: b"\xef\xbb\xbfdata: {}\n\n" * n,
    "ends": lambda n: DONE * n,
    "pings": lambda n: b"event: ping\ndata: {}\n\n" * n,
    "error events": lambda n: b'data: {"error": {"message": "x"}}\n\n' * n,
    "bare errors": lambda n: b'{"error": "x"}\n' * n,
    "chunks": lambda n: CHUNK * n + DONE,
    "chunks without an end": lambda n: CHUNK * n,
    "chunks of new choices": lambda n: b"".join(_chunk({"content": "x"}, k) for k in range(n)) + DONE,
    "chunks of calls": lambda n: b"".join(_chunk({"tool_calls": [_call(k)]}) for k in range(n)) + DONE,
    "chunks of one call": lambda n: _chunk({"tool_calls": [_call(0)]}) * n + DONE,
    "choices of a chunk": lambda n: _event(STREAM.chunks[1] | {"choices": STREAM.chunks[1]["choices"] * n}) + DONE,
    "models": lambda n: json.dumps({"object": "list", "data": [MODELS.json["data"][0] | {"id": f"m{k}"} for k in range(n)]}).encode(),
    "models of one name": lambda n: json.dumps({"object": "list", "data": MODELS.json["data"] * n}).encode(),
    "choices": lambda n: _chat({}, n),
    "calls": lambda n: _chat(_message(tool_calls=[_call(k) for k in range(n)])),
    "tokens": lambda n: _chat(_tokens(n)),
    "alternatives": lambda n: _chat({"logprobs": {"content": [TOKEN | {"top_logprobs": [TOKEN] * n}]}}),
    "annotations": lambda n: _chat(_message(content="x", annotations=[{"type": "url_citation"}] * n)),
    "members": lambda n: _chat({}, **{f"x{k}": k for k in range(n)}),
    "lists": lambda n: b"[" + b"[]," * n + b"1]",
    "objects": lambda n: b"[" + b"{}," * n + b"1]",
    "numbers": lambda n: b"[" + b"1," * n + b"1]",
    "errors of an error": lambda n: json.dumps({"error": {"message": "x", "errors": [{"message": "x"}] * n}}).encode(),
    "names twice": lambda n: b'{"a": 1' + b', "a": 1' * n + b"}",
    "words": lambda n: _chat(_message(content="word " * n)),
}  # fmt: skip
"""Bodies by how many things they hold: twice as many must be no more than twice the work."""
FULL: dict[str, bytes] = {
    "a long text": _chat(_message(content="x" * MOST)),
    "a text of line ends": _chat(_message(content="`\n" * (MOST // 3))),
    "escapes": b'{"a": "' + b"\\u0041" * (MOST // 7) + b'"}',
    "percents": b'{"a": "' + b"%41" * (MOST // 4) + b'"}',
    "control characters": b'{"a": "' + b"\\u0000" * (MOST // 7) + b'"}',
    "zeros": bytes(MOST - 1),
    "no UTF-8": b"\xff" * (MOST - 1),
    "blanks": b" " * (MOST - 1),
    "brackets": b"[" * (MOST - 1),
    "braces": b'{"a":' * (MOST // 6),
    "digits": b"9" * (MOST - 1),
    "a long name": b'{"' + b"x" * (MOST - 10) + b'": 1}',
    "a long message": json.dumps({"error": {"message": "x" * (MOST - 100), "type": "x", "param": None, "code": None}}).encode(),
    "a page": b"<!doctype html>" + b"<p>" * (MOST // 4),
    "one long line": b"data: " + b"x" * (MOST - 10),
    "one long comment": b": " + b"x" * (MOST - 10),
    "backslashes": b'{"a": "' + b"\\\\" * (MOST // 3) + b'"}',
    "emoji": _chat(_message(content="😀" * 300_000)),
    "base64": _chat(_message(content="QUFB" * (MOST // 5))),
    "arguments": _chat(_message(tool_calls=[_call(0) | {"function": {"name": "f", "arguments": "[" * (MOST - 1000)}}])),
}  # fmt: skip
HEADERS: dict[str, tuple[bytes, ...]] = {
    "small headers": tuple(b"x-%d: 1" % n for n in range(6000)),
    "headers of one name": (b"x: 1",) * 9000,
    "headers of limits": (b"x-ratelimit-limit-requests: 1",) * 2000,
    "cookies": (b"set-cookie: a=b",) * 4000,
    "a long header": (b"x: " + b"a" * 60_000,),
    "headers of commas": (b"access-control-allow-headers: " + b"," * 60_000,),
}


def full(make: Callable[[int], bytes]) -> bytes:
    """As many of them as a body may have bytes."""
    one = (len(make(200)) - len(make(100))) / 100
    return make(int(MOST * 0.98 / one))


def answers() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """(name, what makes that which is sent to every request) of the whole corpus; together they are hundreds of megabytes."""
    bodies = {name: partial(full, make) for name, make in SCALED.items()}
    bodies |= {name: partial(FULL.get, name) for name in FULL}
    for name, body in bodies.items():
        for kind, media in KINDS.items():
            yield f"{name}, as {kind}", partial(_answer, body, b"Content-Type: " + media)
        yield (
            f"{name}, as an error",
            partial(_answer, body, b"Content-Type: application/json", status=b"400 Bad Request"),
        )
    for name, headers in HEADERS.items():
        yield name, partial(whole, PLAIN.body, b"Content-Type: application/json", *headers)
        yield f"{name}, of events", partial(whole, STREAM.body, b"Content-Type: text/event-stream", *headers)
    for name in ("comments", "lists", "chunks", "models"):
        yield f"{name}, packed", partial(_packed, bodies[name])


def _answer(body: Callable[[], bytes], *headers: bytes, **more: bytes) -> bytes:
    return whole(body(), *headers, **more)


def _packed(body: Callable[[], bytes]) -> bytes:
    return whole(gzip.compress(body()), b"Content-Type: application/json", b"Content-Encoding: gzip")
