"""MODEL: one model, asked for alone, and one that does not exist."""

from __future__ import annotations

from urllib.parse import unquote

from conformance.areas.citations import ERROR_CODES, MODEL, node, python, rfc
from conformance.areas.models.conditions import retrieved
from conformance.areas.models.lists import GET_MODEL, _models, described, get, is_a_model, listing, single
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.conditions import intent, looked_at, route, status
from conformance.wire.jsontext import show


def _segment(x: Exchange) -> str:
    """The last segment of the path, as sent."""
    return x.url.partition("?")[0].rpartition("/")[2]


def _asked(x: Exchange) -> str:
    """The model that the path names."""
    return unquote(_segment(x))


@check(
    "model.retrieve", MUST, together=retrieved, when=listing | route("model") & looked_at & ~status(401, 403),
    source=(GET_MODEL, rfc(3986, "2.1"), python("openai/resources/models.py", 70), node("resources/models.ts", 18)),
    breaks=("model-not-found", "model-slash-decoded", "model-plus-is-space", "model-colon-is-verb"), covers=("MODEL-003", "MODEL-008"),
)  # fmt: skip
def listed_model_can_be_retrieved(models: Exchange, x: Exchange) -> Problems:
    """GET /models/{id} answers for every listed id as the SDKs quote it: a slash or a space percent-encoded, a colon or a plus as it is.

    Both SDKs send org%2Fname as one segment; frameworks that decode before they route answer 404, as do those that take a plus for
    a space. Clients retrieve a model to see whether it is there.
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
