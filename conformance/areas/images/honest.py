"""What the honest reference answers to who wants an image made, edited or varied."""

from __future__ import annotations

import base64
import re
from typing import Any

from conformance.areas.parameter_table import schemas
from conformance.reference import tokens
from conformance.reference.bounds import check_bounds
from conformance.reference.forms import Form
from conformance.reference.painting import MOST, paint
from conformance.reference.refusal import Refusal
from conformance.reference.replies import Call, Json, Reply
from conformance.reference.respond import Server
from conformance.reference.routes import route

SIZES = ("1024x1024", "1536x1024", "1024x1536", "256x256", "512x512", "1792x1024", "1024x1792")
COSTS = {"low": 272, "medium": 1056, "high": 4160}
"""Tokens of an image by its quality, as they were counted at 1024x1024."""
_WHOLE = ("n", "output_compression", "partial_images")
_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


@route("POST", r"/images/generations")
def generations(server: Server, call: Call) -> Reply:
    return _made(server, call, server.read(call, "image"), "image_generation")


@route("POST", r"/images/edits")
def edits(server: Server, call: Call) -> Reply:
    form = server.read_form(call, "image")
    asked, images = _plain(form), form.several("image")
    if not images:
        raise Refusal(400, "Missing required parameter: 'image'.", param="image", code="missing_required_parameter")
    for file in (*images, *form.several("mask")):
        if not file.content.startswith(_SIGNATURES):
            message = f"Invalid file '{file.field}': unsupported mimetype ('{file.content_type}')."
            raise Refusal(
                400, f"{message} Supported are png, webp and jpeg.", param=file.field, code="unsupported_file"
            )
    if len(images) > 16:
        raise Refusal(400, "At most 16 images can be edited at once.", param="image", code="array_above_max_length")
    return _made(server, call, asked, "image_edit", images=len(images))


@route("POST", r"/images/variations")
def variations(server: Server, call: Call) -> Reply:
    form = server.read_form(call, "image")
    if not (image := form.file("image")) or not image.content.startswith(_SIGNATURES):
        raise Refusal(400, "'image' must be the file of an image.", param="image", code="invalid_image_file")
    return _made(server, call, {**_plain(form), "prompt": "a variation"}, "image_variation", images=1)


@route("GET", r"/images/painted/([0-9]+)x([0-9]+)-([0-9a-f]{0,800})\.(png|jpeg|webp)")
def painted(server: Server, call: Call, width: str, height: str, words: str, form: str) -> Reply:
    """The image behind a URL that was given out: all that it is made of stands in its path, so that none is kept."""
    _check_area(int(width[:6]), int(height[:6]), "url")
    words = bytes.fromhex(words).decode("utf-8", "replace")
    return Reply(200, (("content-type", f"image/{form}"),), paint(words, int(width), int(height), form))


def _plain(form: Form) -> Json:
    """The plain fields of a form as the types that they stand for. Raises Refusal."""
    asked: dict[str, Any] = {name: form.text(name) for name in form.fields}
    for name in _WHOLE:
        if asked.get(name) is not None:
            if not re.fullmatch("[0-9]{1,9}", asked[name]):
                raise Refusal(400, f"Invalid type for '{name}': expected an integer.", param=name, code="invalid_type")
            asked[name] = int(asked[name])
    if "stream" in asked:
        if asked["stream"].lower() not in ("true", "false"):
            raise Refusal(400, "Invalid type for 'stream': expected a boolean.", param="stream", code="invalid_type")
        asked["stream"] = asked["stream"].lower() == "true"
    return asked


def _made(server: Server, call: Call, asked: Json, kind: str, images: int = 0) -> Reply:
    _check(asked)
    width, height = _size(asked)
    form = asked.get("output_format") or "png"
    transparent = asked.get("background") == "transparent"
    shown = {
        "background": "transparent" if transparent else "opaque",
        "output_format": form,
        "quality": asked.get("quality") if asked.get("quality") in COSTS else "low",
        "size": f"{width}x{height}",
    }
    compression = 100 if asked.get("output_compression") is None else asked["output_compression"]

    def drawn(n: int) -> str:
        words = f"{asked['prompt']} {n}"
        made = paint(words, width, height, form, compression=compression, transparent=transparent)
        return base64.b64encode(made).decode()

    count = asked.get("n") or 1
    usage = _usage(str(asked["prompt"]), images, count * COSTS[shown["quality"]])
    now = int(server.now())
    if asked.get("stream"):
        common = {"created_at": now, **shown}
        events = [
            {"type": f"{kind}.partial_image", "b64_json": drawn(-n), "partial_image_index": n, **common}
            for n in range(asked.get("partial_images") or 0)
        ]
        events.append({"type": f"{kind}.completed", "b64_json": drawn(0), **common, "usage": usage})
        return Reply(200, (), chunks=tuple(events), done=False, named=True)
    if asked.get("response_format") == "url":
        data = [{"revised_prompt": asked["prompt"], "url": _url(call, asked["prompt"], n, shown)} for n in range(count)]
    else:
        data = [{"b64_json": drawn(n)} for n in range(count)]
    return Reply(200, (), {"created": now, "data": data, **shown, "usage": usage})


def _url(call: Call, prompt: str, n: int, shown: Json) -> str:
    words = f"{prompt[:99]} {n}".encode()[:400].hex()
    host = call.header("host") or "reference.invalid"
    return f"http://{host}/v1/images/painted/{shown['size']}-{words}.{shown['output_format']}"


def _check(asked: Json) -> None:
    """The rules of a request for images. Raises Refusal."""
    if asked.get("prompt") is None:
        raise Refusal(400, "Missing required parameter: 'prompt'.", param="prompt", code="missing_required_parameter")
    check_bounds(asked, schemas("images"))
    if not asked["prompt"]:
        message = "Invalid 'prompt': empty string. Expected a string with minimum length 1."
        raise Refusal(400, message, param="prompt", code="empty_string")
    if len(asked["prompt"]) > schemas("images")["prompt"]["maxLength"]:
        raise Refusal(400, "Invalid 'prompt': string too long.", param="prompt", code="string_above_max_length")
    if asked.get("background") == "transparent" and asked.get("output_format") == "jpeg":
        raise Refusal(400, "A transparent background needs png or webp.", param="background", code="invalid_value")
    if asked.get("stream") and (asked.get("n") or 1) > 1:
        raise Refusal(400, "'n' must be 1 where 'stream' is true.", param="n", code="invalid_value")


def _size(asked: Json) -> tuple[int, int]:
    """Width and height in pixels. Raises Refusal."""
    wanted = "auto" if asked.get("size") is None else asked["size"]
    if wanted == "auto":
        return 1024, 1024
    if wanted not in SIZES:
        message = f"Invalid size '{wanted[:40]}'. Supported sizes are {', '.join(SIZES)}, and auto."
        raise Refusal(400, message, param="size", code="invalid_value")
    width, height = map(int, wanted.split("x"))
    return width, height


def _check_area(width: int, height: int, param: str) -> None:
    if not 0 < width * height <= MOST:
        raise Refusal(400, f"Invalid '{param}': no picture has that size.", param=param, code="invalid_value")


def _usage(prompt: str, images: int, made: int) -> Json:
    words, seen = tokens.count(prompt), 323 * images
    return {
        "input_tokens": words + seen,
        "input_tokens_details": {"text_tokens": words, "image_tokens": seen},
        "output_tokens": made,
        "output_tokens_details": {"text_tokens": 0, "image_tokens": made},
        "total_tokens": words + seen + made,
    }
