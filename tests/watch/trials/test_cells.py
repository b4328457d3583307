"""What comes of a trial, by what the client gave and by what was on the wire: a client is never blamed for what cannot be known."""

from __future__ import annotations

import json

import pytest

from conformance.exchange import Exchange
from conformance.watch.trials.cells import ruled
from conformance.watch.trials.filling import failing
from conformance.watch.trials.scenarios import SCENARIOS
from conformance.watch.trials.workers import NO_ANSWER

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def completion(text=None, calls=(), **more):
    tools = [{"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(values)}}
             for n, (name, values) in enumerate(calls)]  # fmt: skip
    message = {"role": "assistant", "content": text, **({"tool_calls": tools} if tools else {})}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if tools else "stop"}
    return {"object": "chat.completion", "choices": [choice], "usage": USAGE, **more}


def answered(*bodies, status=200, route="chat/completions", ended="complete", asked="{}"):
    return [
        Exchange(f"c/s#{n}", "POST", f"http://h/v1/{route}", (), asked.encode(), status, (("content-type", "application/json"),),
                 json.dumps(body).encode(), ended=ended)
        for n, body in enumerate(bodies, 1)
    ]  # fmt: skip


CALL = ("get_weather", {"city": "Paris"})
CALLED = answered(completion(calls=[CALL]), completion("Clear."))
REFUSED = {"error": {"class": "a.Refused", "message": "no", "status": 429}}


@pytest.mark.parametrize(
    ("scenario", "said", "exchanges", "state", "why"),
    [
        ("plain", {"text": "Hi"}, answered(completion("Hi")), "works", ""),
        ("plain", {"text": "Hi "}, answered(completion("Hi")), "wrong", 'the text is "Hi ", on the wire "Hi"'),
        ("plain", {"text": None}, answered(completion("Hi")), "wrong", 'the text is null, on the wire "Hi"'),
        ("plain", {}, answered(completion("Hi")), "wrong", "it gave nothing"),
        ("plain", {"text": "Hi"}, [], "wrong", "it asked nothing"),
        ("plain", {"text": "Hi"}, answered({"error": {}}, status=500), "wrong", "no error, though the endpoint said 500"),
        ("plain", {"text": "Hi"}, answered({"choices": 3}), "not run",
         "the last answer cannot be read, so there is nothing to compare with"),
        ("plain", {"text": "Hi", "finish": "length"}, answered(completion("Hi")), "wrong",
         'the finish reason is "length", on the wire "stop"'),
        ("plain", {"text": "Hi", "usage": {"input": 3, "output": 2, "total": None}}, answered(completion("Hi")), "works", ""),
        ("plain", {"text": "Hi", "usage": None}, answered(completion("Hi")), "wrong",
         'the usage is null, on the wire {"input": 3, "output": 2, "total": 5}'),
        ("plain", {"text": "Hi", "usage": None}, answered(completion("Hi", usage=None)), "works", ""),
        ("tool", {"text": "Clear.", "calls": [CALL], "usage": {"input": 6}}, CALLED, "works", ""),  # the sum of both answers
        ("tool", {"text": "Clear.", "calls": [CALL], "usage": {"input": 4}}, CALLED, "wrong",
         'the usage is {"input": 4}, on the wire {"input": 3, "output": 2, "total": 5}'),
        ("tool", {"text": "Clear."}, CALLED, "wrong",
         'the calls are none, on the wire ["get_weather({\\"city\\": \\"Paris\\"})"]'),
        ("tool", {"text": "No."}, answered(completion("No.")), "model did not", "0 of 1 calls came"),
        ("tool", {"error": {"class": "E", "message": "no call"}}, answered(completion("No.")), "model did not", "0 of 1 calls came"),
        ("tool", {"text": "Clear.", "calls": [CALL]}, [*answered({"choices": 3}), CALLED[1]], "works", ""),
        ("structured", {"value": {"city": "Oslo"}}, answered(completion('{"city":"Oslo"}')), "works", ""),
        ("structured", {"value": {"city": "Rome"}}, answered(completion('{"city":"Oslo"}')), "wrong",
         'the value is {"city": "Rome"}, on the wire {"city": "Oslo"}'),
        ("speech", {"value": {"bytes": 9}}, answered({}, status=404, route="audio/speech"), "not run", "the endpoint has no speech (404)"),
        ("unknown-model", {"text": "Hi"}, answered(completion("Hi")), "not run", "the endpoint did not refuse (200)"),
        ("unknown-model", {"text": ""}, answered({}, status=404), "wrong", "no error, though the endpoint said 404"),
        ("unknown-model", {"error": {"class": "E", "status": 400}}, answered({}, status=404), "wrong",
         "the error says 400, the endpoint said 404"),
        ("unknown-model", {"error": {"class": "E", "message": "x"}}, answered({}, status=500), "fails", "the endpoint said 500; E: x"),
        ("rate-limit", REFUSED | {"promised": 2}, answered({}, {}, status=429), "works", "a.Refused: no"),
        ("rate-limit", REFUSED | {"promised": 3}, answered({}, {}, status=429), "fails",
         "it asked 2 times of the 3 that it promises; a.Refused: no"),
        ("cut-stream", {"text": "1, 2"}, answered({}, ended="cut"), "wrong", "a stream that was cut short is given as an answer"),
        ("cut-stream", {"text": "1, 2"}, answered({}), "not run", "no stream was cut short"),
        ("cut-stream", {"error": {"class": "E"}}, answered({}, ended="cut"), "works", "E"),
        ("image", {"not_offered": "it sees nothing"}, [], "not offered", "it sees nothing"),
    ],
)  # fmt: skip
def test_what_comes_of_a_trial(scenario, said, exchanges, state, why):
    assert ruled(SCENARIOS[scenario], said, exchanges) == (state, why)


