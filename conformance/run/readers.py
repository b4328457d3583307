"""How what a user typed is read: each takes a text and gives its value, or raises ValueError with what is expected.

Where the text may hold a secret they raise UserError, which repeats nothing of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from conformance.run.user_error import UserError, typed

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a header name, RFC 9110 section 5.1


def text(value: str) -> str:
    if not value.strip():
        raise ValueError("empty")
    return value


def model_name(value: str) -> str:
    """The name of a model, as it can be sent."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("a name in UTF-8") from None
    return text(value)


def url(value: str) -> str:
    wanted = "http:// or https:// and a host, such as http://localhost:8000/v1"
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(wanted)
    if parts.fragment:
        raise ValueError("no # in it")
    return value if parts.query else value.rstrip("/")


def read_flag(flag: str, text: str, read: Callable[[str], Any]) -> Any:
    """The value of an option that no class of options declares. Raises UserError."""
    try:
        return read(text)
    except ValueError as wanted:
        raise UserError(f"{flag} is {typed(text, 60)}, expected {wanted}") from None


def count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value.strip()) or int(value) < 1:
        raise ValueError("a whole number from 1")
    return int(value)


def at_once(value: str) -> int | None:
    """Reads how many requests may be in flight; None for as many as the endpoint takes."""
    if value.strip() == "auto":
        return None
    try:
        return count(value)
    except ValueError as expected:
        raise ValueError(f"{expected}, or auto") from None


def whole(value: str) -> int:
    """Reads a whole number from 0."""
    if not re.fullmatch(r"[0-9]{1,9}", value.strip()):
        raise ValueError("a whole number from 0")
    return int(value)


def tokens(value: str) -> int:
    if count(value) < 100:
        raise ValueError("a whole number from 100: the first request alone takes some")
    return count(value)


def burst(value: str) -> int:
    if count(value) < 3:
        raise ValueError("a whole number from 3: one into the limit, one streamed, one after the wait")
    return count(value)


def one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}")
        return value

    return read


def seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError("seconds above 0")
    return seconds


def patience(value: str) -> float:
    """Reads seconds from 0."""
    return 0.0 if value.strip() in ("0", "0.0") else seconds(value)


def header(value: str) -> str:
    name, equals, content = value.partition("=")
    if not equals or not _TOKEN.fullmatch(name) or not re.fullmatch("[\t\x20-\x7e]*", content):
        raise UserError("--header is not of the form NAME=VALUE in printable ASCII")  # its value may be a secret
    return value


def variable(flag: str) -> Callable[[str], str]:
    """Reads the name of an environment variable, and repeats nothing that may be a key."""

    def read(value: str) -> str:
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", value):
            raise UserError(f"{flag} takes the name of an environment variable, not the key itself")
        return value

    return read
