"""IMAGE: the bytes of an image - that they are one, of the size and in the format that were asked for."""

from __future__ import annotations

from conformance.areas.images.conditions import (
    ANSWER,
    ITEM,
    REQUEST,
    any_images,
    holds_bytes,
    pictures,
    size_asked,
    sized,
    texts,
    told,
)
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import Condition, request
from conformance.wire.image import decoded, image

FORMATS = ("png", "jpeg", "webp")
of_bytes = Condition("of images, with their bytes", (any_images & holds_bytes).test)


@request("that names a documented format")
def formatted(x: Exchange) -> bool:
    return x.asked.get("output_format") in FORMATS


@check(
    "image.base64", MUST, when=of_bytes, source=ITEM, breaks=("images-data-url", "images-url-safe"), covers="IMAGE-002"
)
def bytes_are_base64(x: Exchange) -> Problems:
    """`b64_json` is plain base64: of the usual alphabet, padded, without a line end, and no data: URL.

    Clients decode it as it stands: Python drops what is foreign and writes a file that opens nowhere, others raise.
    """
    for path, text in texts(x):
        if decoded(text) is None:
            yield differs(path, text, "base64 as it is, padded")


@check("image.real", MUST, when=of_bytes, source=ITEM, breaks=("images-cut", "images-json-inside"), covers="IMAGE-002")
def bytes_are_an_image(x: Exchange) -> Problems:
    """The bytes are a whole PNG, JPEG or WebP.

    Whoever saves or shows them has a file that no program opens, or half of a picture.
    """
    for path, text in texts(x):
        data = decoded(text)
        if data is None:
            continue  # image.base64 says so
        found = image(data)
        if found is None:
            yield differs(f"what {path} begins with", data[:12].hex(" "), "the head of a PNG, JPEG or WebP")
        elif not found.whole:
            yield differs(f"the end of {path}", data[-8:].hex(" "), f"that of a {found.format}: it is cut")


@check("image.format", MUST, when=of_bytes & formatted, source=REQUEST, breaks="images-always-png", covers="IMAGE-004")
def format_is_the_one_asked_for(x: Exchange) -> Problems:
    """The bytes are in the `output_format` that was asked for.

    It is saved under that ending and served as that type, which browsers and libraries then refuse to read.
    """
    for path, found in pictures(x):
        if found.format != x.asked["output_format"]:
            yield differs(f"the format of {path}", found.format, f"{x.asked['output_format']}, as asked for")


@check("image.size", MUST, when=of_bytes & sized, source=REQUEST, breaks="images-smaller", covers="IMAGE-004")
def size_is_the_one_asked_for(x: Exchange) -> Problems:
    """The image has the pixels that `size` asks for.

    Layouts, thumbnails and masks are made for that size.
    """
    for path, found in pictures(x):
        if (found.width, found.height) != size_asked(x):
            yield differs(f"the size of {path}", f"{found.width}x{found.height}", f"{x.asked['size']}, as asked for")


@check("image.told", SHOULD, when=of_bytes, source=ANSWER, breaks=("images-told-otherwise", "images-always-png", "images-smaller"),
       covers="IMAGE-005")  # fmt: skip
def what_is_told_is_true(x: Exchange) -> Problems:
    """Where the answer names `output_format` and `size`, they are those of the bytes.

    Clients name files and make room by what the answer says.
    """
    path, found = pictures(x)[-1]
    for name, seen in (("output_format", found.format), ("size", f"{found.width}x{found.height}")):
        for where, value in told(x, name):
            if value not in (seen, "auto"):
                yield differs(where, value, f"{seen}, which {path} is")
