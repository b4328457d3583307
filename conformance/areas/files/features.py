"""Whether files can be uploaded and read, and requests answered in batches."""

from __future__ import annotations

from conformance.areas.files.conditions import lines
from conformance.areas.whole_routes import UNFIT, answered_with, fetched, plain
from conformance.exchange import Exchange, find
from conformance.judge.conditions import asked, intent, route, sent_as
from conformance.judge.features import HONOURED, Finding, feature, wrong
from conformance.judge.mistakes import mistaken

_LISTS = fetched & ~intent("no-key") & ~intent("wrong-key")


@feature("files", when=route("files") & _LISTS, names=UNFIT, probes="files.list", route=True)
def _(x: Exchange) -> Finding:
    """Files are listed."""
    return answered_with(x, "data", list)


@feature("file_uploads", when=route("files") & plain & ~mistaken & asked("purpose"), names=(*UNFIT, "purpose", "file"),
         probes=("files.upload", "files.input"))  # fmt: skip
def _(x: Exchange) -> Finding:
    """A file is uploaded."""
    return answered_with(x, "id", str)


@feature("batches", when=route("batches") & _LISTS, names=UNFIT, probes="files.batch-list", route=True)
def _(x: Exchange) -> Finding:
    """Batches are listed."""
    return answered_with(x, "data", list)


@feature("batch_results", when=sent_as("files.batch-output"), names=UNFIT, probes="files.batch-output")
def _(x: Exchange) -> Finding:
    """A batch is answered in the time that a run has for it, and its answers can be read."""
    seen = [find(line, "response.status_code") for line in lines(x)]
    return HONOURED if 200 in seen else wrong("no line has the status_code 200")
