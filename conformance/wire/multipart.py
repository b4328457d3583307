"""multipart/form-data (RFC 7578): the fields of a form, as they were sent. No I/O."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

FORM = "multipart/form-data"
BOUNDARY = "conformance-e4b1c92f7a"
"""Stands between the fields of our forms, and in none of them."""
_BOUNDARY = re.compile(r"multipart/form-data; boundary=([A-Za-z0-9_.-]{1,70})")
_HEAD = re.compile(
    rb'\r\nContent-Disposition: form-data; name="([A-Za-z0-9_.\[\]-]+)"(?:; filename="([A-Za-z0-9_. -]+)")?'
    rb"(?:\r\nContent-Type: ([A-Za-z0-9]+/[A-Za-z0-9.+-]+))?\r\n\r\n"
)
"""How both SDKs and browsers begin a field, where nothing in it is quoted or has parameters."""


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
    if (plain := _plain(content_type, body)) is not None:
        return plain
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts = form.get_payload() if form.is_multipart() else []
        return [field for part in parts if (field := _field(part)) is not None]
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):  # what the library says of what is no form
        return []


def _plain(content_type: str, body: bytes) -> list[Field] | None:
    """The fields of a form as clients write it, byte for byte; None of any other, which the library reads, slower by far."""
    if not (boundary := _BOUNDARY.fullmatch(content_type)):
        return None
    mark = b"--" + boundary[1].encode("ascii")
    first, *parts = body.split(mark)
    if first or not parts or parts.pop() not in (b"--\r\n", b"--"):
        return None
    found = []
    for part in parts:
        if not part.startswith(b"\r\n") or not part.endswith(b"\r\n") or not (head := _HEAD.match(part)):
            return None
        name, filename, kind = (each and each.decode("ascii") for each in head.groups())
        if (filename is None) is not (kind is None):
            return None
        found.append(Field(name, part[head.end() : -2], filename, kind and kind.lower()))
    return found


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
