"""Which options of a run (options.py) the other commands take, and which say what to send."""

from __future__ import annotations

from conformance.exchange.probe import Task

OF_FILES = ("partial_headers", "mapping", "jobs", "engine", "ray_address", "rows")
"""Those that have no meaning elsewhere."""
JUDGE = (
    "only", "exclude", "failed", "require", "profile", "fail_on", "strict", "against", "known", "write_known", "known_level", "prune",
    "partial_headers", "mapping", "sdk", "record", "jobs", "engine", "ray_address", "rows", "report", "format", "quiet", "verbose",
)  # fmt: skip
"""The options of judging recordings; its files are arguments."""
WATCH = ("base_url", *(name for name in JUDGE if name not in (*OF_FILES, "format")))
"""The options of watching a program."""
LOAD = (*WATCH, "model", "api_key_env", "header", "timeout", "wait", "budget_requests", "budget_tokens")
"""The options of a load."""
MODELS: dict[Task, str] = {
    "responses": "responses_model", "embedding": "embedding_model", "transcription": "transcription_model",
    "speech": "speech_model", "image": "image_model", "moderation": "moderation_model",
}  # fmt: skip
"""The option that names the model of a task."""
SENDING = (
    "base_url", "model", *MODELS.values(), "endpoints", "cheap", "websocket", "record", "budget_requests", "budget_tokens", "dry_run",
    "burst", "limited_key_env", "watch",
)  # fmt: skip
"""Options that say what to send, or where to."""
