"""What is live is judged in the order of the probes, in whatever order the answers came."""

from __future__ import annotations

import random
from dataclasses import replace

from conformance.areas.catalogue import catalogue
from conformance.exchange import REFUSED
from conformance.run.book import Book
from conformance.run.options import Options
from conformance.run.witness import Witness
from conformance.send.inprocess import burst, exchanges
from tests.support.lying import WITHOUT_BOTH


def test_two_runs_of_one_endpoint_name_the_same_examples(tmp_path):
    checks = [check for check in catalogue().values() if check.area in ("stream", "http", "chat", "rate", "finish")]
    answers = [x for x in (*exchanges(WITHOUT_BOTH), *burst(WITHOUT_BOTH)) if "too-long" not in x.intent]
    answers += [replace(x, id=x.id + REFUSED, status=503, memo={}) for x in answers[:20]]
    found = []
    for seed in range(3):
        random.Random(seed).shuffle(answers)
        options = Options.make({"sdk": "off"})
        with Witness(checks, options) as witness, Book(tmp_path / "run.jsonl", options, checks, witness) as book:
            book.open({})
            for x in answers:
                book.take(replace(x, memo={}))
            found.append(
                (book.verdicts(checks), [(each.decision, each.exchanges) for each in book.ledger.decider.finish()])
            )
    assert found[0] == found[1] == found[2]
    [done] = [verdict for verdict in found[0][0] if verdict.check.id == "stream.done"]
    assert done.problems[0][0][0] == "chat.hello+stream"
