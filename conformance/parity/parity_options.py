"""The options of a parity run, declared as those of a run are (run/options.py). It must not act on an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.run.declaring import flag, option, values_of
from conformance.run.readers import count, model_name, one_of, patience, seconds, url, variable, whole
from conformance.run.user_error import UserError

GATES = (
    "alpha", "max_gap", "min_tool_success", "min_schema_valid", "max_ttft_p95", "max_tokens_ratio", "monthly_requests", "same_model",
)  # fmt: skip
"""Options that say how to judge, which a replay takes from the recording where they are not given again."""
_SENDING = ("base_url", "baseline", "model", "baseline_model", "golden", "samples")


def _share(value: str, least: float = 0.0, most: float = 1.0) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not least <= number <= most:
        raise ValueError(f"a number from {least:g} to {most:g}")
    return number


def _alpha(value: str) -> float:
    """As small as a thousand permutations can tell, and no coin toss."""
    return _share(value, 0.001, 0.5)


def _ratio(value: str) -> float:
    try:
        return _share(value, 0.01, 1000)
    except ValueError:
        raise ValueError("how many times as much, from 0.01 to 1000, such as 1.5") from None


def _samples(value: str) -> int:
    if not 1 <= (number := whole(value)) <= 100:
        raise ValueError("a whole number from 1 to 100")
    return number


@dataclass(frozen=True)
class ParityOptions:
    """What one parity run is asked to do."""

    base_url: str | None = option(None, "URL", "The target, up to and with its /v1.", read=url)
    baseline: str | None = option(
        None,
        "vllm|URL|FILE|none",
        "What to compare with: vllm (started here, with our tiny model), an endpoint, a recorded parity run; none asks the "
        "target alone, to be a baseline later. Default: the recorded vLLM that is shipped.",
    )
    model: str | None = option(None, "NAME", "The target's model. Default: the first of /models.", read=model_name)
    baseline_model: str | None = option(
        None, "NAME", "The baseline's model. Default: the first of its /models.", read=model_name
    )
    api_key_env: str = option(
        "OPENAI_API_KEY", "NAME", "The environment variable that holds the target's key.",
        read=variable("--api-key-env"),
    )  # fmt: skip
    baseline_key_env: str = option(
        "BASELINE_API_KEY", "NAME", "The environment variable that holds the baseline's key.",
        read=variable("--baseline-key-env"),
    )  # fmt: skip
    golden: str | None = option(None, "DIR", "The golden prompts. Default: the shipped ones.")
    samples: int = option(
        2, "K", "How often the baseline is asked each prompt: its own noise is the tolerance.", read=_samples
    )
    same_model: bool = option(
        False, None, "Test whether both serve the same model the same way, and count every difference beyond noise."
    )
    alpha: float = option(0.01, "SHARE", "The false-alarm rate of --same-model.", read=_alpha)
    max_gap: int = option(0, "N", "Prompts on which the target may be worse than the baseline.", read=whole)
    min_tool_success: float | None = option(
        None, "SHARE", "The least share of right tool calls, such as 0.98.", read=_share
    )
    min_schema_valid: float | None = option(
        None, "SHARE", "The least share of JSON as asked for, such as 0.98.", read=_share
    )
    max_ttft_p95: float | None = option(
        None, "RATIO", "The most that the target's p95 of the time to the first token may be by the baseline's, such as 1.5.",
        read=_ratio,
    )  # fmt: skip
    max_tokens_ratio: float | None = option(
        None,
        "RATIO",
        "The most that the target's tokens, in or out, may be by the baseline's, such as 1.1.",
        read=_ratio,
    )
    prices: str | None = option(
        None, "FILE", "What a million tokens cost, in and out, at both sides (TOML): says what the requests cost."
    )
    monthly_requests: int | None = option(
        None, "N", "With --prices: what a month of so many requests like these costs.", read=count
    )
    concurrency: int = option(8, "N", "Requests in flight at once, to each side.", read=count)
    timeout: float = option(60.0, "SECONDS", "The longest that one request may take as a whole.", read=seconds)
    wait: float = option(
        60.0,
        "SECONDS",
        "How long an endpoint is waited for that is loading, or busy and says for how long.",
        read=patience,
    )
    vllm_python: str | None = option(None, "PATH", "For --baseline vllm: the Python that has vLLM.  [this one]")
    report: str = option("reports/latest-parity", "DIR", "Where run.jsonl and index.html are written.")
    replay: str | None = option(None, "FILE", "Judge a recorded parity run again; nothing is sent.")
    format: str = option(
        "text",
        "text|json",
        "What is printed: text for people, or one JSON document (docs/json.md).",
        read=one_of("text", "json"),
    )
    quiet: bool = option(False, None, "Only the verdict.")

    @classmethod
    def make(cls, given: Mapping[str, Any]) -> ParityOptions:
        """The options from texts as typed; None means not given. Raises UserError."""
        options = cls(**values_of(cls, given))
        if options.replay:
            odd = [name for name in _SENDING if given.get(name) is not None]
            if odd:
                raise UserError(f"--replay sends nothing, so {flag(odd[0])} has no meaning with it")
        elif options.base_url is None:
            raise UserError("parity needs the target: --base-url URL (or --replay FILE)")
        if options.monthly_requests and not (options.prices or options.replay):
            raise UserError("--monthly-requests needs --prices FILE: what a million tokens cost at both sides")
        lone = [name for name in ("max_ttft_p95", "max_tokens_ratio") if getattr(options, name) is not None]
        if lone and options.baseline == "none":
            raise UserError(f"{flag(lone[0])} is held against a baseline, and --baseline none asks no other side")
        return options

    def as_recorded(self, said: Mapping[str, Any], given: Mapping[str, Any]) -> ParityOptions:
        """For a replay: the recording's options, but for what is given again and where to write."""
        kept = {name: said[name] for name in (*GATES, "samples") if name in said and not given.get(name)}
        return replace(self, **kept)
