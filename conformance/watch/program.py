"""The requests of a program of the user's: each goes to the judge the moment it is complete, and what fails is said as it happens.

The program's key passes, and is known from the requests alone: whatever it is in is cleaned before anything keeps it. It must not
send: the proxy passes on what the program asks, and nothing else is asked.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from conformance.exchange import Exchange, NotRecorded
from conformance.judge.mistakes import mistakes
from conformance.judge.verdicts import Check
from conformance.reference.watcher import GRACE, watched
from conformance.run.book import Book
from conformance.run.options import Options
from conformance.run.user_error import UserError
from conformance.send.answer import Answer, Ended, Room, texts
from conformance.send.limits import GIB, MIB, Limits
from conformance.send.target import Target
from conformance.watch.observed import Seen
from conformance.watch.proxy import CannotListen, Proxy
from conformance.watch.upgraded import is_turn
from conformance.watch.upstream import Upstream
from conformance.wire.coding import Decoder, Undecodable
from conformance.wire.redact import Redactor, hides_a_secret, names_a_secret, url_secrets

VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_BASE")
"""What clients take the base URL from: the official ones, their versions before 1.0, and tools beside them."""
LOCAL = "127.0.0.1,localhost"
LIMITS = Limits(body_bytes=16 * MIB, run_bytes=GIB)
STEP = 0.1
"""Seconds between two looks at whether the command has ended."""

Say = Callable[[Check, str, str], None]
"""Told of a check, the exchange and the problem, when a check fails for the first time."""


@dataclass
class Program:
    """What is watched: a command with its variables, or whatever asks at the address. `code` is how the command ended."""

    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    listen: tuple[str, int] = ("127.0.0.1", 0)
    announce: Callable[[str], None] = lambda address: None
    """Told the base URL that programs are to use."""
    code: int | None = None


def take_in(options: Options, program: Program, book: Book, say: Say) -> dict[str, Any]:
    """Take in all that the program asks, until it ends or Ctrl-C; what the footer says of it. Raises UserError."""
    base_url = options.base_url or ""
    if urlsplit(base_url).query:
        raise UserError("--base-url has a query, which the program must send by itself: give the part before the ?")
    try:
        upstream = Upstream.of(base_url)
    except ValueError as reason:
        raise UserError(str(reason)) from None
    book.open({"base_url": Target(base_url, "").redactor.url(base_url), "asked_by": "program"})
    taking = _Taking(base_url, book, say)
    try:
        with Proxy(upstream, *program.listen) as proxy:
            address = proxy.address + urlsplit(base_url).path
            program.announce(address)
            with ExitStack() as stack:
                running = _start(program, address, stack) if program.command else None
                _follow(proxy, running, taking)
            program.code = running and _code(running)
            proxy.stop()
            while proxy.over is None:
                taking.take(proxy.next(STEP))
            return taking.about(proxy.over.lost, proxy.over.unread)
    except CannotListen as reason:
        raise UserError(str(reason)) from None


def _follow(proxy: Proxy, running: subprocess.Popen | None, taking: _Taking) -> None:
    """Take what passes until the command has ended, or Ctrl-C. Of a command, Ctrl-C is its own affair: it has got it, too."""
    with _told_to_stop() as told:
        while proxy.over is None and not told() and (running is None or running.poll() is None):
            taking.take(proxy.next(STEP))
    if running is not None and running.poll() is None:
        until = time.monotonic() + GRACE
        while running.poll() is None and time.monotonic() < until:
            taking.take(proxy.next(STEP))


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """While this holds, Ctrl-C and what ends us as it does are noted, so that no exchange is judged by half; told twice, it is as ever."""
    seen = 0

    def note(number: int, frame: object) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread: whoever runs us there ends us
        yield lambda: False
        return
    try:
        yield lambda: seen > 0
    finally:
        signal.signal(signal.SIGINT, before)


def _start(program: Program, address: str, stack: ExitStack) -> subprocess.Popen:
    local = {name: ",".join(filter(None, (os.environ.get(name), LOCAL))) for name in ("NO_PROXY", "no_proxy")}
    own = os.environ | local | dict.fromkeys((*VARIABLES, *program.env), address)
    words = [word.replace("{url}", address) for word in program.command]
    try:
        running = subprocess.Popen(words, env=own)
    except OSError as error:
        raise UserError(f"cannot run {words[0]}: {error.strerror}") from None
    stack.enter_context(watched(running))
    stack.callback(_end, running)
    return running


def _end(running: subprocess.Popen) -> None:
    if running.poll() is None:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(GRACE)
        running.kill()


def _code(running: subprocess.Popen) -> int:
    """As a shell says it."""
    code = running.wait()
    return code if code >= 0 else 128 - code


class _Taking:
    """Makes exchanges of what passed, and hands them on."""

    def __init__(self, base_url: str, book: Book, say: Say) -> None:
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._secret_urls = tuple(url_secrets(base_url))
        self._book, self._say = book, say
        self._number = 0
        self._own: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def take(self, seen: Seen | None) -> None:
        if seen is None:
            return
        self._number += 1
        x = exchange(seen, f"program#{self._number}", self._origin, self._secret_urls)
        with suppress(NotRecorded):
            for mistake in mistakes(x):
                self._own[mistake] += 1
                self._first.setdefault(mistake, x.id)
        for check, ids, problem in self._book.take_recorded(x):
            self._say(check, ids, problem)

    def about(self, lost: int, unread: int) -> dict[str, Any]:
        """What the footer says beside the verdicts."""
        own = [
            f"the program's own mistake: {count:,} request{'s' * (count > 1)} {mistake} (the first is {self._first[mistake]})"
            for mistake, count in self._own.items()
        ]
        passed = (
            [f"{unread:,} connections were passed on unread: they are neither HTTP nor a WebSocket of Responses"]
            if unread
            else []
        )
        late = [f"{lost:,} exchanges passed faster than they could be judged"] if lost else []
        return {"exchanges": self._number, "remarks": own + passed, "lost": late}


def exchange(seen: Seen, id: str, origin: str, secrets: Sequence[str]) -> Exchange:
    """The exchange of what passed, without a secret."""
    answer = Answer(LIMITS, Room(LIMITS.body_bytes, LIMITS.lines, LIMITS.values))
    answer.sent, answer.started, answer.status = 0.0, seen.started, seen.status
    answer.headers = texts(seen.headers)
    ended, failure = seen.ended, seen.failure
    request_headers = texts(seen.request_headers)
    url = origin + seen.target if seen.target.startswith("/") else origin
    if is_turn(seen.target, seen.request_headers):
        url = f"ws{url[4:]}"
    clean = _redactor(request_headers, (*secrets, *url_secrets(url)))
    try:
        answer.bound_headers()
        coding = ", ".join(value for name, value in answer.headers if name.lower() == "content-encoding")
        decoder = Decoder(clean.text(coding))
        for at, portion in seen.portions:
            answer.take(decoder, portion, at)
        if ended == "complete":
            decoder.close()
    except Ended as end:
        ended, failure = end.args
    except Undecodable as reason:
        ended, failure = "undecodable", str(reason)
    x = answer.exchange(
        id=id,
        method=seen.method,
        url=url,
        request_headers=request_headers,
        request_body=bytes(seen.request_body),
        ended=ended,
        failure=failure,
    )
    return x.redacted(clean)


def _redactor(headers: Sequence[tuple[str, str]], urls: tuple[str, ...]) -> Redactor:
    """What this program is known to keep secret: the values of its headers whose names say so, and those in the URL."""
    held = [value for name, value in headers if names_a_secret(name)]
    held += [value.partition(" ")[2] for value in held if value.lower().startswith(("bearer ", "basic "))]
    hidden = [name for name, _ in headers if hides_a_secret(name, header=True)]
    return _made(tuple(dict.fromkeys((*held, *urls))), tuple(dict.fromkeys(hidden)))


@lru_cache(maxsize=64)
def _made(secrets: tuple[str, ...], hidden: tuple[str, ...]) -> Redactor:
    return Redactor(secrets, hidden=hidden)
