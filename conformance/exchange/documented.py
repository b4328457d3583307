"""The documented routes that are known: by what a path is told to be one, and which methods it has. Recordings of others are left out."""

from __future__ import annotations

import re

ROUTES: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {
    "chat": (re.compile(r"/chat/completions/?$"), ("POST",)),
    "stored": (re.compile(r"/chat/completions/[^/]+$"), ("GET", "POST", "DELETE")),
    "completions": (re.compile(r"(?<!/chat)/completions/?$"), ("POST",)),
    "embeddings": (re.compile(r"/embeddings/?$"), ("POST",)),
    "responses": (re.compile(r"/responses/?$"), ("POST",)),
    "models": (re.compile(r"/models/?$"), ("GET",)),
    "model": (re.compile(r"/models/[^/]+$"), ("GET", "DELETE")),
}
"""The first that fits counts."""

_VERSION = re.compile(r"/v\d+[a-z0-9]*(?=/)")


def in_its_place(path: str, route: re.Pattern[str]) -> bool:
    """A route stands right behind the version, which comes once (/v1/chat/completions), or in a path without any.

    Elsewhere there may be one (/v1/ACCOUNT/GATEWAY/chat/completions) or not (/v1/v1/responses): only the answer tells.
    """
    versions = list(_VERSION.finditer(path))
    found = route.search(path)
    return not versions or (found is not None and versions[-1].end() == found.start() and not _doubled(versions))


def _doubled(versions: list[re.Match[str]]) -> bool:
    return len(versions) > 1 and versions[-1][0] == versions[-2][0] and versions[-1].start() == versions[-2].end()
