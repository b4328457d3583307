"""Rows of any log, JSON or Parquet, read by a mapping (mapping.py). It must not guess: see entries.py."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from conformance.exchange.fragment import FRAMING, MEMBERS, PARAMETERS, REQUEST, STATUS
from conformance.exchange.reading import ABSENT, find
from conformance.record.entries import NOWHERE, Entry, LeftOut
from conformance.record.logged import (
    PLACES,
    address,
    between,
    body_of,
    headers_of,
    is_events,
    key_of,
    no_answer,
    parsed,
    route_by,
    seconds_of,
    time_of,
    without_streams,
)
from conformance.record.mapping import Mapping


def entry(row: Any, by: Mapping) -> Entry:
    """The entry of a row. Raises LeftOut."""
    if not isinstance(row, dict):
        raise LeftOut("a row is no object")
    if all(_at(row, places) is None for places in (*by.columns.values(), *((place,) for place in by.only))):
        raise LeftOut("a row has none of the columns of its log")
    if any(_at(row, (place,)) not in wanted for place, wanted in by.only.items()):
        raise no_answer("not of this API")
    asked, whole = _asked(row, by)
    answer, body = _answer(row, by)
    told = answer[0] if isinstance(answer, list) and answer else answer
    if by.answers and not (isinstance(told, dict) and set(by.answers) & told.keys()):
        raise no_answer("not of this API")
    began = time_of(_column(row, by, "started"))
    took = seconds_of(_column(row, by, "duration"), by.duration_unit)
    status, headers = _column(row, by, "status"), _column(row, by, "response_headers")
    missing = (
        *(() if status is not None else (STATUS,)),
        *((PARAMETERS,) if whole and by.request == "partial" else ()),
        *(() if whole else (REQUEST,) if not asked else (PARAMETERS,)),
        *((MEMBERS,) if by.answer == "partial" or "message" in by.columns else ()),
        *((FRAMING,) if by.streams == "assembled" or not isinstance(answer, str | bytes) else ()),
    )
    return Entry(
        method=_column(row, by, "method") or "POST",
        url=_url(row, by, asked, told),
        request_headers=headers_of(_column(row, by, "request_headers")),
        request_body=body_of(_column(row, by, "request")) if whole else body_of(asked or None),
        status=200 if status is None else status,
        headers=headers_of(headers),
        body=body,
        started=began,
        headers_known=headers is not None,
        missing=without_streams(missing, asked, body) if by.streams == "assembled" else missing,
        took=between(began, time_of(_column(row, by, "ended"))) if took is None else took,
        session=key_of(_column(row, by, "session")),
    )


def _at(row: dict[str, Any], places: tuple[str, ...]) -> Any:
    """The first of these that is there and not null: a name with dots in it, or a path; None where none is."""
    for place in places:
        found = row[place] if place in row else find(row, place)
        if found is ABSENT and "." in place:  # a column of JSON text
            head, _, rest = place.partition(".")
            found = find(parsed(row.get(head)), rest) if isinstance(row.get(head), str) else ABSENT
        if found is not ABSENT and found is not None:
            return found
    return None


def _column(row: dict[str, Any], by: Mapping, part: str) -> Any:
    return _at(row, by.columns[part]) if part in by.columns else None


def _asked(row: dict[str, Any], by: Mapping) -> tuple[Any, bool]:
    """The request, and whether it is the body that was sent, rather than what the log kept of it."""
    request = _column(row, by, "request")
    if request is not None:
        if isinstance(request, bytes):
            request = request.decode("utf-8", "replace")
        return parsed(request), True
    messages = parsed(_column(row, by, "messages"))
    kept = messages if isinstance(messages, dict) and "messages" in messages else {"messages": messages}
    kept |= {"tools": parsed(_column(row, by, "tools")), "model": _column(row, by, "model")}
    asked = {name: each for name, each in kept.items() if each}
    return (asked if isinstance(asked.get("messages"), list) else {}), False


def _answer(row: dict[str, Any], by: Mapping) -> tuple[Any, bytes]:
    """The answer, as it is to be looked at and as bytes. Raises LeftOut."""
    answer = _column(row, by, "response")
    if answer is None and (message := parsed(_column(row, by, "message"))) is not None:
        answer = _of_message(message)
    body = body_of(answer)
    if body is None:
        raise no_answer("without a recorded body")
    if not isinstance(answer, str | bytes):
        return answer, body
    if is_events(body):
        return answer, body
    return parsed(answer if isinstance(answer, str) else answer.decode("utf-8", "replace")), body


def _of_message(message: Any) -> dict[str, Any]:
    """The answer of which a log has the message alone. Raises LeftOut."""
    if isinstance(message, list) and len(message) == 1:
        message = message[0]
    if isinstance(message, dict) and "choices" in message:
        return message
    if isinstance(message, str):
        message = {"role": "assistant", "content": message}
    if not isinstance(message, dict) or "role" not in message or isinstance(message.get("content"), dict):
        raise no_answer("not of this API")
    return {"object": "chat.completion", "choices": [{"index": 0, "message": message}]}


def _url(row: dict[str, Any], by: Mapping, asked: Any, answer: Any) -> str:
    """Where the call went. Raises LeftOut where nothing tells."""
    given = _column(row, by, "url")
    if isinstance(given, str) and _has_path(given):
        return given if "://" in given else f"{NOWHERE}/{given.lstrip('/')}"
    path = by.path or PLACES.get(route_by(asked, answer) or "")
    if not path:
        raise no_answer("not of this API")
    return address(given, path)


def _has_path(url: str) -> bool:
    try:
        return len(urlsplit(url).path) > 1
    except ValueError:
        return False
