"""Whether images are made, edited and varied, and what of their options is taken."""

from __future__ import annotations

from conformance.areas.images.conditions import pictures, texts
from conformance.areas.whole_routes import UNFIT, answered_with, plain
from conformance.exchange import Exchange, find
from conformance.judge.conditions import asked, route, streaming
from conformance.judge.features import HONOURED, Finding, feature, ignored, wrong
from conformance.judge.mistakes import mistaken

generations = route("images") & plain & ~mistaken
_WORDS = (*UNFIT, "image", "model")


@feature("images", when=generations & asked("prompt") & ~streaming, names=_WORDS, probes="images.one", route=True)
def _(x: Exchange) -> Finding:
    """An image is made of words."""
    return answered_with(x, "data.0", dict)


@feature(
    "image_edits",
    when=route("image-edits") & plain & ~mistaken & ~streaming,
    names=_WORDS,
    probes="images.edit",
    route=True,
)
def _(x: Exchange) -> Finding:
    """An image that is sent is edited."""
    return answered_with(x, "data.0", dict)


@feature(
    "image_variations",
    when=route("image-variations") & plain & ~mistaken,
    names=_WORDS,
    probes="images.variation",
    route=True,
)
def _(x: Exchange) -> Finding:
    """An image that is sent is varied (of models that OpenAI has taken back)."""
    return answered_with(x, "data.0", dict)


@feature("image_urls", when=generations & asked("response_format") & ~streaming, names="response_format",
         probes=("images.url", "images.base64"))  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """`response_format` decides whether images come as URLs or as bytes."""
    wanted = x.asked["response_format"]
    if wanted not in ("url", "b64_json"):
        return None
    given = find(x.json, f"data.0.{wanted}")
    return HONOURED if isinstance(given, str) and given else ignored(f"data.0.{wanted} is absent")


@feature("image_formats", when=generations & asked("output_format") & ~streaming, names="output_format",
         probes=("images.jpeg", "images.webp"))  # fmt: skip
def _(x: Exchange) -> Finding | None:
    """The bytes are in the `output_format` asked for; PNG tells nothing, for it is what comes unasked."""
    wanted = x.asked["output_format"]
    if wanted not in ("jpeg", "webp") or not texts(x):
        return None
    seen = pictures(x)[0][1].format
    return HONOURED if seen == wanted else ignored(f"the bytes are {seen}")


@feature(
    "image_streams",
    when=generations & asked("stream") & streaming,
    names=("stream", "partial_images"),
    probes="images.streamed",
)
def _(x: Exchange) -> Finding:
    """`stream` gives events, partial images before the whole one."""
    if x.media_type != "text/event-stream":
        return ignored("the answer is no stream")
    kinds = [find(value, "type") for _, value in x.messages]
    return HONOURED if "image_generation.completed" in kinds else wrong("no event is image_generation.completed")
