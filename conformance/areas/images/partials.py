"""IMAGE: streams - partial images that are counted from 0, one that is complete, and what each event says."""

from __future__ import annotations

from conformance.areas.citations import SSE
from conformance.areas.images.conditions import COMPLETED, PARTIAL, made_stream, number_asked, streamed
from conformance.exchange import Exchange, find
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, response
from conformance.judge.conditions import headers_known
from conformance.judge.objects import OBJECTS, misfits

_MEMBERS = ("b64_json", "created_at", "size", "quality", "background", "output_format")


@response("with partial images")
def _some(x: Exchange) -> bool:
    return any(True for _ in OBJECTS["image-partial"](x))


@response("with a complete image")
def _ended(x: Exchange) -> bool:
    return any(True for _ in OBJECTS["image-completed"](x))


@response("that comes as events")
def evented(x: Exchange) -> bool:
    return x.media_type == "text/event-stream"


with_partials = Condition("of a stream with partial images", (streamed & evented & _some).test)
completed = Condition("of a stream with a complete image", (streamed & evented & _ended).test)


@check(
    "image.stream-event",
    MUST,
    when=streamed,
    source=(PARTIAL, COMPLETED),
    breaks="images-stream-other-types",
    covers="IMAGE-006",
)
def events_are_known(x: Exchange) -> Problems:
    """Every event of a stream has a documented `type`: image_generation.partial_image or .completed, image_edit.* for edits.

    Clients tell events by it; of any other they do nothing, and no image is shown.
    """
    yield from misfits(x, "image-event")
    yield from misfits(x, "image-event", "type")


@check(
    "image.stream-route",
    MUST,
    when=streamed,
    source=(PARTIAL, COMPLETED),
    breaks="images-stream-of-edits",
    covers="IMAGE-006",
)
def events_are_of_the_route(x: Exchange) -> Problems:
    """The events of /images/generations begin with image_generation, those of /images/edits with image_edit.

    A client of the one has no case for the other.
    """
    wanted = "image_generation." if x.route == "images" else "image_edit."
    for n, value in x.messages:
        if isinstance(kind := find(value, "type"), str) and kind.startswith("image_") and not kind.startswith(wanted):
            yield differs(f"event {n}.type", kind, f"one that begins with {wanted}")


@check("image.stream-named", SHOULD, when=streamed, source=SSE, breaks="images-stream-unnamed", covers="IMAGE-006")
def events_are_named(x: Exchange) -> Problems:
    """Each event is named, in `event:`, as its `type` says.

    Readers such as EventSource call a handler by the name, and none for events without.
    """
    for n, value in x.messages:
        name, kind = x.events[n].field("event"), find(value, "type")
        if isinstance(kind, str) and name != kind:
            yield differs(f"the name of event {n}", name or "", f"{kind}, its type")


@check(
    "image.stream-index", MUST, when=with_partials, source=PARTIAL, breaks="images-stream-from-one", covers="IMAGE-006"
)
def partials_are_counted(x: Exchange) -> Problems:
    """`partial_image_index` counts the partial images from 0.

    Clients put each in the place of the one before by it.
    """
    seen = [find(value, "partial_image_index") for _, value in OBJECTS["image-partial"](x)]
    if seen != list(range(len(seen))):
        shown = [each if isinstance(each, int) else "no integer" for each in seen[:10]]
        yield differs("partial_image_index over the stream", shown, f"{list(range(min(10, len(seen))))}")


@check("image.stream-most", SHOULD, when=with_partials, source=PARTIAL, breaks="images-stream-more", covers="IMAGE-006")
def partials_are_no_more_than_asked_for(x: Exchange) -> Problems:
    """There are no more partial images than `partial_images` asks for.

    Each is paid for.
    """
    partials, most = list(OBJECTS["image-partial"](x)), number_asked(x, "partial_images") or 0
    if len(partials) > most:
        yield f"{partials[most][0]} is one of {len(partials)} partial images, expected {most} at most, as asked for"


@check("image.stream-end", MUST, when=streamed & evented, source=COMPLETED, breaks=("images-stream-endless", "images-stream-twice"),
       covers="IMAGE-006")  # fmt: skip
def one_is_complete(x: Exchange) -> Problems:
    """One event is the complete image, and it is the last.

    Clients take the image from it and close: without it the last partial one stays, after it nothing is read.
    """
    kinds = [str(find(value, "type")) for _, value in x.messages]
    ends = [n for n, kind in enumerate(kinds) if kind.endswith(".completed")]
    if not ends:
        yield differs(f"event {x.messages[-1][0]}.type, the last", kinds[-1], "one that ends in .completed")
    elif ends != [len(kinds) - 1]:
        yield differs(
            f"event {x.messages[ends[0] + 1][0]}.type", kinds[ends[0] + 1], "nothing after the complete image"
        )


@check(
    "image.stream-members",
    MUST,
    when=with_partials | completed,
    source=(PARTIAL, COMPLETED),
    breaks="images-stream-bare",
    covers="IMAGE-006",
)
def events_have_their_members(x: Exchange) -> Problems:
    """Every event has b64_json, created_at, size, quality, background and output_format.

    The specification requires them; typed clients hand out None, and a picture without its format.
    """
    for kind in ("image-partial", "image-completed"):
        if any(True for _ in OBJECTS[kind](x)):
            yield from misfits(x, kind, *_MEMBERS)


@check("image.stream-usage", MUST, when=completed, source=COMPLETED, breaks="images-stream-unpaid", covers="IMAGE-006")
def the_end_says_the_cost(x: Exchange) -> Problems:
    """The event of the complete image has `usage`.

    It is the only place of a stream where the cost stands.
    """
    yield from misfits(x, "image-completed", "usage")


@check(
    "image.stream-served",
    MUST,
    when=made_stream & headers_known,
    source=COMPLETED,
    breaks=("images-stream-plain", "stream-ignored"),
    covers="IMAGE-006",
)
def streams_are_streams(x: Exchange) -> Problems:
    """`stream: true`, where it is taken, is answered with events.

    Both SDKs read lines of the answer until its end, find no event in it, and the images are lost.
    """
    if x.media_type != "text/event-stream":
        yield differs("Content-Type", x.header("content-type") or "", "text/event-stream")
