"""What only looks like a call of this API: another API whose paths end alike, pages of web sites, and requests that nobody sent.

It must not look for faults: what a broken server of this API may answer stays in. So a path counts that begins otherwise, and of such
calls alone what was asked, or what came back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange import Exchange
from conformance.exchange.documented import ROUTES, in_its_place

_ASKED = {
    "chat": {"messages"},
    "completions": {"prompt"},
    "embeddings": {"input"},
    "responses": {"input", "prompt", "previous_response_id", "conversation"},
    "moderations": {"input"},
    "images": {"prompt"},
    "batches": {"input_file_id", "endpoint", "completion_window"},
}
"""What each of these is asked with, one or the other."""


_HEADERS = {"anthropic-version", "xi-api-key"}
_HOSTS = ("anthropic.com", "deepgram.com", "elevenlabs.io")


def of_a_namesake(url: str, request_headers: Iterable[tuple[Any, Any]]) -> bool:
    """The APIs of Anthropic, Deepgram and ElevenLabs have routes of the same names; two have headers of their own in every request."""
    sent = {name.lower() for name, _ in request_headers if isinstance(name, str)}
    return bool(_HEADERS & sent) or (urlsplit(url).hostname or "").endswith(_HOSTS)


def is_another(x: Exchange) -> bool:
    """A page that a browser went to, or a call that ends as one of this API and neither stands in its place nor speaks its words."""
    return _is_page(x) or (not _in_place(x) and _speaks_otherwise(x))


def _is_page(x: Exchange) -> bool:
    """A page of a web site at such a path. What answers it in JSON is the API."""
    page = x.method == "GET" and (x.sent("accept") or "").lstrip().lower().startswith("text/html")
    return page and x.not_json is not None


def _in_place(x: Exchange) -> bool:
    return x.route is None or in_its_place(urlsplit(x.url).path, ROUTES[x.route].path)


def _speaks_otherwise(x: Exchange) -> bool:
    if x.method == "POST" and x.asked:
        return x.route in _ASKED and not _ASKED[x.route] & x.asked.keys()
    if x.not_json is not None:
        return False
    answer = x.json
    return not isinstance(answer, dict) or not {"object", "data", "error"} & answer.keys()


def was_edited(x: Exchange) -> bool:
    """Whether the request cannot be what was sent, however that was written: even without spaces it is longer than its Content-Length."""
    said = (x.sent("content-length") or "").strip()
    number = int(said) if re.fullmatch(r"[0-9]{1,9}", said) else len(x.request_body)
    if len(x.request_body) <= number or x.form or x.sent("content-encoding"):
        return False
    least = json.dumps(x.asked, ensure_ascii=False, separators=(",", ":"))
    return len(least.encode("utf-8", "surrogatepass")) > number
