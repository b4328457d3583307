"""Whether texts and images are moderated."""

from __future__ import annotations

from conformance.areas.moderations.conditions import of_parts, of_text_parts, results
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange, find
from conformance.judge.conditions import asked, route
from conformance.judge.features import HONOURED, Finding, feature, ignored

_asked = route("moderations") & plain & asked("input")


@feature("moderations", when=_asked, names=(*UNFIT, "moderation"), probes="http.moderations", route=True)
def _(x: Exchange) -> Finding:
    """A text is answered by whether it is flagged."""
    return answered_with(x, "results.0.flagged", bool)


@feature("moderations_image", words="moderation of images",
         when=_asked & of_parts & ~of_text_parts, names=("image", "input", "type", "part"),
         probes="moderations.image")  # fmt: skip
def _(x: Exchange) -> Finding:
    """Some category was applied to the image."""
    applied = [find(result, "category_applied_input_types") for _, result in results(x)]
    named = [kinds for each in applied if isinstance(each, dict) for kinds in each.values()]
    seen = any("image" in kinds for kinds in named if isinstance(kinds, list))
    return HONOURED if seen else ignored("no category was applied to the image")
