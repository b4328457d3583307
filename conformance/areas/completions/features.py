"""Whether the legacy route is there, and what it can do."""

from __future__ import annotations

from conformance.areas.completions.conditions import texts
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange, find
from conformance.judge.conditions import asked, route
from conformance.judge.features import HONOURED, Finding, feature, ignored
from conformance.judge.features import wrong as amiss

_asked = route("completions") & plain & asked("prompt")


@feature("completions", words="the legacy route /completions", when=_asked, names=UNFIT, probes="http.completions", route=True)
def _(x: Exchange) -> Finding | None:
    """A prompt is continued (the legacy route)."""
    return None if x.streaming else answered_with(x, "choices.0.text", str)


@feature("completions_echo", when=_asked & asked("echo"), names="echo", probes="completions.echo")
def _(x: Exchange) -> Finding | None:
    """The text begins with the prompt."""
    given = x.asked["prompt"]
    first = given[0] if isinstance(given, list) and given else given
    if x.streaming or not isinstance(first, str):
        return None
    return HONOURED if texts(x).get(0, "").startswith(first) else ignored("the text does not begin with the prompt")


@feature("completions_suffix", when=_asked & asked("suffix"), names=("suffix", "insert"), probes="completions.suffix")
def _(x: Exchange) -> Finding | None:
    """Something is inserted before the suffix. (What, a model may choose.)"""
    return None if x.streaming else answered_with(x, "choices.0.text", str)


@feature("completions_best_of", when=_asked & asked("best_of"), names="best_of", probes="completions.best-of")
def _(x: Exchange) -> Finding | None:
    """One choice comes of several that were tried."""
    choices = None if x.streaming else find(x.json, "choices")
    if x.streaming:
        return None
    return (
        HONOURED
        if isinstance(choices, list) and len(choices) == (x.asked.get("n") or 1)
        else amiss("all candidates came")
    )
