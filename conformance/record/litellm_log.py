"""LiteLLM's StandardLoggingPayload (https://docs.litellm.ai/docs/proxy/logging_spec): an object a call, a line or a file each.

It must not guess: see entries.py. LiteLLM writes messages and parameters apart, the answer as its own model of it has it, a stream as
the answer that it came to, and nothing of the bytes, the status and the headers.
"""

from __future__ import annotations

from typing import Any

from conformance.exchange.fragment import MEMBERS, STATUS, STREAM
from conformance.record.entries import Entry
from conformance.record.logged import PLACES, address, between, key_of, no_answer, put_together, time_of

NAMES = frozenset(("call_type", "model_parameters", "response", "startTime"))
"""What tells such an object."""
ROUTES = {
    "completion": "chat", "text_completion": "completions", "embedding": "embeddings", "responses": "responses",
    "moderation": "moderations", "image_generation": "images",
}  # fmt: skip
"""The route of each `call_type`, which begins with an `a` where it was made asynchronously."""
WORDS = {"chat": "messages", "completions": "prompt", "images": "prompt"}
"""What `messages` is called in the request of a route; `input` in any other."""
REDACTED = "redacted-by-litellm"
_OWN = ("extra_body", "extra_headers", "litellm_params", "metadata", "headers", "user_api_key")
"""Parameters that are LiteLLM's, or may hold what is nobody's business."""


def entry(value: dict[str, Any]) -> Entry:
    """The entry of one object. Raises LeftOut."""
    called = value["call_type"]
    route = ROUTES.get(called) or ROUTES.get(called.removeprefix("a")) or ROUTES.get(called.removeprefix("_a"))
    if route is None:
        raise no_answer("not of this API")
    if value.get("status") == "failure":
        raise no_answer("a call that failed, of which LiteLLM keeps no answer")
    if value.get("cache_hit") is True:
        raise no_answer("answered by LiteLLM's cache")
    asked, answer = value.get("messages"), value.get("response")
    if REDACTED in (f"{asked}"[:2000] + f"{answer}"[:2000]):
        raise no_answer("its texts were redacted by LiteLLM")
    if not isinstance(answer, dict):
        raise no_answer("without a recorded body")
    given = {k: v for k, v in (value.get("model_parameters") or {}).items() if k not in _OWN and v is not None}
    streamed = value.get("stream") is True or given.get("stream") is True
    request = {**given, "model": value.get("model_group") or value.get("model"), WORDS.get(route, "input"): asked}
    began = time_of(value.get("startTime"))
    return put_together(
        {k: v for k, v in request.items() if v is not None},
        answer,
        route=route,
        url=address(value.get("api_base"), PLACES[route]),
        missing=(STATUS, MEMBERS, *((STREAM,) if streamed else ())),
        started=began,
        took=between(began, time_of(value.get("endTime"))),
        session=key_of(value.get("trace_id")),
    )
