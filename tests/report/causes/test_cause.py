"""What stems from the same thing is one cause, with what it unlocks, whom it breaks and the server's own words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.exchange import Exchange
from conformance.judge.condition import whole
from conformance.judge.verdicts import MAY, MUST, SHOULD, Check, Verdict
from conformance.report.causes.cause import by_check, causes
from conformance.run.run_file import Run, RunWriter, read

SERVED = Exchange(
    id="chat.hello",
    method="POST",
    url="http://localhost:8000/v1/chat/completions",
    request_headers=(),
    request_body=b'{"model": "m", "messages": []}',
    status=200,
    headers=(("content-type", "application/json"),),
    body=b'{"id": "c-1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}',
)


def refused(id: str, detail, status: int = 422) -> Exchange:
    return replace(SERVED, id=id, status=status, body=json.dumps({"detail": detail}).encode())


def lost(id: str, ended: str = "cut", failure: str = "the connection was closed") -> Exchange:
    return replace(SERVED, id=id, body=b"", ended=ended, failure=failure)


def check(id: str, level: str = MUST, impact: str = "") -> Check:
    def law(x): ...

    law.__doc__ = f"The requirement of {id}.\n\n{impact}"
    return Check(id, level, law, whole, None, (), ("d",), ())


def failing(id: str, *seen: tuple[str, str], level: str = MUST, impact: str = "") -> Verdict:
    problems = tuple(((exchange,), message) for exchange, message in seen)
    return Verdict(check(id, level, impact), "fail", tuple(exchange for exchange, _ in seen), problems)


def unread(id: str, reason: str, *exchanges: str, level: str = MUST) -> Verdict:
    return Verdict(check(id, level), "untestable", exchanges, reason=reason)


@pytest.fixture
def run(tmp_path):
    def made(verdicts, exchanges=(), **footer) -> Run:
        red = [v.check.id for v in verdicts if v.check.level == MUST]
        with RunWriter(tmp_path / "run.jsonl") as writer:
            writer.header({"options": {}, "target": {}})
            for x in exchanges:
                writer.exchange(x)
            for verdict in verdicts:
                writer.verdict(verdict)
            writer.footer({"counts": {}, "exit_code": 1, "red": red, "skipped": [], **footer})
        return read(tmp_path / "run.jsonl")

    return made


def together(found) -> list[set[str]]:
    return [{row.id for row in cause.rows} for cause in found]


# ---------------------------------------------------------------------- what is one cause


def test_a_missing_member_and_what_could_not_be_read_without_it_are_one(run):
    [cause] = causes(
        run(
            [
                unread("error.param", "error is absent, expected an object", "a", "b"),
                failing("error.envelope", ("a", 'error of a body with ["detail"] is absent, expected an object')),
                unread("error.code", "error is absent, expected an object or a text", "a", level=SHOULD),
            ],
            [refused("a", "Not Found", 404), refused("b", "No", 404)],
        )
    )
    assert cause.root.id == "error.envelope"
    assert [row.id for row in cause.follows] == ["error.param", "error.code"]
    assert cause.unlocks == "2 MUST of 3 checks"
    assert cause.said == "HTTP 404: Not Found"


def test_one_refusal_is_one_cause_whatever_it_was_asked_for(run):
    def word(n):
        return [{"loc": ["body", "messages", n, "content"], "msg": "Input should be a valid string", "type": "s"}]

    status = "the status is 422, expected 200: it is accepted"
    found = causes(
        run(
            [
                failing("chat.parts", ("a", status)),
                failing("chat.role-developer", ("b", status)),
                failing("chat.stop-string", ("c", status)),
            ],
            [
                refused("a", word(0)),
                refused("b", word(1)),
                refused("c", [{"loc": ["body", "stop"], "msg": "Input should be a valid list", "type": "l"}]),
            ],
        )
    )
    assert together(found) == [{"chat.parts", "chat.role-developer"}, {"chat.stop-string"}]
    assert found[0].said == "HTTP 422: body.messages.0.content: Input should be a valid string"
    assert "Input should be a valid string" in found[0].sentence


def test_a_stall_is_one_cause_with_all_that_it_left_undecided(run):
    failure = "no byte came for 30 seconds"
    verdicts = [
        failing("http.answered", ("a", failure), ("b", failure)),
        *(unread(f"tool.t{n}", failure, "a", "b") for n in range(5)),
    ]
    [cause] = causes(run(verdicts, [lost(id, "timeout", failure) for id in "ab"]))
    assert (len(cause.rows), cause.harm) == (6, "down")
    assert cause.sentence == f"2 requests without a whole answer: {failure}"


def test_a_fault_and_the_cut_stream_of_the_same_request_are_one(run):
    fault = replace(SERVED, id="empty", status=500, body=b"Internal Server Error")
    [cause] = causes(
        run(
            [
                failing("chat.messages-empty", ("empty", "the status is 500, expected 400")),
                failing("error.json", ("empty", 'the body is "Internal Server Error", expected a JSON object')),
                failing("http.answered", ("empty+stream", "the connection was closed")),
                unread("tool.head", "the connection was closed", "empty+stream"),
            ],
            [fault, lost("empty+stream")],
        )
    )
    assert cause.root.id == "chat.messages-empty"
    assert cause.said == "HTTP 500: Internal Server Error"


def test_mistakes_that_are_served_are_one_cause(run):
    verdicts = [
        failing(f"error.e{n}", ("a", "status is 200, expected a refusal (400)"), level=SHOULD) for n in range(9)
    ]
    [cause] = causes(run(verdicts, [replace(SERVED, id="a")]))
    assert cause.sentence == "9 kinds of mistakes are served, expected 400"
    assert not cause.red
    must = failing("chat.messages-empty", ("b", "the status for empty messages is 200, expected 400"))
    first, then = causes(run([*verdicts, must], [replace(SERVED, id=id) for id in "ab"]))
    assert (first.sentence, len(then.rows)) == ("the status for empty messages is 200, expected 400", 9)


def test_members_that_the_same_answers_lack_are_one_and_others_are_not(run):
    found = causes(
        run(
            [
                failing("chat.object", ("chat.hello", "object is absent, expected a string")),
                failing("chat.created", ("chat.hello", "created is absent, expected an integer")),
                failing("chat.model", ("third", "model is 7, expected a string")),
                failing("chat.role", ("another", "role of choice 0 is absent, expected a string")),
            ],
            [SERVED, replace(SERVED, id="another"), replace(SERVED, id="third")],
        )
    )
    assert together(found) == [{"chat.object", "chat.created"}, {"chat.model"}, {"chat.role"}]
    assert found[0].sentence == "object, created are absent"


def test_what_is_wrong_in_one_request_plain_and_streamed_is_one_but_for_recordings(run):
    seen = {"chat.n": "the number of choices is 1, expected 2", "stream.indexes": "index is [0], expected 0 to 1"}
    for before, number in (("", 1), ("file.har#", 2)):
        ids = (f"{before}two", f"{before}two+stream")
        verdicts = [failing(check, (id, seen[check])) for check, id in zip(seen, ids, strict=True)]
        found = causes(run(verdicts, [replace(SERVED, id=id) for id in ids]))
        assert len(found) == number
    [cause] = causes(run([failing(c, ("two", m)) for c, m in seen.items()], [replace(SERVED, id="two")]))
    assert cause.sentence == "the number of choices is 1, expected 2; and 1 more of the same request"


def test_what_is_wrong_with_the_form_of_errors_is_one_where_the_errors_are_the_same(run):
    both = [
        failing(f"error.{name}", ("a", f"error.{name} is 7, expected a string or null")) for name in ("code", "param")
    ]
    [cause] = causes(run(both, [refused("a", "No", 400)]))
    assert cause.sentence == "Errors are not in OpenAI's form: error.code is 7; error.param is 7"
    other = failing("error.type", ("b", "error.type is 7, expected a string"))
    assert len(causes(run([*both, other], [refused("a", "No", 400), refused("b", "No", 400)]))) == 2


def test_what_a_client_makes_of_answers_follows_from_what_is_wrong_with_them(run):
    [cause] = causes(
        run(
            [
                failing("sdk.role", ("chat.hello", "the role of the message from the helper is null, expected a role")),
                failing(
                    "stream.role", ("chat.hello", "role of choice 0 is null, expected assistant"), impact="It raises."
                ),
            ],
            [SERVED],
        )
    )
    assert (cause.root.id, [row.id for row in cause.follows]) == ("stream.role", ["sdk.role"])
    assert cause.breaks.startswith("It raises. Seen in the official client: the role of the message")


def test_a_lie_that_fails_checks_together_joins_them(run):
    verdicts = [
        failing("chat.n", *((x, "the number of choices is 1, expected 2") for x in ("two", "three"))),
        failing("stream.indexes", ("two", "index over the stream is [0], expected 0 to 1")),
    ]
    lie = {"lie": "n-ignored", "says": "`n` is not looked at.", "checks": ["chat.n", "stream.indexes"], "rivals": []}
    answers = [replace(SERVED, id=id) for id in ("two", "three")]
    assert len(causes(run(verdicts, answers))) == 2
    [cause] = causes(run(verdicts, answers, as_if=[lie]))
    assert cause.as_if == ("`n` is not looked at.",)


def test_what_is_expected_to_fail_has_no_cause(run):
    assert (
        causes(run([replace(failing("a.b", ("chat.hello", "x is 1, expected 2")), known="so it is")], [SERVED])) == []
    )


# ---------------------------------------------------------------------- what comes first


def test_harm_times_share_decides_what_comes_first_and_red_before_all(run):
    everything = [replace(SERVED, id=f"x{n}") for n in range(10)]
    of_all = tuple((x.id, "id is 1, expected a string") for x in everything)
    found = causes(
        run(
            [
                failing("a.rare", ("x1", "text is 1, expected a string"), impact="Something else."),
                failing("a.often", *of_all, impact="Something else."),
                failing("a.lost", ("x2", "content is 1, expected a string"), impact="The call is lost."),
                failing("a.down", ("down", "no byte came")),
                failing(
                    "a.hint", *((x.id, "hint is 1, expected 2") for x in everything), level=MAY, impact="It is lost."
                ),
            ],
            [*everything, lost("down", "timeout", "no byte came")],
        )
    )
    assert [cause.root.id for cause in found] == ["a.down", "a.often", "a.lost", "a.rare", "a.hint"]
    assert [(cause.touched, cause.of) for cause in found][:2] == [(1, 11), (10, 11)]


def test_every_check_that_fails_has_one_cause(run):
    verdicts = [failing(f"a.c{n}", (f"x{n}", f"m{n} is 1, expected 2")) for n in range(4)]
    found = causes(run(verdicts, [replace(SERVED, id=f"x{n}") for n in range(4)]))
    assert sorted(by_check(found)) == ["a.c0", "a.c1", "a.c2", "a.c3"]
    assert by_check(found)["a.c1"].why(found[1].root).startswith("Cause: m1 is 1, expected 2")


def test_a_run_file_without_exchanges_or_footer_has_causes_too(run):
    found = run([failing("a.b", ("gone", "x is 1, expected 2"))])
    found.footer = None
    [cause] = causes(found)
    assert (cause.sentence, cause.said) == ("x is 1, expected 2", "")
