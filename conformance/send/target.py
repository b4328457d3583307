"""The endpoint to judge, and what a request to it looks like: the URL, the headers, the credentials. It must not send."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from conformance import __version__
from conformance.exchange import Headers
from conformance.exchange.probe import WRONG_KEY, Probe, Task
from conformance.send.requests import Request
from conformance.wire.redact import Redactor, hides_a_secret, names_a_secret, url_secrets

USER_AGENT = f"openai-conformance/{__version__}"


@dataclass(frozen=True)
class Target:
    """The endpoint: where it is, which model is asked for, with which credentials. `stages`: it can stage situations.

    `other_keys` are not sent, but kept out of everything as `key` is; `models` are those of the tasks that have one of their own.
    """

    base_url: str = field(repr=False)
    model: str
    key: str | None = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)
    stages: bool = False
    other_keys: tuple[str, ...] = field(default=(), repr=False)
    models: Mapping[Task, str] = field(default_factory=dict)

    def asked_by(self, probe: Probe) -> str:
        """The model that a probe means."""
        return self.models.get(probe.task, self.model)

    def with_key(self, key: str) -> Target:
        """The same endpoint with another key, which the user's own Authorization header gives way to."""
        headers = tuple(pair for pair in self.headers if pair[0].lower() != "authorization")
        known = tuple(other for other in (self.key, *self.other_keys) if other)
        return replace(self, key=key, headers=headers, other_keys=known)

    @cached_property
    def redactor(self) -> Redactor:
        """Knows every secret that requests to this endpoint carry: the user's own headers and parameters unless known to be none."""
        hidden = [name for name, _ in self.headers if hides_a_secret(name, header=True)]
        own = [value for name, value in self.headers if name in hidden] + [_authorization(self) or ""]
        own += [value.partition(" ")[2] for value in own if value.lower().startswith(("bearer ", "basic "))]
        urls = [secret for url in (self.base_url, *getproxies().values()) for secret in _secrets(url)]
        common = (self.model, *self.models.values(), self.base_url.partition("?")[0].rpartition("@")[2])
        return Redactor([self.key, *self.other_keys, *own, *urls], [WRONG_KEY], common, hidden)


def address(base_url: str, path: str) -> str:
    """The URL of a route: below the base URL's path, with its query, without its userinfo. Raises ValueError."""
    parts, (path, _, own) = urlsplit(base_url), path.partition("?")
    query = "&".join(each for each in (parts.query, own) if each)
    place = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=parts.path.rstrip("/") + path, query=query)
    return place.geturl()


def url_of(base_url: str, request: Request) -> str:
    """The URL that a request is sent to. Raises ValueError."""
    url = address(base_url, request.path)
    return f"ws{url[4:]}" if request.probe.socket and url[:4].lower() == "http" else url


def request_headers(request: Request, target: Target) -> Headers:
    """What is sent with a request: as the official clients send it, then the user's headers, then the probe's."""
    probe = request.probe
    lines = {"accept": ("Accept", "application/json"), "accept-encoding": ("Accept-Encoding", "gzip, deflate")}
    lines["user-agent"] = ("User-Agent", USER_AGENT)
    if probe.socket:  # what goes over the connection is no body, and is packed otherwise
        del lines["accept-encoding"]
    elif request.body is not None:
        lines["content-type"] = ("Content-Type", "application/json")
    for name, value in target.headers:
        # Without a key, the user's own secret headers are the credentials that a probe means by "none" or "wrong".
        if probe.key == "given" or target.key is not None or not names_a_secret(name):
            lines[name.lower()] = (name, value)
        elif probe.key == "wrong":
            lines[name.lower()] = (name, WRONG_KEY)
    authorization = _authorization(target) if probe.key == "given" else f"Bearer {WRONG_KEY}"
    lines.pop("authorization", None)
    if authorization is not None and probe.key != "none":
        if "lowercase-scheme" in probe.intent:
            authorization = re.sub("^Bearer ", "bearer ", authorization)
        name = "AUTHORIZATION" if "capital-header" in probe.intent else "Authorization"
        lines["authorization"] = (name, authorization)
    for name, _ in request.headers:
        lines.pop(name.lower(), None)
    return (*lines.values(), *request.headers)


def _authorization(target: Target) -> str | None:
    """The user's own Authorization header, else the key, else the userinfo of the base URL, else none."""
    own = [value for name, value in target.headers if name.lower() == "authorization"]
    userinfo = re.match("[^/]*//([^/?#]*)@|", target.base_url)[1]
    if own:
        return own[-1]
    if target.key:
        return f"Bearer {target.key}"
    return f"Basic {base64.b64encode(unquote(userinfo).encode()).decode()}" if userinfo else None


def _secrets(url: str) -> list[str]:
    """The secrets in what may be no URL."""
    try:
        return url_secrets(url)
    except ValueError:
        return re.findall("//([^/@]*)@", url)
