"""MODEL: the list of models, and what each model in it is."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import COMPLETION, MODEL, MODEL_LIST, node, oas, python
from conformance.areas.models.conditions import shown
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import asked, completion, ok, route, status
from conformance.judge.objects import misfits
from conformance.wire.jsontext import show

MILLISECONDS_FROM = 10**11
"""A `created` from here on is in milliseconds: seconds reach it in the year 5138."""

GET_MODEL = oas("GET /models/{model}", 8811)


@request("sent with GET")
def get(x: Exchange) -> bool:
    return x.method == "GET"


@response("that lists a model")
def lists_a_model(x: Exchange) -> bool:
    data = find(x.json, "data")
    return isinstance(data, list) and bool(data)


@response("that is a model")
def is_a_model(x: Exchange) -> bool:
    return isinstance(x.json, dict) and "id" in x.json


listing = Condition("of a list of models", (route("models") & get & ok).test)
single = Condition("of one model", (route("model") & get & ok).test)
described = Condition("that describes a model", (listing & lists_a_model | single & is_a_model).test)


def _models(x: Exchange) -> list[Any]:
    """The models of a list. Raises Unreadable."""
    return need(x.answer, "data", list)


def _short(name: str) -> str:
    """The name of a model without its organisation."""
    return name.rpartition("/")[2].lower()


# ---------------------------------------------------------------------- the list


# SHOULD: a server with one model may do without, and the table of features says so.
@check("model.list-served", SHOULD, when=route("models") & get & (ok | status(404, 405, 501)),
       source=oas("GET /models", 8759), breaks="models-absent", covers="MODEL-001")  # fmt: skip
def models_are_listed(x: Exchange) -> Problems:
    """GET /models is answered with a list of models.

    Chat clients fill their menu from it, and many try a new address out with it.
    """
    if not x.ok:
        yield differs("status of GET /models", x.status, "200")


@check("model.list", MUST, when=listing, source=(MODEL_LIST, python("openai/pagination.py", 27)),
       breaks="models-bare-array", covers="MODEL-001")  # fmt: skip
def list_is_an_object(x: Exchange) -> Problems:
    """GET /models answers with an object, not with a bare array.

    Python raises AttributeError on an array, Node finds no model in it.
    """
    yield from misfits(x, "model-list")


@check("model.list-object", MUST, when=listing, source=MODEL_LIST, breaks="models-object-models", covers="MODEL-001")
def list_says_that_it_is_one(x: Exchange) -> Problems:
    """`object` of the list of models is "list".

    Clients that dispatch on it refuse the answer.
    """
    yield from misfits(x, "model-list", "object")


@check(
    "model.list-data", MUST, when=listing, source=(MODEL_LIST, node("core/pagination.ts", 132)),
    breaks="models-not-in-data",
    covers="MODEL-001",
)  # fmt: skip
def list_holds_data(x: Exchange) -> Problems:
    """The models stand in `data`, an array.

    Absent, null or under another name, both SDKs show a list of no models without an error.
    """
    yield from misfits(x, "model-list", "data")


@check(
    "model.one-page", SHOULD, when=listing,
    source=(MODEL_LIST, python("openai/pagination.py", 27), node("core/pagination.ts", 140)),
    breaks="models-paged", covers="MODEL-007",
)  # fmt: skip
def list_is_one_page(x: Exchange) -> Problems:
    """The list of models is whole: `has_more` is not true.

    Neither SDK asks for a second page of models, so those on it stay hidden.
    """
    if x.answer.get("has_more"):
        yield differs("has_more", x.answer["has_more"], "absent or false")


@check("model.entry", MUST, when=listing & lists_a_model, source=MODEL, breaks="models-names-only", covers="MODEL-001")
def listed_models_are_objects(x: Exchange) -> Problems:
    """Each element of `data` is a model, an object, not its bare name.

    Python raises AttributeError at the first `model.id`; in Node the id is undefined.
    """
    yield from misfits(x, "model")


# SHOULD: a gateway may route names that it does not list.
@check("model.listed", SHOULD, together=shown, when=listing | completion, source=MODEL_LIST, breaks="models-empty",
       covers="MODEL-001")  # fmt: skip
def list_names_a_model(x: Exchange, made: Exchange) -> Problems:
    """The list of a server that answers is not empty.

    Menus of models stay empty, and clients that take the first one have none to take.
    """
    if not _models(x):
        yield differs("data", [], "at least one model")


# No MUST, and the list counts beside the name asked for: aliases and deployments are legitimate where they are listed.
@check("model.answers", SHOULD, together=shown, when=listing | completion & asked("model"), source=(COMPLETION, MODEL_LIST),
       breaks="chat-model-other", covers="CHAT-005")  # fmt: skip
def listed_models_answer(x: Exchange, made: Exchange) -> Problems:
    """The model that answers, as it names itself, is the one asked for, a version of it, or another of the list.

    Price tables, limits and traces go by it; a name that stands nowhere belongs to no entry.
    """
    named = need(made.chunks[0] if made.streaming else made.answer, "model", str)
    known = [_short(str(id)) for id in (made.asked.get("model"), *(find(model, "id") for model in _models(x)))]
    if not any(_short(named).startswith(name) for name in known):
        yield differs(
            "model of the answer", named, f"{show(made.asked['model'])}, a version of it, or another of the list"
        )


@check("model.id-unique", MUST, when=listing & lists_a_model, source=MODEL, breaks="models-twice", covers="MODEL-006")
def listed_ids_are_unique(x: Exchange) -> Problems:
    """No model is listed twice under one id.

    Menus keyed by id drop one of the two or fail on the duplicate.
    """
    seen = set()
    for model in _models(x):
        id = find(model, "id")
        if isinstance(id, str) and id in seen:
            yield differs("data: the id", id, "listed once")
        seen.add(id if isinstance(id, str) else None)


# ---------------------------------------------------------------------- a model, listed or alone


@check("model.id", MUST, when=described, source=MODEL, breaks="model-without-id", covers="MODEL-002")
def model_has_an_id(x: Exchange) -> Problems:
    """A model has an `id`, a non-empty string.

    It is what every request puts into `model`.
    """
    yield from misfits(x, "model", "id")


@check("model.object", MUST, when=described, source=MODEL, breaks="model-object-engine", covers="MODEL-002")
def model_says_that_it_is_one(x: Exchange) -> Problems:
    """`object` of a model is "model".

    Typed clients that dispatch on it drop the entry.
    """
    yield from misfits(x, "model", "object")


@check("model.created", MUST, when=described, source=MODEL, breaks="model-created-iso", covers="MODEL-002")
def model_has_a_time(x: Exchange) -> Problems:
    """`created` of a model is an integer.

    Go, Java and Rust clients fail to read the whole list where it is a string or missing; Python and Node hand it on.
    """
    yield from misfits(x, "model", "created")


@check(
    "model.created-seconds", MUST, when=described, source=MODEL, breaks="model-created-milliseconds", covers="MODEL-002"
)
def model_time_is_in_seconds(x: Exchange) -> Problems:
    """`created` of a model counts seconds, not milliseconds.

    Clients that multiply by 1000 show models of the year 58,000 and sort them first.
    """
    for model in _models(x) if x.route == "models" else [x.answer]:
        created = find(model, "created")
        if is_a(created, float) and created >= MILLISECONDS_FROM:
            yield differs(f"created of {show(find(model, 'id'), 60)}", created, "Unix seconds")


@check("model.owned-by", MUST, when=described, source=MODEL, breaks="model-without-owner", covers="MODEL-002")
def model_has_an_owner(x: Exchange) -> Problems:
    """`owned_by` of a model is a string.

    Typed clients refuse a list without it; menus group models by it.
    """
    yield from misfits(x, "model", "owned_by")
