"""Lies about images that are sent to be edited."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import is_error, turn_down

EDITS = "/images/edits"


@says("images-edit-brackets", link="https://github.com/BerriAI/litellm/pull/39512", bugs="images-edit-array-form")
def _(call: Call, reply: Reply) -> Reply:
    """A field called image[] is taken for a text."""
    if not (call.path.endswith(EDITS) and b'name="image[]"' in call.body and not is_error(reply)):
        return reply
    return turn_down(reply, "Invalid type for 'image[0]': expected a file, but got a string instead.", "image[0]")


def _instead(call: Call, mark: bytes, made: bytes) -> Call:
    """The call with other bytes in its form."""
    return replace(call, body=call.body.replace(mark, made)) if call.path.endswith(EDITS) else call


@lets("images-edit-of-text")
def _(call: Call) -> Call:
    """A file that is no image is edited all the same."""
    return _instead(call, b"This is no image.", b"\x89PNG\r\n\x1a\n")


@lets("images-edit-of-nothing")
def _(call: Call) -> Call:
    """An edit without an image is an image of the words alone."""
    if b'filename="' in call.body:
        return call
    file = b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--'
    head, mark, rest = call.body.rpartition(b"--conformance")
    return _instead(call, call.body, head + mark + rest.rstrip(b"-\r\n") + b"\r\n" + file + mark[2:] + rest)