def test_vectors_of_32_bits_are_those_of_64():
    said = {"value": {"count": 1, "dimensions": 3, "first": [0.1, 0.2, 0.3]}}
    asked = json.dumps({"encoding_format": "base64"})
    wire = answered({"data": [{"embedding": "zczMPc3MTD6amZk+"}]}, route="embeddings", asked=asked)
    assert ruled(SCENARIOS["embeddings"], said, wire) == ("works", "")
    assert ruled(SCENARIOS["embeddings"], {"value": {**said["value"], "first": [0.1, 0.2, 0.31]}}, wire)[0] == "wrong"


def test_the_checks_that_fail_on_the_exchanges_of_a_trial_are_named_the_strictest_first():
    wrong = answered({**completion("Hi"), "object": "text"})
    assert "chat.object" in failing(wrong)
    assert failing(answered(completion("Hi"), status=404)) != ()


FILE = SCENARIOS["file"]
LINE = FILE.makes[1]


def outputs(*items):
    return {"object": "response", "status": "completed", "output": [*items]}


def call(line):
    return {"type": "custom_tool_call", "name": "apply_patch", "input": f"+{line}", "call_id": "call_1"}


DONE = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]}


@pytest.mark.parametrize(
    ("line", "content", "ruling"),
    [
        (LINE, f"{LINE}\n", ("works", "")),
        (LINE, "Good evening\n", ("wrong", 'morning.txt holds "Good evening\\n"')),
        (LINE, None, ("wrong", "the call was answered, but there is no morning.txt")),
        ("Good evening", "Good evening\n", ("model did not", "no call has the line of morning.txt")),
    ],
    ids=["made", "other", "none", "model"],
)
def test_a_file_is_held_against_the_line_that_a_call_has(line, content, ruling):
    said = {"text": "Done.", "value": {"content": content}}
    assert ruled(FILE, said, answered(outputs(call(line)), outputs(DONE), route="responses")) == ruling


def test_a_client_that_hangs_at_a_broken_stream_does_not_work():
    said = {"error": {"class": NO_ANSWER, "message": "nothing came of it within 60 s", "status": None}}
    asked = answered({}, ended="cut")
    assert ruled(SCENARIOS["cut-stream"], said, asked) == ("fails", "no answer: nothing came of it within 60 s")
