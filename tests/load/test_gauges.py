"""What a server says is under way: read in three engines' words, and asked until it has noticed that clients are gone."""

from __future__ import annotations

import httpx
import pytest

from conformance.load.gauges import Gauges, running

VLLM = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} %s
vllm:num_requests_running{engine="1",model_name="m"} 1.0
vllm:num_requests_waiting{engine="0",model_name="m"} 9.0
"""
TEXTS = {
    VLLM % "2.0": 3,
    'sglang:num_running_reqs{model_name="m"} 4\n': 4,
    "llamacpp:requests_processing 5\nllamacpp:requests_deferred 7\n": 5,
    "process_open_fds 9\n": None,
    "# vllm:num_requests_running 4\n": None,
    "": None,
    "llamacpp:requests_processing 1e999\n": None,
    f"llamacpp:requests_processing {'9' * 400}\n": None,
    "llamacpp:requests_processing NaN\n": None,
    "llamacpp:requests_processing -1\n": None,
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_gauges_of_three_engines_are_read(text):
    assert running(text) == TEXTS[text]


def gauges(answers: list, base_url: str = "http://x/v1") -> tuple[Gauges, list[str]]:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        next_one = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(next_one, Exception):
            raise next_one
        said = next_one if isinstance(next_one, httpx.Response) else httpx.Response(200, text=VLLM % next_one)
        return httpx.Response(said.status_code, headers=said.headers, stream=httpx.ByteStream(said.content))

    return Gauges(base_url, httpx.AsyncClient(transport=httpx.MockTransport(answer))), asked


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr("conformance.load.gauges.LOOK", 0.25)

    async def sleep(seconds: float) -> None:
        return None

    monkeypatch.setattr("conformance.load.gauges.asyncio.sleep", sleep)


@pytest.mark.parametrize("base_url", ["http://x/v1", "http://x/v1/"])
async def test_metrics_are_beside_the_api(base_url):
    found, asked = gauges(["0"], base_url)
    assert await found.running() == 1
    assert asked == ["http://x/metrics"]


async def test_what_is_noticed_in_time_does_not_remain():
    found, asked = gauges(["8", "3", "0"])
    assert await found.remaining(1) == 0
    assert len(asked) == 3


async def test_what_leaks_remains():
    found, asked = gauges(["6"])
    assert await found.remaining(1) == 6
    assert len(asked) == 20


async def test_a_server_that_takes_its_time_to_say_is_not_asked_twenty_times(monkeypatch):
    clock = iter(range(0, 10_000, 4))  # each look takes four seconds
    monkeypatch.setattr("conformance.load.gauges.time.perf_counter", lambda: next(clock))
    found, asked = gauges(["6"])
    assert await found.remaining(1) == 6
    assert len(asked) < 4


@pytest.mark.parametrize(
    "answer", [httpx.Response(404), httpx.ConnectError("no"), httpx.Response(200, text="x" * 2_000_000)]
)
async def test_a_server_that_does_not_say_is_asked_no_more(answer):
    found, _ = gauges([answer])
    assert await found.running() is None
    assert await found.remaining(None) is None


SLOTS = {
    '[{"id": 0, "is_processing": true}, {"id": 1, "is_processing": false}]': 1,
    "[]": None,
    '{"error": {"code": 501}}': None,
    '[{"id": 0}]': None,
    '[{"is_processing": 1}]': None,
    "<html>": None,
}


@pytest.mark.parametrize("text", SLOTS)
async def test_slots_are_read_where_there_are_no_metrics(text):
    found, asked = gauges([httpx.Response(501), httpx.Response(200, text=text)])
    assert await found.running() == SLOTS[text]
    assert asked == ["http://x/metrics", "http://x/slots"]
