"""Whether a route is there at all: one request tells, and where it is not, no other is spent on it.

It must not judge: an endpoint may do without any route but chat, and the table of features says which it has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from conformance.exchange import Exchange, Unreadable, find
from conformance.exchange.documented import ROUTES
from conformance.send.requests import Request

_ABSENT = (404, 405, 501)
_UNFIT = re.compile(r"not (supported|allowed|available|enabled|found|exist)|(does|do)(n't| not) (support|exist|have)|unsupported|no such"
                    r"|not implemented|unknown model|not a[n]? ", re.IGNORECASE)  # fmt: skip
"""How it is said that there is no such route, or that the model named is for something else."""


def shut(door: Exchange | None) -> str | None:
    """Why no further request of this route is worth sending; None where some are, as after a refusal of something it asked for."""
    if (
        door is None
        or not door.answered
        or (door.status in (400, 408, 409, 422, 429) and not door.socket and not _UNFIT.search(_words(door)))
    ):
        return None
    if door.socket:
        return None if door.status == 101 else f"the handshake of a WebSocket was answered {door.status}: there is none"
    known = ROUTES.get(door.route or "")
    page = door.media_type in ("text/html", "application/xhtml+xml") and not (known and known.binary)
    if door.ok and not page:
        return None
    gone = page or (door.status in _ABSENT and "model" not in _words(door).lower())
    what = "a page" if door.ok else str(door.status)
    where = f"{door.method} /{door.url.partition('://')[2].partition('/')[2].partition('?')[0]}"
    return f"{where} was answered {what}: {'there is no such route' if gone else 'it is not served'}"


def behind_shut_door(request: Request, done: Mapping[str, Exchange], closed: Set[str]) -> bool:
    """Whether this request is not worth sending: its door is shut, or was not tried for it is itself behind one (`closed`, by id)."""
    door = request.probe.door
    return door is not None and (door in closed or shut(done.get(door)) is not None)


def _words(x: Exchange) -> str:
    """What a refusal says, wherever it says it."""
    try:
        found = [find(x.json, path) for path in ("error.message", "error.code", "error", "message", "detail")]
    except Unreadable:
        return x.body[:2000].decode("utf-8", "replace")
    return " ".join(text for text in found if isinstance(text, str))
