"""The head of a request as bytes: where it ends, whether all of the request is there, the endpoint's name in it. It reads no more."""

from __future__ import annotations

import re

from conformance.watch.upstream import Upstream

HEAD_END = re.compile(rb"\r?\n\r?\n")
_HOST = re.compile(rb"(?im)^(host[ \t]*:[ \t]*)[^\r\n]*")
_TARGET = re.compile(rb"\A([^ \r\n]+ )(/[^ \r\n]*)")
_FRAMING = re.compile(rb"(?im)^(content-length|transfer-encoding|expect|upgrade)[ \t]*:[ \t]*([^\r\n]*)")


def is_one(data: bytes) -> bool:
    """These bytes are plainly one whole request, by its head alone: no other begins in them, and none of it is still to come."""
    if (end := HEAD_END.search(data)) is None:
        return False
    framing = [(name.lower(), value.strip()) for name, value in _FRAMING.findall(data, 0, end.end())]
    if not framing:
        return len(data) == end.end()
    (name, value), *more = framing
    return not more and name == b"content-length" and value.isdigit() and len(data) == end.end() + int(value)


def addressed(data: bytes, upstream: Upstream) -> bytes:
    """The beginning of a request with the endpoint's name in the place of ours."""
    end = found.end() if (found := HEAD_END.search(data)) else 0
    head = _HOST.sub(lambda host: host[1] + upstream.host_header, data[:end], count=1)
    if upstream.whole_urls:
        head = _TARGET.sub(lambda line: line[1] + upstream.origin + line[2], head, count=1)
        head = head.replace(b"\n", b"\n" + upstream.proxy_header, 1)
    return head + data[end:]
