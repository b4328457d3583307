"""An image of an answer is shown as an image and sound as a player, and whatever else an answer calls so is text."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.exchange.shipped import place
from conformance.report.evidence import Answer
from conformance.report.html import write_html
from conformance.report.locate import Spot, spot
from conformance.report.media import MOST, ONE, media, within
from tests.report.test_files import Tags, run  # noqa: F401  (a fixture)

PICTURE = place("fixtures/drawing.png").read_bytes()
SOUND = place("fixtures/tone.wav").read_bytes()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def answer(
    body: object, kind: str = "application/json", path: str = "/images/generations", sent: bytes = b"{}"
) -> Exchange:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("i", "POST", f"http://h/v1{path}", (), sent, 200, (("content-type", kind),), text)


def images(*texts: str) -> Exchange:
    return answer({"created": 1, "data": [{"b64_json": text} for text in texts]})


def test_an_image_in_json_is_shown():
    (shown,) = media(images(b64(PICTURE)))
    assert (shown.kind, shown.width, shown.height) == ("image", 256, 256)
    assert shown.uri == f"data:image/png;base64,{b64(PICTURE)}"
    assert shown.words == f"PNG, 256 × 256, {len(PICTURE):,} bytes"


def test_sound_that_is_the_answer_itself_is_shown_as_a_player():
    (shown,) = media(answer(SOUND, "audio/mpeg", "/audio/speech"))
    assert shown.kind == "audio"
    assert shown.uri == f"data:audio/wav;base64,{b64(SOUND)}"  # what its bytes say, not its Content-Type


def test_images_of_a_stream_are_shown_in_their_order():
    kinds = {"partial_image": PICTURE, "completed": place("fixtures/yellow.jpg").read_bytes()}
    events = [{"type": f"image_generation.{kind}", "b64_json": b64(data)} for kind, data in kinds.items()]
    body = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in events)
    shown = media(answer(body, "text/event-stream", sent=b'{"stream": true}'))
    assert [each.words.partition(",")[0] for each in shown] == ["PNG", "JPEG"]


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"b64_json": b64(SVG)}]},
        {"data": [{"b64_json": f"data:image/svg+xml;base64,{b64(SVG)}"}]},
        {"data": [{"b64_json": b64(b"<html><script>alert(1)</script>" + bytes(90))}]},
        {"data": [{"b64_json": "https://h/picture.png" * 9}]},
        {"data": [{"b64_json": "A" * 400}]},
        {"data": [{"b64_json": 5}]},
        b"<html>" + bytes(100),
        b"",
        [],
    ],
)
def test_what_is_no_image_and_no_sound_is_not_shown(body):
    assert media(answer(body)) == []


def test_a_refusal_shows_nothing():
    x = Exchange(
        "i", "POST", "http://h/v1/images/generations", (), b"{}", 400, (), json.dumps({"error": b64(PICTURE)}).encode()
    )
    assert media(x) == []


def test_an_image_that_says_that_it_is_huge_is_not_shown():
    huge = PICTURE[:16] + (60_000).to_bytes(4, "big") * 2 + PICTURE[24:]
    assert media(images(b64(huge))) == []


def test_what_is_shown_is_bounded_in_size_and_number():
    assert media(answer(SOUND + bytes(ONE), "audio/wav", "/audio/speech")) == []
    assert len(media(images(*[b64(PICTURE)] * 20))) == MOST
    some = media(images(*[b64(PICTURE)] * 3))
    kept, left = within(some, 2 * len(some[0].uri) + 5)
    assert (len(kept), left) == (2, 5)


# ---------------------------------------------------------------------- on the page


def page_of(run, *answers):  # noqa: F811
    return replace(run, exchanges=[*run.exchanges, *answers])


def test_the_page_shows_images_and_players_inert(run, tmp_path):  # noqa: F811
    held = page_of(run, images(b64(PICTURE), b64(SVG)), answer(SOUND, "audio/wav", "/audio/speech"))
    write_html(held, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text("utf-8")
    tags = Tags(page).tags
    pictures = [attributes for tag, attributes in tags if tag == "img"]
    players = [attributes for tag, attributes in tags if tag == "audio"]
    assert [each["src"].partition(",")[0] for each in pictures] == ["data:image/png;base64"]
    assert [each["src"].partition(",")[0] for each in players] == ["data:audio/wav;base64"]
    assert "autoplay" not in players[0]
    policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "img-src data:; media-src data:; " in policy
    assert "<svg xmlns" not in page


def test_an_image_longer_than_a_text_is_shown_whole(run, tmp_path):  # noqa: F811
    """The page cuts long texts, and half a data: URL is a broken image."""
    whole = b64(PICTURE + bytes(20_000))
    write_html(page_of(run, images(whole)), tmp_path / "index.html")
    (picture,) = [each for tag, each in Tags((tmp_path / "index.html").read_text("utf-8")).tags if tag == "img"]
    assert picture["src"] == f"data:image/png;base64,{whole}"


def test_a_page_of_many_images_stays_small(run, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("conformance.report.views.PAGE", 20_000)
    held = page_of(run, *(images(b64(PICTURE)) for _ in range(60)))
    write_html(held, tmp_path / "index.html")
    page = (tmp_path / "index.html").read_text("utf-8")
    assert 5 < page.count("data:image/png;base64") <= 10_000 // len(b64(PICTURE))


def test_base64_is_cut_in_the_text():
    lines = [line.text for line in Answer(images(b64(PICTURE * 50))).whole(100_000)]
    long = next(line for line in lines if "b64_json" in line)
    assert b64(PICTURE)[:32] in long
    assert f"… ({len(b64(PICTURE * 50)):,} characters)" in long
    assert len(long) < 100


def test_bytes_that_are_no_text_are_counted_and_not_printed():
    lines = [line.text for line in Answer(answer(SOUND, "audio/wav", "/audio/speech")).whole(100_000)]
    assert f"{len(SOUND):,} bytes that are no text; they begin 52 49 46 46" in lines[-1]


def test_the_line_of_a_file_that_a_message_speaks_of_is_marked():
    x = answer(b'{"custom_id": "a"}\n{"id": 1}\n', "application/octet-stream", "/files/f/content")
    place_of = spot(x, "line 2.custom_id is absent, expected a non-empty string")
    assert place_of == Spot("line", event=2)
    assert [line.text for line in Answer(x).excerpt([place_of]) if line.marked] == ['{"id": 1}']


def test_the_image_that_a_message_speaks_of_is_marked():
    x = images(b64(PICTURE), b64(PICTURE))
    assert spot(x, 'the format of data.1.b64_json is "png", expected jpeg, as asked for') == Spot(
        "json", path=("data", 1, "b64_json")
    )
