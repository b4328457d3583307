"""Lies about what a response costs."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.replies import Json
from conformance.reference.rewriting_responses import Change, in_final, in_plain, in_stream


def counted(change: Callable[[Json], Json]) -> Change:
    """Changes the usage of a response that has one."""
    return lambda response: {**response, "usage": change(response["usage"])} if response["usage"] else response


CHAT = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
in_stream("response-stream-uncounted", "A stream does not say its usage.", in_final(lambda r: {**r, "usage": None}))
in_stream("response-stream-usage-names", "A stream counts by the names of chat.",
          in_final(counted(lambda usage: {CHAT.get(name, name): value for name, value in usage.items()})))  # fmt: skip
in_stream("response-stream-usage-total", "The total of a stream is one too many.",
          in_final(counted(lambda usage: {**usage, "total_tokens": usage["total_tokens"] + 1})))  # fmt: skip
in_stream("response-usage-details-null", "The details of the usage are null.",
          in_final(counted(lambda usage: {**usage, "input_tokens_details": None, "output_tokens_details": None})))  # fmt: skip
in_plain("response-cached-beyond", "More tokens are cached than were read.",
         counted(lambda usage: {**usage, "input_tokens_details": {"cached_tokens": usage["input_tokens"] + 5}}))  # fmt: skip
in_plain("response-reasoning-beyond", "Reasoning is no part of the output.",
         counted(lambda usage: {**usage, "output_tokens_details": {"reasoning_tokens": usage["output_tokens"] + 5}}))  # fmt: skip
in_plain("response-limit-ignored", "More is counted than the limit allows.",
         lambda r: r if r["max_output_tokens"] != 16 else counted(lambda usage: {**usage, "output_tokens": 17,
         "total_tokens": usage["input_tokens"] + 17})(r))  # fmt: skip
