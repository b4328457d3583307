"""Keeps secrets out of everything that is written.

Those in a body are overwritten and its length kept, so that framing, offsets and arrival times stay true; elsewhere they
become the word REDACTED. Headers that carry credentials lose their value by their name alone.
It must not guess at secrets it was not told of, nor touch a placeholder such as "EMPTY": that would damage answers which
happen to hold the word, and the checks would blame the server.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlsplit

Headers = tuple[tuple[str, str], ...]

REDACTED = "REDACTED"
LONG = 16
"""From here on a secret is found inside longer words, too; keys of every vendor are longer."""
SHORT = 6
"""Shorter ones, or ones of letters or digits alone ("ollama", "lm-studio", "12345678"), are placeholders that hide nothing."""

_SENT = re.compile(r"auth|key|token|secret|passw|cookie|session|credential|signature|jwt|^sig$|^code$", re.I)
_BOTH = re.compile(
    r"(proxy-)?authorization|(x-(goog-)?)?api-key|(set-)?cookie|openai-(organization|project)|x-amz-security-token",
    re.I,
)
_SCHEME = re.compile(r"(bearer|basic)[ \t]+", re.I)


def names_a_secret(name: str) -> bool:
    """Whether a request header or query parameter of this name carries a credential. (Response headers: another list,
    for `x-ratelimit-remaining-tokens` is none.)"""
    return (_BOTH.fullmatch(name) or _SENT.search(name)) is not None


@lru_cache(maxsize=1024)
def _carries_a_secret(name: str, sent: bool) -> bool:
    return names_a_secret(name) if sent else _BOTH.fullmatch(name) is not None


class Redactor:
    """Overwrites these secrets, however they are escaped. `public` values are left alone even where a header names a secret."""

    def __init__(self, secrets: Iterable[str | None] = (), public: Iterable[str] = ()) -> None:
        found = sorted({form for secret in secrets if secret for form in _forms(secret)}, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(found)) if found else None
        self._public = tuple(public)

    def bytes(self, data: bytes) -> bytes:
        """The same number of bytes without the secrets."""
        if self._pattern is None:
            return data
        return self._pattern.sub(lambda match: _mask(match[0]), data)

    def text(self, text: str) -> str:
        """A text in which each secret has become REDACTED."""
        if self._pattern is None:
            return text
        clean = self._pattern.sub(REDACTED.encode(), text.encode("utf-8", "surrogatepass"))
        return clean.decode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """A JSON value with every string in it cleaned."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(k): self.value(v) for k, v in value.items()}
        return [self.value(v) for v in value] if isinstance(value, list | tuple) else value

    def headers(self, headers: Headers, *, sent: bool) -> Headers:
        """Headers of a request (`sent`) or of a response, credentials replaced; a scheme such as Bearer stays."""
        return tuple((name, self._header(name, value, sent)) for name, value in headers)

    def _header(self, name: str, value: str, sent: bool) -> str:
        if not _carries_a_secret(name, sent) or any(public in value for public in self._public):
            return self.text(value)
        scheme = _SCHEME.match(value)
        return (scheme[0] if scheme else "") + REDACTED

    def url(self, url: str) -> str:
        """A URL without userinfo and with the values of its credential-like parameters replaced."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        query = "&".join(_parameter(part) for part in parts.query.split("&")) if parts.query else ""
        return self.text(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query).geturl())


def url_secrets(url: str) -> list[str]:
    """The secrets that a URL holds, as sent and decoded: its password (a user name alone is a token) and the values of
    credential-like parameters. Raises ValueError for what is no URL."""
    parts = urlsplit(url)
    found = [alone] if (alone := parts.password or parts.username) else []
    for part in parts.query.split("&"):
        name, _, value = part.partition("=")
        if value and names_a_secret(unquote_plus(name)):
            found.append(value)
    return [*found, *(unquote_plus(secret) for secret in found)]


def _parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={REDACTED}" if equals and names_a_secret(unquote_plus(name)) else part


def _mask(secret: bytes) -> bytes:
    times = len(secret) // len(REDACTED) + 1
    return (REDACTED.encode() * times)[: len(secret)]


def _forms(secret: str) -> set[bytes]:
    """Patterns for a secret as it may come back: as it is, escaped for JSON, URLs and HTML, in hex, inside base64."""
    mixed = re.search("[A-Za-z]", secret) and re.search("[0-9]", secret)
    if len(secret) < LONG and not (len(secret) >= SHORT and mixed):
        return set()
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = json.dumps(secret)[1:-1]
    texts = {secret, escaped, escaped.replace("/", "\\/"), json.dumps(escaped)[1:-1], html.escape(secret)}
    texts |= {"".join(f"\\u{unit:04x}" for unit in _utf16(secret)), raw.hex(), raw.hex().upper()}
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    texts |= percent | {re.sub("%..", lambda found: found[0].lower(), text) for text in percent}
    forms = {re.escape(text.encode("utf-8", "surrogatepass")) for text in texts}
    if len(secret) < LONG:  # as a whole word only
        return {rb"(?<![A-Za-z0-9])" + form + rb"(?![A-Za-z0-9])" for form in forms}
    return forms | {re.escape(text) for text in _base64s(raw)}


def _utf16(text: str) -> list[int]:
    raw = text.encode("utf-16-be", "surrogatepass")
    return [raw[n] << 8 | raw[n + 1] for n in range(0, len(raw), 2)]


def _base64s(raw: bytes) -> set[bytes]:
    """The part of base64 text that depends on nothing but `raw`, at each of the three ways it can lie in the whole."""
    found = set()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        padded = b"\0" * shift + raw
        found |= {base64.b64encode(padded)[first:last], base64.urlsafe_b64encode(padded)[first:last]}
    return found
