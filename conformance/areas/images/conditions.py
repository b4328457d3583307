"""Which exchanges are about images, and the images that an answer holds. Judges nothing."""

from __future__ import annotations

from typing import Any

from conformance.areas.citations import oas
from conformance.exchange import Exchange, Unreadable, find, need
from conformance.judge.condition import Condition, request, response
from conformance.judge.conditions import broken_on_mistake, ok, post, route, streaming
from conformance.judge.objects import OBJECTS
from conformance.wire.image import Image, decoded, image

ANSWER, ITEM, REQUEST = oas("ImagesResponse", 42170), oas("Image", 41588), oas("CreateImageRequest", 35461)
EDIT_REQUEST = oas("CreateImageEditRequest", 35251)
USAGE = oas("ImagesUsage", 42244)
PARTIAL, COMPLETED = oas("ImageGenPartialImageEvent", 41876), oas("ImageGenCompletedEvent", 41787)
ROUTES = ("images", "image-edits", "image-variations")
MOST = 11
"""Images of an answer that are looked at: one more than may be asked for."""

asked_images = route(*ROUTES) & post
made = Condition("of images", (asked_images & ~broken_on_mistake & ok & ~streaming).test)
made_stream = Condition("of a stream of images", (asked_images & ~broken_on_mistake & ok & streaming).test)


@response("whose stream reports no error")
def sound(x: Exchange) -> bool:
    return all(find(value, "type") != "error" and not find_error(value) for _, value in x.messages)


def find_error(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("error"))


streamed = Condition("of a stream of images without an error in it", (made_stream & sound).test)
any_images = Condition(
    "of images, plain or streamed", (asked_images & ~broken_on_mistake & ok & (~streaming | sound)).test
)


@response("with the bytes of an image")
def holds_bytes(x: Exchange) -> bool:
    """As they came to this suite: recorders put a picture of one pixel, a word or half of it in place of what is long."""
    return bool(x.arrivals) and bool(texts(x))


@request("that names a size in pixels")
def sized(x: Exchange) -> bool:
    return size_asked(x) is not None


def size_asked(x: Exchange) -> tuple[int, int] | None:
    """Width and height as "WIDTHxHEIGHT" asks for them; None where nothing does."""
    width, cross, height = str(x.asked.get("size") or "").partition("x")
    known = cross and all(side.isascii() and side.isdigit() and len(side) < 6 for side in (width, height))
    return (int(width), int(height)) if known else None


def number_asked(x: Exchange, name: str) -> int | None:
    """A whole number of the request, as JSON or as the text of a form; None where it is none."""
    value = x.asked.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def items(x: Exchange) -> list[tuple[str, dict[str, Any]]]:
    """(path, image) of a plain answer, the first few. Raises Unreadable where there is none."""
    found = [(path, value) for path, value in OBJECTS["image"](x) if isinstance(value, dict)]
    if not found:
        raise Unreadable("data is without any image, expected at least one")
    return found[:MOST]


def texts(x: Exchange) -> list[tuple[str, str]]:
    """(path, base64) of every image that comes as bytes, the first few, plain or streamed. Raises Unreadable."""
    events = ((f"event {n}", value) for n, value in x.messages if isinstance(value, dict)) if x.streaming else ()
    found = [*events][:MOST] if x.streaming else items(x)
    return [(f"{path}.b64_json", value["b64_json"]) for path, value in found if isinstance(value.get("b64_json"), str)]


def pictures(x: Exchange) -> list[tuple[str, Image]]:
    """(path, what its bytes say) of every image that can be read. Raises Unreadable where there is none."""
    key = "the images of an answer"
    if key not in x.memo:
        read = [(path, decoded(text)) for path, text in texts(x)]
        x.memo[key] = [(path, found) for path, data in read if data is not None and (found := image(data))]
    if not x.memo[key]:
        raise Unreadable("b64_json is absent or no image, expected one whose bytes can be read")
    return x.memo[key]


def finals(x: Exchange) -> list[tuple[str, dict[str, Any]]]:
    """(path, object) of what tells of finished images: the plain answer, or the events that end a stream. Raises Unreadable."""
    found = list(OBJECTS["image-completed"](x)) if x.streaming else [("", x.answer)]
    if not found:
        raise Unreadable("the stream is without an event that ends in .completed, expected one")
    return found


def told(x: Exchange, name: str) -> list[tuple[str, Any]]:
    """(path, value) of a member of what tells of finished images, where it is there and not null."""
    return [
        (f"{path}.{name}" if path else name, value[name]) for path, value in finals(x) if value.get(name) is not None
    ]


def count_made(x: Exchange) -> int:
    return len(need(x.answer, "data", list))
