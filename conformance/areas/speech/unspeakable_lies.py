"""Lies about what no speech is made of."""

from __future__ import annotations

from conformance.reference.lies import lets
from conformance.reference.replies import Call


def _asked(call: Call) -> dict:
    return (call.json or {}) if call.path.endswith("/audio/speech") else {}


@lets("speech-long-served")
def _(call: Call) -> Call:
    """Of a text that is too long the beginning is said."""
    return call.asking(input="Good morning.") if len(_asked(call).get("input") or "") == 4097 else call


@lets("speech-speed-bent")
def _(call: Call) -> Call:
    """A speed of 5 is taken as 4."""
    return call.asking(speed=4) if _asked(call).get("speed") == 5 else call


@lets("speech-nothing-said")
def _(call: Call) -> Call:
    """No text at all is served, with a moment of sound."""
    return call.asking(input="a") if _asked(call).get("input") == "" else call
