"""The options of a run, declared once for both faces: the command line and pytest.

Adding one means adding one field here. This file must not import anything heavy (`--help` reads it) and must not act on
an option; it only says what there is, and refuses in one line what makes no sense.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.exchange.documented import ENDPOINTS
from conformance.run.commands_options import OF_FILES, SENDING
from conformance.run.declaring import flag, option, values_of
from conformance.run.quarrels import quarrels
from conformance.run.readers import (
    at_once,
    burst,
    count,
    header,
    model_name,
    one_of,
    patience,
    seconds,
    tokens,
    url,
    variable,
    whole,
)
from conformance.run.user_error import UserError

PROFILES = ("chat", "agents", "full")
"""Named sets of features, each holding those before it."""
DEPTHS = ("quick", "normal", "deep")
"""How much a run asks, in requests of exchange/probe.py: each sends what those before it send, and more."""
MAPPINGS = ("bedrock", "databricks", "kong", "langfuse", "portkey")
"""The logs of which the columns are known: record/mappings."""
ENGINES = ("local", "ray")
FAIL_ON = ("must", "should", "regression", "gap")
"""What a gate may count: see gate.py."""


def _task(what: str) -> Any:
    """The option that names the model of a task."""
    words = f"The model for {what}. Default: one of /models that is called so, else that of --model."
    return option(None, "NAME", words, read=model_name)


@dataclass(frozen=True)
class Options:
    """What one run is asked to do. `make` is how one comes about from what the user typed."""

    config: str | None = option(
        None,
        "FILE",
        "The configuration file, or none. Default: openai-conformance.toml, or pyproject.toml with a table [tool.openai-conformance], "
        "here or above.",
    )
    base_url: str | None = option(
        None, "URL", "The endpoint, up to and with its /v1. Without it the embedded reference is judged.", read=url
    )
    model: str | None = option(None, "NAME", "The model to ask for. Default: the first of /models.", read=model_name)
    responses_model: str | None = option(
        None, "NAME", "The model for /responses. Default: that of --model.", read=model_name
    )
    embedding_model: str | None = _task("texts to embed")
    transcription_model: str | None = _task("sound to write down")
    speech_model: str | None = _task("texts to speak")
    image_model: str | None = _task("images to make")
    moderation_model: str | None = _task("texts to moderate")
    api_key_env: str = option(
        "OPENAI_API_KEY",
        "NAME",
        "The environment variable that holds the key; no key is sent where it is unset.",
        read=variable("--api-key-env"),
    )
    header: tuple[str, ...] = option(
        (), "NAME=VALUE", "A header for every request. May be given several times.", read=header, many=True
    )
    concurrency: int | None = option(
        None,
        "N|auto",
        "Requests in flight at once. Default: auto, which is as many as the endpoint answers without getting slower.",
        read=at_once,
    )
    timeout: float = option(60.0, "SECONDS", "The longest that one request may take as a whole.", read=seconds)
    wait: float = option(
        60.0,
        "SECONDS",
        "How long an endpoint is waited for that is loading, or busy and says for how long.",
        read=patience,
    )
    max_seconds: float | None = option(
        None,
        "SECONDS",
        "Send nothing more after so long. Default: six times what the first answers promise, and at least 15 minutes.",
        read=seconds,
    )
    budget_requests: int | None = option(None, "N", "Send no more requests than this.", read=count)
    budget_tokens: int | None = option(
        None, "N", "Use no more tokens than this, as the endpoint counts them, else as estimated.", read=tokens
    )
    dry_run: bool = option(False, None, "Say what would be sent, and about how many tokens it costs; send nothing.")
    burst: int | None = option(
        None,
        "N",
        "Run into the rate limit: at most N cheap requests at the end, stopped by the first 429; then wait and ask again.",
        read=burst,
    )
    websocket: bool = option(False, None, "Judge the WebSocket mode of /responses, too.")
    limited_key_env: str | None = option(
        None,
        "NAME",
        "The environment variable of a key that is used up: one cheap request with it, the same streamed, one after the wait.",
        read=variable("--limited-key-env"),
    )
    only: tuple[str, ...] = option(
        (),
        "AREA-or-ID",
        "Only this area or check, and only the requests it needs. May be given several times.",
        many=True,
    )
    exclude: tuple[str, ...] = option(
        (),
        "AREA-or-ID",
        "Not this area or check, nor the requests that it alone needs. May be given several times.",
        many=True,
    )
    failed: bool = option(
        False, None, "Only what was red in the last run of the report's folder, and only the requests it needs."
    )
    endpoints: tuple[str, ...] = option(
        (),
        "ENDPOINT,...",
        f"Only these of {', '.join(ENDPOINTS)}, and the list of models. May be given several times.",
        many=True,
    )
    cheap: bool = option(
        False, None, "Send nothing that costs more than a chat request where it is paid for: images, speech."
    )
    depth: str = option(
        "normal",
        "|".join(DEPTHS),
        "How much to ask: quick is the least that meets every common check, deep some 470 requests of chat and 870 of all endpoints.",
        read=one_of(*DEPTHS),
    )
    require: tuple[str, ...] = option(
        (),
        "FEATURE,...",
        "These features must be supported (the sub-command features lists them). May be given several times.",
        many=True,
    )
    profile: str | None = option(
        None, "|".join(PROFILES), "All features of this set must be supported.", read=one_of(*PROFILES)
    )
    fail_on: str = option(
        "must",
        "|".join(FAIL_ON),
        "What makes the run red: a MUST that fails, a SHOULD too, what got worse since --against, what is worse than the baseline.",
        read=one_of(*FAIL_ON),
    )
    strict: bool = option(False, None, "The same as --fail-on should.")
    against: str | None = option(None, "RUN", "An earlier run file: only what got worse since makes this run red.")
    known: str | None = option(
        None, "FILE", "Known deviations (TOML): listed and failing is expected, listed and passing is red."
    )
    write_known: str | None = option(
        None,
        "FILE",
        "Write a first file of known deviations from what fails, and end with 0; an existing one is not replaced.",
    )
    known_level: str = option(
        "may",
        "must|should|may",
        "With --write-known: only what fails at this level or a stricter one.",
        read=one_of("must", "should", "may"),
    )
    prune: bool = option(False, None, "Take entries that are stale out of the file of --known.")
    times: int = option(
        1,
        "N",
        "With --write-known: judge so many times; what fails in some runs only is marked as `sometimes`.",
        read=count,
    )
    record: str | None = option(None, "FILE", "Write every exchange to this file, too, for a later --replay.")
    replay: str | None = option(None, "FILE", "Judge the exchanges of a run file or recording; nothing is sent.")
    baseline: str | None = option(
        None,
        "vllm|URL|FILE",
        "Say per check whether the target is worse than this baseline: a vLLM started here, an endpoint, a recorded run.",
    )
    baseline_model: str | None = option(
        None, "NAME", "The baseline's model. Default: the first of its /models.", read=model_name
    )
    baseline_key_env: str = option(
        "BASELINE_API_KEY",
        "NAME",
        "The environment variable that holds the baseline's key.",
        read=variable("--baseline-key-env"),
    )
    max_gap: int | None = option(
        None,
        "N",
        "Red where the target is worse than the baseline (the shipped one unless named) on more checks.",
        read=whole,
    )
    vllm_python: str | None = option(None, "PATH", "For --baseline vllm: the Python that has vLLM.  [this one]")
    sdk: str = option(
        "auto",
        "auto|on|off",
        "Replay the answers through the official Python client: auto (where it is installed; of recordings a sample), on, off.",
        read=one_of("auto", "on", "off"),
    )
    partial_headers: bool = option(
        False, None, "The recorder left headers out: checks that need them have nothing to judge."
    )
    mapping: str | None = option(
        None,
        "|".join(("FILE", *MAPPINGS)),
        "What the columns of a log hold: a TOML file (docs/recordings.md), or one that is shipped, where a log is not recognised.",
    )
    report: str = option("reports/latest", "DIR", "Where run.jsonl, junit.xml and index.html are written.")
    format: str = option(
        "text",
        "text|json",
        "What is printed: text for people, or one JSON document (docs/json.md).",
        read=one_of("text", "json"),
    )
    quiet: bool = option(False, None, "Only the verdict and the ids of what failed.")
    verbose: bool = option(False, None, "Every check that fails, with its evidence, and every feature.")
    watch: bool = option(
        False,
        None,
        "Judge again each time that the endpoint is back after it was gone, or a watched file changes; Ctrl-C ends it.",
    )
    watch_file: tuple[str, ...] = option(
        (), "PATH", "With --watch: a file or folder that is watched. May be given several times.", many=True
    )
    recordings: tuple[str, ...] = option((), "FILE", "Files and folders of recorded traffic.", read=str, many=True)
    jobs: int | None = option(
        None,
        "N",
        "Processes that judge at once; little is judged by one. Default: as many as there are cores.",
        read=count,
    )
    engine: str = option(
        "local",
        "|".join(ENGINES),
        "What judges recordings: processes of this machine, or Ray (docs/scale.md).",
        read=one_of(*ENGINES),
    )
    ray_address: str | None = option(
        None, "ADDRESS", "With --engine ray: a running cluster. Default: RAY_ADDRESS, else one is begun here."
    )
    rows: str | None = option(
        None, "DIR", "Write what each check said of each exchange, too, as Parquet for a warehouse (docs/scale.md)."
    )
    asked_by: str = option(
        "", "program|load|cold|clients|gateway", "Who asks, where it is no probe of a run's and no recording."
    )

    @property
    def by_others(self) -> bool:
        """What is judged is what others asked: no probe of ours."""
        return bool(self.recordings or self.asked_by)

    @classmethod
    def make(cls, given: Mapping[str, Any]) -> Options:
        """The options from texts as typed (a tuple of texts for `many`); None means not given. Raises UserError."""
        values = values_of(cls, given)
        if values.get("strict"):
            if values.get("fail_on", "should") != "should":
                raise UserError(f"--strict means --fail-on should, not --fail-on {values['fail_on']}: give one of them")
            values["fail_on"] = "should"
        options = cls(**values)
        if (said := next(quarrels(options), None)) is not None:
            raise UserError(said)
        if options.replay:
            odd = [name for name in SENDING if getattr(options, name) not in (None, False, ())]
            if odd:
                raise UserError(f"--replay sends nothing, so {flag(odd[0])} has no meaning with it")
        return options


_NOT_OF_A_RUN = (*OF_FILES, "recordings", "asked_by")


def declared(names: Iterable[str] | None = None, cls: type = Options) -> Iterable[tuple[str, str, dict[str, Any], Any]]:
    """(field name, flag, metadata, default) of every option of a run, or of these, for a face to add."""
    fields = [f for f in dataclasses.fields(cls) if (f.name not in _NOT_OF_A_RUN if names is None else f.name in names)]
    return [(f.name, flag(f.name), dict(f.metadata), f.default) for f in fields]
