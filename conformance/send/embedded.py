"""The reference server with the routes of all areas, on a real socket: what is judged where no endpoint is named."""

from __future__ import annotations

import secrets

from conformance.areas.catalogue import routes
from conformance.reference.lies import Lie
from conformance.reference.respond import Server
from conformance.reference.server import Served


class Reference(Served):
    """`with Reference() as server`: serves until the block ends, telling one lie or none.

    Port 0 is any free one; the key is random unless given; `limit` is how many POST requests a second are answered, `delay` the seconds
    that every answer takes.
    """

    def __init__(
        self,
        *,
        lie: Lie | None = None,
        delay: float = 0.0,
        limit: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str | None = None,
    ) -> None:
        key = key or f"sk-reference-{secrets.token_hex(16)}"
        super().__init__(Server(routes(), key=key, lie=lie, limit=limit), delay=delay, host=host, port=port)
