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


@lets("images-eleven")
def _(call: Call) -> Call:
    """More images than there may be are cut to ten."""
    n = call.json.get("n") if _json(call) else None
    return call.asking(n=max(1, min(10, n))) if isinstance(n, int) else call


@lets("images-any-size")
def _(call: Call) -> Call:
    """A size that is none is read as none."""
    size = call.json.get("size") if _json(call) else None
    return call.asking(size=None) if isinstance(size, str) and "x" not in size else call


@lets("images-any-format")
def _(call: Call) -> Call:
    """A format that is none is read as none."""
    form = call.json.get("output_format") if _json(call) else None
    return call.asking(output_format=None) if isinstance(form, str) and form not in ("png", "jpeg", "webp") else call


@lets("images-any-model")
def _(call: Call) -> Call:
    """Any model is the one model."""
    unknown = _json(call) and str(call.json.get("model")).startswith("conformance-no-such")
    return call.asking(model="reference/scripted-image") if unknown else call
