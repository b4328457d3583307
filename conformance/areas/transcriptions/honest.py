"""What the honest reference answers to sound: it does not hear. It knows the spoken sentence that the suite ships by the digest of
its bytes, and of any other sound it hears nothing."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from conformance.exchange.shipped import place
from conformance.reference import tokens
from conformance.reference.forms import Form
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route
from conformance.wire.sound import look

SHIPPED = ("wav", "mp3", "ogg", "flac")
WORDS = (("Good", 0.06, 0.3), ("morning.", 0.3, 0.82), ("Tea", 0.96, 1.18), ("is", 1.18, 1.32), ("ready.", 1.32, 1.7))
"""What is said in them, and when, in seconds."""
SEGMENTS = ((0, 2), (2, 5))
"""The words of each of the two sentences."""
FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
LARGEST = 25 * 1024 * 1024
SHORTEST = 0.1
"""Seconds; less is no sound for OpenAI."""
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Heard(NamedTuple):
    """What was heard in a file, and how long it sounds."""

    seconds: float
    words: tuple[tuple[str, float, float], ...]
    sentences: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        return self.said(0, len(self.words))

    def said(self, first: int, end: int) -> str:
        return " ".join(word for word, _, _ in self.words[first:end])


@cache
def _digests() -> frozenset[bytes]:
    files = (place(f"fixtures/audio/morning.{form}") for form in SHIPPED)
    return frozenset(hashlib.sha256(file.read_bytes()).digest() for file in files)


@route("POST", r"/audio/transcriptions")
def transcriptions(server: Server, call: Call) -> Reply:
    """What was said, as it was asked for: JSON, text, subtitles or events."""
    form = server.read_form(call, "transcription")
    heard = _heard(form, call.line.padding)
    _check(form)
    if form.text("stream") in ("true", "True"):
        return Reply(200, (), chunks=tuple(_events(heard, form)))
    return _told(heard, form, "transcribe")


@route("POST", r"/audio/translations")
def translations(server: Server, call: Call) -> Reply:
    """The same in English, which it is."""
    form = server.read_form(call, "transcription")
    heard = _heard(form, call.line.padding)
    _check(form)
    return _told(heard, form, "translate")


# ---------------------------------------------------------------------- refused


def _heard(form: Form, padding: int) -> Heard:
    """What is in the file, to which so many bytes were not carried here. Raises Refusal."""
    file = form.file()
    if file is None:
        raise Refusal(400, "Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
    if len(file.content) + padding > LARGEST:
        raise Refusal(413, f"Maximum content size limit ({LARGEST}) exceeded.", param="file")
    sound = look(file.content)
    if sound is None:
        message = "Audio file might be corrupted or unsupported."
        raise Refusal(400, message, param="file", code="invalid_value")
    seconds = sound.seconds or 0.0
    if seconds < SHORTEST:
        message = f"Audio file is too short. Minimum audio length is {SHORTEST} seconds."
        raise Refusal(400, message, param="file", code="audio_too_short")
    known = hashlib.sha256(file.content).digest() in _digests()
    return Heard(seconds, WORDS if known else (), SEGMENTS if known else ())


def _check(form: Form) -> None:
    """Raises Refusal."""
    kind = form.text("response_format") or "json"
    _one_of("response_format", kind, FORMATS)
    if (language := form.text("language")) is not None and not _LANGUAGE.fullmatch(language):
        message = f"Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format."
        raise Refusal(400, message, param="language", code="invalid_language_format")
    if (warmth := form.text("temperature")) is not None and not 0 <= _number("temperature", warmth) <= 1:
        message = f"Invalid 'temperature': expected a decimal from 0 to 1, got {warmth}."
        raise Refusal(400, message, param="temperature", code="decimal_above_max_value")
    _one_of("stream", form.text("stream") or "false", ("true", "false", "True", "False"))
    for each in form.texts("timestamp_granularities"):
        _one_of("timestamp_granularities", each, ("word", "segment"))
    for each in form.texts("include"):
        _one_of("include", each, ("logprobs",))
    if form.texts("timestamp_granularities") and kind != "verbose_json":
        message = "'timestamp_granularities' needs response_format 'verbose_json'."
        raise Refusal(400, message, param="timestamp_granularities", code="unsupported_value")


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        message = f"Invalid value: '{value}'. Supported values are: {', '.join(map(repr, known))}."
        raise Refusal(400, message, param=name, code="invalid_value")


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refusal(400, f"Invalid type for '{name}': expected a decimal.", param=name, code="invalid_type") from None


def _wants_logprobs(form: Form) -> bool:
    return "logprobs" in form.texts("include")


# ---------------------------------------------------------------------- told


def _told(heard: Heard, form: Form, task: str) -> Reply:
    kind = form.text("response_format") or "json"
    plain = (("content-type", "text/plain; charset=utf-8"),)
    match kind:
        case "text":
            return Reply(200, plain, f"{heard.text}\n".encode())
        case "srt" | "vtt":
            return Reply(200, plain, _subtitles(heard, kind).encode())
        case "verbose_json":
            return Reply(200, (), _verbose(heard, form, task))
    if _wants_logprobs(form):
        told = {"text": heard.text, "logprobs": _logprobs(heard.text), "usage": _tokens(heard)}
    else:
        told = {"text": heard.text, "usage": {"type": "duration", "seconds": math.ceil(heard.seconds)}}
    return Reply(200, (), told | _languages(form))


def _languages(form: Form) -> Json:
    """Which language it is, for who says which it may be."""
    return {"languages": [{"code": "en"}]} if form.texts("languages") else {}


def _verbose(heard: Heard, form: Form, task: str) -> Json:
    body: Json = {"task": task, "language": "english", "duration": heard.seconds, "text": heard.text}
    wanted = form.texts("timestamp_granularities") or ["segment"]
    if "segment" in wanted:
        body["segments"] = [_segment(heard, n, *span) for n, span in enumerate(heard.sentences)]
    if "word" in wanted:
        body["words"] = [{"word": word.strip("."), "start": start, "end": end} for word, start, end in heard.words]
    return body | {"usage": {"type": "duration", "seconds": math.ceil(heard.seconds)}}


def _segment(heard: Heard, n: int, first: int, end: int) -> Json:
    text = f" {heard.said(first, end)}"
    return {
        "id": n,
        "seek": 0,
        "start": heard.words[first][1],
        "end": heard.words[end - 1][2],
        "text": text,
        "tokens": [50364, *(1000 + len(token) for token in tokens.encode(text)), 50450],
        "temperature": 0.0,
        "avg_logprob": -0.31,
        "compression_ratio": 0.82,
        "no_speech_prob": 0.002,
    }


def _subtitles(heard: Heard, kind: str) -> str:
    lines, comma = [] if kind == "srt" else ["WEBVTT", ""], "," if kind == "srt" else "."
    for n, (first, end) in enumerate(heard.sentences, 1):
        times = [
            f"00:00:{seconds:06.3f}".replace(".", comma) for seconds in (heard.words[first][1], heard.words[end - 1][2])
        ]
        lines += [*([str(n)] if kind == "srt" else []), " --> ".join(times), heard.said(first, end), ""]
    return "\n".join((*lines, ""))


def _events(heard: Heard, form: Form) -> Iterator[Json]:
    logprobs = _logprobs if _wants_logprobs(form) else None
    for text, made in tokens.portions(tokens.encode(heard.text)):
        told = {"logprobs": logprobs(b"".join(made).decode())} if logprobs else {}
        yield {"type": "transcript.text.delta", "delta": text, **told}
    told = ({"logprobs": logprobs(heard.text)} if logprobs else {}) | _languages(form)
    yield {"type": "transcript.text.done", "text": heard.text, **told, "usage": _tokens(heard)}


def _logprobs(text: str) -> list[Json]:
    made = tokens.encode(text)
    return [
        {"token": each.decode("utf-8", "replace"), "logprob": -0.01 * n, "bytes": list(each)}
        for n, each in enumerate(made)
    ]


def _tokens(heard: Heard) -> Json:
    audio, made = math.ceil(10 * heard.seconds), tokens.count(heard.text)
    details = {"text_tokens": 0, "audio_tokens": audio}
    used = {"input_tokens": audio, "input_token_details": details, "output_tokens": made}
    return {"type": "tokens", **used, "total_tokens": audio + made}
