"""What the honest reference answers to a text that is to be spoken."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from conformance.areas.parameter_table import schemas
from conformance.reference import tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route
from conformance.reference.speaking import A_LETTER, TYPES, coded

LONGEST = 4096
"""Characters of a text, and of instructions."""
AN_EVENT = 96
"""Bytes of sound in one event of a stream."""
A_SECOND = 20
"""Tokens that a second of sound counts as."""


@route("POST", r"/audio/speech")
def speech(server: Server, call: Call) -> Reply:
    """The text as sound: bytes as they are made, or events that carry them."""
    asked = server.read(call, "speech")
    _check(asked)
    form, speed = asked.get("response_format") or "mp3", asked.get("speed") or 1
    portions = coded(asked["input"], speed, form)
    if asked.get("stream_format") == "sse":
        return Reply(200, (), chunks=tuple(_events(asked, b"".join(portions), speed)), done=False)
    return Reply(200, (("content-type", TYPES[form]),), portions)


def _check(asked: Json) -> None:
    """Raises Refusal."""
    for name in ("input", "voice"):
        if asked.get(name) is None:
            message = f"Missing required parameter: '{name}'."
            raise Refusal(400, message, param=name, code="missing_required_parameter")
    check_bounds(asked, schemas("speech"))
    if not asked["input"].strip():
        raise Refusal(400, "Invalid 'input': empty string.", param="input", code="empty_string")
    for name in ("input", "instructions"):
        if len(asked.get(name) or "") > LONGEST:
            message = f"Invalid '{name}': string too long. Expected a string with maximum length {LONGEST}."
            raise Refusal(400, message, param=name, code="string_above_max_length")


def _events(asked: Json, sound: bytes, speed: float) -> Iterator[Json]:
    for at in range(0, len(sound), AN_EVENT):
        yield {"type": "speech.audio.delta", "audio": base64.b64encode(sound[at : at + AN_EVENT]).decode()}
    read = tokens.count(asked["input"])
    made = 1 + int(A_SECOND * len(asked["input"]) * A_LETTER / speed)
    usage = {"input_tokens": read, "output_tokens": made, "total_tokens": read + made}
    yield {"type": "speech.audio.done", "usage": usage}
