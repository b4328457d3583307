"""Whatever our schemas say that an object must hold cannot be missing or of another kind without a check that fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from conformance.areas.catalogue import catalogue, judge
from conformance.exchange import Exchange, Unreadable
from conformance.judge.objects import OBJECTS, describe, validator
from tests.support import damage, proving

EXAMPLES = {
    "completion": "chat.hello", "choice": "chat.hello", "message": "chat.hello",
    "annotation": "staged.rich", "url-citation": "staged.rich", "audio": "staged.rich",
    "tool-call": "tools.auto", "function-call": "tools.auto", "custom-call": "tools.custom",
    "chunk": "chat.hello+stream", "chunk-choice": "chat.hello+stream", "delta": "chat.hello+stream",
    "tool-call-delta": "tools.auto+stream", "stream-error": "staged.stream-error",
    "logprobs": "logprobs.top", "token-logprob": "logprobs.top", "top-logprob": "logprobs.top",
    "legacy-logprobs": "logprobs.completions",
    "envelope": "mistakes.orphan-result", "error": "mistakes.orphan-result",
    "model-list": "models.list", "model": "models.list",
    "response-input-list": "state.listed", "response-input-item": "state.listed",
    "response-input-part": "state.listed", "response-tool": "responses.named", "response-tool-format": "responses.custom",
    "token-count": "state.counted", "compaction": "state.compacted",
    "image": "images.base64", "transcription": "transcriptions.verbose", "transcription-usage": "transcriptions.hello",
    "transcription-logprob": "transcriptions.logprobs",
}  # fmt: skip
"""An answer of the honest reference that holds such an object, where it is not the first that does."""
IN_FILES = {"batch-line", "batch-response"}
"""Objects in the lines of a file, which is no JSON text."""
VALUES: tuple[Any, ...] = (None, True, -1.5, "", "another", [], [1], {})
"""What a property becomes, wherever its schema does not allow it."""


def faults(schema: str) -> Iterator[tuple[str, Any]]:
    """(property, what it becomes) of everything that the schema forbids."""
    described = describe(schema)
    for name, part in described["properties"].items():
        allowed = jsonschema_rs.Draft202012Validator(part)
        if name in described.get("required", ()):
            yield name, damage.REMOVED
        yield from ((name, value) for value in VALUES if not allowed.is_valid(value))


def steps(path: str) -> tuple[int | None, tuple[Any, ...]]:
    """(3, ("choices", 0)) of "chunk 3.choices.0": the position of the event, None in a plain answer, and the way in it."""
    parts = path.split(".") if path else []
    event = int(parts.pop(0).split()[1]) if parts and " " in parts[0] else None
    return event, tuple(int(part) if part.isdigit() else part for part in parts)


def holds(x: Exchange, schema: str) -> bool:
    try:
        _, value = next(OBJECTS[schema](x))
        whole = value.keys() >= set(describe(schema)["properties"]) and validator(schema).is_valid(value)
        return x.ok and not x.intent & {"edge", "mistake"} and whole
    except (Unreadable, LookupError, TypeError, AttributeError, StopIteration):
        return False


@pytest.mark.parametrize("schema", sorted((OBJECTS if catalogue() else {}).keys() - IN_FILES))
def test_no_fault_in_a_property_goes_unseen(schema):
    alone = [check for check in catalogue().values() if check.together is None]
    honest = proving.honest()
    x = honest[EXAMPLES[schema]] if schema in EXAMPLES else next(x for x in honest.values() if holds(x, schema))
    event, path = steps(next(path for path, _ in OBJECTS[schema](x)))
    unseen = {}
    for name, value in faults(schema):
        verdicts = judge([damage.damaged(x, event, (*path, name), value)], alone)
        if not any(verdict.outcome == "fail" for verdict in verdicts):
            unseen.setdefault(name, []).append("removed" if value is damage.REMOVED else value)
    assert unseen == {}
