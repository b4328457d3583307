"""Situations of an upstream that only who stands behind it can bring about: answers that break off, and members that no document has.

They are told beside the request, for a gateway need not pass on what asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.reference.lies import Lie, several
from conformance.reference.replies import Call, Json, Reply, pretty
from conformance.reference.staging import STAGE_HEADER

NOTE = {"note": "no document has this member"}
LONG = "long text " * 20_000
STATUSES = (402, 409, 424, 529)
PORTION = 60
"""Bytes of a portion of a stream that is cut anew, at most."""
KEPT = 4
"""Chunks of a stream that breaks off."""


def _marked(reply: Reply) -> Reply:
    """Members and headers that no document has, and comments between the events of a stream."""
    noted = reply.with_headers(x_conformance_answer="kept", retry_after_ms=None)
    if reply.chunks is not None:
        chunks = tuple(_marked_parts(chunk, "delta") | {"x_conformance": NOTE} for chunk in reply.chunks)
        return replace(noted, chunks=chunks, before={0: "keep-alive", 2: "keep-alive"})
    usage = {"usage": {**reply.body["usage"], "x_conformance_tokens": 1}} if "usage" in reply.body else {}
    return replace(noted, body=_marked_parts(reply.body, "message") | usage | {"x_conformance": NOTE})


def _marked_parts(body: Json, name: str) -> Json:
    """The same with such a member in each message or delta."""
    parts = [{**part, name: {**part[name], "x_conformance_part": 1}} for part in body.get("choices", ())]
    return {**body, "choices": parts} if "choices" in body else body


def _long(reply: Reply) -> Reply:
    """An answer with a text of 200,000 characters, in a stream in one event."""
    if reply.chunks is not None:
        head, first, *rest = reply.chunks
        part = {**first["choices"][0], "delta": {"content": LONG}}
        return replace(reply, chunks=(head, {**first, "choices": [part]}, *rest))
    choice = reply.body["choices"][0]
    return replace(
        reply, body={**reply.body, "choices": [{**choice, "message": {**choice["message"], "content": LONG}}]}
    )


def _refused(status: int) -> Callable[[Reply], Reply]:
    """A status that an API seldom has, with an error of its own."""
    error = {
        "message": f"The upstream says {status}.",
        "type": "upstream_error",
        "param": None,
        "code": f"says_{status}",
    }
    return lambda reply: Reply(status, (("content-type", "application/json"),), {"error": error})


def _breaks(reply: Reply) -> Reply:
    """An answer that breaks off: a stream after a few chunks, any other in the middle."""
    if reply.chunks is not None:
        return replace(reply, chunks=reply.chunks[:KEPT], done=False, ending="cut")
    whole = pretty(reply.body or {})
    return replace(reply, body=(whole[: len(whole) // 2],), ending="cut")


def _breaks_counted(reply: Reply) -> Reply:
    """The same of a plain answer whose length was said, as most say it."""
    return _breaks(reply).with_headers(content_length=f"{len(pretty(reply.body or {}))}")


def _gone(reply: Reply) -> Reply:
    """No answer: the connection is closed."""
    return replace(reply, ending="none")


def _unfinished(reply: Reply) -> Reply:
    """A stream that the upstream ends in order, without a reason for its end, and without [DONE]."""
    return replace(reply, chunks=reply.chunks[:KEPT], done=False) if reply.chunks is not None else reply


UPSTREAM_STAGES: dict[str, Callable[[Reply], Reply]] = {
    "upstream-marked": _marked,
    "upstream-breaks": _breaks,
    "upstream-breaks-counted": _breaks_counted,
    "upstream-gone": _gone,
    "upstream-unfinished": _unfinished,
    "upstream-long": _long,
    **{f"upstream-{status}": _refused(status) for status in STATUSES},
}


def _in_stage(call: Call, reply: Reply) -> Reply:
    change = UPSTREAM_STAGES.get(call.header(STAGE_HEADER))
    return change(reply) if change and reply.status < 400 else reply


def _cut_anew(call: Call, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """A stream in portions that begin and end anywhere, within characters, too; or all of it in one."""
    stage, whole = call.header(STAGE_HEADER), b"".join(pieces)
    if stage == "upstream-gathered":
        return (whole,)
    return tuple(_portions(whole)) if stage == "upstream-portions" else pieces


def _portions(whole: bytes) -> Iterator[bytes]:
    begin = 0
    for at in range(1, len(whole)):
        if 0x80 <= whole[at] < 0xC0 or at - begin >= PORTION:  # in the midst of a character
            yield whole[begin:at]
            begin = at
    yield whole[begin:]


STAGING = Lie("upstream", "It brings about what an upstream alone can.", reply=_in_stage, wire=_cut_anew)
"""What a reference server is told so that it knows these."""


def told_with(lie: Lie | None) -> Lie:
    """What a reference server is told that knows these and tells a lie, too, or none."""
    return several(STAGING, lie) if lie else STAGING
