"""What reaches the reference server as multipart/form-data: files beside plain fields."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field

from python_multipart import exceptions, parse_form
from python_multipart import multipart as sent

from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # what is wrong in a form, the refusal says


@dataclass(frozen=True)
class File:
    """One file of a form."""

    name: str
    content: bytes
    content_type: str
    field: str


@dataclass(frozen=True)
class Form:
    """The fields of a form: plain ones by name, each as often as it was sent, and files."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """A plain field, the last where there are several."""
        return self.fields[name][-1] if self.fields.get(name) else None

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may come several times, as `name` or as `name[]`."""
        return [*self.fields.get(name, ()), *self.fields.get(f"{name}[]", ())]

    def several(self, name: str) -> list[File]:
        return [file for file in self.files if file.field in (name, f"{name}[]")]

    def file(self, name: str = "file") -> File | None:
        return next(iter(self.several(name)), None)


def read_form(call: Call) -> Form:
    """The form of a request. Raises Refusal where it is none, or broken."""
    media_type = call.header("content-type")
    if not media_type.lower().startswith("multipart/form-data"):
        raise Refusal(415, f"Unsupported content type {media_type.partition(';')[0]!r}: send multipart/form-data.")
    form = Form()

    def field(found: sent.Field) -> None:
        name, value = (part or b"" for part in (found.field_name, found.value))
        form.fields.setdefault(name.decode("utf-8", "replace"), []).append(value.decode("utf-8", "replace"))

    def file(found: sent.File) -> None:
        found.file_object.seek(0)
        name, where = (part.decode("utf-8", "replace") for part in (found.file_name or b"", found.field_name or b""))
        form.files.append(File(name, found.file_object.read(), found.content_type or "", where))
        found.close()  # a large one lies on the disk

    try:
        parse_form({"Content-Type": media_type.encode("latin-1")}, io.BytesIO(call.body), field, file)
    except (exceptions.FormParserError, ValueError, KeyError) as reason:
        raise Refusal(400, f"Could not parse multipart form: {reason}") from None
    return form


def sent_plainly(call: Call) -> dict[str, str]:
    """The plain fields of a form to one of the routes of audio, without []; nothing of any other request."""
    if not call.path.endswith(("/audio/transcriptions", "/audio/translations")):
        return {}
    try:
        return {name.removesuffix("[]"): values[-1] for name, values in read_form(call).fields.items()}
    except Refusal:
        return {}
