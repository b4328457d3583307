"""Golden prompts: the shipped ones, every mistake named by file, line and field, and every member of `must` seen to fail."""

from __future__ import annotations

import json

import pytest

from conformance.exchange import Exchange
from conformance.exchange.shipped import place
from conformance.parity.must import violations
from conformance.parity.prompt import Must, Prompt
from conformance.parity.prompts import examine, load
from conformance.run.user_error import UserError
from tests.support.command import command, elsewhere

GOOD = """\
- id: greeting.short
  about: A greeting.
  request:
    messages:
      - {role: user, content: Say hello.}
    tools:
      - type: function
        function: {name: get_weather, parameters: {type: object}}
  compare: [text]
  must:
    finish_reason: [stop]
"""
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PING = {"type": "function", "function": {"name": "ping"}}


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    elsewhere(monkeypatch, tmp_path)
    return command(monkeypatch, capsys)


# ---------------------------------------------------------------- the shipped set


def test_the_shipped_set_is_forty_prompts_and_some_uncertain_ones():
    prompts = load()
    assert sum(not prompt.uncertain for prompt in prompts) == 40
    assert sum(prompt.uncertain for prompt in prompts) >= 10
    assert len({prompt.category for prompt in prompts}) >= 15
    for prompt in prompts:
        file, _, line = prompt.where.rpartition(":")
        text = (place("golden/prompts") / file).read_text("utf-8").splitlines()[int(line) - 1]
        assert text == f"- id: {prompt.id}"


def test_every_shipped_prompt_holds_something_that_an_empty_answer_breaks():
    for prompt in load():
        found = violations(prompt, answer({"content": ""}, finish_reason="content_filter"))
        assert bool(found) is not prompt.uncertain


def test_the_command_lists_the_shipped_set(call):
    code, out, _ = call("golden", "check")
    assert code == 0
    assert "extraction.invoice" in out
    assert "52 golden prompts, 12 of them with uncertain answers" in out


# ---------------------------------------------------------------- mistakes

MISTAKES = {
    "id": ("greeting.short", "Greeting", '1: id is "Greeting", expected CATEGORY.NAME in small letters'),
    "missing": ("  about: A greeting.\n", "", "1: the prompt has no about, expected one sentence on"),
    "misspelt": ("  about:", "  abuot:", "2: abuot has no meaning here - did you mean about?"),
    "a text": ("A greeting.", "[1]", "2: about is [1], expected one sentence on what the prompt is for"),
    "model": ("  request:\n", "  request:\n    model: m\n", "4: request.model is \"m\", expected no model: both sides"),
    "no messages": ("      - {role: user, content: Say hello.}\n", "      []\n", "4: request.messages is [], expected a list"),
    "role": ("role: user", "role: usr", '5: request.messages.0.role is "usr", expected developer, system, user'),
    "no role": ("{role: user, content", "{content", "5: request.messages.0 has no role, expected developer"),
    "limit": ("    tools:", "    max_tokens: 0\n    tools:", "6: request.max_tokens is 0, expected a whole number from 1"),
    "tool": ("name: get_weather, ", "", "8: request.tools.0.function has no name, expected a text"),
    "compare": ("[text]", "[text, words]", '9: compare.1 is "words", expected text, json, tool_calls, tokens or logprobs'),
    "twice": ("[text]", "[text, text]", '9: compare is ["text", "text"], expected a list of what may be compared'),
    "logprobs": ("[text]", "[logprobs]", "9: compare.0 is logprobs, which needs logprobs: true in the request"),
    "must": ("finish_reason: [stop]", "finish: [stop]", "11: must.finish has no meaning here - did you mean finish_reason?"),
    "no list": ("[stop]", "stop", '11: must.finish_reason is "stop", expected a list of finish reasons'),
    "reason": ("[stop]", "[eos]", '11: must.finish_reason.0 is "eos", expected stop, length, tool_calls'),
    "calls": ("finish_reason: [stop]", "calls: [get_wether]", '11: must.calls.0 is "get_wether", expected a tool of the'),
    "arguments": ("finish_reason: [stop]", "arguments: {get_weather: {}}", "11: must.arguments.get_weather is of a tool"),
    "choices": ("finish_reason: [stop]", "choices: 2", "11: must.choices is 2, expected 1 as in request.n"),
    "schema": ("finish_reason: [stop]", "schema: {type: strng}", '11: must.schema is {"type": "strng"}, expected a JSON'),
    "parameters": ("{type: object}", "{type: objekt}", '8: request.tools.0.function.parameters is {"type": "objekt"}'),
    "yes": ("finish_reason: [stop]", "contains: [yes]", "11: must.contains.0 is true, expected a text"),
    "date": ("finish_reason: [stop]", "contains: [2025-05-12]", "11: must.contains.0 is 2025-05-12, which YAML reads as a"),
    "infinite": ("finish_reason: [stop]", "contains: [.inf]", "11: must.contains.0 is .inf, which JSON has no number for"),
    "key": ("finish_reason: [stop]", "no: 1", "11: must has a key that is no text: put 'no' in quotes"),
    "key twice": ("  compare: [text]\n", "  compare: [text]\n  compare: [json]\n", "10: compare stands here twice"),
    "no YAML": ("[text]", "[text", "10: the file is not YAML: expected ',' or ']'"),
    "endless": ("finish_reason: [stop]", "schema: &a {not: *a}", "11: the file is not YAML: the file repeats itself"),
    "other prompt": ("- id", "- id: greeting.short\n  compare: []\n- id", "1: the prompt has no about"),
}  # fmt: skip


