"""Clients for an endpoint whose traffic is recorded: httpx and the official SDK, plain and async.

A client is made as its own library makes it, and takes what that takes; `transport=` is what lies under the recorder, an ASGI app's
for instance. The caller closes it, best by `with`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from openai_conformance.recorder import Recorder

if TYPE_CHECKING:
    import httpx
    import openai


class Endpoint:
    """An endpoint under test, up to and with its /v1, and the key that goes with it."""

    def __init__(self, base_url: str, api_key: str | None, recorder: Recorder) -> None:
        self.base_url, self.api_key, self.recorder = base_url, api_key, recorder

    def httpx_client(self, *, transport: Any = None, **given: Any) -> httpx.Client:
        """An httpx.Client that asks below the base URL, with the key."""
        import httpx

        return httpx.Client(**self._asking(given), transport=self.recorder.transport(transport))

    def async_httpx_client(self, *, transport: Any = None, **given: Any) -> httpx.AsyncClient:
        """The same, async."""
        import httpx

        return httpx.AsyncClient(**self._asking(given), transport=self.recorder.async_transport(transport))

    def openai_client(self, *, transport: Any = None, **given: Any) -> openai.OpenAI:
        """The official client. Needs the package `openai`."""
        import openai

        library = _library(openai.DefaultHttpxClient)
        recording = self.recorder.wrapped(library, transport or library.HTTPTransport())
        http = openai.DefaultHttpxClient(transport=recording)
        return openai.OpenAI(**self._as_sdk(given), http_client=http)

    def async_openai_client(self, *, transport: Any = None, **given: Any) -> openai.AsyncOpenAI:
        """The same, async."""
        import openai

        library = _library(openai.DefaultAsyncHttpxClient)
        recording = self.recorder.wrapped(library, transport or library.AsyncHTTPTransport())
        http = openai.DefaultAsyncHttpxClient(transport=recording)
        return openai.AsyncOpenAI(**self._as_sdk(given), http_client=http)

    def _asking(self, given: dict[str, Any]) -> dict[str, Any]:
        headers = dict(given.pop("headers", None) or {})
        if self.api_key and "authorization" not in {name.lower() for name in headers}:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return {"base_url": self.base_url, **given, "headers": headers}

    def _as_sdk(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"base_url": self.base_url, "api_key": self.api_key or "none", **given}


def _library(client: type) -> Any:
    """What the official SDK sends with: httpx until its version 3, httpx2 since."""
    sending = next(kind for kind in client.__mro__ if kind.__name__ in ("Client", "AsyncClient"))
    return importlib.import_module(sending.__module__.partition(".")[0])
