"""ERROR: one wrong parameter a request - missing, of a wrong type, out of bounds, unknown - is refused, and named."""

from __future__ import annotations

from conformance.areas.citations import (
    EMBEDDING_REQUEST,
    ERROR_CODES,
    REQUEST,
    SAYS_ABOVE,
    SAYS_BAD_ENUM,
    SAYS_BELOW,
    SAYS_UNRECOGNIZED,
    SAYS_UNSUPPORTED,
    SAYS_WRONG_TYPE,
)
from conformance.exchange import Exchange, find, need
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, chat_request, failed
from conformance.judge.mistakes import (
    above,
    bad_format,
    below,
    examined,
    made_up,
    no_input,
    refused,
    required,
    too_big,
    too_small,
    wrong_type,
    wrong_types,
)
from conformance.judge.refusals import LACKING, accepted, code_is_not, first_name, param_names_none, said

# ---------------------------------------------------------------------- missing, mistyped, out of bounds

only_top_logprobs = request("for too many top_logprobs")(lambda x: too_big(x) == ["top_logprobs"])


@check(
    "error.no-input-refused", MUST, when=no_input & examined, source=(REQUEST, EMBEDDING_REQUEST, ERROR_CODES),
    breaks="no-input-served", covers="ERR-010",
)  # fmt: skip
def requests_without_input_are_refused(x: Exchange) -> Problems:
    """A request without the parameter that its route is about (`messages`, `input`) is refused, not served with a made-up one.

    The caller gets, and pays for, an answer to nothing.
    """
    yield from accepted(x)


@check(
    "error.no-input-param",
    SHOULD,
    when=no_input & refused,
    source=ERROR_CODES,
    breaks="no-input-unnamed",
    covers="ERR-010",
)
def a_missing_parameter_is_named(x: Exchange) -> Problems:
    """A refusal for want of a parameter names it in `error.param`."""
    yield from param_names_none(x, required(x))


@check(
    "error.wrong-type-refused", SHOULD, when=wrong_type & examined, source=(REQUEST, SAYS_WRONG_TYPE),
    breaks="wrong-type-served", covers=("ERR-012", "PARAM-014"),
)  # fmt: skip
def wrong_types_are_refused(x: Exchange) -> Problems:
    """A parameter of the wrong JSON type is refused, neither ignored nor guessed at.

    The same request fails on the day it meets OpenAI.
    """
    yield from accepted(x)


@check(
    "error.wrong-type-code", SHOULD, when=wrong_type & refused, source=SAYS_WRONG_TYPE, breaks="wrong-type-no-code",
    covers="ERR-012",
)  # fmt: skip
def wrong_types_have_a_code(x: Exchange) -> Problems:
    """A parameter of the wrong JSON type is refused with the code "invalid_type"."""
    yield from code_is_not(x, "invalid_type")


@check(
    "error.wrong-type-param", SHOULD, when=wrong_type & refused, source=SAYS_WRONG_TYPE, breaks="wrong-type-unnamed",
    covers="ERR-012",
)  # fmt: skip
def wrong_types_name_the_parameter(x: Exchange) -> Problems:
    """A refusal for a wrong JSON type names the parameter in `error.param`."""
    yield from param_names_none(x, *wrong_types(x))


@check(
    "error.above-refused",
    SHOULD,
    when=above & examined,
    source=(REQUEST, SAYS_ABOVE),
    breaks=("above-served", "param-top-p-clamped", "param-penalty-clamped"),
    covers=("ERR-013", "LOGP-007", "PARAM-001", "PARAM-002", "PARAM-003"),
)
def too_big_numbers_are_refused(x: Exchange) -> Problems:
    """A number above its documented maximum is refused, neither ignored nor cut down to it."""
    yield from accepted(x)


# A model that takes one temperature only refuses any other as an unsupported value, before it looks at the bounds. Too many
# top_logprobs are left out: newer models of OpenAI refuse them with a code of null and a bound of 5.
@check("error.above-code", SHOULD, when=above & ~only_top_logprobs & refused, source=SAYS_ABOVE, breaks="above-no-code",
       covers="ERR-013")  # fmt: skip
def too_big_numbers_have_a_code(x: Exchange) -> Problems:
    """A number above its maximum is refused with the code "integer_above_max_value" or "decimal_above_max_value"."""
    yield from code_is_not(x, "integer_above_max_value", "decimal_above_max_value", *LACKING)


@check("error.above-param", SHOULD, when=above & refused, source=SAYS_ABOVE, breaks="above-unnamed", covers="ERR-013")
def too_big_numbers_are_named(x: Exchange) -> Problems:
    """A refusal for a number above its maximum names the parameter in `error.param`, or `logprobs` where top_logprobs lack it."""
    big = too_big(x)
    alone = "top_logprobs" in big and not x.asked.get("logprobs")
    yield from param_names_none(x, *big, *(["logprobs"] if alone else []))


