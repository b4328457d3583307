"""Lies about sound, pictures and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.lying_gateway import Passed, Upstream, answers, asks, behaves
from conformance.reference.replies import Call

MEDIA = ("/audio/speech", "/audio/transcriptions", "/images/generations", "/images/edits", "/files", "/moderations")


@behaves("no-sound")
def _(onward: Call, upstream: Upstream) -> Passed:
    """There are routes for text alone."""
    if not onward.path.endswith(MEDIA):
        return upstream(onward)
    return Passed(404, (("content-type", "application/json"),), (b'{"error": {"message": "Not found."}}',))


def _written_anew(onward: Call, change: Callable[[bytes], bytes]) -> Call:
    """A form with its bytes changed; anything else as it is."""
    if not onward.header("content-type").startswith("multipart/"):
        return onward
    body = change(onward.body)
    return replace(onward, body=body).with_headers(content_length=f"{len(body)}")


@asks("file-recoded")
def _(call: Call, onward: Call) -> Call:
    """A form is read as text, line by line, and written anew."""
    return _written_anew(onward, lambda body: body.decode("utf-8", "replace").replace("}\r\n{", "}\n{").encode())


@asks("file-nameless")
def _(call: Call, onward: Call) -> Call:
    """Each file is called "file"."""
    return _written_anew(onward, lambda body: re.sub(rb'filename="[^"]*"', b'filename="file"', body))


@asks("mask-lost")
def _(call: Call, onward: Call) -> Call:
    """The mask of a picture is left out of the form."""
    boundary = b"--" + onward.header("content-type").partition("boundary=")[2].strip('"').encode()
    kept = lambda body: boundary.join(part for part in body.split(boundary) if b'name="mask"' not in part)  # noqa: E731
    return _written_anew(onward, kept)


@answers("bytes-as-text")
def _(call: Call, passed: Passed) -> Passed:
    """Sound is read as text and written anew."""
    if not passed.header("content-type").startswith("audio/"):
        return passed
    return replace(passed, pieces=(b"".join(passed.pieces).decode("utf-8", "replace").encode(),))
