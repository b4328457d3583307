"""Sound to write down: in each form in which it may come and go, as events, and files in which nothing is to be heard.

The form of the file and that of the answer vary together, for a request is money: what a refusal names tells for which it was.
"""

from __future__ import annotations

import struct
from random import Random

from conformance.exchange.probe import PADDING, Manner, Probe, form_probe
from conformance.exchange.shipped import place
from conformance.wire.multipart import FORM, Field

UNHEARABLE = "unhearable"
"""The intent of a form in which there is nothing to hear, or that asks for what is not."""
PADDED = "padded"
"""The intent of a form with a file larger than the 25 MiB that OpenAI takes, most of which is not kept."""
LARGE = 26 * 1024 * 1024
TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "flac": "audio/flac"}
MODEL = Field("model", b"{model}")


def spoken(form: str = "wav", name: str | None = None, kind: str | None = None) -> Field:
    """The spoken sentence as a file of a form."""
    return Field(
        "file", place(f"fixtures/audio/morning.{form}").read_bytes(), name or f"morning.{form}", kind or TYPES[form]
    )


def silent(seconds: float) -> bytes:
    """A WAV file in which nothing is said, at 8,000 samples a second."""
    size = 2 * int(8000 * seconds)
    head = struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVEfmt ", 16, 1, 1, 8000, 16000, 2, 16, b"data", size)
    return head + bytes(size)


def _wav(content: bytes) -> Field:
    return Field("file", content, "morning.wav", "audio/wav")


def _probe(
    name: str, *fields: Field, intent: tuple[str, ...] = ("optional",), depth: str = "normal", **more: object
) -> Probe:
    area = name.partition(".")[0]
    hello = f"{area}.hello"
    door = None if name == hello else hello
    return form_probe(name, f"/audio/{area}", fields, intent=frozenset(intent), task="transcription",
                      door=door, depth=depth, **more)  # fmt: skip


def _asking(**fields: str) -> tuple[Field, ...]:
    """Plain fields; one that clients write with [] has two underscores at its end."""
    return tuple(Field(name.replace("__", "[]"), text.encode()) for name, text in fields.items())


def _dotnet(name: str) -> Probe:
    """A form as OpenAI's own client for .NET writes it: the file first and without a type, the boundary in quotes and with what
    needs them, no quotes around names, the name of the file twice, every text with a type."""
    edge, file = "con=form_ance'1", spoken()
    body = (
        f"--{edge}\r\nContent-Disposition: form-data; name=file; filename=morning.wav; filename*=utf-8''morning.wav\r\n\r\n".encode(),
        file.content,
        f"\r\n--{edge}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=model\r\n\r\n".encode(),
        f"{{model}}\r\n--{edge}--\r\n".encode(),
    )
    return Probe(name, b"".join(body), path="/audio/transcriptions", headers=(("Content-Type", f'{FORM}; boundary="{edge}"'),),
                 intent=frozenset({"optional", "form"}), door="transcriptions.hello", task="transcription", depth="deep")  # fmt: skip


_WRONG = ("mistake", UNHEARABLE)
_BOTH = (Field("timestamp_granularities[]", b"word"), Field("timestamp_granularities[]", b"segment"))

_GUIDES = _asking(languages__="en", keywords__="tea")
"""What the newest models take as well."""

PROBES = (
    _probe("transcriptions.hello", MODEL, spoken(), depth="quick"),
    _probe("transcriptions.verbose", MODEL, spoken(), *_asking(response_format="verbose_json", language="en", temperature="0"),
           *_BOTH, depth="quick"),
    _probe("transcriptions.stream", MODEL, spoken(), *_asking(stream="true", response_format="json"), depth="quick"),
    _probe("transcriptions.text", MODEL, spoken("mp3"), *_asking(response_format="text", prompt="Tea, not coffee.")),
    _probe("transcriptions.srt", MODEL, spoken("ogg"), *_asking(response_format="srt")),
    _probe("transcriptions.vtt", MODEL, spoken("flac"), *_asking(response_format="vtt")),
    _probe("transcriptions.logprobs", MODEL, spoken(), *_asking(include__="logprobs")),
    _probe("transcriptions.silence", MODEL, _wav(silent(1)), *_asking(response_format="verbose_json")),
    _probe("transcriptions.guided", MODEL, spoken(), *_GUIDES, depth="deep"),
    _probe("transcriptions.stream-guided", MODEL, spoken(), *_asking(stream="true", include__="logprobs"), *_GUIDES, depth="deep"),
    _dotnet("transcriptions.quoted"),
    _probe("transcriptions.named", spoken("wav", 'Früh "neu" 1.wav', "application/octet-stream"), MODEL, intent=("optional", "form"),
           depth="deep"),
    _probe("transcriptions.noise", MODEL, _wav(Random(3).randbytes(6000)), intent=_WRONG),
    _probe("transcriptions.again", MODEL, spoken("wav", "again.wav"), after="transcriptions.noise", intent=("optional", "form")),
    _probe("transcriptions.empty", MODEL, _wav(b""), intent=_WRONG, depth="deep"),
    _probe("transcriptions.large", MODEL, _wav(silent(1) + PADDING), intent=("optional", "mistake", PADDED), depth="deep", dear=True,
           manner=Manner(padding=LARGE)),
    _probe("transcriptions.missing", MODEL, *_asking(language="en"), intent=_WRONG),
    _probe("transcriptions.format", MODEL, spoken(), *_asking(response_format="conformance"), intent=_WRONG),
    _probe("transcriptions.language", MODEL, spoken(), *_asking(language="no such language"), intent=_WRONG, depth="deep"),
    _probe("translations.hello", MODEL, spoken(), *_asking(response_format="verbose_json"), depth="quick"),
    _probe("translations.text", MODEL, spoken("mp3"), *_asking(response_format="text", prompt="Tea.", temperature="0"), depth="deep"),
)  # fmt: skip
