"""MODEL: the list of models, one model, and one that does not exist."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from conformance.areas.citations import COMPLETION, ERROR_CODES, MODEL, MODEL_LIST, node, oas, python, rfc
from conformance.exchange import Exchange, find, is_a, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import (
    Condition,
    asked,
    completion,
    intent,
    looked_at,
    ok,
    request,
    response,
    route,
    status,
)
from conformance.judge.objects import misfits
from conformance.judge.relations import retrieved, shown
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


def _segment(x: Exchange) -> str:
    """The last segment of the path, as sent."""
    return x.url.partition("?")[0].rpartition("/")[2]


def _asked(x: Exchange) -> str:
    """The model that the path names."""
    return unquote(_segment(x))


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


# ---------------------------------------------------------------------- one model


@check(
    "model.retrieve", MUST, together=retrieved, when=listing | route("model") & looked_at & ~status(401, 403),
    source=(GET_MODEL, rfc(3986, "2.1"), python("openai/resources/models.py", 70), node("resources/models.ts", 18)),
    breaks=("model-not-found", "model-slash-decoded"), covers=("MODEL-003", "MODEL-008"),
)  # fmt: skip
def listed_model_can_be_retrieved(models: Exchange, x: Exchange) -> Problems:
    """GET /models/{id} answers for every listed id, percent-encoded where it holds a slash.

    Both SDKs send org%2Fname as one segment; frameworks that decode before they route answer 404. Clients retrieve a
    model to see whether it is there.
    """
    if not x.ok:
        yield differs(f"status of GET /models/{_segment(x):.60}", x.status, "200, as the model is listed")


@check("model.unwrapped", MUST, when=single, source=(GET_MODEL, MODEL),
       breaks=("model-wrapped", "error-200-for-unknown-model"), covers="MODEL-003")  # fmt: skip
def model_is_the_answer_itself(x: Exchange) -> Problems:
    """GET /models/{id} answers with the model itself, not wrapped in `data` or in a list.

    Both SDKs hand out a model without an id.
    """
    if "id" not in x.answer:
        yield differs("the answer", x.answer, "the model itself, with its id")


# SHOULD: an alias may well answer with the name that it stands for.
@check(
    "model.asked-id", SHOULD, when=single & is_a_model, source=GET_MODEL, breaks="model-other-id", covers="MODEL-003"
)
def model_is_the_one_asked_for(x: Exchange) -> Problems:
    """The model retrieved has the id that was asked for.

    A client that looks its model up by id does not find it.
    """
    if x.answer["id"] != _asked(x):
        yield differs("id", x.answer["id"], show(_asked(x)))


@check(
    "model.same", SHOULD, together=retrieved, when=described, source=(GET_MODEL, MODEL), breaks="model-differs-alone",
    covers="MODEL-003",
)  # fmt: skip
def model_is_as_listed(models: Exchange, x: Exchange) -> Problems:
    """A model is the same in the list and alone: object, created and owned_by agree.

    Caches and price tables keyed by them see two models.
    """
    for listed in _models(models):
        for key in ("object", "created", "owned_by") if find(listed, "id") == _asked(x) else ():
            if find(listed, key) != find(x.answer, key):
                yield differs(
                    f"{key} of the model alone", x.answer.get(key), f"{show(listed.get(key))}, as in the list"
                )


@check(
    "model.unknown", MUST, when=route("model") & get & intent("unknown-model") & looked_at & ~status(401, 403),
    source=(ERROR_CODES, python("openai/_client.py", 652)), breaks=("unknown-model-found", "error-200-for-unknown-model"),
    covers="MODEL-004",
)  # fmt: skip
def unknown_model_is_404(x: Exchange) -> Problems:
    """GET /models/{id} answers 404 for a model that does not exist.

    It becomes NotFoundError in both SDKs; with 200 a client believes in a model that no request can use; a 5xx is
    retried.
    """
    if x.status != 404:
        yield differs("status for a model that does not exist", x.status, "404")
