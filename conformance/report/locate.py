"""Finds the lines of an answer that a problem's message speaks of, so that a report can mark them.

Messages are `<what> is <seen>, expected <wanted>`; the `<what>` names a header, the status, a path into the JSON, an event or
a chunk. It must not judge: where nothing in the answer fits the words, nothing is marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange, NotRecorded, Unreadable, find, is_chunk
from conformance.report.named import WORD, Path, place_named, pretty
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

_SPLIT = re.compile(r" is (?=[\"'\[{(]|b'|-?\d|null|true|false|absent|with|at|the |not )")
_WHOLE = re.compile(r"\b(body|answer|stream|line|beginning|server|Transfer|bytes|sound|picture)\b")
_TOLD = ("error.message", "message", "detail", "error", "msg", "title", "0.error.message", "0.message")
"""Where errors have their words, OpenAI's own place first."""
TEXT = 256 * 1024
"""Bytes of what is no JSON and no stream that are looked at, and shown."""
WORDS = 800
"""Characters of a message that are looked at, a quarter of them for what it is about."""


@dataclass(frozen=True)
class Spot:
    """A place in an answer: the status line, a header by name, a path into the JSON body, or an event of the stream by its
    position and a path into its data; of a body that is neither, a "line" by its number. `at` says which; "start" and "end" are
    those of the body."""

    at: str
    name: str = ""
    path: Path = ()
    event: int = -1


def parts_of(message: str) -> tuple[str, str, str]:
    """(what, seen, expected) of a message; where it is of another form, all of it as the first."""
    found = _SPLIT.search(message)
    what, seen = (message[: found.start()], message[found.end() :]) if found else (message, "")
    seen, comma, wanted = seen.rpartition(", expected ")
    return (what, seen, wanted) if found and comma else (message, "", "")


def spot(x: Exchange, message: str) -> Spot | None:
    """The place in the answer that a message speaks of, None where the words fit none."""
    what, seen, _ = parts_of(message[:WORDS])
    what = what[: WORDS // 4]
    if not x.answered:
        return None
    if header := _header(x, what):
        return header
    if re.search(r"\bstatus\b", what):
        return _words_of_refusal(x) or Spot("status")
    if re.search(r"\bend of the body\b|finished \(", message):
        return Spot("end")
    try:
        events = x.events if in_events(x) else ()
    except (Unreadable, NotRecorded):
        events = ()
    if not events and x.not_json is not None and (number := re.search(r"\bline (\d+)", what)):
        return Spot("line", event=int(number[1]))
    found = _in_stream(x, what, seen) if events else _in_json(x, what)
    return found or (Spot("start") if _WHOLE.search(what) or no_text(x) else _by_value(x, seen))


def in_events(x: Exchange) -> bool:
    """Whether the body is to be read as a stream of events: one was asked for, or is said to have come, and it is no JSON."""
    return (x.streaming or x.media_type == "text/event-stream") and x.not_json is not None


def no_text(x: Exchange) -> bool:
    """Whether the body is bytes and no text: a sound, a picture."""
    return b"\0" in x.body[:TEXT]


def _words_of_refusal(x: Exchange) -> Spot | None:
    """Where a refusal says why: the line that matters where its status is wrong."""
    if not x.failed or x.not_json is not None:
        return None
    path = told_at(x._parsed[0])
    return None if path is None else Spot("json", path=path)


def told_at(value: Any) -> Path | None:
    """The place in the JSON of an error at which its words stand."""
    if isinstance(find(find(value, "detail"), "0.msg"), str):
        return "detail", 0, "msg"
    for path in _TOLD:
        if isinstance(text := find(value, path), str) and text.strip():
            return tuple(int(step) if step.isdigit() else step for step in path.split("."))
    return None


def _header(x: Exchange, what: str) -> Spot | None:
    """A header named in the words; the status line where the answer has none of that name."""
    sent = {name.lower() for name, _ in x.headers}
    for word in WORD.findall(what):
        if word.lower() in sent and (word[0].isupper() or "-" in word):
            return Spot("header", word.lower())
        if "-" in word and (word[0].isupper() or word.startswith("x-")):
            return Spot("status")
    return None


# ---------------------------------------------------------------------- JSON


def _in_json(x: Exchange, what: str) -> Spot | None:
    try:
        path = place_named(x.json, what)
    except Unreadable:
        return None
    return None if path is None else Spot("json", path=path)


# ---------------------------------------------------------------------- streams


def _in_stream(x: Exchange, what: str, seen: str) -> Spot | None:
    data = [(n, _json(event.data)) for n, event in enumerate(x.events)]
    if (number := re.search(r"\bevents? (\d+)", what)) and int(number[1]) < len(x.events):
        return _at(data, int(number[1]), what)
    if number := re.search(r"\bchunks? (\d+)|chunks of \d+, first (\d+)", f"{what} is {seen}"):
        chunks = [n for n, value in data if is_chunk(value)]
        index = int(number[1] or number[2])
        return _at(data, chunks[index], what) if index < len(chunks) else None
    if "DONE" in what or re.search(r"\blast event\b", what):
        return Spot("event", event=len(x.events) - 1)
    fitting = [(n, path, value) for n, value in data if (path := place_named(value, what))]
    telling = [(n, path) for n, path, value in fitting if _value(value, path)] or [(n, p) for n, p, _ in fitting]
    if not telling:
        return None
    n, path = telling[-1] if re.search("finish_reason|usage|last|after", what) else telling[0]
    return Spot("event", event=n, path=path)


def _at(data: list[tuple[int, Any]], n: int, what: str) -> Spot:
    named = re.sub(r"\b(chunks?|events?) \d+\.?", " ", what)
    return Spot("event", event=n, path=place_named(data[n][1], named) or ())


def _json(text: str | None) -> Any:
    try:
        return jsontext.parse_text(text or "")
    except NotJSON:
        return None


def _value(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _by_value(x: Exchange, seen: str) -> Spot | None:
    """The first event or JSON line that holds the very value that was seen, or one that is quoted in what was."""
    texts = [text for text in (seen.strip().strip("\"'").rstrip("…"), *re.findall(r'"([^"]+)"', seen)) if len(text) > 2]
    if "framing" in x.missing:
        return None
    for text in texts:
        raw = text.encode("utf-8", "replace")
        if x.streaming:
            for n, event in enumerate(x.sse[1]):
                if raw in x.body[event.start : event.stop]:
                    return Spot("event", event=n)
        else:
            for path, line in pretty(x._parsed[0]):
                if text in line:
                    return Spot("json", path=path)
    return None
