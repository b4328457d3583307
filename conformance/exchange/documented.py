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
