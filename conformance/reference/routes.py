"""How a route of the reference server is declared: what it answers honestly. Areas do so in their honest.py."""

from __future__ import annotations

from collections.abc import Callable

from conformance.reference.replies import Reply

Route = Callable[..., Reply]
"""Gets the server, the call and the variable parts of the path, decoded. Raises Refusal."""
Routes = dict[str, dict[str, Route]]
"""For each pattern of a path below /v1, what answers each method."""

_ROUTES: Routes = {}


def route(method: str, pattern: str) -> Callable[[Route], Route]:
    """Declare what answers this method on paths that match the pattern as a whole."""

    def declare(answer: Route) -> Route:
        if method in _ROUTES.setdefault(pattern, {}):
            raise ValueError(f"{method} {pattern} is declared twice")
        _ROUTES[pattern][method] = answer
        return answer

    return declare


def declared() -> Routes:
    """Every route declared so far."""
    return dict(_ROUTES)
