"""How an endpoint declines what a check is about, so that it is decided and not failed."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from conformance.areas.catalogue import area_of, features
from conformance.areas.parameter_table import every
from conformance.judge.features import Feature
from docs.made.facts import Judged
from docs.made.words import prose

OF_HEADERS = ("http", "limits")
"""Areas whose features are headers, which are declined by leaving them out."""


def declining(facts: Judged) -> str:
    """The section of a page; "" where what is judged is not optional."""
    own = [features()[name] for name in facts.features]
    own = [each for each in own if each.part_of not in facts.features] or own
    if own:
        return "\n\n".join(map(_of_feature, own))
    routes = [name for name in facts.endpoints if name != "chat"]
    return _of_route(f"`{routes[0]}`") if len(facts.endpoints) == len(routes) == 1 else ""


def refusal(feature: Feature) -> dict[str, Any]:
    """The body of the answer that declines a feature."""
    param = next((name for name in (*feature.names, feature.name) if name in _parameters()), None)
    what = f"`{param}`" if param else feature.words
    named = "" if param in feature.names else f" ({feature.names[0]})"
    said = {"message": f"{what} is not supported{named}", "type": "invalid_request_error", "param": param}
    return {"error": said | {"code": "unsupported_parameter" if param else None}}


@cache
def _parameters() -> frozenset[str]:
    return frozenset(row.name for row in every())


def _of_feature(feature: Feature) -> str:
    link = f"[`{feature.name}`](../features.md#{feature.name})"
    if area_of(feature) in OF_HEADERS:
        return f"Without {prose(feature.words)}: send none of these headers. {link} is then *absent*."
    if feature.route:
        return _of_route(link)
    return (
        f"Without {prose(feature.words)}: answer a request that asks for it with 400 and a body that names it, rather than "
        f"ignoring it. {link} is then *refused*, and this check not exercised.\n\n```json\n{json.dumps(refusal(feature))}\n```"
    )


def _of_route(what: str) -> str:
    return f"Answer the route with 404 and an `error` object. {what} is then *absent*, and this check not exercised."
