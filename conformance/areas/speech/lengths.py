"""SPEECH: how long it sounds, by the text and by the speed asked for."""

from __future__ import annotations

from conformance.areas.speech.conditions import SPEECH, known_form, seconds, spoken
from conformance.exchange import Exchange, is_a
from conformance.judge import MUST, SHOULD, Problems, check
from conformance.judge.condition import request
from conformance.judge.relations import probes

QUICKEST, SLOWEST = 60, 3
"""Characters a second: four times what a quick speaker says, and a fourth of what a slow one does."""
PAUSE = 5.0
"""Seconds that a voice may take before and after, whatever it says."""
APART = 1.5
"""Times as long at the least: half the speed and twice the speed are four times apart."""


@request("with a text that is said character by character")
def plain_text(x: Exchange) -> bool:
    """In letters of one sound each, and long enough that pauses do not matter."""
    text = x.asked.get("input")
    return isinstance(text, str) and text.isascii() and 5 <= len(text) <= 4096


def speed(x: Exchange) -> float:
    """The speed asked for."""
    asked = x.asked.get("speed")
    return asked if is_a(asked, float) and 0.25 <= asked <= 4 else 1.0


@check("speech.duration", SHOULD, when=spoken & known_form & plain_text, source=SPEECH, breaks=("speech-cut-short", "speech-drags"),
       covers="AUDIO-013")  # fmt: skip
def its_length_fits_the_text(x: Exchange) -> Problems:
    """The sound is about as long as it takes to say the text: neither cut off nor padded.

    The end of every answer is missing, and the listener does not know.
    """
    said, long = seconds(x), len(x.asked["input"])
    # A speed that is not heeded is told of elsewhere: with or without it the length must be one that fits.
    least, most = long / QUICKEST / max(1.0, speed(x)), (long / SLOWEST + PAUSE) / min(1.0, speed(x))
    if not least <= said <= most:
        yield f"the sound of {long} characters is {said:.2f} s long, expected {least:.2f} to {most:.2f} s"


@check("speech.longer", MUST, when=spoken & known_form, together=probes("speech.hello", "speech.long"), source=SPEECH,
       breaks="speech-one-clip", covers="AUDIO-013")  # fmt: skip
def a_longer_text_takes_longer(short: Exchange, long: Exchange) -> Problems:
    """A text five times as long sounds longer.

    What is the same clip for every text was not made of the text.
    """
    one, other = seconds(short), seconds(long)
    if other <= one * APART:
        yield f"the sound of five times the text is {other:.2f} s long, expected clearly more than the {one:.2f} s of one"


@check("speech.speed", SHOULD, when=spoken & known_form, together=probes("speech.slow", "speech.fast"), source=SPEECH,
       breaks="speech-speed-ignored", covers="AUDIO-016")  # fmt: skip
def speed_changes_the_length(slow: Exchange, fast: Exchange) -> Problems:
    """The same text sounds longer at half the speed than at twice the speed.

    A control for it has no effect, and nothing says so.
    """
    one, other = seconds(slow), seconds(fast)
    if one < other * APART:
        yield f"the sound at speed 0.5 is {one:.2f} s long, expected clearly more than the {other:.2f} s at speed 2"
