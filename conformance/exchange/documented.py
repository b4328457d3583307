"""The documented routes that are known: by what a path is told to be one, which methods it has, and which endpoint it belongs to.
Recordings of others are left out."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit


class Documented(NamedTuple):
    """One route. `endpoint` is the name that users know the routes of one task by; `binary`: a success is no JSON."""

    path: re.Pattern[str]
    methods: tuple[str, ...]
    endpoint: str
    binary: bool = False


def _route(path: str, methods: str, endpoint: str, *, binary: bool = False) -> Documented:
    return Documented(re.compile(f"{path}/?$"), tuple(methods.split()), endpoint, binary)


_ID = "[^/]+"
ROUTES: dict[str, Documented] = {
    "chat": _route("/chat/completions", "POST", "chat"),
    "stored": _route(f"/chat/completions/{_ID}", "GET POST DELETE", "chat"),
    "completions": _route("(?<!/chat)/completions", "POST", "completions"),
    "embeddings": _route("/embeddings", "POST", "embeddings"),
    "responses": _route("/responses", "POST", "responses"),
    "response-compact": _route("/responses/compact", "POST", "responses"),
    "response-tokens": _route("/responses/input_tokens", "POST", "responses"),
    "response-items": _route(f"/responses/{_ID}/input_items", "GET", "responses"),
    "response-cancel": _route(f"/responses/{_ID}/cancel", "POST", "responses"),
    "response": _route(f"/responses/{_ID}", "GET DELETE", "responses"),
    "conversations": _route("/conversations", "POST", "responses"),
    "conversation-items": _route(f"/conversations/{_ID}/items", "GET POST", "responses"),
    "conversation-item": _route(f"/conversations/{_ID}/items/{_ID}", "GET DELETE", "responses"),
    "conversation": _route(f"/conversations/{_ID}", "GET POST DELETE", "responses"),
    "speech": _route("/audio/speech", "POST", "speech", binary=True),
    "transcriptions": _route("/audio/transcriptions", "POST", "transcriptions"),
    "translations": _route("/audio/translations", "POST", "transcriptions"),
    "images": _route("/images/generations", "POST", "images"),
    "image-edits": _route("/images/edits", "POST", "images"),
    "image-variations": _route("/images/variations", "POST", "images"),
    "moderations": _route("/moderations", "POST", "moderations"),
    "files": _route("/files", "GET POST", "files"),
    "file-content": _route(f"/files/{_ID}/content", "GET", "files", binary=True),
    "file": _route(f"/files/{_ID}", "GET DELETE", "files"),
    "batches": _route("/batches", "GET POST", "files"),
    "batch-cancel": _route(f"/batches/{_ID}/cancel", "POST", "files"),
    "batch": _route(f"/batches/{_ID}", "GET", "files"),
    "models": _route("/models", "GET", "models"),
    "model": _route(f"/models/{_ID}", "GET DELETE", "models"),
}
"""The first that fits counts."""
ENDPOINTS = tuple(dict.fromkeys(route.endpoint for route in ROUTES.values()))
"""What a run may be limited to."""

_FILES_OF_OTHERS = re.compile(r"/(vector_stores|file_batches|containers|assistants|messages)/[^/]+/files(/|$)")
"""Files that belong to something are other objects."""
_VERSION = re.compile(r"/v\d+[a-z0-9]*(?=/)")


def route_of(url: str) -> str | None:
    """Which documented route a URL, or a path, ends in."""
    path = urlsplit(url).path
    if _FILES_OF_OTHERS.search(path):
        return None
    return next((name for name, route in ROUTES.items() if route.path.search(path)), None)


def in_its_place(path: str, route: re.Pattern[str]) -> bool:
    """A route stands right behind the version, which comes once (/v1/chat/completions), or in a path without any.

    Elsewhere there may be one (/v1/ACCOUNT/GATEWAY/chat/completions) or not (/v1/v1/responses): only the answer tells.
    """
    versions = list(_VERSION.finditer(path))
    found = route.search(path)
    return not versions or (found is not None and versions[-1].end() == found.start() and not _doubled(versions))


def _doubled(versions: list[re.Match[str]]) -> bool:
    return len(versions) > 1 and versions[-1][0] == versions[-2][0] and versions[-1].start() == versions[-2].end()
