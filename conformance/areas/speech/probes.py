"""Texts to speak: in each form, slow and fast, longer, as events, and some of which no speech can be made."""

from __future__ import annotations

from conformance.exchange.probe import Body, Probe

SHORT = "Good morning."
LONG = "Good morning. The train to the coast leaves at nine, and tea is ready."
UNSPEAKABLE = "unspeakable"
"""The intent of a request that the documents rule out."""


def _probe(name: str, *intent: str, depth: str = "normal", **body: object) -> Probe:
    asked: Body = {"input": SHORT, "voice": "alloy", **body}
    door = None if name == "hello" else "speech.hello"
    return Probe(f"speech.{name}", asked, path="/audio/speech", intent=frozenset(intent or ("optional",)),
                 task="speech", door=door, dear=True, depth=depth)  # fmt: skip


PROBES = (
    _probe("hello", depth="quick"),
    _probe("slow", response_format="wav", speed=0.5, depth="quick"),
    _probe("fast", response_format="flac", speed=2.0),
    _probe("long", input=LONG, response_format="opus"),
    _probe("aac", response_format="aac", instructions="Speak warmly."),
    _probe("pcm", response_format="pcm", stream_format="audio"),
    _probe("events", input=LONG, stream_format="sse"),
    _probe("too-long", "mistake", UNSPEAKABLE, input=f"{'word ' * 819}no", depth="deep"),
    _probe("too-fast", "mistake", UNSPEAKABLE, speed=5, depth="deep"),
    _probe("empty", "mistake", UNSPEAKABLE, input="", depth="deep"),
)
