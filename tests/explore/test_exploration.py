"""An exploration: nothing on the honest reference, the smallest request on a lying one, the same again by seed and offline."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from conformance.areas.catalogue import lies
from conformance.explore import exploration as explorations
from conformance.explore.sending import Spent
from conformance.reference.lies import Lie
from conformance.run import known
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from conformance.send.limits import Limits
from tests.support.exploring import Kept, exploration
from tests.support.lying import WITHOUT_DONE, without_request_id


def milliseconds(call, reply):
    """`created` is in milliseconds where `top_p` is below 1."""
    if not isinstance(reply.body, dict) or (call.json or {}).get("top_p") not in (0.5, 0.01):
        return reply
    return replace(reply, body={**reply.body, "created": 1_790_000_000_000})


def hangs(honest):
    return replace(honest, ending="silent")


HIDDEN = Lie("test", "A lie.", reply=milliseconds)
"""A lie that none of the suite's own probes meets."""


@pytest.fixture
def again(tmp_path):
    """Explores again in the same folder."""
    return lambda send, **more: exploration(send, tmp_path, **more)


def test_nothing_is_found_on_the_honest_reference(again):
    exploring = again(Kept(), examples=120)
    assert exploring.run() is None
    assert [caught.failure for caught in exploring.hunt.caught] == []
    outcomes = [verdict.outcome for verdict in exploring.verdicts()]
    assert "broken" not in outcomes
    assert outcomes.count("pass") > 250


def test_what_is_found_is_the_smallest_request_that_still_fails(again):
    exploring = again(Kept(HIDDEN), examples=300)
    exploring.run()
    (caught,) = exploring.hunt.caught
    assert caught.failure.check.id == "chat.created-seconds"
    assert (caught.seen, caught.sent) == (3, 3)
    assert caught.made.body == {
        "messages": [{"role": "user", "content": "Say hello."}],
        "temperature": 0,
        "max_completion_tokens": 400,
        "top_p": 0.5,
    }
    assert caught.made.ways == ("plain",)


def test_a_request_and_its_streamed_twin_are_judged_together(again):
    exploring = again(Kept(lies()["chat-stream-one-choice"]), examples=300)
    exploring.run()
    found = {caught.failure.check.id: caught.made.ways for caught in exploring.hunt.caught}
    assert found["chat.same-choices"] == ("plain", "streamed")


def test_the_same_seed_makes_up_the_same_requests(tmp_path):
    def sent(folder, seed):
        send = Kept()
        exploration(send, tmp_path / folder, seed=seed).run()
        return [(request.id, request.path, request.body) for request in send.sent]

    assert sent("one", 7) == sent("two", 7)
    assert sent("one", 7) != sent("three", 8)


def test_what_failed_before_is_tried_first(again):
    again(Kept(HIDDEN), examples=300).run()
    exploring = again(Kept(HIDDEN), examples=1, seed=99)
    exploring.run()
    assert [caught.failure.check.id for caught in exploring.hunt.caught] == ["chat.created-seconds"]


def test_what_fails_once_is_no_finding(again):
    send, failed = Kept(), []

    def sometimes(call, reply):
        if call.path.endswith("/models") and not failed:
            failed.append(call)
            return replace(reply, body={**reply.body, "object": "lst"})
        return reply

    send.server.lie = Lie("test", "A lie.", reply=sometimes)
    exploring = again(send, examples=300)
    exploring.run()
    assert failed
    assert exploring.hunt.caught == []
    assert dict(exploring.hunt.once) == {"model.list-object": 1}


def test_a_known_deviation_is_no_finding(again, tmp_path):
    file = tmp_path / "known.toml"
    file.write_text('[[deviation]]\ncheck = "chat.created-seconds"\nreason = "milliseconds"\n')
    exploring = again(Kept(HIDDEN), examples=300, deviations=known.load(str(file)))
    exploring.run()
    assert exploring.hunt.caught == []
    assert exploring.expected == {"chat.created-seconds": "milliseconds"}


@pytest.mark.parametrize("stop", [Spent("enough"), KeyboardInterrupt()])
def test_what_was_found_is_kept_when_it_ends_early(again, stop):
    send = Kept(WITHOUT_DONE)

    class Ending(Kept):
        def __call__(self, requests):
            if len(send.sent) > 40:
                raise stop
            return send(requests)

    exploring = again(Ending(), examples=300)
    if isinstance(stop, Spent):
        assert "enough" in exploring.run()
    else:
        with pytest.raises(KeyboardInterrupt):
            exploring.run()
    assert exploring.hunt.caught
    assert len(send.sent) < 50


