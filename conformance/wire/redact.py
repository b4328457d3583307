"""Keeps secrets out of everything that is written.

Those in a body are overwritten and its length kept, so that framing, offsets and arrival times stay true; elsewhere they
become the word REDACTED. Headers that carry credentials lose their value by their name alone. What is shown is redacted first
and cut then: a secret that was cut is none that can be found.
It must not guess at secrets it was not told of, nor touch a placeholder such as "EMPTY": that would damage answers which
happen to hold the word, and the checks would blame the server. Only what a user typed is looked through for what looks like a key
(`without_keys`): it is no answer, and nobody said what is secret in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import cycle, islice
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from conformance.wire.disguises import Finder, Span

Headers = tuple[tuple[str, str], ...]

REDACTED = "REDACTED"

_SENT = re.compile(r"auth|key|token|secret|passw|cookie|session|credential|signature|jwt|^sig$|^code$", re.I)
_BOTH = re.compile(
    r"(proxy-)?authorization|(x-(goog-)?)?api-key|(set-)?cookie|openai-(organization|project)|x-amz-security-token",
    re.I,
)
_KNOWN_HEADERS = re.compile(
    r"accept(-.*)?|cache-control|connection|content-.*|user-agent|origin|referer|http-referer|x-title|host|date|prefer|priority|te|"
    r"openai-beta|anthropic-(version|beta)|api-version|x-stainless-.*|traceparent|x-request-id|x-client-request-id|idempotency-.*",
    re.I,
)
_KNOWN_PARAMETERS = re.compile(
    r"(api-|api_)?version|model|deployment|region|limit|after|before|order|purpose|include(\[\])?|stream|format|alt|role|metadata\[.*",
    re.I,
)
"""What a user's own headers and the parameters of a URL may hold that is no secret: all others are."""
_LIKE_A_KEY = re.compile(
    r"(?i:(?<![a-z])(?:sk|pk|rk)[-_][\w/+=~.-]{6,}|\b(?:hf|gsk|xai|nvapi|r8|pplx|ghp|gho|glpat|key|tok|csk|fw)[-_](?=[\w-]{0,80}\d)[\w-]{8,})"
    r"|\bAIza[\w-]{16,}|\bAKIA[A-Z0-9]{12,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*|(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{6,}"
    r"|(?<=//)(?!\.\.\.@)[^/@\s]{1,500}(?=@)|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}[\w/+=~-]*"
)
_SCHEME = re.compile(r"(bearer|basic)[ \t]+", re.I)


def names_a_secret(name: str) -> bool:
    """Whether a request header or query parameter of this name carries a credential. (Response headers: another list,
    for `x-ratelimit-remaining-tokens` is none.)"""
    return (_BOTH.fullmatch(name) or _SENT.search(name)) is not None


def hides_a_secret(name: str, *, header: bool = False) -> bool:
    """Whether a parameter of a URL, or a header of the user's own, may hold a secret: it does unless it is known not to."""
    known = (_KNOWN_HEADERS if header else _KNOWN_PARAMETERS).fullmatch(name)
    return names_a_secret(name) or known is None


@lru_cache(maxsize=1024)
def _carries_a_secret(name: str, sent: bool) -> bool:
    return names_a_secret(name) if sent else _BOTH.fullmatch(name) is not None


def without_keys(text: str) -> str:
    """A text that a user typed, or that quotes it, without what looks like a key in it."""
    return _LIKE_A_KEY.sub(REDACTED, text)


class Redactor:
    """Overwrites these secrets, however they are written.

    `public` values are left alone even where a header names a secret; what `common` texts hold, too, is no part of a secret.
    Request headers named in `hidden` (in any letter case) lose their value, as those do whose name says so.
    """

    def __init__(
        self,
        secrets: Iterable[str | None] = (),
        public: Iterable[str] = (),
        common: Iterable[str] = (),
        hidden: Iterable[str] = (),
    ) -> None:
        self._public = tuple(public)
        self._finder = Finder({secret for secret in secrets if secret}, (*self._public, *common))
        self._hidden = frozenset(name.lower() for name in hidden)

    def bytes(self, data: bytes, *, cut: bool = False) -> bytes:
        """The same number of bytes without the secrets; of a body that was `cut`, without a secret's beginning at its end."""
        spans = self._finder.spans(data, cut=cut)
        if not spans:
            return data
        clean = bytearray(data)
        for first, last in spans:
            clean[first:last] = islice(cycle(REDACTED.encode()), last - first)
        return bytes(clean)

    def text(self, text: str) -> str:
        """A text in which each secret has become REDACTED."""
        if self._finder.idle:
            return text
        data = text.encode("utf-8", "surrogatepass")
        spans = self._finder.spans(data)
        return _replaced(data, spans).decode("utf-8", "surrogatepass") if spans else text

    def value(self, value: Any) -> Any:
        """A JSON value with every string in it cleaned."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(k): self.value(v) for k, v in value.items()}
        return [self.value(v) for v in value] if isinstance(value, list | tuple) else value

    def headers(self, headers: Headers, *, sent: bool) -> Headers:
        """Headers of a request (`sent`) or of a response, credentials replaced; a scheme such as Bearer stays."""
        return tuple((self.text(name), self._header(name, value, sent)) for name, value in headers)

    def _header(self, name: str, value: str, sent: bool) -> str:
        hidden = sent and name.lower() in self._hidden
        if not (hidden or _carries_a_secret(name, sent)) or any(public in value for public in self._public):
            return self.text(value)
        scheme = _SCHEME.match(value)
        return (scheme[0] if scheme else "") + REDACTED

    def url(self, url: str) -> str:
        """A URL without userinfo, and with the values of its parameters replaced but for those known to be no secrets."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        query = "&".join(_parameter(part) for part in parts.query.split("&")) if parts.query else ""
        return self.text(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query).geturl())


def url_secrets(url: str) -> list[str]:
    """The secrets that a URL holds, as sent and decoded: its password (a user name alone is a token) and the values of
    parameters, but for those known to be none. Raises ValueError for what is no URL."""
    parts = urlsplit(url)
    found = [alone] if (alone := parts.password or parts.username) else []
    for part in parts.query.split("&"):
        name, _, value = part.partition("=")
        if value and hides_a_secret(unquote_plus(name)):
            found.append(value)
    return [*found, *(unquote_plus(secret) for secret in found)]


def _parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={REDACTED}" if equals and hides_a_secret(unquote_plus(name)) else part


def _replaced(data: bytes, spans: list[Span]) -> bytes:
    pieces, at = [], 0
    for first, last in spans:
        pieces += (data[at:first], REDACTED.encode())
        at = last
    return b"".join((*pieces, data[at:]))
