"""Texts and an image to judge: one, several, in parts, and nothing at all."""

from __future__ import annotations

from typing import Any

from conformance.exchange.probe import Body, Probe

KIND = "Have a nice day."
THREAT = "I will kill you, and everyone you love."
"""What any classifier of texts finds."""
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
"""Two by two pixels, red."""


def _probe(name: str, body: Body, *intent: str, **more: Any) -> Probe:
    more.setdefault("door", "http.moderations")
    return Probe(name, body, path="/moderations", intent=frozenset(intent or ("optional",)), task="moderation", **more)


PROBES = (
    _probe("http.moderations", {"input": THREAT}, door=None),
    _probe("moderations.several", {"input": [KIND, THREAT]}),
    _probe("moderations.parts", {"input": [{"type": "text", "text": KIND}, {"type": "text", "text": THREAT}]}, depth="normal"),
    _probe("moderations.image", {"input": [{"type": "text", "text": KIND}, {"type": "image_url", "image_url": {"url": PICTURE}}]},
           depth="normal"),
    _probe("moderations.nothing", {"inputs": KIND}, "mistake", depth="deep"),
)  # fmt: skip
