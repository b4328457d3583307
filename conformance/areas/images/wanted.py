"""IMAGE: what was asked for and what it cost - the way of delivery, the options that the answer names again, the tokens."""

from __future__ import annotations

import re

from conformance.areas.citations import oas
from conformance.areas.images.conditions import (
    ANSWER,
    REQUEST,
    USAGE,
    any_images,
    asked_images,
    finals,
    items,
    made,
    told,
)
from conformance.exchange import Exchange, find, need
from conformance.judge import MAY, MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.conditions import asked, streaming
from conformance.judge.mistakes import examined
from conformance.judge.objects import OBJECTS, misfits

OPTIONS = {
    "background": "transparent|opaque",
    "output_format": "png|jpeg|webp",
    "quality": "low|medium|high",
    "size": "[0-9]+x[0-9]+",
}
"""What answers name again, and the values of which nothing else can have come: `auto` and old names stand for others."""
WAYS = {"url": "b64_json", "b64_json": "url"}
GEN_USAGE = oas("ImageGenUsage", 70942)
_TYPE = re.compile(
    r"unmarshal|expected an? (object|map|dict|struct)|must be an? (object|dict)|valid dict|type mismatch|invalid type",
    re.IGNORECASE,
)
"""How parsers say that a value has the wrong type."""


@request("that says how images are to be delivered")
def delivered(x: Exchange) -> bool:
    return x.asked.get("response_format") in tuple(WAYS)  # what a program asks for need be no text


@response("that says what it cost")
def costs(x: Exchange) -> bool:
    return any(isinstance(value, dict) for _, value in told(x, "usage"))


@response("that says in detail what it cost")
def itemized(x: Exchange) -> bool:
    return any(isinstance(find(value, "input_tokens_details"), dict) for _, value in told(x, "usage"))


@check("image.delivery", MUST, when=made & delivered, source=REQUEST, breaks=("images-url-ignored", "images-base64-ignored"),
       covers="IMAGE-003")  # fmt: skip
def delivered_as_asked_for(x: Exchange) -> Problems:
    """`response_format` is heeded where it is taken: "url" gives URLs, "b64_json" bytes.

    A client reads the one it asked for, undefined where it got the other, and shows nothing.
    """
    wanted = x.asked["response_format"]
    for path, item in items(x):
        if item.get(wanted) in (None, "") and item.get(WAYS[wanted]) not in (None, ""):
            yield f"{path}.{wanted} is absent beside {WAYS[wanted]}, expected a text, as response_format asks for it"


@check("image.delivery-type", SHOULD, when=asked_images & delivered & examined, source=REQUEST,
       breaks="images-delivery-object", covers="IMAGE-003")  # fmt: skip
def delivery_is_a_word(x: Exchange) -> Problems:
    """`response_format` is a word on these routes: where it is refused, then not for its type.

    On chat completions it is an object; servers that read all requests by one structure make no image for who sends it.
    """
    said = "" if x.ok else need(x.error, "message", str)
    if _TYPE.search(said) and "response_format" in said:
        yield differs("error.message", said, "that the parameter is served, or not supported")


@check(
    "image.usage",
    MUST,
    when=any_images & costs,
    source=(USAGE, GEN_USAGE),
    breaks="images-usage-of-chat",
    covers="IMAGE-005",
)
def usage_has_its_names(x: Exchange) -> Problems:
    """`usage` has the integers input_tokens, output_tokens and total_tokens where it is there.

    prompt_tokens and completion_tokens are of chat: typed clients raise on the answer, and its images are lost.
    """
    yield from misfits(x, "image-usage", "input_tokens", "output_tokens", "total_tokens")


@check("image.usage-details", MUST, when=any_images & costs, source=(USAGE, GEN_USAGE),
       breaks=("images-usage-of-chat", "images-usage-bare"), covers="IMAGE-005")  # fmt: skip
def usage_has_details(x: Exchange) -> Problems:
    """`usage` says in input_tokens_details what of the input were words and what images.

    The specification and typed clients require it: they raise without.
    """
    yield from misfits(x, "image-usage", "input_tokens_details", "output_tokens_details")


@check(
    "image.usage-kinds",
    MUST,
    when=any_images & itemized,
    source=(USAGE, GEN_USAGE),
    breaks="images-usage-one-kind",
    covers="IMAGE-005",
)
def details_have_both_kinds(x: Exchange) -> Problems:
    """input_tokens_details has the integers text_tokens and image_tokens.

    They have different prices.
    """
    yield from misfits(x, "image-usage-details", "text_tokens", "image_tokens")


@response("that says in detail what was made")
def itemized_output(x: Exchange) -> bool:
    return any(isinstance(find(value, "output_tokens_details"), dict) for _, value in told(x, "usage"))


@check("image.usage-made", SHOULD, when=any_images & itemized_output, source=(USAGE, GEN_USAGE), breaks="images-usage-made-of-texts",
       covers="IMAGE-005")  # fmt: skip
def details_of_the_output_have_both_kinds(x: Exchange) -> Problems:
    """output_tokens_details, where it is there, has the integers text_tokens and image_tokens.

    They have different prices.
    """
    yield from misfits(x, "image-output-details", "text_tokens", "image_tokens")


@check(
    "image.usage-sum",
    SHOULD,
    when=any_images & costs,
    source=(USAGE, GEN_USAGE),
    breaks=("images-usage-sum", "images-usage-details-sum"),
    covers="IMAGE-005",
)
def usage_adds_up(x: Exchange) -> Problems:
    """total_tokens is input_tokens and output_tokens, and input_tokens its details together.

    Bills are made of the parts, and compared with the whole.
    """
    for path, usage in OBJECTS["image-usage"](x):
        come, gone, total = (need(usage, f"{name}_tokens", int) for name in ("input", "output", "total"))
        if total != come + gone:
            yield differs(f"{path}.total_tokens", total, f"{come} + {gone} = {come + gone}")
        kinds = [find(usage, f"input_tokens_details.{kind}_tokens") for kind in ("text", "image")]
        if all(isinstance(each, int) for each in kinds) and sum(kinds) != come:
            yield differs(f"{path}.input_tokens", come, f"{kinds[0]} + {kinds[1]} = {sum(kinds)}, its details")


@check(
    "image.named-again", SHOULD, when=any_images, source=ANSWER, breaks="images-options-of-another", covers="IMAGE-005"
)
def options_are_those_asked_for(x: Exchange) -> Problems:
    """Where the answer names background, output_format, quality or size, they are those that the request set.

    By them a client learns what its images were made with.
    """
    for name, plain in OPTIONS.items():
        wanted = x.asked.get(name)
        for path, value in told(x, name) if isinstance(wanted, str) and re.fullmatch(plain, wanted) else ():
            if value not in (wanted, "auto"):
                yield differs(path, value, f"{wanted}, as asked for")


@check(
    "image.named",
    MAY,
    when=made & ~asked("style") & ~streaming,
    source=ANSWER,
    breaks="images-bare",
    covers="IMAGE-005",
)
def options_are_named(x: Exchange) -> Problems:
    """The answer names background, output_format, quality and size, and what it cost.

    Where `auto` chose, only the answer tells what, and what is paid for it.
    """
    yield from misfits(x, "images", "background", "quality")
    for path, value in finals(x):
        if missing := [name for name in (*OPTIONS, "usage") if value.get(name) is None]:
            yield differs(f"what {path or 'the answer'} does not tell", missing, "nothing")
