"""Why an endpoint cannot be judged: what preflight and limits of this machine raise, and every face says in one line."""

from __future__ import annotations

from conformance.exchange import Exchange


class CannotJudge(Exception):
    """Why this endpoint cannot be judged, and what to do, in one line. `exchange` is what came back."""

    def __init__(self, message: str, exchange: Exchange | None = None) -> None:
        super().__init__(message)
        self.exchange = exchange
