"""Short secrets are found where they stand as words, and nowhere else: parts of them may be anybody's."""

from __future__ import annotations

import pytest

from conformance.wire.disguises import LONG, SHORT, Finder

SECRET = "pw1-x9k"


def found(data: bytes, secret: str = SECRET) -> list[bytes]:
    return [data[first:last] for first, last in Finder([secret]).spans(data)]


@pytest.mark.parametrize("word", [b"pw1-x9k", b"PW1-X9K", SECRET.encode().hex().encode()])
@pytest.mark.parametrize("around", [b"%b", b'{"a": "%b"}', b"=%b&", b"\n%b\n"])
def test_a_short_secret_is_found_as_a_word(word, around):
    assert SHORT <= len(SECRET) < LONG
    assert found(around % word) == [word]


@pytest.mark.parametrize("data", [b"xpw1-x9k", b"pw1-x9kx", b"0pw1-x9k0", b"pw1-x9", b"w1-x9k"])
def test_what_is_within_another_word_is_not_it(data):
    assert found(data) == []


@pytest.mark.parametrize("secret", ["password", "12345678", "a1"])
def test_what_may_be_any_word_or_number_is_none(secret):
    assert found(secret.encode(), secret) == []
