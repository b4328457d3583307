"""Work in several processes: all of it is done, what ends a process is named and the rest is done, and no process stays."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from conformance.run.processes import Lost, results


def doubled(task, seen):
    seen(len(task))
    return [2 * each for each in task]


def deadly(task, seen):
    """The third item ends its process, always; the fifth the first time it is tried, which a file tells."""
    for each in task:
        if each == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if isinstance(each, str) and not os.path.exists(each):
            open(each, "x").close()
            os._exit(7)
    return list(task)


def failing(task, seen):
    raise ZeroDivisionError("ours")


def test_all_is_done_and_told():
    told = []
    found = list(results(doubled, [[1, 2], [3], [4, 5, 6]], 2, told.append))
    assert sorted(found) == [[2, 4], [6], [8, 10, 12]]
    assert sum(told) == 6
    assert multiprocessing.active_children() == []


def test_what_ends_its_process_is_named_and_the_rest_is_done(tmp_path):
    once = str(tmp_path / "once")
    found = list(results(deadly, [[1, 2, 3, 4], [once]], 2, lambda count: None))
    lost = [each for each in found if isinstance(each, Lost)]
    assert lost == [Lost((3,), "signal 9")]
    assert sorted((each for each in found if each not in lost), key=str) == sorted([[1], [2], [4], [once]], key=str)
    assert multiprocessing.active_children() == []


def test_a_fault_of_ours_is_none_of_the_file():
    with pytest.raises(RuntimeError, match="ZeroDivisionError: ours"):
        list(results(failing, [[1]], 1, lambda count: None))
    assert multiprocessing.active_children() == []


def test_who_stops_early_leaves_no_process():
    found = results(doubled, [[n] for n in range(50)], 2, lambda count: None)
    next(found)
    found.close()
    assert multiprocessing.active_children() == []
