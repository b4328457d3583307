"""Finds fixtures/ and golden/: inside the installed wheel, or at the top of a checkout."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def place(name: str) -> Path:
    """The path of a file or folder below fixtures/ or golden/, for example "fixtures/tools.json"."""
    installed = _PACKAGE / "_data" / name
    return installed if installed.exists() else _PACKAGE.parent / name


@cache
def fixture(name: str) -> Any:
    """The content of a JSON fixture. Treat it as read-only: every caller gets the same object."""
    return json.loads(place(f"fixtures/{name}").read_text("utf-8"))


def encoded(name: str) -> str:
    """The bytes of a fixture of any kind, as base64."""
    return base64.b64encode(place(f"fixtures/{name}").read_bytes()).decode("ascii")
