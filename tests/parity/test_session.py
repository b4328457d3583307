"""Parity over real sockets: two references, one of which lies; both sides' exchanges on disk; a replay with the same verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conformance.areas.catalogue import lies
from conformance.reference.lies import Lie
from conformance.run.run_file import read
from conformance.send.embedded import Reference
from tests.support.command import command, elsewhere
from tests.support.hostile import serve, whole

PROMPTS = """
- id: short.fact
  about: A fact.
  request:
    messages: [{role: user, content: "What is the capital of France?"}]
    max_completion_tokens: 20
  compare: [text, tokens]
  must: {contains: [Paris], finish_reason: [stop]}

- id: short.cut
  about: An answer that does not fit.
  request:
    messages: [{role: user, content: "Count from 1 to 50, separated by commas."}]
    max_completion_tokens: 5
  compare: [text]
  must: {finish_reason: [length]}

- id: short.tool
  about: A tool to call.
  request:
    messages: [{role: user, content: "What is the weather in Paris? Use the tool."}]
    max_completion_tokens: 60
    tools:
      - type: function
        function:
          name: get_weather
          parameters: {type: object, properties: {city: {type: string}}, required: [city], additionalProperties: false}
  compare: [tool_calls]
  must: {calls: [get_weather]}

- id: short.json
  about: A schema.
  request:
    messages: [{role: user, content: "Give the capital of Japan as JSON."}]
    max_completion_tokens: 60
    response_format:
      type: json_schema
      json_schema:
        name: fact
        strict: true
        schema:
          type: object
          properties: {capital: {type: string}}
          required: [capital]
          additionalProperties: false
  compare: [json]
  must: {json: true}
