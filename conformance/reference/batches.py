"""The batches of the reference: a file of requests, each answered by the server itself, in steps that a client can watch.

A batch moves on when it is looked at: it is validated, then in progress, and complete at the third look. Nothing here is a route.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conformance.reference.replies import Call, Json, Reply

ENDPOINTS = (
    "/v1/responses", "/v1/chat/completions", "/v1/embeddings", "/v1/completions", "/v1/moderations",
    "/v1/images/generations", "/v1/images/edits",
)  # fmt: skip
MOST = 100
"""Requests of one batch."""
DAY = 86_400

Serve = Callable[[str, str, Json], Reply]
"""Answers one request: method, path and body."""
Save = Callable[[str, bytes], str]
"""Keeps the lines of a file of that name, and gives its id."""


@dataclass
class Batch:
    """One batch: its object on the wire, the requests that it holds, and what was answered; `fault` is what is wrong with its input."""

    body: Json
    lines: list[Json]
    fault: str | None = None
    answered: list[tuple[Json, int, Any]] = field(default_factory=list)

    def look(self, now: int, serve: Serve, save: Save) -> Json:
        """Its object, after it has moved on by one step."""
        status = self.body["status"]
        if status == "validating" and self.fault is not None:
            error = {"code": "invalid_json_line", "line": None, "message": self.fault, "param": None}
            self.body |= {"status": "failed", "failed_at": now, "errors": {"object": "list", "data": [error]}}
        elif status == "validating":
            self.body |= {"status": "in_progress", "in_progress_at": now, "request_counts": self._counts()}
        elif status == "in_progress":
            self._run(serve)
            self._finish(now, save)
        elif status == "cancelling":
            self.body |= {"status": "cancelled", "cancelled_at": now}
        return dict(self.body)

    def cancel(self, now: int) -> Json:
        self.body |= {"status": "cancelling", "cancelling_at": now}
        return dict(self.body)

    @property
    def over(self) -> bool:
        return self.body["status"] in ("completed", "failed", "cancelled", "cancelling", "expired")

    def _run(self, serve: Serve) -> None:
        for line in self.lines:
            reply = serve(line["method"], line["url"], line["body"])
            self.answered.append((line, reply.status, reply.body))

    def _counts(self) -> Json:
        served = sum(status < 400 for _, status, _ in self.answered)
        return {"total": len(self.lines), "completed": served, "failed": len(self.answered) - served}

    def _finish(self, now: int, save: Save) -> None:
        for name, wanted in (("output_file_id", True), ("error_file_id", False)):
            lines = [self._line(n, *each) for n, each in enumerate(self.answered) if (each[1] < 400) is wanted]
            if lines:
                text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
                self.body[name] = save(f"{self.body['id']}_{name.partition('_')[0]}.jsonl", text.encode("utf-8"))
        times = {"finalizing_at": now, "completed_at": now}
        self.body |= {"status": "completed", **times, "request_counts": self._counts(), "usage": self._usage()}

    def _line(self, n: int, line: Json, status: int, body: Any) -> Json:
        id = f"{self.body['id']}_{n}"
        response = {"status_code": status, "request_id": f"req_{id}", "body": body}
        return {"id": f"batch_req_{id}", "custom_id": line["custom_id"], "response": response, "error": None}

    def _usage(self) -> Json:
        """The tokens of all answers, by the names of Responses."""
        sent = made = 0
        for _, status, body in self.answered:
            usage = (body.get("usage") if status < 400 and isinstance(body, dict) else None) or {}
            sent += usage.get("prompt_tokens") or usage.get("input_tokens") or 0
            made += usage.get("completion_tokens") or usage.get("output_tokens") or 0
        return {
            "input_tokens": sent,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sent + made,
        }


def new(id: str, asked: Json, lines: list[Json] | str, now: int) -> Batch:
    """A batch that was just asked for; a text instead of its lines says what is wrong with them."""
    fault = lines if isinstance(lines, str) else None
    lines = [] if isinstance(lines, str) else lines
    empty = (
        "errors", "output_file_id", "error_file_id", "in_progress_at", "finalizing_at", "completed_at", "failed_at",
        "expired_at", "cancelling_at", "cancelled_at",
    )  # fmt: skip
    body = {
        "id": id,
        "object": "batch",
        "endpoint": asked["endpoint"],
        "model": next((line["body"].get("model") for line in lines), None),
        "input_file_id": asked["input_file_id"],
        "completion_window": asked["completion_window"],
        "status": "validating",
        "created_at": now,
        "expires_at": now + DAY,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": asked.get("metadata"),
        **dict.fromkeys(empty),
    }
    return Batch(body, lines, fault)


def read(content: bytes, endpoint: str) -> list[Json] | str:
    """The requests of a file, or what is wrong with it."""
    lines = []
    try:
        texts = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return "the file is not UTF-8"
    for n, text in enumerate([text for text in texts if text.strip()], 1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            return f"line {n} is not JSON"
        fault = _fault(line, endpoint)
        if fault:
            return f"line {n} {fault}"
        lines.append(line)
    if len({line["custom_id"] for line in lines}) != len(lines):
        return "a custom_id is there twice"
    return lines if 0 < len(lines) <= MOST else f"it holds {len(lines)} requests, 1 to {MOST} are taken"


def _fault(line: Any, endpoint: str) -> str | None:
    if not isinstance(line, dict) or not isinstance(line.get("custom_id"), str):
        return "has no custom_id"
    if line.get("method") != "POST" or not isinstance(line.get("body"), dict):
        return "has no method POST, or no body"
    return None if line.get("url") == endpoint else f"is not for {endpoint}"


def call(method: str, path: str, body: Json, headers: tuple[tuple[str, str], ...]) -> Call:
    """A request that the server makes of itself."""
    body = {name: value for name, value in body.items() if name != "stream"}
    return Call(method, path, headers, json.dumps(body).encode(), body)
