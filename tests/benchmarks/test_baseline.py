"""The shipped baseline of two servers."""

from __future__ import annotations

from benchmarks.baseline import joined


def verdict(check, outcome, *named):
    return {"type": "verdict", "check": check, "outcome": outcome, "problems": [{"exchanges": [id]} for id in named]}


def test_a_server_that_embeds_fills_in_what_the_first_had_not():
    first = [{"type": "header", "n": 1}, {"type": "exchange", "id": "chat.hello"}, verdict("chat.text", "fail", "chat.hello"),
             verdict("embedding.floats", "not-exercised"), {"type": "feature", "feature": "embeddings", "decision": "absent"},
             {"type": "footer", "n": 1}]  # fmt: skip
    second = [{"type": "header", "n": 2}, {"type": "exchange", "id": "embeddings.one"}, {"type": "exchange", "id": "embeddings.two"},
              verdict("chat.text", "not-exercised"), verdict("embedding.floats", "fail", "embeddings.one"),
              {"type": "feature", "feature": "embeddings", "decision": "supported"}, {"type": "footer", "n": 2}]  # fmt: skip
    assert joined(first, second) == [first[0], first[1], second[1], first[2], second[4], second[5], first[5]]
