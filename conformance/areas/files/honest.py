"""What the honest reference answers about files and batches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from conformance.reference import batches, rules
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route
from conformance.reference.shelf import Shelf

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
KEPT, SECONDS = 200, 3600.0
"""Files, and how long each is kept; batches likewise."""
READABLE = ("batch", "batch_output", "fine-tune", "evals")
"""Purposes of files that may be downloaded again: OpenAI gives out no others."""


@dataclass
class Kept:
    """A file: its object on the wire, and its bytes."""

    body: Json
    content: bytes


def _files(server: Server) -> Shelf[Kept]:
    return server.shelf("file", KEPT, SECONDS)


def _batches(server: Server) -> Shelf[batches.Batch]:
    return server.shelf("batch", KEPT, SECONDS)


def _save(server: Server, name: str, content: bytes, purpose: str, n: int = 0) -> Json:
    now = server.now()
    body = {
        "id": f"file-{server.hash(f'file{n}', 22)}",
        "object": "file",
        "bytes": len(content),
        "created_at": int(now),
        "expires_at": int(now + SECONDS),
        "filename": name,
        "purpose": purpose,
        "status": "processed",
        "status_details": None,
    }
    _files(server).put(body["id"], Kept(body, content), now)
    return body


def _file(server: Server, id: str) -> Kept:
    """Raises Refusal where there is none."""
    if (found := _files(server).get(id, server.now())) is None:
        raise Refusal(404, f"No such File object: {id[:80]}", param="id")
    return found


@route("POST", r"/files")
def upload(server: Server, call: Call) -> Reply:
    form = server.read_form(call)
    file, purpose = form.file(), form.text("purpose")
    for name, given in (("file", file), ("purpose", purpose)):
        if given is None:
            raise Refusal(400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
    if purpose not in PURPOSES:
        message = f"Invalid value: '{purpose[:40]}'. Supported values are: {', '.join(map(repr, PURPOSES))}."
        raise Refusal(400, message, param="purpose", code="invalid_value")
    if not file.content:
        raise Refusal(400, "File is empty.", param="file", code="invalid_value")
    _check_expiry(form.text("expires_after[anchor]"), form.text("expires_after[seconds]"))
    return Reply(200, (), _save(server, file.name, file.content, purpose))


def _check_expiry(anchor: str | None, seconds: str | None) -> None:
    """Raises Refusal."""
    if anchor not in (None, "created_at"):
        message = f"Invalid value: '{anchor[:40]}'. Supported values are: 'created_at'."
        raise Refusal(400, message, param="expires_after.anchor", code="invalid_value")
    if seconds is not None and not re.fullmatch("[0-9]{1,9}", seconds):
        message = "Invalid type for 'expires_after.seconds': expected an integer."
        raise Refusal(400, message, param="expires_after.seconds", code="invalid_type")
    if seconds is not None and not 3600 <= int(seconds) <= 2_592_000:
        message = "Invalid 'expires_after.seconds': expected a value from 3600 to 2592000."
        raise Refusal(400, message, param="expires_after.seconds", code="invalid_value")


@route("GET", r"/files")
def listed(server: Server, call: Call) -> Reply:
    files = [kept.body for kept in _files(server).all(server.now())]
    if (purpose := _queried(call).get("purpose")) is not None:
        files = [file for file in files if file["purpose"] == purpose]
    return _page(call, files, most=10_000, usual=10_000)


@route("GET", r"/files/([^/]+)")
def one(server: Server, call: Call, id: str) -> Reply:
    return Reply(200, (), _file(server, id).body)


@route("DELETE", r"/files/([^/]+)")
def delete(server: Server, call: Call, id: str) -> Reply:
    _file(server, id)
    _files(server).take(id, server.now())
    return Reply(200, (), {"object": "file", "id": id, "deleted": True})


@route("GET", r"/files/([^/]+)/content")
def content(server: Server, call: Call, id: str) -> Reply:
    kept = _file(server, id)
    if kept.body["purpose"] not in READABLE:
        raise Refusal(400, f"Not allowed to download files of purpose: {kept.body['purpose']}")
    return Reply(200, (("content-type", "application/octet-stream"),), kept.content)


@route("POST", r"/batches")
def batch(server: Server, call: Call) -> Reply:
    asked = rules.check_json(call)
    for name in ("input_file_id", "endpoint", "completion_window"):
        if not isinstance(asked.get(name), str):
            raise Refusal(400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
    for name, known in (("endpoint", batches.ENDPOINTS), ("completion_window", ("24h",))):
        if asked[name] not in known:
            message = f"Invalid value: '{asked[name][:40]}'. Supported values are: {', '.join(map(repr, known))}."
            raise Refusal(400, message, param=name, code="invalid_value")
    kept = _files(server).get(asked["input_file_id"], server.now())
    if kept is None or kept.body["purpose"] != "batch":
        raise Refusal(400, "No such file with the purpose batch.", param="input_file_id", code="invalid_value")
    lines = batches.read(kept.content, asked["endpoint"])
    made = batches.new(f"batch_{server.hash('batch', 24)}", asked, lines, int(server.now()))
    _batches(server).put(made.body["id"], made, server.now())
    return Reply(200, (), dict(made.body))


@route("GET", r"/batches")
def batch_list(server: Server, call: Call) -> Reply:
    return _page(call, [dict(each.body) for each in _batches(server).all(server.now())], most=100, usual=20)


@route("GET", r"/batches/([^/]+)")
def look(server: Server, call: Call, id: str) -> Reply:
    headers = (("authorization", call.header("authorization")), ("content-type", "application/json"))

    def save(name: str, lines: bytes) -> str:
        return _save(server, name, lines, "batch_output", n=len(name))["id"]

    def serve(method: str, path: str, body: Json) -> Reply:
        return server.within(batches.call(method, path, body, headers))

    return Reply(200, (), _batch(server, id).look(int(server.now()), serve, save))


@route("POST", r"/batches/([^/]+)/cancel")
def cancel(server: Server, call: Call, id: str) -> Reply:
    if (found := _batch(server, id)).over:
        raise Refusal(409, f"Cannot cancel a batch with status '{found.body['status']}'.")
    return Reply(200, (), found.cancel(int(server.now())))


def _batch(server: Server, id: str) -> batches.Batch:
    """Raises Refusal where there is none."""
    if (found := _batches(server).get(id, server.now())) is None:
        raise Refusal(404, f"No batch found with id '{id[:80]}'.", param="batch_id")
    return found


def _queried(call: Call) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(call.query, keep_blank_values=True).items()}


def _page(call: Call, every: list[Json], *, most: int, usual: int) -> Reply:
    """One page of a list that was given the oldest first. Raises Refusal."""
    asked = _queried(call)
    limit, order, after = asked.get("limit", str(usual)), asked.get("order", "desc"), asked.get("after")
    if not re.fullmatch("[0-9]{1,9}", limit) or not 1 <= int(limit) <= most:
        raise Refusal(400, f"Invalid 'limit': expected 1 to {most}.", param="limit", code="invalid_value")
    if order not in ("asc", "desc"):
        raise Refusal(400, "Invalid 'order': expected asc or desc.", param="order", code="invalid_value")
    ordered = every if order == "asc" else every[::-1]
    if after is not None:
        ids = [each["id"] for each in ordered]
        if after not in ids:
            raise Refusal(400, f"No object with id '{after[:80]}' to go on from.", param="after", code="invalid_value")
        ordered = ordered[ids.index(after) + 1 :]
    data = ordered[: int(limit)]
    ends = {name: data[at]["id"] if data else None for name, at in (("first_id", 0), ("last_id", -1))}
    return Reply(200, (), {"object": "list", "data": data, **ends, "has_more": len(ordered) > len(data)})
