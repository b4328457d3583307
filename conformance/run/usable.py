"""Whether anything was judged: a run conforms only where the endpoint gave a usable answer of the kind it was asked for.

Laws on refusals pass on refusals. So a key that is refused everywhere, or a route that is not there, would make a green run of
nothing else. It must not judge: an answer is usable that is a success and was kept, whatever is wrong in it.
"""

from __future__ import annotations

from conformance.exchange import Exchange, NotRecorded, Unreadable, find
from conformance.wire.jsontext import show


class Usable:
    """Looks at every exchange of a run; `lacking` says what there was none of. Live, that is a chat completion where one was asked
    for, and else an answer on any route of the API; of recordings, which hold what they hold, the latter."""

    def __init__(self, *, recorded: bool) -> None:
        self._recorded = recorded
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

    @property
    def lacking(self) -> str | None:
        """Why nothing can conform, in a sentence; None where something can."""
        chat = not self._recorded and "chat" in self._asked
        if not self._asked or ("chat" in self._answered if chat else self._answered):
            return None
        example = self._refused.get("chat") if chat else next(iter(self._refused.values()), None)
        what = "no request for a chat completion" if chat else "no request"
        return f"{what} got a usable answer" + (f"; {example.id} got {_said(example)}" if example else "")


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
