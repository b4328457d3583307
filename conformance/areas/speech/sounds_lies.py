"""Lies about the bytes of speech: no sound, or another than was asked for, or called another."""

from __future__ import annotations

import base64
import struct
from dataclasses import replace

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Reply
from conformance.reference.speaking import coded


def is_sound(call: Call, reply: Reply) -> bool:
    return call.path.endswith("/audio/speech") and isinstance(reply.body, tuple)


def asks_for(call: Call) -> str:
    return (call.json or {}).get("response_format") or "mp3"


@says("speech-in-json")
def _(call: Call, reply: Reply) -> Reply:
    """Speech comes in base64 within a JSON object."""
    if not is_sound(call, reply):
        return reply
    return replace(reply, body={"audio": base64.b64encode(b"".join(reply.body)).decode()})


@says("speech-in-base64")
def _(call: Call, reply: Reply) -> Reply:
    """Speech comes as base64 text."""
    return replace(reply, body=base64.b64encode(b"".join(reply.body))) if is_sound(call, reply) else reply


@says("speech-always-mp3")
def _(call: Call, reply: Reply) -> Reply:
    """Whatever form is asked for, the bytes are MP3."""
    mistaken = is_sound(call, reply) and asks_for(call) != "mp3"
    return replace(reply, body=coded(call.json["input"], call.json.get("speed") or 1, "mp3")) if mistaken else reply


@says("speech-always-wav")
def _(call: Call, reply: Reply) -> Reply:
    """Bare samples come with the header of WAV."""
    mistaken = is_sound(call, reply) and asks_for(call) == "pcm"
    return replace(reply, body=coded(call.json["input"], 1, "wav")) if mistaken else reply


@lets("speech-events-always-wav")
def _(call: Call) -> Call:
    """Events carry WAV where MP3 is the form that they should."""
    streamed = call.path.endswith("/audio/speech") and (call.json or {}).get("stream_format") == "sse"
    return call.asking(response_format="wav") if streamed else call


@says("speech-always-mpeg", link=("https://github.com/BerriAI/litellm/issues/4332", "https://github.com/erew123/alltalk_tts/issues/635"),
      bugs="audio-speech-content-type")  # fmt: skip
def _(call: Call, reply: Reply) -> Reply:
    """Every form is called audio/mpeg."""
    return reply.with_headers(content_type="audio/mpeg") if is_sound(call, reply) else reply


@says("speech-called-text", link="https://github.com/BerriAI/litellm/pull/38798")
def _(call: Call, reply: Reply) -> Reply:
    """Sound is called text/plain."""
    return reply.with_headers(content_type="text/plain") if is_sound(call, reply) else reply


@says("speech-wav-in-wav", link="https://github.com/remsky/Kokoro-FastAPI/pull/94")
def _(call: Call, reply: Reply) -> Reply:
    """Each portion of a WAV file is a file of its own."""
    if not (is_sound(call, reply) and asks_for(call) == "wav"):
        return reply
    whole = b"".join(reply.body)
    head, half = whole.index(b"data") + 8, len(whole) // 4 * 2
    return replace(reply, body=(whole[:half], whole[:head], whole[half:]))


@says("speech-wav-length")
def _(call: Call, reply: Reply) -> Reply:
    """The header of a WAV file promises more than comes."""
    if not (is_sound(call, reply) and asks_for(call) == "wav"):
        return reply
    whole = b"".join(reply.body)
    at = whole.index(b"data") + 4
    return replace(reply, body=(whole[:at] + struct.pack("<I", 2 * len(whole)) + whole[at + 4 :],))
