"""CONTENT: images and sound in a message are read, or refused; neither is left out in silence."""

from __future__ import annotations

import re

from conformance.areas.citations import issue, oas
from conformance.exchange import Exchange, Unreadable, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import chat_request, completion, counted, intent
from conformance.judge.mistakes import examined
from conformance.judge.relations import accepted, probes

IMAGE = oas("ChatCompletionRequestMessageContentPartImage", 31443)
AUDIO = oas("ChatCompletionRequestMessageContentPartAudio", 31422)
_FETCHING = re.compile(r"url|download|fetch|remote|https?\b|retriev|reach", re.IGNORECASE)


def _counted(bare: Exchange, x: Exchange, what: str) -> Problems:
    """A problem where a message with something beside its text costs no more than the text alone."""
    alone, together = (need(each.usage, "prompt_tokens", int) for each in (bare, x))
    if alone <= 0:
        raise Unreadable(f"usage.prompt_tokens is {alone} without {what}, expected a count to compare")
    if together <= alone:
        yield differs("usage.prompt_tokens", together, f"more than {alone}, the cost without {what}")


@check("content.image-read", SHOULD, together=probes("chat.hello", "surface.image"), when=completion & counted,
       source=(IMAGE, "https://github.com/sgl-project/sglang/pull/21762"),
       breaks=("content-image-dropped", "usage-prompt-constant"), covers="PARAM-013")  # fmt: skip
def image_is_not_dropped(text: Exchange, image: Exchange) -> Problems:
    """An image that is accepted is read: the message costs more tokens than without it. A model that sees nothing refuses it.

    Agents believe that the model saw what it describes.
    """
    yield from _counted(text, image, "the image")


@check("content.audio-read", SHOULD, together=probes("chat.hello", "surface.audio"), when=completion & counted, source=AUDIO,
       breaks=("content-audio-dropped", "usage-prompt-constant"))  # fmt: skip
def audio_is_not_dropped(text: Exchange, audio: Exchange) -> Problems:
    """Sound that is accepted is heard: the message costs more tokens than without it. A model that hears nothing refuses it."""
    yield from _counted(text, audio, "the sound")


@check("content.image-unreachable", SHOULD, when=chat_request & intent("unreachable-image") & examined,
       source=(IMAGE, issue("ollama/ollama", 6753)), breaks="content-image-url-dropped", covers="PARAM-013")  # fmt: skip
def unreachable_image_is_refused(x: Exchange) -> Problems:
    """An image at a URL where there is none is refused, not left out.

    The model describes a picture that nobody saw. OpenAI answers 400, code "invalid_image_url".
    """
    if x.ok:
        yield differs("status", x.status, "a refusal (400)")


@check("content.image-url-reason", SHOULD, together=accepted("surface.image", "surface.image-url"), when=chat_request & examined,
       source=(IMAGE, issue("ollama/ollama", 6753)), breaks="content-image-url-unsaid", covers="PARAM-013")  # fmt: skip
def refused_url_says_so(_: Exchange, x: Exchange) -> Problems:
    """Where images are accepted as data, the refusal of a URL says that it is about the URL.

    "Invalid image" sends the user to look for a fault in the picture; a client that reads "URL" sends the data instead.
    """
    if not x.ok and not _FETCHING.search(
        f"{need(x.error, 'message', str)} {x.error.get('code')} {x.error.get('param')}"
    ):
        yield differs("error.message", x.error["message"], "a text that says that the URL is the matter")
