"""What each lie of the reference breaks in which real client, as it was measured (`nox -s clients -- measure`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("breaks.json")


@cache
def measured() -> dict[str, Any]:
    """The table: `versions` of each client, `lies` by name and client with what breaks, in lines such as "fails at tool, agent: KeyError:
    'choices'", `measured` how many lies, `reached` those that change an answer that clients ask for. A client does a few scenarios of
    each lie, so more may break."""
    return json.loads(TABLE.read_text("utf-8"))


def versions(client: str) -> str:
    """The version of the package that a client is."""
    return next(iter(measured()["versions"][client].values()), "")


def breaks(lies: Iterable[str]) -> dict[str, list[str]]:
    """What breaks in which client where a server tells one of these lies; of clients that nothing breaks, and with lies that nobody
    measured, nothing."""
    found: dict[str, dict[str, None]] = {}
    for lie in lies:
        for client, lines in measured()["lies"].get(lie, {}).items():
            found.setdefault(client, {}).update(dict.fromkeys(lines))
    return {client: list(lines) for client, lines in found.items()}
