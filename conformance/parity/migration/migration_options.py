"""The options of `migrate`, declared as those of a run are. It must not act on an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.parity.parity_options import ParityOptions
from conformance.run.declaring import flag, option, values_of
from conformance.run.options import DEPTHS
from conformance.run.readers import count, model_name, one_of, seconds, url, variable
from conformance.run.user_error import UserError

SHARED = (
    "golden", "samples", "max_gap", "max_ttft_p95", "max_tokens_ratio", "prices", "monthly_requests", "concurrency", "timeout",
    "wait",
)  # fmt: skip
"""Options that mean the same as those of parity."""
RATIOS = {"max_ttft_p95": 1.5, "max_tokens_ratio": 1.1}
"""A checklist has no line without a measure: these hold where none is given."""


def _of_parity(name: str) -> Any:
    about = ParityOptions.__dataclass_fields__[name]
    default = RATIOS.get(name, about.default)
    return option(default, about.metadata["metavar"], about.metadata["help"], read=about.metadata["read"])


@dataclass(frozen=True)
class MigrationOptions:
    """What one migration is asked about."""

    from_: str | None = option(None, "URL", "Where you are, up to and with its /v1.", read=url)
    to: str | None = option(None, "URL", "Where you want to go, up to and with its /v1.", read=url)
    from_model: str | None = option(
        None, "NAME", "The model there now. Default: the first of its /models.", read=model_name
    )
    to_model: str | None = option(
        None, "NAME", "The model to go to. Default: the first of its /models.", read=model_name
    )
    from_key_env: str = option(
        "FROM_API_KEY",
        "NAME",
        "The environment variable that holds the key of --from.",
        read=variable("--from-key-env"),
    )
    to_key_env: str = option(
        "TO_API_KEY", "NAME", "The environment variable that holds the key of --to.", read=variable("--to-key-env")
    )
    golden: str | None = _of_parity("golden")
    traffic: tuple[str, ...] = option(
        (),
        "FILE",
        "Recorded traffic (HAR, VCR, run files): the features it asks for are in use, too. Several times.",
        many=True,
    )
    depth: str = option(
        "normal",
        "|".join(DEPTHS),
        "How much the checks ask of each side; quick leaves more features undecided.",
        read=one_of(*DEPTHS),
    )
    samples: int = _of_parity("samples")
    max_gap: int = _of_parity("max_gap")
    max_ttft_p95: float | None = _of_parity("max_ttft_p95")
    max_tokens_ratio: float | None = _of_parity("max_tokens_ratio")
    prices: str | None = _of_parity("prices")
    monthly_requests: int | None = option(
        None,
        "N",
        "How many requests a month has: held against rate limits, and with --prices what it costs.",
        read=count,
    )
    cold: float | None = option(
        None,
        "SECONDS",
        "Also wait so long, then ask --to as the SDKs do: does a user get an answer when it is cold?",
        read=seconds,
    )
    concurrency: int = _of_parity("concurrency")
    timeout: float = _of_parity("timeout")
    wait: float = _of_parity("wait")
    report: str = option("reports/migration", "DIR", "Where the checklist and its reports are written.")
    format: str = _of_parity("format")
    quiet: bool = option(False, None, "Only the answer.")

    @classmethod
    def make(cls, given: Mapping[str, Any]) -> MigrationOptions:
        """The options from texts as typed; None means not given. Raises UserError."""
        options = cls(**values_of(cls, given))
        for name, value in (("from", options.from_), ("to", options.to)):
            if value is None:
                raise UserError(f"migrate needs both sides: {flag(name)} URL is missing")
        return options
