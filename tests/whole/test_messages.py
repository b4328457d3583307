"""Messages say what is wrong in words that a reader can use. Those of every lie are held to it where the lie is proven
(tests/areas/test_catalogue.py); here is what they are held to, by messages that were once given."""

from __future__ import annotations

import pytest

from tests.support.wording import blames_the_other, faults

ONCE = {
    'choices.0 tool_calls.0 name is "x", expected <object object at 0x7f21>': "it shows an object of Python",
    "event 2 is b'data: {', expected UTF-8": "it shows an object of Python",
    'the arguments of call 0 is {"city": "Be…, expected {"city": "Be…, as plain': "what is seen and what is expected read the same",
    "the number of tokens streamed, or a token, is 9, expected 9 as plain": "what is seen and what is expected read the same",
    "the answer is odd": "it does not say what was expected",
}  # fmt: skip


@pytest.mark.parametrize("message", ONCE)
def test_words_of_no_use_are_found(message):
    assert list(faults("some.check", message)) == [ONCE[message]]


@pytest.mark.parametrize("message", [
    "usage.prompt_tokens is 1, expected 10 as with a small limit",
    "usage.prompt_tokens is 10, expected more than 10, the cost without the image",
    'finish_reason of choice 0 is "stop" plain and "length" streamed, expected the same',
])  # fmt: skip
def test_words_of_use_are_not(message):
    assert list(faults("some.check", message)) == []


def test_who_is_right_is_not_blamed():
    group = ("chat.two", "chat.two+stream")
    wrong = "the number of streamed choices is 2, expected 1 as plain"
    assert blames_the_other(wrong, group, {"chat.two"})
    assert not blames_the_other(wrong, group, {"chat.two+stream"})
    assert not blames_the_other(wrong, group, set(group))
    assert not blames_the_other(
        "the number of choices is 1 plain and 2 streamed, expected the same", group, {"chat.two"}
    )
