"""multipart/form-data (RFC 7578): the fields of a form, as they were sent. No I/O."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable
from typing import Any, NamedTuple

FORM = "multipart/form-data"
BOUNDARY = "conformance-e4b1c92f7a"
"""Stands between the fields of our forms, and in none of them."""


class Field(NamedTuple):
    """One field: what a file is called and said to be, None where the field is plain text."""

    name: str
    content: bytes
    filename: str | None = None
    content_type: str | None = None

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


def form(fields: Iterable[Field], boundary: str = BOUNDARY) -> tuple[str, bytes]:
    """The Content-Type and the body of a form with these fields, byte for byte the same each time, as browsers and both SDKs write it."""
    lines = []
    for each in fields:
        file = "" if each.filename is None else f'; filename="{_quoted(each.filename)}"'
        kind = f"\r\nContent-Type: {each.content_type}" if each.content_type else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(each.name)}"{file}{kind}\r\n\r\n'
        lines += [head.encode(), each.content, b"\r\n"]
    return f"{FORM}; boundary={boundary}", b"".join((*lines, f"--{boundary}--\r\n".encode()))


def _quoted(name: str) -> str:
    """A name as the HTML standard wants it in a form: quotes and line ends as percent escapes."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def fields(content_type: str, body: bytes) -> list[Field]:
    """The fields of a form in their order; empty where it is none, or damaged beyond reading."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts = form.get_payload() if form.is_multipart() else []
        return [field for part in parts if (field := _field(part)) is not None]
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):  # what the library says of what is no form
        return []


def _field(part: email.message.Message) -> Field | None:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(content, bytes):
        return None
    filename = part.get_filename()
    return Field(name, content, filename, part.get_content_type() if filename is not None else None)


def texts(form: Iterable[Field]) -> dict[str, Any]:
    """The fields that are no files, by name; `name[]` is how clients write that a field may come several times: a list then."""
    found: dict[str, Any] = {}
    for each in form:
        if each.filename is not None:
            continue
        name = each.name.removesuffix("[]")
        if each.name != name or name in found:
            before = found.get(name, [])
            found[name] = [*(before if isinstance(before, list) else [before]), each.text]
        else:
            found[name] = each.text
    return found
