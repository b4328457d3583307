"""Lies about requests for images that should be refused."""

from __future__ import annotations

from conformance.areas.images.generated_lies import PATHS
from conformance.reference.lies import lets
from conformance.reference.replies import Call


def _json(call: Call) -> bool:
    return call.path.endswith(PATHS[0]) and call.json is not None


@lets("images-of-no-words")
def _(call: Call) -> Call:
    """Without words something is made all the same."""
    return call.asking(prompt="anything") if _json(call) and not call.json.get("prompt") else call


@lets("images-twelve")
def _(call: Call) -> Call:
    """Twelve images are cut to ten."""
    return call.asking(n=10) if _json(call) and call.json.get("n") == 12 else call


@lets("images-any-size")
def _(call: Call) -> Call:
    """A size that is none is read as none."""
    size = call.json.get("size") if _json(call) else None
    return call.asking(size=None) if size == "conformance" else call


@lets("images-any-format")
def _(call: Call) -> Call:
    """A format that is none is read as none."""
    form = call.json.get("output_format") if _json(call) else None
    return call.asking(output_format=None) if form == "picture" else call


@lets("images-any-model")
def _(call: Call) -> Call:
    """Any model is the one model."""
    unknown = _json(call) and str(call.json.get("model")).startswith("conformance-no-such")
    return call.asking(model="reference/scripted-image") if unknown else call
