"""IMAGE: mistakes - words that are missing, numbers and sizes that there are not - are refused, for each image is paid for."""

from __future__ import annotations

from conformance.areas.images.conditions import REQUEST, asked_images, number_asked, size_asked
from conformance.areas.images.pixels import FORMATS
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import intent, post, route
from conformance.judge.mistakes import examined

generations = route("images") & post


@request("without words", special=True)
def wordless(x: Exchange) -> bool:
    return bool(x.asked) and x.asked.get("prompt") in (None, "") and "prompt_id" not in x.asked


@request("for more images than there may be", special=True)
def too_many(x: Exchange) -> bool:
    n = number_asked(x, "n")
    return n is not None and not 1 <= n <= 10


@request("of a size that is none", special=True)
def sizeless(x: Exchange) -> bool:
    size = x.asked.get("size")
    return isinstance(size, str) and size != "auto" and size_asked(x) is None


@request("in a format that is none", special=True)
def formless(x: Exchange) -> bool:
    form = x.asked.get("output_format")
    return isinstance(form, str) and form not in FORMATS


@check(
    "image.words",
    MUST,
    when=generations & wordless & examined,
    source=REQUEST,
    breaks="images-of-no-words",
    covers="IMAGE-010",
)
def words_are_needed(x: Exchange) -> Problems:
    """A request without a prompt, or with an empty one, is refused.

    Else an empty box of a form costs as much as a picture.
    """
    if x.ok:
        yield differs("status without a prompt", x.status, "400")


@check(
    "image.most",
    SHOULD,
    when=asked_images & too_many & examined,
    source=REQUEST,
    breaks="images-twelve",
    covers="IMAGE-007",
)
def number_is_bounded(x: Exchange) -> Problems:
    """`n` below 1 or above 10 is refused.

    What is cut to ten instead is not what was asked for; what is not cut is a bill.
    """
    if x.ok:
        yield differs(f"status with n {number_asked(x, 'n')}", x.status, "400")


@check(
    "image.size-known",
    MUST,
    when=asked_images & sizeless & examined,
    source=REQUEST,
    breaks="images-any-size",
    covers="IMAGE-007",
)
def size_is_one(x: Exchange) -> Problems:
    """A `size` that is none is refused.

    A word misspelt is else an image of some other size, paid for.
    """
    if x.ok:
        yield differs("status with a size that is none", x.status, "400")


@check(
    "image.format-known",
    SHOULD,
    when=asked_images & formless & examined,
    source=REQUEST,
    breaks="images-any-format",
    covers="IMAGE-007",
)
def format_is_one(x: Exchange) -> Problems:
    """An `output_format` that is none is refused.

    The file would have an ending that its bytes are not of.
    """
    if x.ok:
        yield differs("status with an output_format that is none", x.status, "400")


@check("image.model-known", SHOULD, when=asked_images & intent("unknown-model") & examined, source=REQUEST,
       breaks="images-any-model", covers="IMAGE-010")  # fmt: skip
def model_is_one(x: Exchange) -> Problems:
    """A model that does not exist is refused.

    Genuine OpenAI says 400, others 404; either is better than a picture by some other model, at its price.
    """
    if x.ok:
        yield differs("status for a model that does not exist", x.status, "400 or 404")
