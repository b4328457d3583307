"""Laws on what is no text: files in forms, answers in bytes, and the routes that have them."""

from __future__ import annotations

from conformance.areas.citations import oas, rfc
from conformance.exchange import ABSENT, Exchange
from conformance.gateway.laws import about, law
from conformance.gateway.media_asked import OPTIONAL
from conformance.gateway.pair import Pair
from conformance.judge import MUST, SHOULD, Problems, differs
from conformance.wire.multipart import Field

optional = about("request for sound, pictures or files")(lambda pair: OPTIONAL in pair.outer.intent)
with_file = about("form with a file")(lambda pair: pair.reached and _files(pair.outer))
in_bytes = about("answer in bytes that came through")(
    lambda pair: pair.passed and not pair.streams and pair.answered.not_json is not None
)


def _files(x: Exchange) -> list[Field]:
    return [field for field in x.form if field.filename is not None]


@law("gateway.offers", SHOULD, about=optional, source=oas("CreateTranscriptionRequest", 36956), breaks="no-sound",
     fix="Pass on the routes of sound, pictures and files, or list this law as known where the gateway is for text alone.")  # fmt: skip
def other_routes_reach_the_upstream(pair: Pair) -> Problems:
    """A request for sound, pictures, files or a moderation reaches the upstream."""
    if not pair.reached:
        yield differs("the number of requests upstream", 0, "1 for each of the client's")


@law("gateway.form-file", MUST, about=with_file, source=rfc(7578, "4"), breaks=("file-recoded", "file-nameless", "mask-lost"),
     fix="Pass forms on byte for byte, or write each file anew with its name, its type and all its bytes.")  # fmt: skip
def files_of_a_form_are_kept(pair: Pair) -> Problems:
    """Each file of a form reaches the upstream with its field, its name, its type and its bytes.

    By the name an upstream knows the format of a sound; where a mask is lost, the whole picture is painted over.
    """
    was, now = _files(pair.outer), _files(pair.asked)
    if len(was) != len(now):
        yield differs("the number of files", len(now), f"{len(was)}, as the client sent")
        return
    for one, other in zip(was, now, strict=True):
        for what in ("name", "filename", "content_type"):
            if (given := getattr(one, what)) != (found := getattr(other, what)):
                yield differs(
                    f"the {what.replace('_', ' ')} of a file", found or ABSENT, f"{given}, as the client sent it"
                )
        if one.content != other.content:
            yield differs(
                "the bytes of a file", f"{len(other.content):,} others", f"the {len(one.content):,} of the client's"
            )


@law("gateway.bytes", MUST, about=in_bytes, source=oas("CreateSpeechRequest", 36537), breaks="bytes-as-text",
     fix="Pass an answer that is no JSON on byte for byte.")  # fmt: skip
def bytes_are_kept(pair: Pair) -> Problems:
    """An answer in bytes, such as sound, is handed on byte for byte."""
    if pair.outer.body != pair.answered.body:
        was, now = len(pair.answered.body), len(pair.outer.body)
        yield differs("the body", f"{now:,} other bytes", f"the {was:,} bytes that the upstream sent")
