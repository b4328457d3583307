"""SPEECH: what no speech is made of."""

from __future__ import annotations

from conformance.areas.speech.conditions import SPEECH
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import intent, route
from conformance.judge.mistakes import examined
from conformance.wire.jsontext import show


@check("speech.refused", SHOULD, when=route("speech") & intent("unspeakable") & examined, source=SPEECH,
       breaks=("speech-long-served", "speech-speed-bent", "speech-nothing-said"), covers="AUDIO-014")  # fmt: skip
def the_unspeakable_is_refused(x: Exchange) -> Problems:
    """A text of more than 4096 characters, no text at all, and a speed beyond 0.25 to 4 are refused.

    Else a long text is paid for and its end is cut off, or another speed is taken than the one that was set.
    """
    if x.status < 400:
        text = x.asked.get("input") or ""
        told = f"{len(text)} characters" + (f" at speed {show(x.asked['speed'])}" if "speed" in x.asked else "")
        yield differs(f"the status for {told}", x.status, "a refusal (400)")
