"""Laws on the conversation: each message reaches the upstream in its place, by who said it, letter by letter."""

from __future__ import annotations

from conformance.areas.citations import ASSISTANT_MESSAGE, REQUEST_MESSAGE, TOOL_RESULT, USER_MESSAGE
from conformance.gateway.laws import about, asked, law, sends
from conformance.gateway.pair import Pair
from conformance.judge import MUST, SHOULD, Problems

conversation = sends("messages", "input", "prompt")


def _messages(pair: Pair) -> list[dict]:
    found = pair.outer.asked.get("messages", pair.outer.asked.get("input"))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


several = about("request with several messages")(lambda pair: pair.reached and len(_messages(pair)) > 1)
with_calls = about("request with calls and their results")(
    lambda pair: pair.reached and any("tool_calls" in each or "call_id" in each for each in _messages(pair))
)
with_media = about("request with a picture")(lambda pair: pair.reached and b'"image_url"' in pair.outer.request_body)
lettered = about("request with letters beyond ASCII")(
    lambda pair: pair.reached and any(not str(each.get("content")).isascii() for each in _messages(pair))
)


@law("gateway.messages-kept", MUST, about=conversation, source=REQUEST_MESSAGE, breaks=("messages-merged", "system-lost"),
     fix="Pass on each message as one; merge none, whatever a template wants.")  # fmt: skip
def no_message_is_lost(pair: Pair) -> Problems:
    """No message is left out, and none is merged with another."""
    yield from asked(pair, "messages-kept")


@law("gateway.messages-added", MUST, about=conversation, source=REQUEST_MESSAGE, breaks="prompt-injected",
     fix="Add no message of the gateway's own.")  # fmt: skip
def no_message_is_added(pair: Pair) -> Problems:
    """No message is added.

    It is paid for by the client, and steers what the model says.
    """
    yield from asked(pair, "messages-added")


@law("gateway.messages-order", MUST, about=several, source=REQUEST_MESSAGE, breaks="system-first",
     fix="Keep the order of the messages.")  # fmt: skip
def messages_keep_their_order(pair: Pair) -> Problems:
    """The messages reach the upstream in their order."""
    yield from asked(pair, "messages-order")


@law("gateway.message-role", MUST, about=conversation, source=REQUEST_MESSAGE, breaks="developer-is-system",
     fix="Pass roles on as they are; the upstream refuses what it does not know.")  # fmt: skip
def role_is_kept(pair: Pair) -> Problems:
    """A message keeps its role."""
    yield from asked(pair, "role")


@law("gateway.message-text", MUST, about=conversation, source=USER_MESSAGE, breaks=("text-cut", "long-text-cut"),
     fix="Do not look into texts.")  # fmt: skip
def text_is_kept(pair: Pair) -> Problems:
    """The text of a message is the same, word for word."""
    yield from asked(pair, "message-text")


@law("gateway.message-letters", MUST, about=lettered, source=USER_MESSAGE, breaks="text-normalised",
     fix="Pass code points on; normalise nothing.")  # fmt: skip
def letters_are_kept(pair: Pair) -> Problems:
    """No letter is replaced by one that looks alike: the text is not normalised.

    Names of files and keys are no longer found.
    """
    yield from asked(pair, "unicode")


@law("gateway.message-spaces", MUST, about=conversation, source=USER_MESSAGE, breaks="text-trimmed",
     fix="Trim nothing.")  # fmt: skip
def spaces_are_kept(pair: Pair) -> Problems:
    """Blanks and line ends of a text are kept, at its ends, too."""
    yield from asked(pair, "space")


@law("gateway.message-form", MUST, about=conversation, source=USER_MESSAGE, breaks=("parts-joined", "text-in-parts"),
     fix="Pass content on in the form that the client chose.")  # fmt: skip
def content_keeps_its_form(pair: Pair) -> Problems:
    """Content in parts stays in parts, and a text stays a text."""
    yield from asked(pair, "message-form")


@law("gateway.message-media", MUST, about=with_media, source=USER_MESSAGE, breaks="detail-dropped",
     fix="Pass pictures, sounds and files on as they are, with all that is said about them.")  # fmt: skip
def media_are_kept(pair: Pair) -> Problems:
    """A picture goes on as it is, with its `detail`.

    Without it a picture is paid for at its full size.
    """
    yield from asked(pair, "media")


@law("gateway.message-calls", MUST, about=with_calls, source=(ASSISTANT_MESSAGE, TOOL_RESULT),
     breaks=("arguments-written-anew", "result-of-another"),
     fix="Pass calls of the history on as they are, arguments as the very text.")  # fmt: skip
def calls_of_the_history_are_kept(pair: Pair) -> Problems:
    """Calls of an earlier turn go on with their ids and the text of their arguments, and results with the id of their call."""
    yield from asked(pair, "message-calls")


@law("gateway.message-members", SHOULD, about=conversation, source=USER_MESSAGE,
     breaks=("name-dropped", "thoughts-dropped", "cache-marked"),
     fix="Pass on all members of a message.")  # fmt: skip
def other_members_are_kept(pair: Pair) -> Problems:
    """The other members of a message, such as `name`, are kept, and none is added.

    A server that thinks may want its `reasoning_content` back, and forgets what it thought without it.
    """
    yield from asked(pair, "message-members")
