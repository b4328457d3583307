"""What is asked through a gateway beside text: sound and pictures, both ways, as forms, as bytes and as events. It sends nothing."""

from __future__ import annotations

from conformance.exchange.probe import Body, Probe, Task, form_probe
from conformance.exchange.shipped import place
from conformance.wire.multipart import Field

OPTIONAL = "optional"
"""The intent of requests for what many a gateway does not have."""
_INTENT = frozenset({OPTIONAL})
_SOUND = Field("file", place("fixtures/audio/morning.wav").read_bytes(), "morning at nine.wav", "audio/wav")
_PICTURE = Field("image[]", place("fixtures/drawing.png").read_bytes(), "drawing.png", "image/png")
_MASK = Field("mask", place("fixtures/mask.png").read_bytes(), "mask.png", "image/png")
_LINES = Field("file", '{"custom_id": "é 1"}\r\n{"custom_id": "2"}'.encode(), "lines.jsonl", "application/jsonl")


def _form(name: str, path: str, task: Task, *fields: Field, **texts: str) -> Probe:
    words = [Field(name.replace("__", "[]"), text.encode()) for name, text in texts.items()]
    return form_probe(f"gateway.{name}", path, [*words, *fields], task=task, intent=_INTENT)


def _spoken(name: str, **body: object) -> Probe:
    asked: Body = {"input": "Good morning.", "voice": "alloy", **body}
    return Probe(f"gateway.{name}", asked, path="/audio/speech", task="speech", intent=_INTENT)


MEDIA = (
    _spoken("speech", response_format="wav"),
    _spoken("speech-events", stream_format="sse"),
    _form("transcription", "/audio/transcriptions", "transcription", _SOUND, model="{model}", temperature="0",
          response_format="verbose_json", timestamp_granularities__="word"),
    _form("transcription-events", "/audio/transcriptions", "transcription", _SOUND, model="{model}", stream="true"),
    Probe("gateway.image", {"prompt": "A blue circle.", "size": "1024x1024", "quality": "low"}, path="/images/generations", task="image",
          intent=_INTENT),
    _form("image-edit", "/images/edits", "image", _PICTURE, _MASK, model="{model}", prompt="Make the circle blue.",
          quality="low"),
    _form("upload", "/files", "chat", _LINES, purpose="user_data"),
    Probe("gateway.moderation", {"input": "Good morning."}, path="/moderations", task="moderation", intent=_INTENT),
)  # fmt: skip
