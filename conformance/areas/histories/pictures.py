"""HISTORY: several images of a message are all read, and may be of any documented type."""

from __future__ import annotations

from conformance.areas.citations import oas
from conformance.areas.histories.orders import beside, ruled_on
from conformance.exchange import Exchange, Unreadable, need
from conformance.judge import SHOULD, Problems, check, differs
from conformance.judge.conditions import completion, counted
from conformance.judge.refusals import sent_messages
from conformance.judge.relations import probes

IMAGE = oas("ChatCompletionRequestMessageContentPartImage", 31443)
VISION = "https://developers.openai.com/api/docs/guides/images-vision"


@check("history.images-read", SHOULD, together=probes("surface.image", "histories.images"), when=completion & counted,
       source=(IMAGE, VISION), covers="HISTORY-005",
       breaks=("history-last-image-only", "content-image-dropped", "usage-prompt-constant"))  # fmt: skip
def every_image_is_read(one: Exchange, two: Exchange) -> Problems:
    """Of several images in a message every one is read: two cost more tokens than one.

    What is compared, or a document of many pages, is answered from half of it, with no less confidence.
    """
    alone, together = (need(x.usage, "prompt_tokens", int) for x in (one, two))
    if alone <= 0:
        raise Unreadable(f"usage.prompt_tokens is {alone} with one image, expected a count to compare")
    if together <= alone:
        yield differs("usage.prompt_tokens", together, f"more than {alone}, the cost with one image")


@check("history.image-types", SHOULD, when=ruled_on, together=beside("types", "surface.image"), source=(IMAGE, VISION),
       breaks="history-webp-refused", covers="HISTORY-006")  # fmt: skip
def images_of_every_type_are_accepted(_: Exchange, x: Exchange) -> Problems:
    """Where a PNG is accepted, so are JPEG, WebP and GIF.

    Browsers save WebP, cameras JPEG; the user cannot know which of his pictures fails.
    """
    if not x.ok:
        urls = [part["image_url"]["url"] for part in sent_messages(x)[0]["content"] if "image_url" in part]
        kinds = ", ".join(url.partition(";")[0].removeprefix("data:") for url in urls)
        yield differs(f"the status with {kinds}", x.status, "200")
