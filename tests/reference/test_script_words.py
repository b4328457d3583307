"""The reference begins with the word that a developer wants, and with none that a user speaks of."""

from __future__ import annotations

import pytest

from conformance.reference.script import _begun

WANTS = "Every answer begins with the word Ahoy."


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (("system",), "Ahoy, hello."),
        (("developer", "user"), "Ahoy, hello."),
        (("user",), "Hello."),
        (("assistant", "user"), "Hello."),
    ],
)
def test_an_answer_begins_with_the_word_that_a_developer_wants(roles, said):
    assert _begun("Hello.", [{"role": role, "content": WANTS} for role in roles]) == said
