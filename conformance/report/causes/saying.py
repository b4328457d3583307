"""What an answer says in its own words: of a refusal the line that names what it is about, and a signature that equals that of its like.

It must not judge: a signature only says that two answers turn down the same thing, whatever the numbers and names in their words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange import Exchange, find
from conformance.report.locate import spot
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

READ = 64 * 1024
"""Bytes of a refusal that are read."""
LINE = 200
"""Characters of a line that is quoted."""
_VARYING = re.compile(r"""'[^']*'|"[^"]*"|\b[0-9a-f]{8,}(?:-[0-9a-f]+)*\b|\d+""", re.IGNORECASE)
_TEXTS = ("error.message", "message", "detail", "error", "msg", "title", "error.0.message")
Path = tuple[str | int, ...]


def line(x: Exchange) -> str:
    """The line of an answer that says why: the words of an error with the member that they name, else how its body begins."""
    if not x.answered or x.failure:
        return x.failure or "no answer"
    where, text = _words(x)
    named = f"{where}: {text}" if where and where not in text else text
    return f"HTTP {x.status}" + (f": {_short(named)}" if named else "")


def at(x: Exchange, message: str) -> str:
    """The line of an answer that a message is about: of a refusal its words, of a member that is absent what it should be in."""
    if not x.answered or x.failure or x.failed:
        return line(x)
    place = spot(x, message)
    if place is None or place.at in ("start", "end"):
        return _short(_last(x) if x.streaming else x.body[:READ].decode("utf-8", "replace"))
    if place.at == "json":
        return _short(_compact(_inside(x.json, place.path), place.path))
    if place.at == "event":
        return _short(x.events[place.event].data or "")
    sent = next((f"{name}: {value}" for name, value in x.headers if name.lower() == place.name), "")
    return _short(sent) or f"HTTP {x.status}"


def _inside(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _compact(value: Any, path: Path) -> str:
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    text = json.dumps(value, ensure_ascii=False)
    return f'"{name}": {text}' if name else text


def _last(x: Exchange) -> str:
    """The last event of a stream but [DONE]."""
    data = [event.data for event in x.sse[1] if event.data is not None and event.data != "[DONE]"]
    return data[-1] if data else ""


def signature(x: Exchange) -> tuple[str, ...]:
    """What equal refusals have in common: status, route, the member that is named and the words without what varies."""
    where, text = _words(x)
    route = x.route or urlsplit(x.url).path.rpartition("/")[0]
    return str(x.status), f"{x.method} {route}", re.sub(r"\b\d+\b", "*", where), _VARYING.sub("*", text)[:LINE]


def told_at(value: Any) -> Path | None:
    """The place in the JSON of an error at which its words stand."""
    if isinstance(details := find(value, "detail"), list) and isinstance(find(details, "0.msg"), str):
        return "detail", 0, "msg"
    for path in _TEXTS:
        if isinstance(text := find(value, path), str) and text.strip():
            return tuple(int(step) if step.isdigit() else step for step in path.split("."))
    return None


def _words(x: Exchange) -> tuple[str, str]:
    """(the member that the answer names, its words), each "" where there is none."""
    value = _json(x)
    if isinstance(details := find(value, "detail"), list) and isinstance(find(details, "0.msg"), str):
        place = find(details, "0.loc")
        return ".".join(map(str, place)) if isinstance(place, list) else "", details[0]["msg"]
    param = next((p for path in ("error.param", "param") if isinstance(p := find(value, path), str)), "")
    if (path := told_at(value)) is not None:
        return param, str(find(value, ".".join(map(str, path))))
    return param, " ".join(x.body[:READ].decode("utf-8", "replace").split())


def _json(x: Exchange) -> Any:
    """The JSON of a body, or of the first event of a stream that holds one."""
    if len(x.body) > READ:
        return None
    if x.not_json is None:
        return x._parsed[0]
    return next(_parsed(x), None)


def _parsed(x: Exchange) -> Iterator[Any]:
    for event in x.sse[1]:
        try:
            yield jsontext.parse_text(event.data or "")
        except NotJSON:
            continue


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LINE else f"{text[:LINE]}…"
