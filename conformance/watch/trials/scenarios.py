"""The scenarios: what each client is asked to do, with which texts, and what must come of it. Adding one is one entry here.

It must not know a client or a language: the texts go to the workers with the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from conformance.exchange.probe import Task
from conformance.exchange.shipped import encoded
from conformance.run.user_error import UserError, nearest

WEATHER = "What is the weather in Paris?"
COUNT = "Count from 1 to 20, separated by commas."
BEGIN = "Every answer begins with the word Ahoy."
UNKNOWN_MODEL = "no-such-model-0"
FILE = ("morning.txt", "Good morning, written by a tool")
WRONG_KEY = "sk-no-such-key-000000000000"


@dataclass(frozen=True)
class Scenario:
    """One column of the table, and what makes it a trial of the client at all: `calls` are how many must be on the wire, `refused` the
    statuses of which the endpoint must give one. `stage` is the situation that the reference must bring about, so that other endpoints are
    not asked; `task` the kind of model that answers."""

    name: str
    words: str
    say: Mapping[str, Any] = field(default_factory=dict)
    calls: int = 0
    refused: tuple[int, ...] = ()
    retried: bool = False
    broken: bool = False
    """No answer comes to its end: whatever the client gives as one is wrong."""
    stage: str | None = None
    task: Task = "chat"
    makes: tuple[str, str] | None = None
    """A file's name and the line that it is to hold."""
    wrong_key: bool = False
    model: str | None = None

    @property
    def raises(self) -> bool:
        """The client is to raise."""
        return bool(self.refused) or self.broken


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("plain", "a plain answer", {"prompt": "Say hello."}),
        Scenario("stream", "a streamed answer", {"prompt": COUNT}),
        Scenario("tool", "a tool called, run and answered", {"prompt": WEATHER}, calls=1),
        Scenario("tool-stream", "the same, streamed", {"prompt": WEATHER}, calls=1),
        Scenario("two-calls", "two calls at once", {"prompt": "What is the weather in Paris and in Tokyo?"}, calls=2),
        Scenario("no-arguments", "a tool without arguments", {"prompt": "What is the current time?"}, calls=1),
        Scenario(
            "structured",
            "structured output, by the client's own means",
            {"prompt": "Which city is the capital of Japan?"},
        ),
        Scenario("image", "an image in the question", {"prompt": "What is in this picture? Answer in one word."}),
        Scenario("system", "a system message", {"system": BEGIN, "prompt": "Say hello."}),
        Scenario("developer", "a developer message", {"system": BEGIN, "prompt": "Say hello."}),
        Scenario(
            "agent",
            "three turns of an agent with tools",
            {"prompts": [WEATHER, "And what is the weather in Tokyo?", "Say it again."]},
            calls=2,
        ),
        Scenario(
            "file", "a file made by a tool of a program's own",
            {"name": FILE[0], "prompt": f"Make the file {FILE[0]} that holds exactly the line '{FILE[1]}'."},
            calls=1, makes=FILE,
        ),
        Scenario("usage", "the usage of a stream", {"prompt": COUNT}),
        Scenario(
            "unknown-model", "a model that does not exist", {"prompt": "Say hello."}, refused=(404, 400, 403, 422),
            model=UNKNOWN_MODEL,
        ),
        Scenario("wrong-key", "a wrong key", {"prompt": "Say hello."}, refused=(401, 403), wrong_key=True),
        Scenario(
            "rate-limit", "429 with Retry-After", {"prompt": "Say hello."}, refused=(429,), retried=True,
            stage="rate-limited",
        ),
        Scenario(
            "unavailable", "503", {"prompt": "Say hello."}, refused=(503,), retried=True, stage="unavailable",
        ),
        Scenario("cut-stream", "a stream cut short", {"prompt": COUNT}, broken=True, stage="cut-stream"),
        Scenario("responses", "the Responses API", {"prompt": "Say hello."}, task="responses"),
        Scenario("responses-stream", "the same, streamed", {"prompt": COUNT}, task="responses"),
        Scenario("responses-tool", "the same, with a tool", {"prompt": WEATHER}, calls=1, task="responses"),
        Scenario("embeddings", "embeddings of two texts", {"texts": ["A cat.", "A dog."]}, task="embedding"),
        Scenario("speech", "a text spoken", {"text": "Good morning."}, task="speech"),
        Scenario("transcription", "speech written down", {}, task="transcription"),
    )
}  # fmt: skip


@cache
def texts(name: str) -> Mapping[str, Any]:
    """What a scenario is asked with, files included: `image` is a data URL, `audio` a WAV file in base64."""
    say = SCENARIOS[name].say
    match name:
        case "image":
            return {**say, "image": f"data:image/png;base64,{encoded('yellow.png')}"}
        case "transcription":
            return {**say, "audio": encoded("audio/morning.wav")}
        case _:
            return say


def named(words: Iterable[str]) -> list[Scenario]:
    """The scenarios that these words name, all where there is none. Raises UserError."""
    wanted = [word for given in words for word in given.split(",") if word]
    if odd := next((word for word in wanted if word not in SCENARIOS), None):
        raise UserError(f"there is no scenario {odd!r}{nearest(odd, SCENARIOS)}")
    return [each for name, each in SCENARIOS.items() if name in wanted or not wanted]
