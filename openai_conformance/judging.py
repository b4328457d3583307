"""The functions of the public interface: judge exchanges, run against an endpoint, judge files, read what was written.

Nothing is printed, and no file is written unless it is asked for. What is heavy is imported where it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from conformance.exchange import Exchange
from openai_conformance.results import Result, Verdict, feature_of, verdict_of

Place = str | PathLike[str]
"""A file or a folder."""
Words = str | Sequence[str]
"""What may be given several times: one, or a list of them."""


class JudgeOptions(TypedDict, total=False):
    """The options of judging files: those of the command `judge`, by the same names."""

    only: Words
    exclude: Words
    failed: bool
    require: Words
    profile: Literal["chat", "agents", "full"] | None
    fail_on: Literal["must", "should", "regression", "gap"]
    against: Place | None
    known: Place | None
    write_known: Place | None
    known_level: Literal["must", "should", "may"]
    prune: bool
    partial_headers: bool
    mapping: str | None
    jobs: int
    engine: Literal["local", "ray"]
    ray_address: str | None
    rows: Place | None
    sdk: Literal["auto", "on", "off"]
    record: Place | None
    report: Place | None


class RunOptions(TypedDict, total=False):
    """The options of a run: those of the command line, by the same names; `report` is where files are written, by default nowhere."""

    model: str | None
    responses_model: str | None
    embedding_model: str | None
    transcription_model: str | None
    speech_model: str | None
    image_model: str | None
    moderation_model: str | None
    api_key_env: str
    header: Words
    concurrency: int | Literal["auto"]
    timeout: float
    wait: float
    max_seconds: float | None
    budget_requests: int | None
    budget_tokens: int | None
    burst: int | None
    limited_key_env: str | None
    only: Words
    exclude: Words
    failed: bool
    endpoints: Words
    cheap: bool
    websocket: bool
    depth: Literal["quick", "normal", "deep"]
    require: Words
    profile: Literal["chat", "agents", "full"] | None
    fail_on: Literal["must", "should", "regression", "gap"]
    against: Place | None
    known: Place | None
    write_known: Place | None
    known_level: Literal["must", "should", "may"]
    prune: bool
    times: int
    record: Place | None
    replay: Place | None
    baseline: Place | None
    baseline_model: str | None
    baseline_key_env: str
    max_gap: int | None
    vllm_python: Place | None
    sdk: Literal["auto", "on", "off"]
    report: Place | None


def judge(exchanges: Iterable[Exchange], *, only: Words = ()) -> tuple[Verdict, ...]:
    """One verdict for every check, or those of the areas and ids of `only`, on these exchanges, in the order of the catalogue.

    Exchanges are taken one by one and forgotten, so there may be any number of them. The checks `sdk.*`, which replay answers
    through the official client, are for `run` and `judge_files`. Raises UserError for a check that there is not.
    """
    from conformance.judge.judge import RECORDED, Judge
    from conformance.run.run_file import verdict_record
    from conformance.run.selection import chosen
    from conformance.run.witness import AREA

    court = Judge([check for check in chosen(_words(only)) if check.area != AREA], RECORDED)
    for x in exchanges:
        court.add(x)
    return tuple(verdict_of(verdict_record(each), red=each.red()) for each in court.finish())


def run(base_url: str | None = None, **options: Unpack[RunOptions]) -> Result:
    """Send what the checks need to an endpoint, or to the embedded reference where none is named, and judge what comes back.

    The key is read from the environment variable that `api_key_env` names. Raises UserError for what makes no sense, CannotJudge
    where nothing can be judged, and RuntimeError within a running event loop: `await asyncio.to_thread(run, base_url)` there.
    """
    _refuse_to_block()
    return _conducted({**options, "base_url": base_url})


def judge_files(*files: Place, **options: Unpack[JudgeOptions]) -> Result:
    """Judge recorded traffic: HAR files, VCR cassettes, other recordings, run files, and folders of them.

    This process does it alone unless `jobs` says how many are to. Raises UserError.
    """
    return _conducted({"jobs": 1, **options, "recordings": [str(file) for file in files]})


def read_run(file: Place) -> Result:
    """What a run file says: the run.jsonl of a report. Raises UserError where it is none."""
    from conformance.record.run_lines import RunFileError
    from conformance.report.verdict import verdict
    from conformance.run.run_file import read
    from conformance.run.user_error import UserError

    try:
        found = read(Path(file))
    except RunFileError as error:
        raise UserError(str(error)) from None
    footer: Mapping[str, Any] = found.footer or {}
    red = set(footer.get("red", ()))
    word, why = verdict(found)
    remarks = [*footer.get("remarks", ()), *([found.remark] if found.remark else [])]
    return Result(
        verdict=word,
        why=why,
        exit_code=footer.get("exit_code"),
        conforms=bool(footer.get("gate", {}).get("conforms", footer.get("exit_code") == 0)),
        verdicts=tuple(verdict_of(record, red=record["check"] in red) for record in found.verdicts),
        features=tuple(feature_of(record) for record in found.features),
        exchanges=tuple(found.exchanges),
        remarks=tuple(remarks),
    )


def read_recordings(
    *files: Place, on_skipped: Callable[[str], None] = lambda line: None, mapping: str | None = None
) -> Iterator[Exchange]:
    """The exchanges of HAR files, VCR cassettes, logs, other recordings and run files, one by one, named FILE#ENTRY and without secrets.

    `on_skipped` is told in a line of what gave none; `mapping` is what --mapping takes. Raises UserError, at once, for a file that is
    not there and a mapping that is none.
    """
    from conformance.record import mapping as mappings
    from conformance.record import recognition, remote
    from conformance.run.user_error import UserError
    from conformance.wire.redact import without_keys

    try:
        by = mappings.mapping(mapping) if mapping else None
        found, amiss, _ = recognition.find([str(file) for file in files], by)
    except mappings.MappingError as wrong:
        raise UserError(f"mapping: {wrong}") from None
    except remote.Unreachable as error:
        raise UserError(str(error)) from None
    except FileNotFoundError as missing:
        raise UserError(f"there is no file or folder {missing.args[0] or repr(missing.args[0])}") from None

    def each() -> Iterator[Exchange]:
        for line in amiss:
            on_skipped(line)
        for recording in found:
            for x in recognition.exchanges(recording):
                if isinstance(x, Exchange):
                    yield x
                else:
                    on_skipped(f"{recording.name}{x.place} {without_keys(x.reason)}")

    return each()


def _refuse_to_block() -> None:
    """Raises RuntimeError within a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("run() would block the event loop that runs here: `await asyncio.to_thread(run, base_url)`")


def _words(given: Words) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _conducted(given: Mapping[str, Any]) -> Result:
    """The result of one run, whose files are kept where `report` says. Raises UserError, CannotJudge."""
    from conformance.report.files import write_reports
    from conformance.run import conductor
    from conformance.run.options import Options, declared

    known = {name: about for name, _, about, _ in declared(given)}
    if odd := given.keys() - known.keys():
        raise TypeError(f"there is no option {min(odd)!r}")
    texts = {k: _words(v) if known[k]["many"] else v for k, v in given.items() if v is not None}
    with contextlib.ExitStack() as stack:
        stack.enter_context(quiet())
        folder = texts.get("report") or stack.enter_context(tempfile.TemporaryDirectory())
        options = Options.make(texts | {"report": str(folder)})
        reports: conductor.Reports = write_reports if "report" in texts else lambda folder, baseline: []
        return read_run(conductor.conduct(options, reports=reports).files[0])


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Give the loggers of the HTTP library, which must not log keys while we send, their levels back."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
