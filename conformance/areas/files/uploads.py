"""FILE: uploads - what a file is called and says of itself, again when it is asked for, its bytes, and its end."""

from __future__ import annotations

from conformance.areas.files.conditions import (
    CONTENT,
    DELETED,
    FILE,
    UPLOAD,
    deleted,
    described,
    get,
    sent_file,
    uploaded,
    uploads,
)
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import intent, looked_at, ok, route, status, timed
from conformance.judge.mistakes import examined
from conformance.judge.objects import misfits
from conformance.judge.relations import probes
from conformance.wire.jsontext import show

SAME = ("id", "object", "bytes", "created_at", "filename", "purpose")


@request("with a file and its purpose")
def whole_form(x: Exchange) -> bool:
    return sent_file(x) is not None and isinstance(x.asked.get("purpose"), str)


@check(
    "file.object",
    MUST,
    when=described,
    source=FILE,
    breaks=("files-id-absent", "files-object-document"),
    covers="FILES-001",
)
def files_say_what_they_are(x: Exchange) -> Problems:
    """A file has an `id` and the `object` "file".

    Whatever uses it later names it by the id: without, the upload is lost.
    """
    yield from misfits(x, "file")
    yield from misfits(x, "file", "id", "object")


@check(
    "file.described",
    MUST,
    when=described,
    source=FILE,
    breaks=("files-created-text", "files-purpose-absent"),
    covers="FILES-001",
)
def files_are_described(x: Exchange) -> Problems:
    """A file has bytes, created_at, filename and purpose, of their types.

    Typed clients refuse the answer; both SDKs hand out None.
    """
    yield from misfits(x, "file", "bytes", "created_at", "filename", "purpose", "expires_at", "status_details")


# SHOULD: the specification requires it and calls it deprecated.
@check("file.status", SHOULD, when=described, source=FILE, breaks="files-status-ready", covers="FILES-001")
def status_is_known(x: Exchange) -> Problems:
    """`status` of a file is uploaded, processed or error.

    wait_for_processing of the Python SDK looks for "processed" and waits for half an hour.
    """
    yield from misfits(x, "file", "status")


@check("file.as-sent", MUST, when=uploaded & whole_form & timed, source=(FILE, UPLOAD),
       breaks=("files-filename-of-server", "files-bytes-zero"), covers="FILES-001")  # fmt: skip
def upload_is_as_it_was_sent(x: Exchange) -> Problems:
    """The answer to an upload has the filename, the purpose and the number of bytes that were sent.

    By them a client sees that its file came whole; it finds it again by its name. (Recorders put other files in place of those sent.)
    """
    file = sent_file(x)
    for name, sent in (("filename", file.filename), ("purpose", x.asked["purpose"]), ("bytes", len(file.content))):
        if (seen := find(x.answer, name)) != sent:
            yield differs(name, seen, f"{show(sent)}, as it was sent")


@check("file.same", MUST, together=probes("files.upload", "files.retrieved"), when=route("files", "file") & (ok | status(404)),
       source=FILE, breaks=("files-lost", "files-retrieved-anew", "files-purpose-absent"), covers="FILES-009")  # fmt: skip
def file_stays_the_same(upload: Exchange, x: Exchange) -> Problems:
    """GET /files/{id} answers with the file as it was uploaded.

    A client that comes back for it finds nothing, or another.
    """
    if not upload.ok:
        return
    if not x.ok:
        yield differs("status of GET /files/{id}", x.status, "200, as the file was uploaded")
        return
    for name in SAME:
        if find(x.answer, name) != find(upload.answer, name):
            yield differs(
                f"{name} of the file retrieved", find(x.answer, name), f"{show(find(upload.answer, name))}, as uploaded"
            )


@check("file.content", MUST, together=probes("files.input", "files.content"), when=route("files", "file-content") & ok & timed,
       source=CONTENT, breaks=("files-content-decoded", "files-content-json"), covers="FILES-004")  # fmt: skip
def content_is_what_was_sent(upload: Exchange, x: Exchange) -> Problems:
    """GET /files/{id}/content answers with the bytes as they were uploaded, and nothing around them.

    Who compares checksums finds them different; a JSON string around them is data that nobody asked for.
    """
    sent = file.content if (file := sent_file(upload)) else b""
    if x.body != sent:
        at = next(
            (n for n, (one, other) in enumerate(zip(x.body, sent, strict=False)) if one != other),
            min(len(x.body), len(sent)),
        )
        seen = x.body[max(0, at - 20) : at + 40].decode("utf-8", "replace")
        yield differs(
            f"the body from byte {max(0, at - 20)} on",
            seen,
            sent[max(0, at - 20) : at + 40].decode("utf-8", "replace"),
        )


@check("file.unknown", MUST, when=route("file", "file-content", "batch") & get & intent("unknown-id") & examined, source=FILE,
       breaks=("files-unknown-found", "files-unknown-400"), covers="FILES-010")  # fmt: skip
def unknown_is_404(x: Exchange) -> Problems:
    """A file, or a batch, that does not exist is answered with 404.

    It becomes NotFoundError in both SDKs, by which a client knows that it has to upload again.
    """
    if x.status != 404:
        yield differs("status for an id that does not exist", x.status, "404")


@check(
    "file.deleted",
    MUST,
    when=deleted,
    source=DELETED,
    breaks=("files-deleted-bare", "files-deleted-empty"),
    covers="FILES-005",
)
def deletion_is_told(x: Exchange) -> Problems:
    """DELETE /files/{id} answers with the id, the object "file" and `deleted` true.

    Both SDKs parse it: with an empty body they raise, though the file is gone.
    """
    yield from misfits(x, "file-deleted")
    yield from misfits(x, "file-deleted", "id", "object", "deleted")


@check("file.gone", MUST, together=probes("files.deleted", "files.gone"), when=route("file") & looked_at, source=DELETED,
       breaks="files-kept", covers="FILES-005")  # fmt: skip
def what_is_deleted_is_gone(deletion: Exchange, x: Exchange) -> Problems:
    """A file that was deleted is answered with 404.

    What was to be forgotten is still there.
    """
    if deletion.ok and x.status != 404:
        yield differs("status for a file that was deleted", x.status, "404")


@check("file.gone-twice", SHOULD, together=probes("files.deleted", "files.deleted-again"), when=route("file") & looked_at,
       source=DELETED, breaks="files-deleted-twice", covers="FILES-005")  # fmt: skip
def deleting_again_finds_nothing(deletion: Exchange, x: Exchange) -> Problems:
    """Deleting a file a second time is answered with 404.

    Who tidies up believes that there was something to delete, each time.
    """
    if deletion.ok and x.status != 404:
        yield differs("status of deleting a file twice", x.status, "404")


@check(
    "file.needed",
    MUST,
    when=uploads & intent("no-file") & examined,
    source=UPLOAD,
    breaks="files-of-nothing",
    covers="FILES-011",
)
def a_file_is_needed(x: Exchange) -> Problems:
    """An upload without a file is refused.

    A field under a wrong name is else an empty file, which is missed much later.
    """
    if x.ok:
        yield differs("status of an upload without a file", x.status, "400")


@check("file.purpose", SHOULD, when=uploads & (intent("no-purpose") | intent("odd-purpose")) & examined, source=UPLOAD,
       breaks="files-any-purpose", covers="FILES-011")  # fmt: skip
def a_purpose_is_needed(x: Exchange) -> Problems:
    """An upload without a purpose, or with one that there is not, is refused.

    What a file may be used for is else found out when it is used.
    """
    if x.ok:
        yield differs(f"status with the purpose {show(x.asked.get('purpose'))}", x.status, "400")
