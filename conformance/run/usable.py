"""Whether anything was judged: a run conforms only where the endpoint gave a usable answer of the kind it was asked for.

Laws on refusals pass on refusals. So a key that is refused everywhere, or a route that is not there, would make a green run of
nothing else. It must not judge: an answer is usable that is a success and was kept, whatever is wrong in it.
"""

from __future__ import annotations

from collections.abc import Collection

from conformance.exchange import Exchange, NotRecorded, Unreadable, find
from conformance.exchange.documented import ROUTES
from conformance.wire.jsontext import show


class Usable:
    """Looks at every exchange of a run; `lacking` says what there was none of. Live, that is an answer by one of the endpoints that the
    run is limited to, or a chat completion where one was asked for, and else an answer on any route of the API; of recordings, which
    hold what they hold, the latter."""

    def __init__(self, *, recorded: bool, only: Collection[str] = ()) -> None:
        self._recorded, self._only = recorded, only
        self._asked: set[str] = set()
        self._answered: set[str] = set()
        self._refused: dict[str, Exchange] = {}

    def take(self, x: Exchange) -> None:
        route = x.route or ""
        self._asked.add(route)
        try:
            if route and x.ok and x.body:
                self._answered.add(route)
            elif "mistake" not in x.intent:
                self._refused[route] = min(x, self._refused.get(route, x), key=lambda x: x.id)
        except NotRecorded:
            return

    def add(self, other: Usable) -> None:
        """Add what another has seen of other exchanges."""
        self._asked |= other._asked
        self._answered |= other._answered
        for route, x in other._refused.items():
            self._refused[route] = min(x, self._refused.get(route, x), key=lambda x: x.id)

    def forget(self) -> None:
        """Drop what was read of the exchanges that are kept."""
        for x in self._refused.values():
            x.forget()

    @property
    def lacking(self) -> str | None:
        """Why nothing can conform, in a sentence; None where something can."""
        wanted = self._wanted()
        if not self._asked or (self._answered & wanted if wanted else self._answered):
            return None
        example = next((x for route, x in sorted(self._refused.items()) if not wanted or route in wanted), None)
        kind = " or ".join(sorted(self._only)) if self._only else "a chat completion"
        what = f"no request for {kind}" if wanted else "no request"
        return f"{what} got a usable answer" + (f"; {example.id} got {_said(example)}" if example else "")

    def _wanted(self) -> set[str]:
        """The routes one of which must have answered; empty where any will do."""
        if self._recorded:
            return set()
        if self._only:
            return {name for name, route in ROUTES.items() if route.endpoint in self._only}
        return {"chat"} & self._asked


def _said(x: Exchange) -> str:
    """The status and the server's own words."""
    if x.status is None:
        return x.failure or "no answer"
    try:
        words = next((text for path in ("error.message", "error", "message", "detail")
                      if isinstance(text := find(x.json, path), str)), "")  # fmt: skip
    except Unreadable:
        words = ""
    return f"{x.status} ({show(words, 120)})" if words else str(x.status)
