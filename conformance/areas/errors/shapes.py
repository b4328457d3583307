"""ERROR: a part of the request that has a wrong shape - a role, a content, a tool, the switch for streams - is refused."""

from __future__ import annotations

from conformance.areas.citations import REQUEST, REQUEST_MESSAGE, issue, rfc
from conformance.exchange import Exchange
from conformance.judge import SHOULD, Problems, check
from conformance.judge.condition import Condition
from conformance.judge.conditions import intent
from conformance.judge.mistakes import bad_shape, examined, in_chat, malformed, misshapen, refused
from conformance.judge.refusals import accepted, param_names_none

SAYS_BAD_ROLE = issue("sashabaranov/go-openai", 679)
SAYS_FLAT_TOOL = issue("microsoft/semantic-kernel", 6825)
SAYS_STREAM_TEXT = issue("vllm-project/vllm", 1273)


def shape_of(part: str, words: str) -> Condition:
    return bad_shape & in_chat(words)(lambda x: part in misshapen(x))


bad_role = shape_of("role", "with a role that is none")


@check("error.role-refused", SHOULD, when=bad_role & examined, source=(REQUEST_MESSAGE, SAYS_BAD_ROLE), breaks="role-served",
       covers="ERR-015")  # fmt: skip
def unknown_roles_are_refused(x: Exchange) -> Problems:
    """A message of a role that does not exist is refused.

    A typo makes the model read a system message as something else, or not at all, and nobody notices.
    """
    yield from accepted(x)


@check("error.role-param", SHOULD, when=bad_role & refused, source=issue("run-llama/llama_index", 17748), breaks="role-unnamed",
       covers="ERR-015")  # fmt: skip
def refusals_of_roles_name_the_place(x: Exchange) -> Problems:
    """A refusal of a role names its place in `error.param`, as in "messages[0].role"."""
    yield from param_names_none(x, "messages")


@check("error.content-refused", SHOULD, when=shape_of("content", "with a content that is a number") & examined,
       source=REQUEST_MESSAGE, breaks="content-number-served", covers="ERR-012")  # fmt: skip
def numbers_are_no_content(x: Exchange) -> Problems:
    """A message whose content is a number is refused, neither read as text nor left out."""
    yield from accepted(x)


@check("error.bad-utf8-refused", SHOULD, when=malformed & intent("bad-utf8") & examined, source=rfc(8259, "8.1"),
       breaks="bad-utf8-served", covers="ERR-008")  # fmt: skip
def bytes_that_are_no_text_are_refused(x: Exchange) -> Problems:
    """A body that is not UTF-8 is refused.

    Read with replacement characters, the prompt is another one than was sent, and nobody is told.
    """
    yield from accepted(x)


@check("error.flat-tool-refused", SHOULD, when=shape_of("tools", "with a tool that holds no function") & examined,
       source=(REQUEST, SAYS_FLAT_TOOL), breaks="flat-tool-served", covers="ERR-010")  # fmt: skip
def flat_tools_are_refused(x: Exchange) -> Problems:
    """A tool of type "function" without `function`, as the Responses API has them, is refused.

    Left out in silence, the model has no tools, and the agent waits for calls that never come.
    """
    yield from accepted(x)


@check("error.stream-text-refused", SHOULD, when=shape_of("stream", "whose `stream` is a text") & examined,
       source=(REQUEST, SAYS_STREAM_TEXT), breaks="stream-text-served", covers="ERR-012")  # fmt: skip
def texts_are_no_switch(x: Exchange) -> Problems:
    """A `stream` that is a text is refused.

    "false" is true in many languages: the caller then gets a stream where it wanted none.
    """
    yield from accepted(x)
