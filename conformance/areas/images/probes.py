"""Images to be made, edited and varied. Each is paid for, so one answer carries many laws, and most mistakes are asked at depth deep."""

from __future__ import annotations

from conformance.areas.parameter_table import every
from conformance.exchange.probe import UNKNOWN_MODEL, Body, Depth, Probe, form_probe
from conformance.exchange.shipped import place
from conformance.wire.multipart import Field

ASKED: Body = next(row.of.asked for row in every() if row.route == "images")
LOW: Body = {**ASKED, "quality": "low"}
DOOR, EDIT = "images.one", "images.edit"
_OPTIONAL, _MISTAKE = frozenset({"optional"}), frozenset({"mistake"})
_PATH, _EDITS, _VARIATIONS = "/images/generations", "/images/edits", "/images/variations"
_WORDS = "Make the circle blue."


def _probe(name: str, body: Body, depth: Depth = "normal", intent: frozenset[str] = _OPTIONAL) -> Probe:
    return Probe(f"images.{name}", body, path=_PATH, task="image", dear=True, door=DOOR, depth=depth, intent=intent)


def _file(field: str, name: str = "drawing.png") -> Field:
    return Field(field, place(f"fixtures/{name}").read_bytes(), name, "image/png")


def _form(
    name: str, path: str, files: tuple[Field, ...], plain: Body, depth: Depth = "deep",
    intent: frozenset[str] = _OPTIONAL, door: str = EDIT,
) -> Probe:  # fmt: skip
    words = [Field(key, str(value).encode()) for key, value in {"model": "{model}", **plain}.items()]
    return form_probe(f"images.{name}", path, [*words, *files], task="image", dear=True, door=door, depth=depth, intent=intent)  # fmt: skip


_SHOWN: Body = {"prompt": _WORDS, "size": "1024x1024"}

_CHEAP: Body = {**_SHOWN, "quality": "low"}
_TEXT = Field("image", b"This is no image.", "drawing.png", "image/png")

PROBES = (
    Probe(DOOR, ASKED, path=_PATH, task="image", dear=True, intent=_OPTIONAL),
    _probe("no-words", {**ASKED, "prompt": ""}, "quick", _MISTAKE),
    _probe("two", {**LOW, "n": 2}),
    _probe("jpeg", {**LOW, "size": "1536x1024", "output_format": "jpeg", "background": "opaque", "output_compression": 50}),
    _probe("url", {**ASKED, "response_format": "url"}),
    _probe("base64", {**ASKED, "response_format": "b64_json"}),
    _probe("streamed", {**LOW, "stream": True, "partial_images": 2}),
    _probe("size-word", {**ASKED, "size": "conformance"}, "deep", _MISTAKE),
    _probe("webp", {**LOW, "output_format": "webp", "background": "transparent", "moderation": "low"}, "deep"),
    _probe("styled", {**ASKED, "quality": "standard", "style": "natural", "user": "conformance"}, "deep"),
    _probe("without-words", {"size": "1024x1024"}, "deep", _MISTAKE),
    _probe("twelve", {**ASKED, "n": 12}, "deep", _MISTAKE),
    _probe("format-word", {**ASKED, "output_format": "picture"}, "deep", _MISTAKE),
    _probe("unknown-model", {**ASKED, "model": UNKNOWN_MODEL}, "deep", _MISTAKE | {"unknown-model"}),
    # Each of these routes is asked for only where images are made at all.
    _form("edit", _EDITS, (_file("image"),), _SHOWN, "normal", door=DOOR),
    _form("edit-several", _EDITS, (_file("image[]"), _file("image[]", "yellow.png")), _SHOWN),
    _form("edit-masked", _EDITS, (_file("image"), _file("mask", "mask.png")), _CHEAP),
    _form("edit-streamed", _EDITS, (_file("image"),),
          {**_CHEAP, "stream": "true", "partial_images": 1, "input_fidelity": "low"}),
    _form("edit-jpeg", _EDITS, (_file("image"),), {**_CHEAP, "n": 1, "background": "opaque", "output_format": "jpeg",
          "output_compression": 50, "user": "conformance"}),
    _form("edit-base64", _EDITS, (_file("image"),), {**_SHOWN, "response_format": "b64_json"}),
    _form("edit-text", _EDITS, (_TEXT,), _SHOWN, "normal", _MISTAKE | {"no-image"}),
    _form("edit-nothing", _EDITS, (), _SHOWN, intent=_MISTAKE),
    _form("variation", _VARIATIONS, (_file("image"),), {"n": 1, "size": "1024x1024", "response_format": "b64_json",
          "user": "conformance"}, door=DOOR),
)  # fmt: skip
