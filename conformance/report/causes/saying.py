"""What an answer says in its own words: of a refusal the line that names what it is about, and a signature that equals that of its like.

It must not judge: a signature only says that two answers turn down the same thing, whatever the numbers and names in their words.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange import Exchange, Unreadable, find
from conformance.report.locate import Path, parts_of, spot, told_at
from conformance.wire import jsontext
from conformance.wire.jsontext import NotJSON

READ = 64 * 1024
"""Bytes of a refusal that are read."""
LINE = 200
"""Characters of a line that is quoted."""
_VARYING = re.compile(r"""'[^']*'|"[^"]*"|\b[0-9a-f]{8,}(?:-[0-9a-f]+)*\b|\d+""", re.IGNORECASE)
_HEADING = ("id", "object", "created", "model", "system_fingerprint", "service_tier")


def line(x: Exchange) -> str:
    """The line of an answer that says why: the words of an error with the member that they name, else how its body begins."""
    if not x.answered or x.failure:
        return x.failure or "no answer"
    where, text = _words(x)
    named = f"{where}: {text}" if where and where not in text else text
    return ": ".join(part for part in (_answered(x), _short(named)) if part)


def status(x: Exchange) -> int | None:
    """The status of an answer; None where there is none, or a recorder did not keep it."""
    return None if "status" in x.missing else x.status


def _answered(x: Exchange) -> str:
    return "" if status(x) is None else f"HTTP {x.status}"


def at(x: Exchange, message: str) -> str:
    """The line of an answer that a message is about: of a refusal its words, of a member that is absent what it should be in."""
    if not x.answered or x.failure:
        return line(x)
    place = spot(x, message)
    if x.failed and (place is None or place.at != "json" or place.path == told_at(_json(x))):
        return line(x)
    if place is not None and place.at == "header":
        return _short(f"{place.name}: {x.header(place.name)}")
    if place is not None and place.at == "status":
        return _answered(x)
    if place is not None and place.at == "event":
        return _short(_json_at(x.events[place.event].data or "", place.path, message))
    path = place.path if place is not None else ()
    return _short(_json_at(_last(x) if x.streaming else x.body[:READ].decode("utf-8", "replace"), path, message))


def _json_at(text: str, path: Path, message: str) -> str:
    """The value at a path of a JSON text, after its path; of the whole, what is no mere heading. The text where it is no JSON."""
    try:
        value = jsontext.parse_text(text)
        for step in path:
            value = value[step]
    except (NotJSON, LookupError, TypeError):
        return text
    named = re.findall(r"\w+", parts_of(message)[0])
    if isinstance(value, dict) and "choices" in value:
        value = {key: inner for key, inner in value.items() if key not in _HEADING or key in named}
    shown = json.dumps(value, ensure_ascii=False)
    return f"{'.'.join(map(str, path))}: {shown}" if path else shown


def _last(x: Exchange) -> str:
    """The last JSON of a stream."""
    with suppress(Unreadable):
        return json.dumps(x.messages[-1][1], ensure_ascii=False)
    return x.body[:READ].decode("utf-8", "replace")


def signature(x: Exchange) -> tuple[str, ...]:
    """What equal refusals have in common: status, route, and the member that is named or, where none is, the words without what
    varies."""
    where, text = _words(x)
    route = x.route or urlsplit(x.url).path.rpartition("/")[0]
    named = re.sub(r"\b\d+\b", "*", where)
    return str(status(x) or ""), f"{x.method} {route}", named or _VARYING.sub("*", text)[:LINE]


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
    with suppress(Unreadable):
        return x.messages[0][1]
    return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LINE else f"{text[:LINE]}…"
