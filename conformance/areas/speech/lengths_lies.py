"""Lies about how long speech is."""

from __future__ import annotations

from conformance.reference.lies import lets
from conformance.reference.replies import Call


def _text(call: Call) -> str:
    """The text to speak; "" where it is none that is served."""
    text = (call.json or {}).get("input") if call.path.endswith("/audio/speech") else None
    return text if isinstance(text, str) and text.strip() and len(text) <= 4096 else ""


@lets("speech-cut-short")
def _(call: Call) -> Call:
    """Of a long text only the beginning is said."""
    text = _text(call)
    return call.asking(input=text[:20]) if len(text) > 60 and "stream_format" in call.json else call


@lets("speech-drags")
def _(call: Call) -> Call:
    """A minute of silence follows what is said in bare samples."""
    bare = _text(call) and call.json.get("response_format") == "pcm"
    return call.asking(input=call.json["input"] + " " * 1500) if bare else call


@lets("speech-one-clip")
def _(call: Call) -> Call:
    """The same few words are said whatever the text is."""
    return call.asking(input="Good evening to all of you out there.") if _text(call) else call


@lets("speech-speed-ignored", link=("https://github.com/0xShug0/audio.cpp/issues/611",
      "https://github.com/teddybear082/pocket-tts-openai_streaming_server/pull/18"), bugs="audio-speed-ignored")  # fmt: skip
def _(call: Call) -> Call:
    """Speed makes no difference."""
    known = _text(call) and call.json.get("speed") in (0.5, 2.0)
    return call.asking(speed=None) if known else call