def folder_with(tmp_path, text: str | bytes, name: str = "one.yaml"):
    folder = tmp_path / "prompts"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_the_sample_is_valid(tmp_path):
    [prompt] = load(folder_with(tmp_path, GOOD))
    assert (prompt.id, prompt.category, prompt.where) == ("greeting.short", "greeting", "one.yaml:1")
    assert prompt.must == Must(finish_reason=("stop",))
    assert not prompt.uncertain


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_by_file_line_and_field(tmp_path, name):
    old, new, wanted = MISTAKES[name]
    assert old in GOOD
    folder = folder_with(tmp_path, GOOD.replace(old, new, 1))
    _, mistakes = examine(folder)
    assert any(mistake.startswith(f"{folder / 'one.yaml'}:{wanted}") for mistake in mistakes), mistakes
    with pytest.raises(UserError, match=r"one\.yaml:"):
        load(folder)


def test_all_mistakes_are_told_at_once(call, tmp_path):
    text = GOOD.replace("role: user", "role: usr").replace("[text]", "[words]")
    folder = folder_with(tmp_path, text)
    folder_with(tmp_path, GOOD, "two.yaml")
    folder_with(tmp_path, "- 1\n" + GOOD, "three.yml")
    code, out, err = call("golden", "check", str(folder))
    assert (code, out) == (2, "")
    said = [line.removeprefix(f"{folder}/").partition(" is ")[0] for line in err.splitlines()]
    assert said == [
        "one.yaml:5: request.messages.0.role",
        "one.yaml:9: compare.0",
        "three.yml:1: the prompt",
        "two.yaml:1: id",
    ]
    with pytest.raises(UserError, match=r"and 3 more: see `golden check"):
        load(folder)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", "1: the file is null, expected a list of prompts"),
        (b"a: 1", "1: the file is {"),
        (b"\xff\xfe\x00", "1: the file is not a text in UTF-8"),
        (b"\x00", "1: the file is not YAML"),
        (b"[" * 5000, "1: the file is nested too deeply"),
        (b"- !!int x", "1: the file is not YAML: invalid literal"),
        (b"- *nobody", "1: the file is not YAML: found undefined alias"),
    ],
)
def test_a_file_that_is_no_list_of_prompts(tmp_path, text, wanted):
    folder = folder_with(tmp_path, text)
    _, [mistake] = examine(folder)
    assert mistake.startswith(f"{folder / 'one.yaml'}:{wanted}")


def test_a_file_of_aliases_of_aliases_fills_no_memory(tmp_path):
    lines = ["- &a0 [x, x, x, x, x, x, x, x]", *(f"- &a{n + 1} [{', '.join([f'*a{n}'] * 8)}]" for n in range(20))]
    _, [mistake] = examine(folder_with(tmp_path, "\n".join(lines)))
    assert "the file repeats itself without an end" in mistake


def test_a_folder_without_prompts(call, tmp_path):
    assert "nowhere is no folder, expected one with golden prompts" in call("golden", "check", "nowhere")[2]
    (tmp_path / "empty").mkdir()
    code, _, err = call("golden", "check", "empty")
    assert (code, err) == (2, "empty is a folder without .yaml and .yml files, expected one with golden prompts\n")


# ---------------------------------------------------------------- what must hold


def answer(*messages: dict, finish_reason: str = "stop", status: int = 200, ended: str = "complete") -> Exchange:
    choices = [{"index": n, "message": m, "finish_reason": finish_reason} for n, m in enumerate(messages)]
    body = json.dumps({"choices": choices}).encode()
    return Exchange("x", "POST", "http://x/v1/chat/completions", (), b"{}", status, (), body, ended=ended)


def streamed(*deltas: dict) -> Exchange:
    parts = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    parts[-1]["choices"][0]["finish_reason"] = "stop"
    body = "".join(f"data: {json.dumps(part)}\n\n" for part in parts) + "data: [DONE]\n\n"
    return Exchange("x", "POST", "http://x/v1/chat/completions", (), b'{"stream": true}', 200, (), body.encode())


def called(*calls: tuple[str, str]) -> dict:
    functions = [{"id": "c", "type": "function", "function": {"name": name, "arguments": text}} for name, text in calls]
    return {"content": None, "tool_calls": functions}