"""
IDS = ["short.fact", "short.cut", "short.tool", "short.json"]


@pytest.fixture(scope="module")
def baseline():
    with Reference() as server:
        yield server


@pytest.fixture
def parity(monkeypatch, capsys, tmp_path, baseline):
    """A function that runs parity of a target against the baseline: exit code, output, the run file."""
    elsewhere(monkeypatch, tmp_path)
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "short.yaml").write_text(PROMPTS, "utf-8")
    call = command(monkeypatch, capsys)

    def run(*arguments, server=None, beside=baseline.base_url):
        monkeypatch.setenv("BASELINE_API_KEY", baseline.key)
        more = () if server is None else ("--baseline", beside, "--golden", "golden")
        code, out, err = call("parity", *more, "--report", "out", *arguments, server=server)
        file = tmp_path / "out" / "run.jsonl"
        return code, " ".join((out + err).split()), read(file) if file.exists() else None

    return run


def lying(name):
    return Reference(lie=lies()[name])


def test_two_alike_servers_have_parity_and_all_is_on_disk(parity):
    with Reference() as server:
        code, said, run = parity(server=server)
    assert code == 0, said
    assert "PARITY" in said
    assert "Yes, you may switch: of your 4 prompts none is answered worse." in said
    assert [line["prompt"] for line in run.golden] == IDS
    assert {(line["outcome"], line["gap"]) for line in run.golden} == {("same", "same")}
    asked = {x.id: x for x in run.exchanges}
    assert {"preflight.target", "preflight.baseline"} < set(asked)
    for id in IDS:
        assert {f"target#{id}", f"baseline#{id}", f"baseline#{id}~2"} < set(asked)
        sent = asked[f"target#{id}"].asked
        assert (sent["temperature"], sent["top_p"], sent["stream"], sent["seed"]) == (0, 1, True, 1)
    totals = run.footer["totals"]
    assert totals["target"] | {"answers": 8, "usable": 8} == totals["baseline"]
    assert totals["target"]["tool_success"] == {"of": 1, "good": 1, "rate": 1.0}
    assert totals["target"]["schema_valid"] == {"of": 1, "good": 1, "rate": 1.0}
    assert totals["text"]["equal"] == totals["text"]["compared"] == 3
    times = run.latency["target"]
    assert times["answers"] + times["warm_up"] == 4
    assert times["first"]["p50"] is times["total"]["p95"] is None  # of four answers
    assert run.footer["times"]["first"]["p95"] is None
    assert run.footer["gates"] == [{"gate": "--max-gap", "wanted": "at most 0 worse", "seen": "0 worse", "holds": True}]


LIES = [
    ("finish-stop-at-limit", {"short.cut"}, 'finish_reason is "stop", expected length'),
    ("tool-arguments-half", {"short.tool"}, "expected JSON"),
    ("usage-stream-prompt-zero", {"short.fact"}, "tokens is 0 in"),
]


@pytest.mark.parametrize(("lie", "worse", "words"), LIES)
def test_a_target_that_lies_is_worse_on_the_prompts_that_show_it(parity, lie, worse, words):
    with lying(lie) as server:
        code, said, run = parity(server=server)
    assert code == 1
    assert {line["prompt"] for line in run.golden if line["gap"] == "worse"} == worse
    assert words in said
    assert run.footer["gates"][0]["holds"] is False
    again = {x.id for x in run.exchanges if x.id.endswith(("~4", "~5"))}
    assert again == {
        f"{side}#{id}~{n}" for id in worse for side, n in (("target", 4), ("baseline", 4), ("baseline", 5))
    }


@pytest.mark.parametrize("reason", ["[/x]", "[link=http://evil.example]x[/link]", "[bold]", ":smile:"])
def test_what_an_endpoint_says_is_text(parity, reason):
    def reply(call, reply):
        chunks = [
            {
                **chunk,
                "choices": [
                    {**each, "finish_reason": each.get("finish_reason") and reason} for each in chunk["choices"]
                ],
            }
            for chunk in reply.chunks or ()
        ]
        return replace(reply, chunks=tuple(chunks)) if chunks else reply

    with Reference(lie=Lie("test", "An odd finish reason.", reply=reply)) as server:
        code, said, _ = parity(server=server)
    assert code == 1
    assert reason in said


def test_the_same_lie_at_the_baseline_is_no_fault_of_the_target(parity):
    with lying("finish-stop-at-limit") as worse, Reference() as server:
        code, said, run = parity(
            "--baseline-key-env", "OTHER", server=server, beside=worse.base_url.replace("//", f"//{worse.key}@")
        )
    assert code == 3, said  # its key was not in the environment variable that was named
    assert run is None


def test_a_target_better_than_the_baseline_says_so(parity, monkeypatch):
    with lying("finish-stop-at-limit") as worse, Reference() as server:
        monkeypatch.setenv("OTHER", worse.key)
        code, said, run = parity("--baseline-key-env", "OTHER", server=server, beside=worse.base_url)
    # Both are said to serve the same model, so that another finish reason counts whatever the prompt asks for.
    assert code == 1, said
    by_id = {line["prompt"]: line for line in run.golden}
    assert by_id["short.cut"]["outcome"] == "differs"
    with lying("finish-stop-at-limit") as worse, Reference() as server:
        monkeypatch.setenv("OTHER", worse.key)
        code, said, run = parity("--baseline-key-env", "OTHER", "--max-gap", "1", server=server, beside=worse.base_url)
    assert code == 0, said


def test_what_must_hold_and_breaks_on_both_sides_is_said_first_and_is_open_on_the_page(parity, monkeypatch, tmp_path):
    with lying("finish-stop-at-limit") as other, lying("finish-stop-at-limit") as server:
        monkeypatch.setenv("OTHER", other.key)
        code, said, run = parity("--baseline-key-env", "OTHER", server=server, beside=other.base_url)
    assert code == 0, said  # switching makes nothing worse
    assert {line["gap"] for line in run.golden} == {"same"}
    told = said.index("You may switch, but both sides break what must hold: 1 of your 4 prompts")
    assert told < said.index('short.cut: finish_reason is "stop", expected length') < said.index("category")
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert '<details class="prompt" id="golden-short.cut" open>' in page
    assert "broken on both sides" in page
    assert '<section class="verdict warns"' in page


def slow(seconds):
    """A server that lets every client wait for its first token."""

    def wire(call, pieces):
        import time

        time.sleep(seconds if call.streaming else 0)
        return pieces

    return Reference(lie=Lie("test", "A slow first token.", wire=wire))


def many(tmp_path, number):
    prompts = [
        f"""- id: many.n{n}
  about: A number.
  request:
    messages: [{{role: user, content: "What is {n}?"}}]
    max_completion_tokens: 20
  compare: [text]
