"""Lies about what a stream says beside its items."""

from __future__ import annotations

from conformance.reference.rewriting_responses import drop, in_stream, letting

in_stream(
    "response-search-silent", "A search does not tell that it began.", drop("response.web_search_call.in_progress")
)
letting("response-obfuscation-kept", "include_obfuscation is not looked at.",
        lambda asked: {"stream_options": None} if asked.get("stream_options") else {})  # fmt: skip
