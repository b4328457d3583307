"""ERROR: a body that is not JSON, a model that does not exist and one that is not named - refused, and how."""

from __future__ import annotations

from conformance.areas.citations import ERROR_CODES, REQUEST, SAYS_NO_MODEL, SAYS_NOT_JSON, SAYS_UNKNOWN_MODEL
from conformance.exchange import Exchange, need
from conformance.judge import MAY, SHOULD, Problems, check, differs
from conformance.judge.conditions import intent, route
from conformance.judge.mistakes import examined, malformed, no_model, refused, unknown_model
from conformance.judge.refusals import accepted, code_is_not

elsewhere = route("completions", "embeddings", "moderations", "speech")


# MAY: nobody relies on what is null.
@check(
    "error.not-json-nulls",
    MAY,
    when=malformed & refused,
    source=SAYS_NOT_JSON,
    breaks="not-json-param",
    covers="ERR-008",
)
def malformed_bodies_name_nothing(x: Exchange) -> Problems:
    """A refused body that is not JSON names no parameter and has no code: both are null."""
    for name in ("param", "code"):
        if (value := need(x.error, name, str, None)) is not None:
            yield differs(f"error.{name}", value, "null")


@check(
    "error.unknown-model-refused", SHOULD, when=unknown_model & intent("unknown-model") & examined,
    source=(ERROR_CODES, SAYS_UNKNOWN_MODEL), breaks="unknown-model-served", covers="ERR-020",
)  # fmt: skip
def unknown_models_are_not_served(x: Exchange) -> Problems:
    """A request for a model that does not exist is not served by another one.

    A typo, or a model that was retired, then goes unseen: the wrong model answers, and is paid for.
    """
    yield from accepted(x)


@check("error.unknown-model-elsewhere", SHOULD, when=elsewhere & intent("unknown-model") & examined,
       source=(ERROR_CODES, SAYS_UNKNOWN_MODEL), breaks="unknown-model-served-elsewhere", covers="ERR-020")  # fmt: skip
def unknown_models_are_served_nowhere(x: Exchange) -> Problems:
    """Nor is one for embeddings, a legacy completion, a moderation or speech.

    Vectors of another model fit no index: what was stored is found no more, and nothing says why.
    """
    yield from accepted(x)


@check(
    "error.unknown-model-404", SHOULD, when=unknown_model & refused, source=SAYS_UNKNOWN_MODEL, breaks="unknown-model-400",
    covers="ERR-019",
)  # fmt: skip
def unknown_models_are_404(x: Exchange) -> Problems:
    """A chat request for a model that does not exist is refused with 404.

    Both SDKs raise NotFoundError; applications fall back to another model on it.
    """
    if x.status != 404:
        yield differs("status", x.status, "404")


@check(
    "error.unknown-model-code", SHOULD, when=unknown_model & refused, source=SAYS_UNKNOWN_MODEL,
    breaks="unknown-model-no-code", covers="ERR-019",
)  # fmt: skip
def unknown_models_have_a_code(x: Exchange) -> Problems:
    """A chat request for a model that does not exist is refused with the code "model_not_found".

    It tells an unknown model from an unknown URL, which is 404 as well.
    """
    yield from code_is_not(x, "model_not_found")


@check(
    "error.unknown-model-param", SHOULD, when=unknown_model & refused, source=SAYS_UNKNOWN_MODEL,
    breaks="unknown-model-param", covers="ERR-019",
)  # fmt: skip
def unknown_models_name_the_model(x: Exchange) -> Problems:
    """A refusal of the model names "model" in `error.param`, or nothing (as OpenAI does for chat)."""
    if (param := need(x.error, "param", str, None)) not in (None, "model"):
        yield differs("error.param", param, 'null or "model"')


@check("error.no-model-refused", SHOULD, when=no_model & examined, source=(REQUEST, SAYS_NO_MODEL), breaks="no-model-served",
       covers="ERR-009")  # fmt: skip
def requests_without_a_model_are_refused(x: Exchange) -> Problems:
    """A chat request that names no model is refused, not answered by one of the server's choice.

    Whoever forgot it learns so only at a server with several models.
    """
    yield from accepted(x)


@check(
    "error.no-model-param",
    MAY,
    when=no_model & refused,
    source=SAYS_NO_MODEL,
    breaks="no-model-param",
    covers="ERR-009",
)
def a_missing_model_is_named_or_not(x: Exchange) -> Problems:
    """A refusal for want of a model names "model" in `error.param`, or nothing (as OpenAI does)."""
    if (param := need(x.error, "param", str, None)) not in (None, "model"):
        yield differs("error.param", param, 'null or "model"')