"""
        for n in range(number)
    ]
    (tmp_path / "golden" / "short.yaml").write_text("".join(prompts), "utf-8")


def test_the_first_token_is_held_against_the_baseline_and_too_few_answers_are_not_green(parity, tmp_path):
    many(tmp_path, 36)
    with slow(0.15) as server:
        code, said, run = parity("--max-ttft-p95", "1.5", "--concurrency", "2", server=server)
    assert code == 1, said
    assert "No, do not switch: the first token's p95 is" in said
    assert run.footer["times"]["first"]["p50"]["difference"][1] > 0.05
    assert run.latency["target"]["warm_up"] >= 1
    (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
    again, _, replayed = parity("--replay", "old.jsonl")
    assert (again, replayed.footer["gates"], replayed.footer["times"]) == (1, run.footer["gates"], run.footer["times"])
    many(tmp_path, 12)
    with Reference() as server:
        code, said, run = parity("--max-ttft-p95", "1.5", server=server)
    assert code == 3, said
    assert "Not told: the first token's p95 is not told of" in said
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert ">0.0 ms<" not in page[page.index('id="glance"') : page.index('id="golden"')]
    assert "20 prompts are needed after the warm-up" in page


def test_what_a_month_costs_is_said_and_stays_in_the_run_file(parity, tmp_path):
    (tmp_path / "prices.toml").write_text("[target]\ninput=1\noutput=2\n[baseline]\ninput=2\noutput=4\n", "utf-8")
    with Reference() as server:
        code, said, run = parity("--prices", "prices.toml", "--monthly-requests", "50000", server=server)
    assert code == 0, said
    assert run.footer["bill"]["requests"] == 50_000
    assert run.footer["bill"]["target"] * 2 == pytest.approx(run.footer["bill"]["baseline"])
    assert "A month of 50,000 requests like these: target" in said
    assert ", -50 %" in said
    (tmp_path / "prices.toml").unlink()
    (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
    _, said, replayed = parity("--replay", "old.jsonl", "--monthly-requests", "100000")
    assert replayed.footer["bill"]["target"] == pytest.approx(2 * run.footer["bill"]["target"])


def test_gates_on_tools_and_json(parity):
    with lying("tool-arguments-half") as server:
        code, _, run = parity(
            "--max-gap", "9", "--min-tool-success", "0.98", "--min-schema-valid", "0.98", server=server
        )
    assert code == 1
    assert [(gate["gate"], gate["seen"], gate["holds"]) for gate in run.footer["gates"]] == [
        ("--max-gap", "1 worse", True),
        ("--min-tool-success", "0 of 1", False),
        ("--min-schema-valid", "1 of 1", True),
    ]


@pytest.mark.parametrize("lie", [None, "tool-arguments-half"])
def test_a_recorded_parity_is_judged_again_with_the_same_lines(parity, tmp_path, lie):
    with Reference(lie=lie and lies()[lie]) as server:
        code, _, run = parity("--min-tool-success", "0.5", server=server)
    (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
    (tmp_path / "golden" / "short.yaml").unlink()
    again, _, replayed = parity("--replay", "old.jsonl")
    assert again == code
    assert (replayed.golden, replayed.latency) == (run.golden, run.latency)
    assert replayed.footer["gates"] == run.footer["gates"]
    assert replayed.footer["totals"] == run.footer["totals"]
    harder, _, replayed = parity("--replay", "old.jsonl", "--min-schema-valid", "1")
    assert harder == code
    assert len(replayed.footer["gates"]) == 3


def test_a_run_recorded_alone_is_a_baseline_later(parity, tmp_path):
    with Reference() as server:
        code, said, run = parity(server=server, beside="none")
        assert code == 0, said
        assert "RECORDED" in said
        assert {line["outcome"] for line in run.golden} == {"not-compared"}
        (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
        code, said, run = parity(server=server, beside="old.jsonl")
    assert code == 0, said
    assert {line["outcome"] for line in run.golden} == {"same"}
    assert all(len(line["baseline"]["exchanges"]) == 2 for line in run.golden)
    with lying("tool-arguments-half") as server:
        code, said, run = parity(server=server, beside="old.jsonl")
    assert code == 1
    assert [line["prompt"] for line in run.golden if line["gap"] == "worse"] == ["short.tool"]


def test_a_baseline_of_other_prompts_says_which_differ(parity, tmp_path):
    with Reference() as server:
        parity(server=server, beside="none")
        (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
        text = PROMPTS.replace("from 1 to 50", "from 1 to 60").replace("short.fact", "short.new")
        (tmp_path / "golden" / "short.yaml").write_text(text, "utf-8")
        code, said, run = parity(server=server, beside="old.jsonl")
    assert code == 3
    assert "NOT JUDGED" in said
    assert (
        "only the target was judged by short.new; only the baseline by short.fact; other words have short.cut" in said
    )
    assert [line["outcome"] for line in run.golden] == ["not-compared", "not-compared", "same", "same"]


def test_a_model_missing_on_one_side_is_one_line(parity, baseline):
    with Reference() as server:
        code, said, run = parity("--baseline-model", "nobody", server=server)
        assert (code, run) == (3, None)
        assert 'the baseline: the endpoint does not know the model "nobody"' in said
        assert "--baseline-model" in said
        code, said, _ = parity("--model", "nobody", server=server)
    assert code == 3
    assert 'the target: the endpoint does not know the model "nobody"' in said


UNCERTAIN = """
- id: many.words
  about: Words.
  request:
    messages: [{role: user, content: "Say some words."}]
    max_completion_tokens: 20
  compare: []
  uncertain: true
