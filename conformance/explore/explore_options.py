"""The options of an exploration; what it has in common with a run is declared there (run/options.py). It must not act on an option."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.run.declaring import option, values_of
from conformance.run.options import Options
from conformance.run.readers import count, seconds, whole
from conformance.run.user_error import UserError


def _of_a_run(name: str) -> Any:
    """The same option as a run has."""
    field = Options.__dataclass_fields__[name]
    return dataclasses.field(default=field.default, metadata=field.metadata)


@dataclass(frozen=True)
class ExploreOptions:
    """What one exploration is asked to do."""

    base_url: str | None = _of_a_run("base_url")
    model: str | None = _of_a_run("model")
    api_key_env: str = _of_a_run("api_key_env")
    header: tuple[str, ...] = _of_a_run("header")
    examples: int = option(
        300, "N", "How many different examples are made up; each is one or two requests.", read=count
    )
    seed: int | None = option(
        None, "S", "Make up the same requests as the exploration that named this seed. Default: any, and it is named.", read=whole
    )  # fmt: skip
    only: tuple[str, ...] = option(
        (), "AREA-or-ID", "Only this area or check, and only requests that it can concern. May be given several times.", many=True
    )  # fmt: skip
    timeout: float = _of_a_run("timeout")
    wait: float = _of_a_run("wait")
    budget_requests: int | None = _of_a_run("budget_requests")
    budget_tokens: int | None = _of_a_run("budget_tokens")
    max_seconds: float | None = option(None, "SECONDS", "Send nothing more after this time.", read=seconds)
    database: str | None = option(
        None,
        "DIR",
        "Where what failed is kept, to be tried first the next time. Default: examples/ in the folder of --report.",
    )
    known: str | None = option(None, "FILE", "Known deviations (TOML): what is listed is no finding.")
    strict: bool = option(False, None, "A SHOULD that fails makes the exploration red, too.")
    report: str = option("reports/explore", "DIR", "Where run.jsonl is written.")
    quiet: bool = option(False, None, "Only the verdict and the ids of what failed.")

    @classmethod
    def make(cls, given: Mapping[str, Any]) -> ExploreOptions:
        """The options from texts as typed; None means not given. Raises UserError."""
        return cls(**values_of(cls, given))


def needs() -> None:
    """Raises UserError where Hypothesis, which makes the requests up, is not installed."""
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise UserError("explore needs hypothesis: pip install 'openai-conformance[explore]'") from None
