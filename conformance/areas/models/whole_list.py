"""MODEL: whether the list is whole and the same for everyone who asks, and whether it tells models apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conformance.areas.citations import MODEL, MODEL_LIST
from conformance.areas.models.lists import _models, _short, listing, lists_a_model
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MAY, SHOULD, Problems, check, differs
from conformance.judge.conditions import asked, ok, post
from conformance.judge.mistakes import mistaken
from conformance.judge.verdicts import Relation
from conformance.wire.jsontext import show

MANY = 4
"""Models from which on equal times of all say nothing about any."""
HOUR = 3600.0
"""Seconds within which a list and an answer are of one server as it is: recordings hold lists of years."""


_VERSION = re.compile(r"[-@:](latest|v?\d[\d.-]*)")
"""What a dated or numbered version adds to the name of a model."""


def _ids(x: Exchange) -> set[str]:
    """The listed ids. Raises Unreadable."""
    return {need(model, "id", str) for model in _models(x)}


def _named(listed: str, asked: str) -> bool:
    """The model listed is the one asked for: by the same name, but for its organisation, or by that of a version."""
    shorter, longer = sorted((_short(listed), _short(asked)), key=len)
    return longer.startswith(shorter) and (longer == shorter or bool(_VERSION.fullmatch(longer[len(shorter) :])))


def _lists(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Each list of models with the next that was asked for at the same place with the same key."""
    before: dict[tuple[str, str | None], Exchange] = {}
    for x in exchanges:
        if x.route == "models" and x.method == "GET" and x.ok:
            place = x.url, x.sent("authorization")
            if place in before and _at_one_time(before[place], x):
                yield before[place], x
            before[place] = x


def _served(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """A list of models with the first answer of each model that was asked for by a name."""
    lists = [x for x in exchanges if x.route == "models" and x.method == "GET" and x.ok]
    seen: set[str] = set()
    for x in exchanges:
        name = x.asked.get("model") if x.ok and x.method == "POST" and x.route and not mistaken(x) else None
        if isinstance(name, str) and name not in seen:
            beside = [models for models in lists if _base(models) == _base(x) and _at_one_time(models, x)]
            seen |= {name} if beside else set()
            yield from ((models, x) for models in beside[:1])


def _base(x: Exchange) -> str:
    """Everything before the route."""
    return x.url.partition("/v1/")[0]


def _at_one_time(one: Exchange, other: Exchange) -> bool:
    known = one.started is not None and other.started is not None
    return known and abs(one.started - other.started) < HOUR


# SHOULD: a model may be loaded or taken away between the two.
@check("model.list-stable", SHOULD, when=listing & lists_a_model, together=Relation("list of models asked for twice", _lists),
       source=MODEL_LIST, breaks="models-of-the-moment", covers="MODEL-009")  # fmt: skip
def list_is_the_same_twice(first: Exchange, second: Exchange) -> Problems:
    """Whoever asks twice for the models gets the same ones.

    Behind a balancer whose servers list different models, a model that was chosen from the list is unknown to the next request.
    """
    missing, new = _ids(first) - _ids(second), _ids(second) - _ids(first)
    if missing or new:
        what = [f"without {show(min(missing), 60)}"] if missing else []
        what += [f"with {show(min(new), 60)}"] if new else []
        yield f"the second list of models is {' and '.join(what)}, expected the same models as in the first"


# MAY: names that a gateway routes and does not list, aliases and deployments among them, are its right.
@check("model.complete", MAY, when=(listing & lists_a_model) | (post & asked("model") & ok), source=MODEL_LIST, breaks="models-chat-only",
       covers="MODEL-010", together=Relation("list of models and an answer of a model asked for by its name", _served))  # fmt: skip
def list_has_whatever_answers(models: Exchange, made: Exchange) -> Problems:
    """A model that answers is in the list, whatever it is for: embeddings, images and sound as well as chat.

    Menus of models are made of the list, and cannot offer it.
    """
    if not any(_named(id, made.asked["model"]) for id in _ids(models)):
        yield f"data has no id {show(made.asked['model'], 80)}, expected one, as {made.id} was answered by it"


# MAY: who has no better time to tell may tell that of its own start.
@check(
    "model.told-apart", MAY, when=listing & lists_a_model, source=MODEL, breaks="models-of-one-time", covers="MODEL-011"
)
def times_tell_models_apart(x: Exchange) -> Problems:
    """`created` says of each model when it was made, or 0: not all of many have the same time.

    Menus that show the newest first show them in no order, and a price table by date finds none.
    """
    times = [time for model in _models(x) if is_a(time := find(model, "created"), int) and time > 0]
    if len(times) >= MANY and len(set(times)) == 1:
        yield differs(f"created of all {len(times)} models", times[0], "the time of each")