- id: many.numbers
  about: Numbers.
  request:
    messages: [{role: user, content: "Say some numbers."}]
    max_completion_tokens: 20
  compare: []
  uncertain: true
"""


@pytest.mark.parametrize(
    ("lie", "method", "verdict"),
    [
        (None, "logprobs", "not-told"),
        ("logprobs-top-scores", "logprobs", "different"),
        ("logprobs-null", "text", "not-told"),
    ],
)
def test_same_model_by_the_strongest_way_and_again_from_the_file(parity, tmp_path, lie, method, verdict):
    (tmp_path / "golden" / "many.yaml").write_text(UNCERTAIN, "utf-8")
    with Reference(lie=lie and lies()[lie]) as server:
        code, said, run = parity("--same-model", server=server)
    line = run.same_model
    assert (line["method"], line["verdict"]) == (method, verdict), said
    assert code == (verdict == "different")
    assert (line["p_value"] < 0.01) == (verdict == "different")
    tokens = sum(side["completion_tokens"] for side in line["cost"].values())
    assert tokens > 0
    assert tokens <= 310 or method == "text"
    assert run.footer["gates"][-1]["gate"] == "--same-model"
    (tmp_path / "out" / "run.jsonl").rename(tmp_path / "old.jsonl")
    again, _, replayed = parity("--replay", "old.jsonl")
    assert (again, replayed.same_model) == (code, line)


def test_same_model_beside_a_recording_needs_one_made_for_it(parity, tmp_path):
    (tmp_path / "golden" / "many.yaml").write_text(UNCERTAIN, "utf-8")
    with Reference() as server:
        parity(server=server, beside="none")
        (tmp_path / "out" / "run.jsonl").rename(tmp_path / "without.jsonl")
        parity("--same-model", server=server, beside="none")
        (tmp_path / "out" / "run.jsonl").rename(tmp_path / "with.jsonl")
        code, said, run = parity("--same-model", server=server, beside="without.jsonl")
        assert code == 3
        assert "the recorded baseline was not recorded with --same-model" in said
        code, said, run = parity("--same-model", server=server, beside="with.jsonl")
    assert code == 0, said
    assert run.same_model["p_value"] == 1.0


def test_same_model_without_numpy_is_one_line(parity, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "numpy", None)
    code, said, run = parity("--same-model", "--base-url", "http://127.0.0.1:1/v1", "--baseline", "none")
    assert (code, run) == (2, None)
    assert "--same-model needs numpy: pip install 'openai-conformance[parity]'" in said


MISTAKES = [
    (("--replay", "none.jsonl"), "--replay none.jsonl cannot be read"),
    (("--replay", "x", "--base-url", "http://h/v1"), "--replay sends nothing, so --base-url has no meaning with it"),
    ((), "parity needs the target: --base-url URL"),
    (
        ("--base-url", "http://h/v1", "--baseline", "nofile"),
        "--baseline is nofile, which is neither vllm, nor an address",
    ),
    (("--base-url", "http://h/v1", "--max-ttft-p95", "0"), "--max-ttft-p95 is '0', expected how many times as much"),
    (
        ("--base-url", "http://h/v1", "--max-ttft-p95", "2", "--baseline", "none"),
        "--max-ttft-p95 is held against a baseline",
    ),
    (("--base-url", "http://h/v1", "--monthly-requests", "9"), "--monthly-requests needs --prices FILE"),
    (("--base-url", "http://h/v1", "--prices", "none.toml"), "--prices none.toml: No such file"),
    (("--base-url", "http://h/v1", "--alpha", "2"), "--alpha is '2', expected a number from 0.001 to 0.5"),
    (("--base-url", "http://h/v1", "--golden", "nowhere"), "nowhere is no folder, expected one with golden prompts"),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES)
def test_a_mistake_is_one_line(parity, arguments, words):
    code, said, _ = parity(*arguments)
    assert code == 2
    assert words in said


async def test_a_target_that_dies_half_way_leaves_the_rest_of_the_data(tmp_path, monkeypatch, baseline):
    """After its preflight and two answers, it closes every connection without a word."""
    import asyncio

    from conformance.parity.parity_options import ParityOptions
    from conformance.parity.session import conduct

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASELINE_API_KEY", baseline.key)
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "short.yaml").write_text(PROMPTS, "utf-8")
    answered = 0
    good = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris"}}]}  # fmt: skip
    chunk = {"choices": [{"index": 0, "finish_reason": "stop", "delta": {"content": "Paris"}}]}

    async def answer(writer, request):
        nonlocal answered
        answered += 1
        if answered == 1:
            writer.write(whole(json.dumps(good).encode(), b"Content-Type: application/json"))
        elif answered <= 3:
            writer.write(
                whole(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(), b"Content-Type: text/event-stream")
            )
        else:
            writer.close()

    async with serve(answer) as url:
        given = {"base_url": url, "model": "m", "baseline": baseline.base_url, "golden": "golden", "report": "out"}
        options = ParityOptions.make(given)
        outcome = await asyncio.to_thread(conduct, options, given)
    run = read("out/run.jsonl")
    assert outcome.exit_code == 1
    assert run.footer["totals"]["baseline"]["usable"] >= 8
    lost = [line for line in run.golden if line["outcome"] == "not-compared"]
    assert len(lost) == 2
    assert all(line["gap"] == "worse" and line["why"].startswith("no usable answer of the target: ") for line in lost)


def test_no_key_reaches_the_file_or_the_screen(parity, baseline, tmp_path):
    with Reference() as server:
        _, said, _ = parity(server=server)
        written = (tmp_path / "out" / "run.jsonl").read_text() + said
        assert server.key not in written
        assert baseline.key not in written