@check(
    "error.below-refused",
    SHOULD,
    when=below & examined,
    source=(REQUEST, SAYS_BELOW),
    breaks=("below-served", "param-n-zero-served"),
    covers=("ERR-014", "PARAM-004"),
)
def too_small_numbers_are_refused(x: Exchange) -> Problems:
    """A number below its documented minimum is refused, and no code for "without a limit".

    A client that computes a limit of -1 by mistake pays for the longest answer there is.
    """
    yield from accepted(x)


@check("error.below-code", SHOULD, when=below & refused, source=SAYS_BELOW, breaks="below-no-code", covers="ERR-014")
def too_small_numbers_have_a_code(x: Exchange) -> Problems:
    """A number below its minimum is refused with the code "integer_below_min_value" or "decimal_below_min_value"."""
    yield from code_is_not(x, "integer_below_min_value", "decimal_below_min_value", *LACKING)


@check("error.below-param", SHOULD, when=below & refused, source=SAYS_BELOW, breaks="below-unnamed", covers="ERR-014")
def too_small_numbers_are_named(x: Exchange) -> Problems:
    """A refusal for a number below its minimum names the parameter in `error.param`."""
    yield from param_names_none(x, *too_small(x))


# ---------------------------------------------------------------------- values and names


@check(
    "error.bad-value-refused", SHOULD, when=bad_format & examined, source=(REQUEST, SAYS_BAD_ENUM), breaks="bad-value-served",
    covers="ERR-015",
)  # fmt: skip
def unknown_values_are_refused(x: Exchange) -> Problems:
    """A value that a parameter does not have (a response_format of an unknown type) is refused, not ignored.

    Who asked for a form of the answer gets free text, and his parser fails instead of his request.
    """
    yield from accepted(x)


@check(
    "error.bad-value-code", SHOULD, when=bad_format & refused, source=SAYS_BAD_ENUM, breaks="bad-value-no-code",
    covers="ERR-015",
)  # fmt: skip
def unknown_values_have_a_code(x: Exchange) -> Problems:
    """A value that a parameter does not have is refused with the code "invalid_value"."""
    yield from code_is_not(x, "invalid_value")


@check(
    "error.bad-value-param", SHOULD, when=bad_format & refused, source=SAYS_BAD_ENUM, breaks="bad-value-param",
    covers="ERR-015",
)  # fmt: skip
def unknown_values_are_named_by_path(x: Exchange) -> Problems:
    """A refusal of a value inside an object names it in `error.param` by its dotted path, as in "response_format.type"."""
    if (param := need(x.error, "param", str, None)) != "response_format.type":
        yield differs("error.param", param, '"response_format.type"')


@check(
    "error.unknown-parameter-refused", SHOULD, when=made_up & examined, source=SAYS_UNRECOGNIZED,
    breaks="unknown-parameter-served", covers="ERR-016",
)  # fmt: skip
def unknown_parameters_are_refused(x: Exchange) -> Problems:
    """A parameter that the API does not have is refused.

    Ignored, a typo (max_token, temprature) has no effect and no message. Servers with parameters of their own refuse the rest.
    """
    yield from accepted(x)


@check(
    "error.unknown-parameter-named", SHOULD, when=made_up & refused, source=SAYS_UNRECOGNIZED,
    breaks="unknown-parameter-unnamed", covers="ERR-016",
)  # fmt: skip
def unknown_parameters_are_named(x: Exchange) -> Problems:
    """A refusal of an unknown parameter names it, in `error.message` or in `error.param`."""
    said = f"{need(x.error, 'message', str)} {find(x.error, 'param')}"
    names = [name for name in x.asked if name.startswith("conformance_")]
    if not any(name in said for name in names):
        yield differs("error.message", x.error["message"], f"a text with the name {names[0]}")


# ---------------------------------------------------------------------- what the model does not have


@response("refused as not supported by the model")
def unsupported(x: Exchange) -> bool:
    return said(x, "code") in ("unsupported_parameter", "unsupported_value")


@response("refused with a hint at max_completion_tokens")
def wants_the_other_limit(x: Exchange) -> bool:
    return x.status == 400 and "max_completion_tokens" in str(said(x, "message"))


@check(
    "error.unsupported-named", SHOULD, when=failed & unsupported, source=SAYS_UNSUPPORTED, breaks="unsupported-unnamed",
    covers=("ERR-017", "ERR-018"),
)  # fmt: skip
def unsupported_parameters_are_named(x: Exchange) -> Problems:
    """A refusal with the code unsupported_parameter or unsupported_value names in `error.param` what the model does not support.

    Clients leave that parameter out and try again; without its name they give up.
    """
    if first_name(need(x.error, "param", str, None)) is None:
        yield differs("error.param", x.error["param"], "the name of a parameter")


@check(
    "error.unsupported-max-tokens", SHOULD,
    when=chat_request & asked("max_tokens") & ~asked("max_completion_tokens") & failed & wants_the_other_limit,
    source=SAYS_UNSUPPORTED, breaks="unsupported-no-code", covers="ERR-017",
)  # fmt: skip
def max_tokens_is_an_unsupported_parameter(x: Exchange) -> Problems:
    """A model that takes only max_completion_tokens refuses max_tokens with the code "unsupported_parameter".

    Clients that know both switch from the one to the other on this code.
    """
    yield from code_is_not(x, "unsupported_parameter")
