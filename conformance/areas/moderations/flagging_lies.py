"""Lies about moderations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.lies import lets, says
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.rewriting import body, turn_down


def judged(call: Call, reply: Reply) -> bool:
    """An answer with results."""
    return (
        call.path.endswith("/moderations")
        and reply.status == 200
        and isinstance(reply.body, dict)
        and "results" in reply.body
    )


def _says(name: str, text: str, **members: Any) -> None:
    """Declare a lie that changes members of a moderation; `...` removes one."""

    def lie(call: Call, reply: Reply) -> Reply:
        return body(reply, **members) if judged(call, reply) else reply

    lie.__doc__ = text
    says(f"moderations-{name}")(lie)


def _each(name: str, text: str, change: Callable[[Json], Json]) -> None:
    """Declare a lie that changes every result; `...` removes a member."""

    def lie(call: Call, reply: Reply) -> Reply:
        if not judged(call, reply):
            return reply
        changed = [
            {key: value for key, value in change(one).items() if value is not ...} for one in reply.body["results"]
        ]
        return body(reply, results=changed)

    lie.__doc__ = text
    says(f"moderations-{name}")(lie)


def _values(member: str, change: Callable[[Any], Any]) -> Callable[[Json], Json]:
    return lambda result: {**result, member: {name: change(value) for name, value in result[member].items()}}


def _renamed(result: Json) -> Json:
    """Every member of categories under a name of its own."""
    maps = ("categories", "category_scores", "category_applied_input_types")
    return {**result, **{name: {f"S{n}": value for n, value in enumerate(result[name].values(), 1)} for name in maps}}


def _less(result: Json) -> Json:
    maps = ("categories", "category_scores", "category_applied_input_types")
    return {
        **result,
        **{name: {key: value for key, value in result[name].items() if "illicit" not in key} for name in maps},
    }


_says("without-id", "A moderation has no id.", id=...)
_says("model-null", "The model of a moderation is null.", model=None)
_says("results-null", "The results of a moderation are null.", results=None)
_each("flagged-text", "flagged is a text.", lambda result: {**result, "flagged": str(result["flagged"])})
_each("categories-numbers", "Categories are 0 or 1.", _values("categories", int))
_each("no-categories", "A result has a list of categories.",
      lambda result: {**result, "categories": [name for name, found in result["categories"].items() if found]})  # fmt: skip
_each("percent", "Scores are percentages.", _values("category_scores", lambda score: 100 * score + 1))
_each("scores-texts", "Scores are words.", _values("category_scores", lambda score: "high" if score > 0.5 else "low"))
_each("other-names", "Categories are those of another taxonomy.", _renamed)
_each("no-illicit", "The categories that came last are missing.", _less)
_each("score-missing", "A category has no score.",
      lambda result: {**result, "category_scores": {k: v for k, v in result["category_scores"].items() if k != "violence"}})  # fmt: skip
_each(
    "applied-texts",
    "What a category was applied to is a text.",
    _values("category_applied_input_types", lambda kinds: ",".join(kinds)),
)
_each(
    "applied-absent",
    "What a category was applied to is not said.",
    lambda result: {**result, "category_applied_input_types": ...},
)
_each("never-flagged", "Nothing is flagged, whatever was found.", lambda result: {**result, "flagged": False})
_each("always-flagged", "Everything is flagged, whatever was found.", lambda result: {**result, "flagged": True})


@lets("moderations-first-only")
def _(call: Call) -> Call:
    """Of several texts only the first is judged."""
    given = (call.json or {}).get("input") if call.path.endswith("/moderations") else None
    return call.asking(input=given[:1]) if isinstance(given, list) and given and isinstance(given[0], str) else call


@says("moderations-mixed-up")
def _(call: Call, reply: Reply) -> Reply:
    """The results of several texts come in another order."""
    return body(reply, results=reply.body["results"][::-1]) if judged(call, reply) else reply


@says("moderations-lists-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Several texts in a list are turned down."""
    several = judged(call, reply) and isinstance(call.json["input"], list) and isinstance(call.json["input"][0], str)
    return turn_down(reply, "input must be a string.", "input") if several else reply


@says("moderations-parts-refused")
def _(call: Call, reply: Reply) -> Reply:
    """Parts are turned down."""
    parts = judged(call, reply) and isinstance(call.json["input"], list) and isinstance(call.json["input"][0], dict)
    return turn_down(reply, "input must be a string.", "input") if parts else reply


@lets("moderations-nothing-served")
def _(call: Call) -> Call:
    """What holds no input is judged as if it did."""
    nothing = call.path.endswith("/moderations") and call.json is not None and "inputs" in call.json
    return call.asking(input="nothing") if nothing else call
