"""Situations that the reference server brings about when a probe asks for them: limits, outages, broken streams, rarities.

Each is what OpenAI documents for the situation; `staged` of areas/questions.py makes the probes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference.replies import Json, Reply
from conformance.reference.response_stages import RESPONSE_STAGES

STAGE_HEADER = "x-conformance-stage"
STAGED_LIMIT = 5
"""POST requests in a window for a probe that asks for the stage "limit", which is a real limiter (limiter.py)."""
_REFUSAL = ("I'm sorry,", " but I can't", " help with that.")


def stage(name: str, reply: Reply) -> Reply:
    """The reply in the situation named; the reply itself where there is none of that name."""
    return STAGES[name](reply) if name in STAGES else reply


def _error(
    status: int, message: str, kind: str, code: str | None, param: str | None = None, **headers: str
) -> Callable[[Reply], Reply]:
    error = {"message": message, "type": kind, "param": param, "code": code}
    return lambda reply: Reply(status, (), {"error": error}).with_headers(**headers)


def limited() -> Reply:
    """The refusal of one request too many; how long to wait is for the limiter to say."""
    return _error(429, "Rate limit reached for requests.", "requests", "rate_limit_exceeded")(Reply(429, ()))


def _stream_error(reply: Reply) -> Reply:
    """A stream that fails after its fourth chunk: an error event, and nothing after it."""
    error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    return replace(reply, chunks=(*reply.chunks[:4], {"error": error}), done=False)


def _cut_stream(reply: Reply) -> Reply:
    """A stream whose connection breaks after its fourth chunk."""
    return replace(reply, chunks=reply.chunks[:4], done=False, ending="cut") if reply.chunks else reply


def _change_choice(reply: Reply, message: Json, **choice: Any) -> Reply:
    first = reply.body["choices"][0]
    changed = {**first, **choice, "message": {**first["message"], **message}}
    return replace(reply, body={**reply.body, "choices": [changed]})


def _filtered(reply: Reply) -> Reply:
    return _change_choice(
        reply, {"content": None, "refusal": "I can't help with that."}, finish_reason="content_filter"
    )


def _refused(reply: Reply) -> Reply:
    """A refusal of the model, in the place that is made for it."""
    if reply.chunks is None:
        return _change_choice(reply, {"content": None, "refusal": "".join(_REFUSAL)}, finish_reason="stop")
    head, *_, end = reply.chunks
    deltas = [{"role": "assistant", "content": None, "refusal": ""}, *({"refusal": piece} for piece in _REFUSAL)]
    chunks = [{**head, "choices": [{**head["choices"][0], "delta": delta}]} for delta in deltas]
    return replace(reply, chunks=(*chunks, end))


def _rich(reply: Reply) -> Reply:
    cited = {"start_index": 0, "end_index": 5, "url": "https://example.com/", "title": "Example"}
    return _change_choice(
        reply,
        {
            "annotations": [{"type": "url_citation", "url_citation": cited}],
            "audio": {"id": "audio_1", "expires_at": 1_900_000_000, "data": "UklGRg==", "transcript": "Hello!"},
        },
    )


def _busy(reply: Reply) -> Reply:
    """A stream of a model that thinks aloud first, with keep-alive comments between."""
    head, *rest = reply.chunks
    thoughts = [
        {**head, "choices": [{**head["choices"][0], "delta": {"reasoning_content": piece}}]}
        for piece in ("The user", " wants the numbers", " in order,", " up to 40.")
    ]
    return replace(reply, chunks=(head, *thoughts, *rest), before={0: "keep-alive", 3: "keep-alive"})


_LIMITED = _error(
    429,
    "Rate limit reached for requests. Please try again in 2s.",
    "requests",
    "rate_limit_exceeded",
    retry_after="2",
    retry_after_ms="1500",
    x_ratelimit_remaining_requests="0",
)
STAGES: dict[str, Callable[[Reply], Reply]] = {
    "rate-limited": _LIMITED,
    "rate-limited-stream": _LIMITED,
    "quota-exhausted": _error(
        429,
        "You exceeded your current quota.",
        "insufficient_quota",
        "credit_balance_exhausted",
        x_should_retry="false",
    ),
    "overloaded": _error(
        503,
        "The server is overloaded.",
        "service_unavailable_error",
        "server_is_overloaded",
        retry_after="Fri, 01 Jan 2100 00:00:00 GMT",
        x_should_retry="true",
    ),
    "unavailable": _error(
        503, "The server is overloaded.", "service_unavailable_error", "server_is_overloaded", retry_after="1"
    ),
    "internal-error": _error(500, "The server had an error.", "server_error", None),
    "no-max-tokens": _error(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "invalid_request_error",
        "unsupported_parameter",
        "max_tokens",
    ),
    "stream-error": _stream_error,
    "cut-stream": _cut_stream,
    "filtered": _filtered,
    "refused": _refused,
    "refused-stream": _refused,
    "rich": _rich,
    "busy-stream": _busy,
    **RESPONSE_STAGES,
}