# ---------------------------------------------------------------------- the command


def test_the_command_reports_findings_and_offline_judging_gives_the_same(call, elsewhere, liar):
    code, out, _ = call("explore", "--examples", "12", "--seed", "1", server=liar)
    assert code == 1
    assert "stream.done  MUST, seen 3 of 3 times" in out
    assert f"curl -sS -N {liar.base_url}/chat/completions" in out
    assert "--seed 1" in out
    run = read("reports/explore/run.jsonl")
    found = {finding["check"] for finding in run.findings}
    assert {"stream.done", "http.request-id"} <= found
    code, _, _ = call("judge", "reports/explore/run.jsonl", "--sdk", "off")
    judged = {record["check"] for record in read("reports/latest/run.jsonl").verdicts if record["outcome"] == "fail"}
    assert (code, judged) == (1, found)


def test_a_finding_of_a_should_is_advice(call, elsewhere):
    with Reference(lie=Lie("test", "A lie.", reply=without_request_id)) as server:
        code, out, _ = call("explore", "--examples", "4", server=server)
        assert code == 0
        assert "ADVICE  1 SHOULD in 4 examples" in out
        assert call("explore", "--examples", "4", "--strict", "--quiet", server=server)[0] == 1


def test_the_command_says_when_nothing_is_found(call, elsewhere, server):
    code, out, _ = call("explore", "--examples", "8", server=server)
    assert code == 0
    assert "NOTHING FOUND  8 examples" in out
    assert [path.name for path in Path().iterdir()] == ["reports"]
    code, _, said = call("report", "reports/explore/run.jsonl")
    assert (code, said.count("\n")) == (2, 1)


def test_the_budget_is_kept(call, elsewhere, server):
    code, out, _ = call("explore", "--budget-requests", "9", server=server)
    assert code == 0
    assert "--budget-requests 9 was reached" in " ".join(out.split())
    assert len(read("reports/explore/run.jsonl").exchanges) <= 9


def test_only_what_concerns_the_checks_is_sent(call, elsewhere, server):
    code, _, _ = call("explore", "--examples", "6", "--only", "model", server=server)
    assert code == 0
    assert {x.method for x in read("reports/explore/run.jsonl").exchanges} == {"GET"}


def test_nothing_that_could_be_judged_is_no_pass(call, elsewhere, server):
    code, _, said = call("explore", "--examples", "3", "--only", "rate.recovers", server=server)
    assert code == 3
    assert said.count("\n") == 1


def test_an_endpoint_that_is_not_there_is_one_line(call, elsewhere):
    code, _, said = call("explore", "--base-url", "http://127.0.0.1:9/v1", "--wait", "0")
    assert code == 3
    assert said.count("\n") == 1


def test_an_endpoint_that_lists_models_and_answers_nothing_else_is_no_pass(call, elsewhere, monkeypatch):
    monkeypatch.setattr(explorations, "Limits", partial(Limits, vain=1.0))
    silent = Lie("test", "It only lists.", reply=lambda call, honest: honest if call.method == "GET" else hangs(honest))
    with Reference(lie=silent) as server:
        code, out, _ = call("explore", "--timeout", "3", server=server)
    assert code == 3
    assert "NOT ALL EXPLORED" in out
    assert "waited for in vain" in " ".join(out.split())


def test_without_hypothesis_one_line_says_what_to_install(call, elsewhere, monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    code, _, said = call("explore")
    assert (code, said) == (
        2,
        "openai-conformance: explore needs hypothesis: pip install 'openai-conformance[explore]'\n",
    )


def test_interrupted_it_says_what_was_found(call, elsewhere, monkeypatch):
    def interrupted(self, made, asked=explorations.Exploration._ask):
        if self.sendings == 30:
            raise KeyboardInterrupt
        return asked(self, made)

    monkeypatch.setattr(explorations.Exploration, "_ask", interrupted)
    with Reference(lie=WITHOUT_DONE) as server:
        code, out, _ = call("explore", "--seed", "1", server=server)
    assert code == 130
    assert "stream.done" in out
    assert "interrupted after" in out
    assert read("reports/explore/run.jsonl").footer["exit_code"] == 130
