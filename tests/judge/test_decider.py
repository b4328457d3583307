"""Optional features: honoured, refused, ignored and broken are told apart, each by a lie of the reference; what gates on them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.areas.catalogue import features, probes
from conformance.exchange import Exchange
from conformance.judge.conditions import anything
from conformance.judge.decider import OURS, Decider, unmet
from conformance.judge.features import DECISIONS, HONOURED, Feature, ignored, unseen, wrong
from conformance.reference.lies import Lie
from conformance.reference.replies import Call, Reply
from conformance.reference.rewriting import each_chunk, each_message
from conformance.reference.rules import Refusal
from conformance.run.options import PROFILES
from conformance.run.run_file import read
from conformance.run.selection import in_profile, required
from conformance.run.user_error import UserError
from conformance.send.inprocess import exchanges
from conformance.wire import multipart
from tests.support import damage
from tests.support.command import command, elsewhere

Ask = Callable[[Call], Call]
SOCKET = "responses_websocket"
"""Asked for by no request, and refused in the handshake: tests/send/test_sockets.py."""
ROUTES = [name for name, each in features().items() if each.route and name != SOCKET]
THERE_OR_NOT = {"file_uploads", "responses_mixed_tools"}
"""What a server has or refuses: it cannot ignore it."""
AT_LAST = ("batch_results",)
"""What only the end of a long story tells."""
HEADERS = ("request_ids", "rate_limit_headers")


def asking(**changes) -> Ask:
    """The server reads the request as if it had asked so."""
    return lambda call: call.asking(**changes) if call.json else call


def dropping(*names: str) -> Ask:
    """The server reads a form as if these fields had not been sent."""

    def drop(call: Call) -> Call:
        sent = multipart.fields(call.header("content-type"), call.body)
        left = [each for each in sent if each.name.removesuffix("[]") not in names]
        return replace(call, body=multipart.form(left)[1]) if sent else call

    return drop


def without_developer(call: Call) -> Call:
    messages = [m for m in (call.json or {}).get("messages") or () if m.get("role") != "developer"]
    return call.asking(messages=messages) if call.json else call


def text_alone(call: Call) -> Call:
    messages = (call.json or {}).get("messages") or ()
    kept = [{**m, "content": [p for p in m["content"] if p["type"] == "text"]} if isinstance(m.get("content"), list) else m
            for m in messages]  # fmt: skip
    return call.asking(messages=kept) if call.json else call


def loose_tools(call: Call) -> Call:
    """Strict schemas are not looked at."""
    if not (call.json or {}).get("tools"):
        return call
    city = {"type": "object", "properties": {"city": {"type": "string"}}}
    loose = [{**tool, "function": {**tool["function"], "parameters": city}} for tool in call.json["tools"]]
    return call.asking(tools=loose)


def without_parts(call: Call) -> Call:
    """The texts of an input alone."""
    given = (call.json or {}).get("input")
    if not isinstance(given, list):
        return call
    texts = [{**item, "content": [part for part in item["content"] if part["type"] == "input_text"]} for item in given]
    return call.asking(input=texts)


def without_image(call: Call) -> Call:
    given = (call.json or {}).get("input")
    return call.asking(input=[part for part in given if part["type"] == "text"]) if isinstance(given, list) else call


IGNORING: dict[str, Ask] = {
    "streaming": asking(stream=None, stream_options=None),
    "streaming_usage": asking(stream_options=None),
    "obfuscation_off": asking(stream_options=None),
    "stop": asking(stop=None),
    "n": asking(n=None),
    "penalties": asking(frequency_penalty=None),
    "logit_bias": asking(logit_bias=None),
    "developer_role": without_developer,
    "image_input": text_alone,
    "audio_input": text_alone,
    "reasoning_effort": asking(reasoning_effort=None),
    "store": asking(store=None),
    "prediction": asking(prediction=None),
    "tools": asking(tools=None, tool_choice=None),
    "tool_choice_required": asking(tool_choice=None),
    "tool_choice_named": asking(tool_choice=None),
    "tool_choice_none": asking(tool_choice=None),
    "allowed_tools": asking(tool_choice=None),
    "parallel_tools": asking(parallel_tool_calls=False),
    "parallel_tools_off": asking(parallel_tool_calls=None),
    "strict_tools": loose_tools,
    "custom_tools": asking(tools=None, tool_choice=None),
    "functions": asking(functions=None, function_call=None),
    "json_object": asking(response_format=None),
    "json_schema": asking(response_format=None),
    "logprobs": asking(logprobs=None, top_logprobs=None),
    "top_logprobs": asking(top_logprobs=None),
    "embedding_base64": asking(encoding_format=None),
    "embedding_dimensions": asking(dimensions=None),
    "completions_echo": asking(echo=None),
    "completions_suffix": asking(suffix=None),
    "moderations_image": without_image,
    "speech_opus": asking(response_format=None),
    "speech_aac": asking(response_format=None),
    "speech_flac": asking(response_format=None),
    "speech_wav": asking(response_format=None),
    "speech_pcm": asking(response_format=None),
    "speech_events": asking(stream_format=None),
    "speech_speed": asking(speed=None),
    "previous_response_id": asking(previous_response_id=None),
    "background": asking(background=None),
    "responses_conversation": asking(conversation=None),
    "transcription_text": dropping("response_format"),
    "transcription_subtitles": dropping("response_format"),
    "transcription_verbose": dropping("response_format", "timestamp_granularities"),
    "transcription_words": dropping("timestamp_granularities"),
    "transcription_logprobs": dropping("include"),
    "transcription_streaming": dropping("stream"),
    "responses_reasoning": asking(reasoning=None),
    "responses_sealed_reasoning": asking(include=None),
    "responses_custom_tools": asking(tools=None, tool_choice=None),
    "responses_allowed_tools": asking(tool_choice=None),
    "responses_json_schema": asking(text=None),
    "responses_json_mode": asking(text=None),
    "responses_logprobs": asking(include=None, top_logprobs=None),
    "responses_image_input": without_parts,
    "image_urls": asking(response_format=None),
    "image_formats": asking(output_format=None),
    "image_streams": asking(stream=None),
}
"""For each feature, how a server that ignores it reads the request; where it shows in the answer alone, see SILENT."""


def another_number(call: Call, reply: Reply) -> Reply:
    return each_message(reply, lambda message: {**message, "content": "271828182845"})


def no_tier(call: Call, reply: Reply) -> Reply:
    body = replace(reply, body={**reply.body, "service_tier": None}) if isinstance(reply.body, dict) else reply
    return each_chunk(body, lambda _, chunk: {**chunk, "service_tier": ...})


SILENT: dict[str, Callable[[Call, Reply], Reply]] = {"seed": another_number, "service_tier": no_tier}


def table(lie: Lie | None, *names: str) -> dict[str, str]:
    """The decision on each feature, given the answers to the probes of these alone."""
    wanted = [probe for name in names for probe in features()[name].probes]
    by_name = {probe.name: probe for probe in probes()}
    for name in wanted:  # which grows: what they are built from
        before = {(each or "").removesuffix("+stream") for each in (by_name[name].after, by_name[name].door)}
        wanted += [each for each in before & by_name.keys() if each not in wanted]
    return {
        each.feature.name: each.decision for each in decided(exchanges(lie, [p for p in probes() if p.name in wanted]))
    }


def decided(answers, wanted=None):
    decider = Decider(features().values() if wanted is None else wanted)
    for x in answers:
        decider.add(x)
    return decider.finish()


def lie(name: str, answer: Callable[[Reply], Reply]) -> Lie:
    """A server that gives another answer to whatever asks for this feature."""
    asks, sent = features()[name].when, features()[name].probes
    meant = next(probe.intent for probe in probes() if probe.name == sent[-1])

    def reply(call: Call, honest: Reply) -> Reply:
        x = Exchange(
            sent[-1], call.method, f"http://x{call.path}", call.headers, call.body, None, (), b"", intent=meant
        )
        return answer(honest) if asks(x) is True else honest

    return Lie("made-up", "Made up.", reply=reply)


def refusal(status: int, message: str, param: str | None = None) -> Callable[[Reply], Reply]:
    return lambda _: Reply(status, (), {"error": Refusal(status, message, param=param).error})


ASKED = [name for name in features() if name not in (*HEADERS, *AT_LAST, SOCKET)]
HONEST = {"reasoning_effort": "refused"}
"""What the honest reference does not support: all else it does."""


# ---------------------------------------------------------------------- each decision, proven


def test_every_feature_is_decided_on_the_honest_reference():
    found = {each.feature.name: each.decision for each in decided(exchanges())}
    assert found == {name: HONEST.get(name, "supported") for name in features()}


@pytest.mark.parametrize("name", features())
def test_its_own_probes_decide_a_feature(name):
    assert set(features()[name].probes) <= {probe.name for probe in probes()}
    assert table(None, name)[name] == HONEST.get(name, "supported")


@pytest.mark.parametrize("name", [name for name in ASKED if name not in {*ROUTES, *THERE_OR_NOT}])
def test_a_server_that_ignores_it(name):
    lie = Lie("made-up", "Ignores it.", ask=IGNORING.get(name), reply=SILENT.get(name))
    assert table(lie, name)[name] == "ignored"


@pytest.mark.parametrize("name", ASKED)
def test_a_server_that_refuses_it_by_name(name):
    refused = refusal(400, f"This model does not support {features()[name].names[0]}.", features()[name].names[0])
    assert table(lie(name, refused), name)[name] == "refused"


@pytest.mark.parametrize("name", ASKED)
def test_a_server_that_refuses_it_without_a_word_on_it(name):
    assert table(lie(name, refusal(400, "Bad request.")), name)[name] == "undecided"


def test_a_word_of_one_letter_is_not_any_word_that_has_it():
    assert table(lie("n", refusal(400, "This cannot be done now.")), "n")["n"] == "undecided"
    assert table(lie("n", refusal(400, "Only n = 1 can be done.")), "n")["n"] == "refused"


@pytest.mark.parametrize("name", ASKED)
def test_a_server_that_dies_of_it(name):
    assert table(lie(name, refusal(500, "Internal error.")), name)[name] == "broken"


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("status", [429, 503, 401])
def test_a_server_that_did_not_look_at_it(name, status):
    assert table(lie(name, refusal(status, f"Not now, {name}.")), name)[name] == "undecided"


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_that_is_not_there_and_one_that_answers_something_else(name):
    assert table(lie(name, refusal(404, "Not found.")), name)[name] == "absent"
    assert table(lie(name, refusal(405, "Method not allowed.")), name)[name] == "absent"
    assert table(lie(name, lambda _: Reply(200, (), {"status": "fine"})), name)[name] == "broken"


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_are_not_sent(name):
    def bare(_: Call, reply: Reply) -> Reply:
        return replace(reply, headers=tuple(pair for pair in reply.headers if not pair[0].startswith("x-r")))

    assert table(Lie("made-up", "No headers.", reply=bare), name)[name] == "absent"


def test_reasoning_shows_in_tokens_or_in_text():
    def thinks(call: Call, reply: Reply) -> Reply:
        return each_message(reply, lambda message: {**message, "reasoning_content": "They greet me."})

    asked = Lie("made-up", "Thinks.", ask=asking(reasoning_effort=None), reply=thinks)
    [only] = decided(
        [exchanges(asked, [p for p in probes() if p.name == "chat.effort"])[0]], [features()["reasoning_effort"]]
    )
    assert only.decision == "supported"


def test_what_works_plain_and_not_streamed_does_not_work():
    def plain_only(call: Call) -> Call:
        return call.asking(response_format=None) if call.streaming else call

    answers = {x.id: x for x in exchanges(Lie("made-up", "Plain only.", ask=plain_only))}
    [only] = [each for each in decided(answers.values()) if each.feature.name == "json_schema"]
    assert only.decision == "ignored"
    assert only.why.startswith("streamed: the text is ")
    assert all(answers[id].streaming for id in only.exchanges)


REFUSED = b'{"error": {"message": "A tool of this kind is not supported.", "type": "invalid_request_error", "param": "tools"}}'


@pytest.mark.parametrize("name", [name for name, each in features().items() if each.route])
def test_a_route_that_served_is_not_refused_for_one_stream_that_asked_for_too_much(name):
    answers = exchanges()
    asked = [x for x in answers if x.streaming and x.ok and features()[name].when(x) is True]
    told = [replace(x, status=400, body=REFUSED, memo={}) if x in asked[-1:] else x for x in answers]
    [only] = decided(told, [features()[name]])
    assert only.decision == "supported", only.why


def test_a_choice_of_none_proves_nothing_where_no_tool_is_ever_called():
    found = table(Lie("made-up", "No tools.", ask=asking(tools=None, tool_choice=None)), "tool_choice_none", "tools")
    assert (found["tools"], found["tool_choice_none"]) == ("ignored", "undecided")


# ---------------------------------------------------------------------- how answers add up


@pytest.mark.parametrize(
    ("findings", "decision"),
    [
        ([], "undecided"),
        ([HONOURED, unseen("no")], "supported"),
        ([unseen("no")], "ignored"),
        ([HONOURED, ignored("no")], "ignored"),
        ([ignored("no"), wrong("what")], "broken"),
        ([None, HONOURED], "supported"),
    ],
)
def test_certain_findings_outweigh_any_number_and_others_do_not(findings, decision):
    left = iter(findings)
    made = Feature("made_up", lambda x: next(left), anything, ("made_up",), (), None, None, None, None, None, False)
    answers = [Exchange(f"{n}", "POST", "", (), b"{}", 200, (), b"{}") for n in range(len(findings))]
    [only] = decided(answers, [made])
    assert (only.decision, only.asked) == (decision, any(findings))
    assert sum(only.counts.values()) == sum(finding is not None for finding in findings)


def test_no_answer_however_damaged_breaks_a_decision():
    answers = [x for x in exchanges() if "too-long" not in x.intent and len(x.body) < 50_000]
    chance = random.Random(7)
    for x in chance.sample(answers, 60):
        for make in chance.sample(every := damage.all_damages(x), min(8, len(every))):
            made = make()
            found = decided([made if other.id == made.id else other for other in [*answers[:20], x]])
            assert [each.why for each in found if OURS in each.why] == []
            assert {each.decision for each in found} <= set(DECISIONS)


# ---------------------------------------------------------------------- names and profiles


def test_profiles_hold_the_smaller_ones():
    for small, big in itertools.pairwise(PROFILES):
        assert set(in_profile(small)) < set(in_profile(big))
    assert {"tools", "json_schema", "stop"} <= set(in_profile("agents"))
    assert not {"reasoning_effort", "embeddings"} & set(in_profile("full"))


def test_names_are_read_as_people_write_them():
    assert required(["json-schema, TOOLS", "n"], None) == ["n", "tools", "json_schema"]
    assert required([], "chat") == in_profile("chat")


@pytest.mark.parametrize(
    ("word", "near"), [("tols", "tools"), ("json_shema", "json_schema"), ("log-probs", "logprobs")]
)
def test_an_unknown_name_has_the_nearest(word, near):
    with pytest.raises(UserError, match=f"did you mean {near}"):
        required([word], None)


def test_what_is_required_and_anything_but_supported_is_unmet():
    found = decided(exchanges())
    assert [each.feature.name for each in unmet(found, features())] == ["reasoning_effort"]


# ---------------------------------------------------------------------- the command


def test_required_features_gate_the_run_and_are_in_every_report(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    run = command(monkeypatch, capsys)
    code, out, _ = run("--only", "tool.id", "--require", "tools", "--require", "reasoning-effort,n")
    assert code == 1
    assert "required: reasoning_effort is refused: 400: " in out
    assert "required: tools" not in out
    assert "DOES NOT CONFORM" in out
    assert "1 required feature is not supported" in " ".join(out.split())
    folder = tmp_path / "reports/latest"
    held = read(folder / "run.jsonl")
    assert {f["feature"]: (f["decision"], f["required"]) for f in held.features if f["required"]} == {
        "tools": ("supported", True), "n": ("supported", True), "reasoning_effort": ("refused", True)}  # fmt: skip
    assert len(held.features) == len(features())
    page = (folder / "index.html").read_text()
    assert page.count("(required)</small>") == 3
    assert '<small class="fail">(required)</small>' in page
    assert '<failure type="refused"' in (folder / "junit.xml").read_text()
    code, out, _ = run("--replay", str(folder / "run.jsonl"), "--require", "tools,n", "--report", "again")
    assert code == 0
    told = [(f["feature"], f["decision"], f["why"], f["answers"]) for f in read(tmp_path / "again/run.jsonl").features]
    assert told == [(f["feature"], f["decision"], f["why"], f["answers"]) for f in held.features]
    code, out, _ = run("--replay", str(folder / "run.jsonl"), "--require", "store", "--report", "again")
    assert (code, "required: store is undecided: nothing that was sent tells" in out) == (1, True)


def test_the_reference_holds_every_profile(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    code, out, _ = command(monkeypatch, capsys)("--only", "rate.names", "--profile", "full", "--quiet")
    assert code == 0
    assert "CONFORMS" in out


def test_the_command_lists_them(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    _, out, _ = command(monkeypatch, capsys)("features", "--json")
    assert [each["name"] for each in json.loads(out)] == list(features())
    _, out, _ = command(monkeypatch, capsys)("features")
    assert f"{len(features())} features" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--require", "tols"], "did you mean tools?"), (["--profile", "agent"], "expected chat, agents or full")],
)
def test_mistakes_are_one_line(monkeypatch, capsys, tmp_path, arguments, said):
    elsewhere(monkeypatch, tmp_path)
    code, _, err = command(monkeypatch, capsys)(*arguments)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err
