"""Work on a Ray cluster, or on a Ray of this machine's own: what processes.py does here, by Ray's means.

A task whose worker dies is tried again by Ray, then item by item; what ends its worker each time is given up and named, and the rest is
done. No more tasks are handed over than the cluster has cores for, and a few. It must not know what the work is. Ray comes with the
extra `ray` and is imported here alone; nothing is told to anybody of its use.
"""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.run.processes import Lost, Work
from conformance.run.user_error import UserError, typed
from conformance.send.cannot_judge import CannotJudge

NAME = "openai-conformance"
INSTALL = "--engine ray needs Ray: install openai-conformance[ray]"
TRIES = 3
"""How often a task is begun until it is given up: a machine may go away in the midst of it."""
AHEAD = 2
"""Tasks that wait at a worker, so that none is idle; more would only fill the cluster's memory with what is handed over."""
STORE = 128 * 1024 * 1024
"""Bytes of the object store of a Ray of our own: what goes through it are counts and a few exchanges."""


def results(
    work: Work, tasks: Sequence[Sequence[Any]], seen: Callable[[int], None], address: str | None, jobs: int | None
) -> Iterator[Any]:
    """What comes of each task, as it comes, or Lost. `jobs`: the most that are done at once; the address is that of a running cluster.
    Raises UserError where there is no Ray, CannotJudge where no cluster answers or it goes away, RuntimeError where the work fails."""
    with joined(address, jobs) as ray:
        done = ray.remote(max_retries=TRIES - 1, num_cpus=1)(_done)
        handed = ray.put(work)
        yield from _conducted(ray, lambda task: done.remote(handed, task), tasks, seen, jobs)


def _conducted(
    ray: Any,
    hand_over: Callable[[Sequence[Any]], Any],
    tasks: Sequence[Sequence[Any]],
    seen: Callable[[int], None],
    jobs: int | None,
) -> Iterator[Any]:
    waiting, flying = deque(map(tuple, tasks)), {}
    try:
        while waiting or flying:
            room = _room(ray, jobs)
            while waiting and len(flying) < room:
                task = waiting.popleft()
                flying[hand_over(task)] = task
            for reference in ray.wait(list(flying), num_returns=1, timeout=5)[0]:
                task = flying.pop(reference)
                try:
                    result, told = ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    if "No module named 'conformance" in str(error):
                        raise CannotJudge(f"the workers of the Ray cluster lack {NAME}, which each must have") from None
                    raise RuntimeError(str(error)) from None
                except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as error:
                    if len(task) == 1:
                        yield Lost(task, _how(ray, error), f"{TRIES} times")
                    waiting.extendleft((item,) for item in reversed(task) if len(task) > 1)
                    continue
                seen(told)
                yield result
    except ray.exceptions.RayError as error:
        raise CannotJudge(f"the Ray cluster went away: {_first(error)}") from None
    finally:
        with contextlib.suppress(ray.exceptions.RayError):
            for reference in flying:
                ray.cancel(reference, force=True)


def _room(ray: Any, jobs: int | None) -> int:
    """How many tasks may be with the cluster, which may grow and shrink."""
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    return min(cores, jobs or cores) if jobs else cores + AHEAD


def _how(ray: Any, error: Exception) -> str:
    return "out of memory" if isinstance(error, ray.exceptions.OutOfMemoryError) else "its worker died"


def _done(work: Work, task: Sequence[Any]) -> tuple[Any, int]:
    """What a worker does: the result, and how much was done for it."""
    gc.set_threshold(20_000)  # as cli/process.py: collects_rarely
    told: list[int] = []
    return work(task, told.append), sum(told)


@contextlib.contextmanager
def joined(address: str | None, jobs: int | None) -> Iterator[Any]:
    """The module `ray` while it is connected: to the cluster at this address or that of RAY_ADDRESS, else to one that is begun here, on
    so many cores, and ends with this. What Ray would print meanwhile is not printed. Raises UserError, CannotJudge."""
    address = address or os.environ.get("RAY_ADDRESS")
    own = address in (None, "", "local")
    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_task_oom_retries=str(TRIES - 1))
    if own and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:  # it looks when it is imported
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        import ray
    except ImportError:
        raise UserError(INSTALL) from None
    if ray.is_initialized():
        yield ray
        return
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(stack.enter_context(open(os.devnull, "w"))))
        how = _own(stack, jobs) if own else {"address": address}
        stack.callback(ray.shutdown)  # before the files of our own are taken away
        handler = signal.getsignal(signal.SIGTERM)
        try:
            _begin(ray, how)
        except Exception as error:  # whatever Ray makes of an address, or of this machine
            where = "Ray cannot begin here" if own else f"no Ray cluster answers at {typed(address, 100)}"
            raise CannotJudge(f"{where}: {_first(error)}") from None
        finally:
            with contextlib.suppress(ValueError):  # not in the main thread, where Ray sets none either
                signal.signal(signal.SIGTERM, handler)
        yield ray


def _begin(ray: Any, how: dict[str, Any]) -> None:
    """A Ray of our own is begun several times where it is not there in the half minute that Ray waits: the machine may be busy."""
    for left in reversed(range(TRIES)):
        try:
            ray.init(logging_level="CRITICAL", log_to_driver=False, **how)
            return
        except Exception as error:
            ray.shutdown()
            if not left or "timed out" not in str(error):
                raise


def _own(stack: contextlib.ExitStack, jobs: int | None) -> dict[str, Any]:
    """How a Ray of our own begins: on loopback alone, and with files that are gone when it ends."""
    short = "/tmp" if sys.platform != "win32" and os.path.isdir("/tmp") else None  # paths of sockets have 107 bytes
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ray-", dir=short, ignore_cleanup_errors=True))
    return {
        "address": "local", "num_cpus": jobs, "include_dashboard": False, "object_store_memory": STORE, "_temp_dir": folder,
        "_node_ip_address": "127.0.0.1",
    }  # fmt: skip


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
