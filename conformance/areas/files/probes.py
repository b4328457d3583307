"""Files that are uploaded, listed page by page, read and deleted; and a batch of three requests, one of them faulty, to its end.

What is uploaded is deleted by the last requests of a run.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.areas.files.conditions import ASKED, NONE
from conformance.exchange import Exchange, find
from conformance.exchange.probe import POLLED, TIDYING, Body, Depth, Probe, form_probe
from conformance.wire.multipart import Field

DOOR, BATCHES = "files.list", "files.batch-list"
_OPTIONAL, _MISTAKE = frozenset({"optional"}), frozenset({"mistake"})
_JSON_LINES = "application/jsonl"


def _line(id: str, messages: list[Body]) -> bytes:
    body = {"model": "{model}", "messages": messages, "max_completion_tokens": 50}
    line = {"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


LINES = b"".join(_line(id, messages) for id, messages in ASKED.items())
NOTE = "Grüße, 你好, 😀\r\nA second line, and no end of it".encode()
_FILE = Field("file", NOTE, "conformance note.txt", "text/plain")
_PURPOSE = Field("purpose", b"user_data")
_HOUR = (Field("expires_after[anchor]", b"created_at"), Field("expires_after[seconds]", b"3600"))
_DAY: Body = {"anchor": "created_at", "seconds": 86_400}
_BATCH_PURPOSE = Field("purpose", b"batch")
_INPUT = (_BATCH_PURPOSE, Field("file", LINES, "conformance.jsonl", _JSON_LINES))


def _get(
    name: str, path: str, depth: Depth = "normal", door: str = DOOR, intent: frozenset[str] = _OPTIONAL, **more: Any
) -> Probe:
    return Probe(f"files.{name}", method="GET", path=path, depth=depth, door=door, intent=intent, **more)


def _form(name: str, *fields: Field, depth: Depth = "normal", intent: frozenset[str] = _OPTIONAL) -> Probe:
    return form_probe(f"files.{name}", "/files", fields, depth=depth, door=DOOR, intent=intent)


def _batch(
    name: str, body: Body | None, depth: Depth = "normal", intent: frozenset[str] = _OPTIONAL, **more: Any
) -> Probe:
    return Probe(
        f"files.{name}", body, path="/batches", omit=("model",), depth=depth, door=BATCHES, intent=intent, **more
    )


def taken(path: str) -> Any:
    """Builds the last part of a path of what an earlier answer has there; nothing is sent where it has none."""

    def take(earlier: Exchange | None) -> str | None:
        found = find(earlier.json, path) if earlier is not None and earlier.ok and earlier.not_json is None else None
        return found if isinstance(found, str) and found else None

    return take


id_of = taken("id")


def _undone(done: Exchange | None) -> str | None:
    return (
        id_of(done)
        if id_of(done) and find(done.json, "status") in ("validating", "in_progress", "finalizing")
        else None
    )


def _asking(metadata: str, **settings: Any) -> Any:
    def make(upload: Exchange | None) -> Body | None:
        if (id := id_of(upload)) is None:
            return None
        more = {"metadata": {"conformance": metadata}, **settings}
        return {"input_file_id": id, "endpoint": "/v1/chat/completions", "completion_window": "24h", **more}

    return make


def _delete(name: str, after: str, path: str = "id", door: str = DOOR, depth: Depth = "normal") -> Probe:
    return Probe(f"files.{name}", method="DELETE", path="/files/{built}", after=after, build=taken(path), door=door, last=True,
                 depth=depth, intent=_OPTIONAL | {TIDYING})  # fmt: skip


PROBES = (
    Probe(DOOR, method="GET", path="/files?limit=2", intent=_OPTIONAL),
    _form("upload", _PURPOSE, _FILE),
    _form("input", *_INPUT),
    _get("retrieved", "/files/{built}", after="files.upload", build=id_of),
    _get("content", "/files/{built}/content", after="files.input", build=id_of),
    # Two files are there by now, so that a page of one is not all.
    _get("oldest", "/files?limit=3&order=asc", "deep", after="files.input", build=id_of),
    _get("of-batches", "/files?limit=2&order=asc&purpose=batch", "deep", after="files.input", build=id_of),
    _get("first-page", "/files?limit=1&order=desc", after="files.input", build=id_of),
    _get("next-page", "/files?limit=1&order=desc&after={built}", after="files.first-page", build=taken("last_id")),
    _get("past-the-end", "/files?limit=100&order=asc&after={built}", "deep", after="files.first-page", build=taken("last_id")),
    _get("unknown", f"/files/{NONE}", intent=_MISTAKE | {"unknown-id"}),
    _get("unknown-content", f"/files/{NONE}/content", "deep", intent=_MISTAKE | {"unknown-id"}),
    _form("no-purpose", _FILE, depth="deep", intent=_MISTAKE | {"no-purpose"}),
    _form("no-file", _PURPOSE, depth="deep", intent=_MISTAKE | {"no-file"}),
    _form("odd-purpose", Field("purpose", b"conformance"), _FILE, depth="deep", intent=_MISTAKE | {"odd-purpose"}),
    _form("empty", _PURPOSE, Field("file", b"", "empty.txt", "text/plain"), depth="deep", intent=frozenset({"odd-value"})),
    _form("expiring", _PURPOSE, _FILE, *_HOUR, depth="deep"),
    _get("batch-list", "/batches?limit=2", "normal"),
    _batch("batch", None, after="files.input", build=_asking("to its end")),
    _get("batch-looked", "/batches/{built}", door=BATCHES, after="files.batch", build=id_of),
    _get("batch-done", "/batches/{built}", door=BATCHES, after="files.batch-looked", build=id_of, intent=_OPTIONAL | {POLLED}),
    _get("batch-output", "/files/{built}/content", door=BATCHES, after="files.batch-done", build=taken("output_file_id")),
    _get("batch-errors", "/files/{built}/content", door=BATCHES, after="files.batch-done", build=taken("error_file_id")),
    _get("output-file", "/files/{built}", door=BATCHES, after="files.batch-done", build=taken("output_file_id")),
    _get("after-batch", "/files?limit=100&order=desc", "deep", after="files.batch-done", build=taken("output_file_id")),
    _batch("batch-second", None, after="files.input", build=_asking("to be cancelled", output_expires_after=_DAY)),
    Probe("files.batch-cancel", method="POST", path="/batches/{built}/cancel", after="files.batch-second", build=id_of,
          door=BATCHES, depth="normal", intent=_OPTIONAL),
    _get("batch-page", "/batches?limit=1", "deep", door=BATCHES, after="files.batch-second", build=id_of),
    _get("batch-next-page", "/batches?limit=1&after={built}", "deep", door=BATCHES, after="files.batch-page", build=taken("last_id")),
    # What is wrong with the lines of a file shows only when its batch is looked at.
    _form("broken", _BATCH_PURPOSE, Field("file", b"This is no request.\n", "broken.jsonl", _JSON_LINES), depth="deep"),
    _batch("batch-broken", None, "deep", after="files.broken", build=_asking("to fail")),
    _get("batch-failed", "/batches/{built}", "deep", BATCHES, _OPTIONAL | {POLLED}, after="files.batch-broken", build=id_of),
    _get("batch-unknown", "/batches/batch_conformance_no_such", "deep", door=BATCHES, intent=_MISTAKE | {"unknown-id"}),
    _batch("batch-of-nothing", {"input_file_id": NONE, "endpoint": "/v1/chat/completions", "completion_window": "24h"},
           "deep", _MISTAKE | {"no-input"}),
    _batch("batch-without-endpoint", {"input_file_id": NONE, "completion_window": "24h"}, "deep", _MISTAKE | {"no-input"}),
    # Where it is not done in the time that a run has for it.
    Probe("files.batch-given-up", method="POST", path="/batches/{built}/cancel", after="files.batch-done", build=_undone,
          door=BATCHES, depth="normal", intent=_OPTIONAL | {TIDYING}, last=True),
    _delete("deleted", "files.upload"),
    _delete("deleted-again", "files.deleted", depth="deep"),
    _get("gone", "/files/{built}", after="files.deleted", build=id_of, last=True),
    _delete("deleted-input", "files.input"),
    _delete("deleted-output", "files.batch-done", "output_file_id", BATCHES),
    _delete("deleted-errors", "files.batch-done", "error_file_id", BATCHES),
    *(_delete(f"deleted-{name}", f"files.{name}", depth="deep")
      for name in ("expiring", "broken", "empty", "odd-purpose", "no-file", "no-purpose")),
)  # fmt: skip
