"""ERROR: messages and schemas that cannot be - too long, tool messages out of place, no image, no JSON - are refused."""

from __future__ import annotations

import re

from conformance.areas.citations import (
    ERROR_CODES,
    IMAGE_CODES,
    SAYS_JSON_UNSAID,
    SAYS_LOOSE_SCHEMA,
    SAYS_ORPHAN,
    SAYS_TOO_LONG,
    SAYS_UNANSWERED,
    STRUCTURED_OUTPUTS,
)
from conformance.exchange import Exchange, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import intent
from conformance.judge.mistakes import (
    bad_image,
    examined,
    json_unsaid,
    loose_schema,
    orphan,
    orphan_at,
    refused,
    too_long,
    unanswered,
    words,
)
from conformance.judge.refusals import accepted, code_is_not, param_names_none

_NO_IMAGES = re.compile(r"\bmodels?\b|not support|unsupported content", re.IGNORECASE)
"""How a model without images says so: then the picture was not looked at."""


# ---------------------------------------------------------------------- beyond the window


@check(
    "error.too-long-refused", SHOULD, when=too_long & intent("too-long"), source=(ERROR_CODES, SAYS_TOO_LONG),
    breaks="too-long-cut", covers="ERR-021",
)  # fmt: skip
def long_prompts_are_not_cut(x: Exchange) -> Problems:
    """A prompt beyond the context window is refused, not cut in silence.

    The answer is then one to the end of the question. Judged by the tokens counted: a prompt that was read whole is none too long.
    """
    if x.ok:
        yield differs(
            "usage.prompt_tokens", need(x.usage, "prompt_tokens", int), f"a refusal, or {words(x)} words read"
        )


@check(
    "error.too-long-400", SHOULD, when=too_long & refused, source=SAYS_TOO_LONG, breaks="too-long-413", covers="ERR-021"
)
def long_prompts_are_400(x: Exchange) -> Problems:
    """A prompt beyond the context window is refused with 400.

    413 has no class of its own in either SDK: what trims the history does not run.
    """
    if x.status != 400:
        yield differs("status", x.status, "400")


@check(
    "error.too-long-code", SHOULD, when=too_long & refused, source=SAYS_TOO_LONG, breaks="too-long-no-code", covers="ERR-021"
)  # fmt: skip
def long_prompts_have_a_code(x: Exchange) -> Problems:
    """A prompt beyond the context window is refused with the code "context_length_exceeded".

    Agent frameworks shorten their history on exactly this code, and end the conversation on any other.
    """
    yield from code_is_not(x, "context_length_exceeded")


@check(
    "error.too-long-param", SHOULD, when=too_long & refused, source=SAYS_TOO_LONG, breaks="too-long-unnamed", covers="ERR-021"
)  # fmt: skip
def long_prompts_name_the_messages(x: Exchange) -> Problems:
    """A refusal of a prompt beyond the context window names "messages" in `error.param`."""
    yield from param_names_none(x, "messages")


# ---------------------------------------------------------------------- tool messages


@check(
    "error.unanswered-refused", SHOULD, when=unanswered & examined, source=SAYS_UNANSWERED, breaks="unanswered-served",
    covers="ERR-031",
)  # fmt: skip
def calls_want_their_answers(x: Exchange) -> Problems:
    """A tool call in the history that no tool message answers is refused.

    Served, the model makes the result up; and the same history fails at OpenAI.
    """
    yield from accepted(x)


@check(
    "error.unanswered-param", SHOULD, when=unanswered & refused, source=SAYS_UNANSWERED, breaks="unanswered-unnamed",
    covers="ERR-031",
)  # fmt: skip
def unanswered_calls_name_the_messages(x: Exchange) -> Problems:
    """A refusal of an unanswered tool call names the messages in `error.param`."""
    yield from param_names_none(x, "messages")


@check(
    "error.orphan-refused", SHOULD, when=orphan & examined, source=SAYS_ORPHAN, breaks="orphan-served", covers="ERR-032"
)
def tool_messages_want_their_call(x: Exchange) -> Problems:
    """A tool message without a tool call before it is refused.

    Served, the model reads a result that nobody asked for; and the same history fails at OpenAI.
    """
    yield from accepted(x)


@check(
    "error.orphan-param", SHOULD, when=orphan & refused, source=SAYS_ORPHAN, breaks="orphan-unnamed", covers="ERR-032"
)
def tool_messages_are_named_by_position(x: Exchange) -> Problems:
    """A refusal of a tool message without a call names its place in `error.param`, as in "messages.[0].role"."""
    param = need(x.error, "param", str, None)
    if not re.match(rf"messages\.?\[?{orphan_at(x)}\b", param or ""):
        yield differs("error.param", param, f'"messages.[{orphan_at(x)}].role"')


# ---------------------------------------------------------------------- images, schemas, JSON


@check(
    "error.image-refused",
    SHOULD,
    when=bad_image & examined,
    source=IMAGE_CODES,
    breaks="image-ignored",
    covers="ERR-030",
)
def broken_images_are_refused(x: Exchange) -> Problems:
    """Image data that is no image is refused, not left out, by a model that sees as by one that does not.

    The model describes a picture that it never saw.
    """
    yield from accepted(x)


@check(
    "error.image-code", SHOULD, when=bad_image & refused, source=IMAGE_CODES, breaks="image-no-code", covers="ERR-030"
)
def broken_images_have_a_code(x: Exchange) -> Problems:
    """Image data that is no image is refused with a code of its own, such as "invalid_image_format" or "invalid_base64_image".

    Applications ask their user for another file on it. (A model without images refuses any, and is not judged.)
    """
    code = need(x.error, "code", str, None)
    if not re.match(r"invalid_\w*image", code or "") and not _NO_IMAGES.search(need(x.error, "message", str)):
        yield differs("error.code", code, 'a code such as "invalid_image_format"')


@check(
    "error.loose-schema-refused", SHOULD, when=loose_schema & examined, source=(STRUCTURED_OUTPUTS, SAYS_LOOSE_SCHEMA),
    breaks="loose-schema-served", covers=("ERR-033", "STRUCT-006"),
)  # fmt: skip
def loose_strict_schemas_are_refused(x: Exchange) -> Problems:
    """A strict schema whose object does not say additionalProperties: false is refused.

    A schema that was tried at this server only is refused by OpenAI on the first day.
    """
    yield from accepted(x)


@check(
    "error.loose-schema-param", SHOULD, when=loose_schema & refused, source=SAYS_LOOSE_SCHEMA, breaks="loose-schema-unnamed",
    covers="ERR-033",
)  # fmt: skip
def loose_strict_schemas_are_named(x: Exchange) -> Problems:
    """A refusal of a schema names "response_format" in `error.param`."""
    yield from param_names_none(x, "response_format")


@check(
    "error.json-unsaid-refused", SHOULD, when=json_unsaid & examined, source=SAYS_JSON_UNSAID, breaks="json-unsaid-served",
    covers="ERR-034",
)  # fmt: skip
def json_mode_wants_the_word(x: Exchange) -> Problems:
    """JSON mode is refused where no message says "JSON".

    Models that are not told so may write white space up to the limit; and the same request fails at OpenAI.
    """
    yield from accepted(x)


@check(
    "error.json-unsaid-param", SHOULD, when=json_unsaid & refused, source=SAYS_JSON_UNSAID, breaks="json-unsaid-unnamed",
    covers="ERR-034",
)  # fmt: skip
def json_mode_names_the_messages(x: Exchange) -> Problems:
    """A refusal of JSON mode for want of the word names "messages" in `error.param`."""
    yield from param_names_none(x, "messages")
