"""Lies about which files are heard, how forms are read, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.reference.forms import read_form, sent_plainly
from conformance.reference.lies import says
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import body, turn_down


def _transcribes(call: Call) -> bool:
    return call.path.endswith("/audio/transcriptions")


def _file(call: Call) -> bytes | None:
    try:
        file = read_form(call).file() if _transcribes(call) else None
    except Refusal:
        return None
    return file.content if file else None


@says("transcription-of-another")
def _(call: Call, reply: Reply) -> Reply:
    """The file is not heard: the same few words are said to be in every one."""
    plain = _transcribes(call) and reply.status == 200 and isinstance(reply.body, dict)
    return (
        body(reply, text="Thank you for watching.") if plain and reply.body["text"] and len(reply.body) == 2 else reply
    )


@says("transcription-wav-only")
def _(call: Call, reply: Reply) -> Reply:
    """No file but WAV is taken."""
    other = reply.status == 200 and (file := _file(call)) is not None and file[:4] != b"RIFF"
    return turn_down(reply, "Audio file might be corrupted or unsupported.", "file") if other else reply


@says("transcription-quotes-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A boundary in quotes is taken with them, and no field is found."""
    quoted = _transcribes(call) and 'boundary="' in call.header("content-type")
    return turn_down(reply, "Missing required parameter: 'file'.", "file") if quoted else reply


@says("transcription-names-refused")
def _(call: Call, reply: Reply) -> Reply:
    """A file whose name is not ASCII is turned down."""
    odd = _transcribes(call) and "Früh".encode() in call.body
    return turn_down(reply, "Could not parse multipart form.") if odd else reply


@says("transcription-stays-broken")
def _(call: Call, reply: Reply) -> Reply:
    """After a file that is no sound the next request fails."""
    again = _transcribes(call) and b'filename="again.wav"' in call.body and reply.status == 200
    return turn_down(reply, "The decoder is not running.") if again else reply


@says("transcription-large-unprocessable")
def _(call: Call, reply: Reply) -> Reply:
    """Too large a file is refused with 422."""
    return replace(reply, status=422) if _transcribes(call) and reply.status == 413 else reply


_ABOUT = (("noise", "A file that is no sound is taken as one in which nothing is said.", lambda call: len(_file(call) or b"") == 6000),
          ("empty", "An empty file is taken as one in which nothing is said.", lambda call: _file(call) == b""),
          ("missing", "No file at all is taken as one in which nothing is said.",
           lambda call: _transcribes(call) and sent_plainly(call).get("language") == "en" and _file(call) is None))  # fmt: skip


def _serves(name: str, text: str, about: Callable[[Call], bool], answer: dict) -> None:
    def lie(call: Call, reply: Reply) -> Reply:
        return replace(reply, status=200, body=answer) if reply.status == 400 and about(call) else reply

    lie.__doc__ = text
    says(name)(lie)


for _name, _text, _about in _ABOUT:
    _serves(f"transcription-{_name}-heard", _text, _about, {"text": ""})
_serves("transcription-format-bent", "A form of answer that does not exist is taken as json.",
        lambda call: sent_plainly(call).get("response_format") == "conformance", {"text": "Good morning. Tea is ready."})  # fmt: skip
_serves("transcription-language-bent", "A language that does not exist is ignored.",
        lambda call: sent_plainly(call).get("language") == "no such language", {"text": "Good morning. Tea is ready."})  # fmt: skip


def _logprob(name: str, text: str, change: Callable[[list], list | dict]) -> None:
    def lie(call: Call, reply: Reply) -> Reply:
        told = _transcribes(call) and isinstance(reply.body, dict) and "logprobs" in reply.body
        return body(reply, logprobs=change(reply.body["logprobs"])) if told else reply

    lie.__doc__ = text
    says(name)(lie)


_logprob(
    "transcription-logprob-text",
    "Logprobs are texts.",
    lambda them: [{**each, "logprob": str(each["logprob"])} for each in them],
)
_logprob(
    "transcription-logprob-above",
    "Logprobs are above 0.",
    lambda them: [{**each, "logprob": 1 - each["logprob"]} for each in them],
)
_logprob("transcription-logprob-lost", "One token has no logprob.", lambda them: them[1:])
_logprob("transcription-logprobs-by-token", "Logprobs are an object, by token.",
         lambda them: {each["token"]: each["logprob"] for each in them})  # fmt: skip


@says("transcription-languages-bare")
def _(call: Call, reply: Reply) -> Reply:
    """`languages` is an array of codes."""
    told = _transcribes(call) and isinstance(reply.body, dict) and "languages" in reply.body
    return body(reply, languages=["en"]) if told else reply