def prompt(**must) -> Prompt:
    request = {"messages": [{"role": "user", "content": "?"}], "tools": [WEATHER, PING]}
    return Prompt("a.b", "a", "about", request, ("text",), Must(**must), False, "x.yaml:1")


WHOLE = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
PARIS = ("get_weather", '{"city": "Paris"}')
HOLDS = {
    "finish_reason": ({"finish_reason": ("stop", "length")}, {"content": "x"}),
    "schema": ({"schema": WHOLE}, {"content": '{"a": 1}'}),
    "json": ({"json": True}, {"content": "{}"}),
    "contains": ({"contains": ("PARIS",)}, {"content": "in Paris"}),
    "excludes": ({"excludes": ("rome",)}, {"content": "in Paris"}),
    "calls": ({"calls": ("ping", "get_weather")}, called(PARIS, ("ping", "{}"))),
    "no calls": ({"calls": ()}, {"content": "x"}),
    "same tool twice": ({"calls": ("get_weather", "get_weather")}, called(PARIS, PARIS)),
    "arguments": ({"calls": ("ping",), "arguments": {"ping": {"n": 1}}}, called(("ping", '{"n": 1.0, "m": 2}'))),
    "choices": ({"choices": 1}, {"content": "x"}),
}
BREAKS = {
    "finish_reason": ({"finish_reason": ("length",)}, {"content": "x"}, 'finish_reason is "stop", expected length'),
    "schema": ({"schema": WHOLE}, {"content": '{"a": "1"}'}, 'content: a is "1", expected type "integer"'),
    "schema not JSON": ({"schema": WHOLE}, {"content": "a"}, 'content is "a", expected JSON ('),
    "json": ({"json": True}, {"content": "[1]"}, 'content is "[1]", expected a JSON object'),
    "json of nothing": ({"json": True}, {"content": None}, 'content is "", expected JSON ('),
    "contains": ({"contains": ("Rome",)}, {"content": "Paris"}, 'content is "Paris", expected "Rome" in it'),
    "excludes": ({"excludes": ("rome",)}, {"content": "Rome"}, 'content is "Rome", expected no "rome" in it'),
    "calls": ({"calls": ("ping",)}, {"content": "x"}, "tool_calls is [], expected calls of ping"),
    "too many": ({"calls": ("ping",)}, called(("ping", "{}"), ("ping", "{}")), 'tool_calls is ["ping", "ping"], expected'),
    "no calls": ({"calls": ()}, called(PARIS), 'tool_calls is ["get_weather"], expected no call'),
    "no JSON": ({"calls": ("get_weather",)}, called(("get_weather", "{")), 'the arguments of get_weather are "{", expected'),
    "invalid": ({"calls": ("get_weather",)}, called(("get_weather", "{}")), "the arguments of get_weather is {}, expected"),
    "no object": ({"calls": ("ping",)}, called(("ping", "3")), 'the arguments of ping is 3, expected type "object"'),
    "arguments": ({"calls": ("get_weather",), "arguments": {"get_weather": {"city": "Rome"}}}, called(PARIS),
                  'the arguments of get_weather: city is "Paris", expected "Rome"'),
    "true is not 1": ({"calls": ("ping",), "arguments": {"ping": {"n": 1}}}, called(("ping", '{"n": true}')),
                      "the arguments of ping: n is true, expected 1"),
    "absent": ({"calls": ("ping",), "arguments": {"ping": {"n": 1}}}, called(("ping", "{}")), "the arguments of ping: n is absent"),
    "choices": ({"choices": 2}, {"content": "x"}, "the number of choices is 1, expected 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_what_must_hold_holds(name):
    must, message = HOLDS[name]
    assert violations(prompt(**must), answer(message)) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_does_not_hold_is_said(name):
    must, message, wanted = BREAKS[name]
    [said] = violations(prompt(**must), answer(message))
    assert said.startswith(wanted)


def test_every_member_is_seen_to_hold_and_to_break():
    members = set(Must.__dataclass_fields__)
    assert set().union(*(must for must, _ in HOLDS.values())) == members
    assert set().union(*(must for must, *_ in BREAKS.values())) == members


def test_every_choice_is_looked_at():
    found = violations(prompt(contains=("a",), choices=2), answer({"content": "a"}, {"content": "b"}))
    assert found == ['content is "b", expected "a" in it']


def test_a_stream_is_put_together_first():
    assert (
        violations(
            prompt(contains=("Paris",), finish_reason=("stop",)), streamed({"content": "Pa"}, {"content": "ris"})
        )
        == []
    )
    assert violations(prompt(excludes=("Paris",)), streamed({"content": "Pa"}, {"content": "ris"}))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (answer({"content": "a"}, status=400), "the answer is HTTP 400, expected a completion"),
        (answer({"content": "a"}, ended="timeout"), "the answer is timeout, expected a completion"),
        (answer(), "choices is [], expected at least one choice"),
    ],
)
def test_an_answer_of_no_use_is_one_violation(given, wanted):
    assert violations(prompt(contains=("z",), json=True, choices=3), given) == [wanted]
