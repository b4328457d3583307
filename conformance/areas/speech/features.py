"""Whether texts are spoken, in which forms, at which speed, and as events."""

from __future__ import annotations

from conformance.areas.speech.conditions import as_events, form, found, seconds, sound_bytes
from conformance.areas.whole_routes import UNFIT, plain
from conformance.exchange import Exchange
from conformance.judge.condition import Condition, request
from conformance.judge.conditions import asked, intent, route, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, unclear, wrong
from conformance.judge.relations import probes

speaks = route("speech") & plain & ~intent("edge")
FORMS = {"opus": "speech.long", "aac": "speech.aac", "flac": "speech.fast", "wav": "speech.slow", "pcm": "speech.pcm"}


@feature("speech", when=speaks & asked("input") & ~asked("response_format") & ~streaming, names=(*UNFIT, "speech", "voice"),
         probes="speech.hello", route=True)  # fmt: skip
def _(x: Exchange) -> Finding:
    """A text is answered by sound."""
    return HONOURED if found(x) else wrong("the body is no sound that is known")


def _in(wanted: str) -> Condition:
    return request(f"for {wanted}")(lambda x: form(x) == wanted)


def _shows(wanted: str):
    def law(x: Exchange) -> Finding:
        what = found(x)
        kind = what.kind if what else "pcm" if wanted == "pcm" and sound_bytes(x) else "nothing that is known"
        return HONOURED if kind == wanted else ignored(f"the sound is {kind}")

    law.__doc__ = f"Asked for {wanted}, the sound is {wanted}; ignored, it is something else."
    return law


for _form, _probe in FORMS.items():
    feature(f"speech_{_form}", when=speaks & _in(_form) & ~streaming, names=(_form, "response_format", "format"), probes=_probe,
            part_of="speech")(_shows(_form))  # fmt: skip


@feature(
    "speech_events",
    when=speaks & streaming,
    names=("stream_format", "sse", "stream"),
    probes="speech.events",
    part_of="speech",
)
def _(x: Exchange) -> Finding:
    """`stream_format: sse` is answered by events; ignored, by a file of sound."""
    return HONOURED if as_events(x) else ignored("the sound comes as bytes")


@feature("speech_speed", when=speaks & asked("speed"), names="speed", probes=("speech.slow", "speech.fast"),
         together=probes("speech.slow", "speech.fast"), part_of="speech")  # fmt: skip
def _(slow: Exchange, fast: Exchange) -> Finding:
    """The same text sounds longer at half the speed than at twice the speed; ignored, as long."""
    one, other = seconds(slow), seconds(fast)
    if not other:
        return unclear("there is no sound at speed 2")
    return HONOURED if one > 1.5 * other else ignored(f"{one:.2f} s at speed 0.5, {other:.2f} s at speed 2")
