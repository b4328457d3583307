"""The request of an exchange as a curl command that can be copied into a shell.

It must not hold a secret, and nothing in it may break out of its quotes.
"""

from __future__ import annotations

import re
import shlex

from conformance.exchange.exchange import Exchange
from conformance.wire.redact import REDACTED

MAX_BODY = 2048
"""Characters of a body shown; longer ones (an over-long prompt) are cut, and a comment says so."""

_OWN = frozenset(("host", "content-length", "connection", "user-agent", "upgrade", "http2-settings"))
_REMARKS = {
    "large": "sent with three megabytes of white space in its body",
    "over-kept": "sent over a connection that had carried another request",
    "leaves": "left before the answer was whole",
    "marked": "sent at the same moment as others",
    "padded": "megabytes of zeros were sent where {padding} stands",
}
"""What no line can do, by what the request was for."""
_TALK = (
    "import sys; from websockets.sync.client import connect; a = sys.argv; n = 3 + int(a[2]);"
    " w = connect(a[1], additional_headers=[h.split(': ', 1) for h in a[n:]], user_agent_header=None).__enter__();"
    " [w.send(m) for m in a[3:n]]; [print(m, flush=True) for m in w]"
)
LOST = frozenset(("request", "parameters"))
"""Parts of a recording (fragment.py) without which a request cannot be sent again."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def curl(x: Exchange, key_env: str = "OPENAI_API_KEY", body_file: str = "") -> str:
    """One line for a POSIX shell. The key stands in it as "$OPENAI_API_KEY", any other redacted header as a variable of
    the header's name; a comment at the end says what had to be left out. `body_file` is where the body lies, if anywhere."""
    if not LOST.isdisjoint(x.missing):
        return "# the recording does not hold the request"
    if x.socket:
        return _websocket(x, key_env)
    words, remarks = ["curl", "-sS"], []
    if x.streaming:
        words.append("-N")
    if any(mark in x.url for mark in "[]{}"):
        words.append("-g")
    if x.method != ("POST" if x.request_body else "GET"):
        words += ["-X", shlex.quote(x.method)]
    words.append(shlex.quote(_plain(x.url)))
    if "h2c" in (x.sent("upgrade") or ""):
        words.append("--http2")
    words += [f"-H '{name}:'" for name in ("Accept", "User-Agent") if "way" in x.intent and x.sent(name) is None]
    remarks += [remark for meant, remark in _REMARKS.items() if meant in x.intent]
    for name, value in x.request_headers:
        if name.lower() == "accept-encoding" and "gzip" in value and "q=0" not in value:
            words.append("--compressed")
        elif name.lower() not in _OWN:
            words += ["-H", _header(name, value, key_env)]
    if body_file:
        words += ["--data-binary", shlex.quote(_plain(f"@{body_file}"))]
    elif x.request_body:
        text, remark = _body(x.request_body)
        words += ["--data-raw", shlex.quote(text)]
        remarks += remark
    return " ".join(words) + "".join(f"  # {remark}" for remark in remarks)


def _websocket(x: Exchange, key_env: str) -> str:
    """The line for a turn over a WebSocket, which curl cannot take: a Python with websockets sends it and prints what comes."""
    sent = [
        (name, value)
        for name, value in x.request_headers
        if name.lower() not in _OWN and not name.lower().startswith("sec-")
    ]
    given = " ".join(_header(name, value, key_env) for name, value in sent)
    messages, remarks = [], ["Ctrl-C ends it"]
    for message in x.request_body.split(b"\n"):
        text, remark = _body(message)
        messages.append(shlex.quote(text))
        remarks += remark
    remarks += ["sent over a connection that had carried earlier turns"] if "over-kept" in x.intent else []
    words = ["python3", "-c", shlex.quote(_TALK), shlex.quote(_plain(x.url)), str(len(messages)), *messages, given]
    return " ".join(words).rstrip() + "".join(f"  # {remark}" for remark in remarks)


def _body(body: bytes) -> tuple[str, list[str]]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "", [f"the body, {len(body):,} bytes that are not UTF-8 text, is left out"]
    text = _CONTROL.sub(_escape, text)
    if len(text) <= MAX_BODY:
        return text, []
    return text[:MAX_BODY], [f"the body is cut: {MAX_BODY:,} of {len(text):,} characters"]


def _header(name: str, value: str, key_env: str) -> str:
    if not value:
        return shlex.quote(f"{name};")
    if REDACTED not in value:
        return shlex.quote(_plain(f"{name}: {value}"))
    bearer = name.lower() == "authorization" and value.lower().startswith("bearer")
    variable = key_env if bearer else re.sub("[^A-Z0-9]", "_", name.upper())
    kept = re.sub(r'([\\"$`])', r"\\\1", _plain(f"{name}: {value}"))
    return '"' + re.sub(f"{REDACTED}(?![A-Za-z0-9_])", f"${variable}", kept).replace(REDACTED, f"${{{variable}}}") + '"'


def _plain(text: str) -> str:
    return _CONTROL.sub("?", text)


def _escape(found: re.Match[str]) -> str:
    """A control character of a JSON text as JSON allows it to be written; line ends and tabs stay."""
    return found[0] if found[0] in "\n\r\t" else f"\\u{ord(found[0]):04x}"
