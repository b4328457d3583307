"""Which names a document has, by route; and what is no such document."""

from __future__ import annotations

import pytest

from conformance.cli.specification import show_specification
from conformance.run.user_error import UserError
from conformance.specification import drift
from conformance.specification.openapi import Document, Unusable, load
from tests.support.small_openapi import DELTA, DOCUMENT


def test_a_document_names_what_is_asked_and_answered_by_route():
    routes = Document(DOCUMENT).routes
    assert list(routes) == ["GET /models", "POST /chat/completions"]
    assert routes["POST /chat/completions"].parameters == {"messages": "array", "colour": "string"}
    assert routes["POST /chat/completions"].properties == {
        "Completion.id": "string", "Completion.choices": "array", "Completion.choices.message": "object",
        "Message.content": "null or string", "Message.colour": "string",
    }  # fmt: skip


def test_events_are_named_by_their_types():
    assert list(Document({"paths": DELTA}).routes["POST /responses"].events) == [
        "response.created",
        "response.completed",
    ]


@pytest.mark.parametrize(
    "text", ["", "just words", "[1]", "{", "paths: 5", "\x1f\x8bno gzip", "a: [", "!!python/object:os.system {}"]
)
def test_what_is_no_such_document_is_said_in_a_line(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text, "latin-1")
    with pytest.raises(Unusable) as said:
        load(path)
    assert str(path) in str(said.value)
    assert "\n" not in str(said.value)
    with pytest.raises(UserError, match="--specification"):
        show_specification(str(path))
    assert drift.main([str(path)]) == drift.UNUSABLE
