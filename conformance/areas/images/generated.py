"""IMAGE: the answer as a whole - when it was made, how many images it holds, and that each is there in one way."""

from __future__ import annotations

from urllib.parse import urlsplit

from conformance.areas.images.conditions import ANSWER, ITEM, REQUEST, count_made, items, made, number_asked
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request, response
from conformance.judge.objects import misfits

FOREIGN = ("embedding", "index", "object", "message", "text", "finish_reason", "logprobs", "delta")
"""Members of the items of other answers: vectors, choices."""


@request("that is no mistake in its number")
def countable(x: Exchange) -> bool:
    return 1 <= (number_asked(x, "n") or 1) <= 10


@response("that gives URLs")
def gives_urls(x: Exchange) -> bool:
    return any(isinstance(item.get("url"), str) for _, item in items(x))


@check("image.created", MUST, when=made, source=ANSWER, breaks="images-created-text", covers="IMAGE-001")
def created_is_in_seconds(x: Exchange) -> Problems:
    """`created` is a Unix time in seconds, an integer.

    Typed clients refuse the whole answer for it, when the images are paid for.
    """
    yield from misfits(x, "images", "created")


@check("image.data", MUST, when=made, source=ANSWER, breaks="images-not-in-data", covers="IMAGE-001")
def images_are_in_data(x: Exchange) -> Problems:
    """The images stand in `data`, an array that is not empty.

    `data[0]` raises in both SDKs, which hand on a list that is not there as None.
    """
    yield from misfits(x, "images", "data")


@check("image.count", MUST, when=made & countable, source=REQUEST, breaks=("images-first-only", "chat-n-ignored"),
       covers="IMAGE-001")  # fmt: skip
def as_many_as_asked_for(x: Exchange) -> Problems:
    """There are as many images as `n` asks for, one where it does not say.

    A client that shows a choice of four shows one, and no error tells it.
    """
    if (seen := count_made(x)) != (wanted := number_asked(x, "n") or 1):
        yield differs("the number of images in data", seen, f"{wanted}, as asked for")


@check("image.one-way", MUST, when=made, source=ITEM, breaks=("images-nowhere", "images-both-ways"), covers="IMAGE-002")
def each_is_there_in_one_way(x: Exchange) -> Problems:
    """Each image has `url` or `b64_json`, one of them, as a text.

    Clients look at one, and take the other where it is absent: with neither there is nothing, with both it is fetched once more.
    """
    for path, item in items(x):
        ways = [name for name in ("url", "b64_json") if item.get(name) not in (None, "")]
        if len(ways) != 1 or not isinstance(item[ways[0]], str):
            yield differs(f"what {path} has of url and b64_json", ways, "one of them, a text")


@check(
    "image.url-absolute", MUST, when=made & gives_urls, source=ITEM, breaks="images-url-relative", covers="IMAGE-002"
)
def urls_are_absolute(x: Exchange) -> Problems:
    """A `url` is absolute: it names its scheme and its host.

    Nobody can fetch a path. What the URL leads to is not fetched: it may be anywhere.
    """
    for path, item in items(x):
        if isinstance(url := item.get("url"), str) and not _absolute(url):
            yield differs(f"{path}.url", url, "an absolute URL, http or https")


def _absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


@check("image.members", SHOULD, when=made, source=ITEM, breaks="images-embedding-null", covers="IMAGE-008")
def images_have_no_foreign_members(x: Exchange) -> Problems:
    """An image has no member that belongs to other answers, as `embedding` and `index` do.

    Strict decoders refuse it, and whoever tells answers apart by their members takes it for a vector.
    """
    for path, item in items(x):
        if foreign := [name for name in FOREIGN if name in item]:
            yield differs(f"{path}.{foreign[0]}", item[foreign[0]], "none: it is a member of other answers")


@check("image.revised", SHOULD, when=made, source=ITEM, breaks="images-revised-list", covers="IMAGE-008")
def revised_prompt_is_a_text(x: Exchange) -> Problems:
    """`revised_prompt` is a text where it is there.

    Clients show it under the image; typed ones refuse the answer.
    """
    yield from misfits(x, "image", "revised_prompt")
