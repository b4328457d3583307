"""Whether the legacy route is there, and what it can do."""

from __future__ import annotations

from conformance.areas.completions.conditions import texts
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange
from conformance.judge.conditions import asked, route, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, unseen

_asked = route("completions") & plain & asked("prompt") & ~streaming


@feature(
    "completions",
    words="the legacy route /completions",
    when=_asked,
    names=UNFIT,
    probes="http.completions",
    route=True,
)
def _(x: Exchange) -> Finding:
    """A prompt is continued (the legacy route)."""
    return answered_with(x, "choices.0.text", str)


@feature(
    "completions_echo", words="echo of the prompt", when=_asked & asked("echo"), names="echo", probes="completions.echo"
)
def _(x: Exchange) -> Finding | None:
    """The text begins with the prompt."""
    given = x.asked["prompt"]
    first = given[0] if isinstance(given, list) and given else given
    if not isinstance(first, str):
        return None
    return HONOURED if texts(x).get(0, "").startswith(first) else ignored("the text does not begin with the prompt")


@feature(
    "completions_suffix",
    words="text before a suffix",
    when=_asked & asked("suffix"),
    names=("suffix", "insert"),
    probes="completions.suffix",
)
def _(x: Exchange) -> Finding | None:
    """What is inserted leads up to the suffix: it does not say what the suffix says."""
    next_word = str(x.asked["suffix"]).split()[:1]
    if not next_word:
        return None
    text = texts(x).get(0, "")
    return unseen(f"the text goes on to {next_word[0]!r}, as without a suffix") if next_word[0] in text else HONOURED
