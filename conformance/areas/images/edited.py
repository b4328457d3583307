"""IMAGE: images that are sent to be edited, as forms, one or several."""

from __future__ import annotations

import re

from conformance.areas.images.conditions import EDIT_REQUEST, asked_images
from conformance.exchange import Exchange
from conformance.judge import MUST, SHOULD, Problems, check, differs
from conformance.judge.condition import request
from conformance.judge.conditions import intent, looked_at, route
from conformance.judge.mistakes import examined
from conformance.judge.relations import probes

_ONE = re.compile(
    r"\b(one|single|1)\b.{0,20}\bimage|only supports? .{0,20}\bimage\b|(multiple|several) images|at most|too many",
    re.IGNORECASE,
)
"""How a model is said to edit one image at a time."""

edits = route("image-edits")


@request("that sends no image where one is needed", special=True)
def without_image(x: Exchange) -> bool:
    return bool(x.form) and not any(field.filename is not None for field in x.form)


@check("image.edit-several", MUST, together=probes("images.edit", "images.edit-several"), when=edits & looked_at, source=EDIT_REQUEST,
       breaks="images-edit-brackets", covers="IMAGE-009")  # fmt: skip
def several_images_are_read(one: Exchange, several: Exchange) -> Problems:
    """Where one file as `image` is edited, several as `image[]` are read, or refused because only one can be edited.

    Both SDKs write a list of files so: images.edit of two pictures fails always where the name with brackets is not known.
    """
    if not one.ok or several.ok:
        return
    said = several.body[:2000].decode("utf-8", "replace")
    if not _ONE.search(said):
        yield differs("status with two files as image[]", several.status, f"{one.status}, as with one file")


@check("image.edit-nothing", SHOULD, when=edits & without_image & examined, source=EDIT_REQUEST,
       breaks="images-edit-of-nothing", covers="IMAGE-009")  # fmt: skip
def an_edit_needs_an_image(x: Exchange) -> Problems:
    """An edit without an image is refused.

    Else a field under a wrong name is paid for with a picture of something else.
    """
    if x.ok:
        yield differs("status of an edit without an image", x.status, "400")


@check("image.edit-text", SHOULD, when=asked_images & intent("no-image") & examined, source=EDIT_REQUEST,
       breaks="images-edit-of-text", covers="IMAGE-009")  # fmt: skip
def an_edit_needs_a_real_image(x: Exchange) -> Problems:
    """A file that is no image is refused.

    Else a broken upload is paid for, and nobody learns of it.
    """
    if x.ok:
        yield differs("status of an edit of a file that is no image", x.status, "400")
