"""What images say of themselves, against files that Pillow writes."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image as Pillow

from conformance.exchange.shipped import place
from conformance.wire.image import decoded, image

WAYS = {
    "png": ("RGB", {"format": "PNG"}),
    "png-alpha": ("RGBA", {"format": "PNG"}),
    "png-palette": ("P", {"format": "PNG"}),
    "jpeg": ("RGB", {"format": "JPEG", "quality": 40}),
    "jpeg-progressive": ("RGB", {"format": "JPEG", "progressive": True}),
    "jpeg-grey": ("L", {"format": "JPEG"}),
    "jpeg-with-exif": ("RGB", {"format": "JPEG", "exif": b"Exif\x00\x00" + bytes(4000), "dpi": (72, 72), "comment": "made"}),
    "webp": ("RGB", {"format": "WEBP", "quality": 40}),
    "webp-lossless": ("RGB", {"format": "WEBP", "lossless": True}),
    "webp-alpha": ("RGBA", {"format": "WEBP", "quality": 40}),
}  # fmt: skip


def written(way: str, size: tuple[int, int]) -> bytes:
    mode, how = WAYS[way]
    file = io.BytesIO()
    Pillow.new(mode, size, 7 if mode in "PL" else (200, 30, 30, 128)[: len(mode)]).save(file, **how)
    return file.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (17, 5), (1024, 1536)])
@pytest.mark.parametrize("way", WAYS)
def test_format_and_size_are_read_from_the_bytes(way, size):
    assert image(written(way, size)) == (way.partition("-")[0], *size, True)


@pytest.mark.parametrize("way", WAYS)
def test_what_lacks_its_end_is_not_whole(way):
    data = written(way, (64, 64))
    assert image(data[:-3]).whole is False


@pytest.mark.parametrize("way", WAYS)
def test_no_beginning_of_an_image_raises(way):
    data = written(way, (20, 30))
    for end in range(len(data)):
        found = image(data[:end])
        assert found is None or found[:3] == (way.partition("-")[0], 20, 30)


@pytest.mark.parametrize("way", WAYS)
def test_no_damaged_byte_of_a_head_raises(way):
    data = written(way, (20, 30))
    for at in range(min(64, len(data))):
        for value in (0, 255):
            image(data[:at] + bytes([value]) + data[at + 1 :])


NO_IMAGES = (
    b"",
    b"hello",
    b"\x89PNG",
    b"<svg/>",
    b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40),
    b"\xff\xd8\xff" + b"\xff" * 9000,
)


@pytest.mark.parametrize("data", NO_IMAGES)
def test_what_is_no_image_is_none(data):
    assert image(data) is None


def test_a_gif_is_no_documented_format():
    assert image(place("fixtures/yellow.gif").read_bytes()) is None


def test_the_images_that_are_sent_are_images():
    sizes = {image(place(f"fixtures/{name}.png").read_bytes()) for name in ("drawing", "mask")}
    assert sizes == {("png", 256, 256, True)}


def test_base64_is_taken_as_all_decoders_take_it():
    data = bytes(range(256))
    text = base64.b64encode(data).decode()
    assert decoded(text) == data
    assert decoded(base64.urlsafe_b64encode(data).decode()) is None
    assert decoded(f"data:image/png;base64,{text}") is None
    assert decoded(text.rstrip("=")) is None
    assert decoded(text[:60] + "\n" + text[60:]) is None
    assert decoded("é") is None
