"""A matrix without endpoints: how many run at once, what becomes of exit codes, words and names, and what a process is given."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from conformance.matrix import fleet
from conformance.matrix.fleet import CHILD, Result, _last, _with_clients, arguments, child, conduct, exit_code
from conformance.matrix.targets import Job, _slug, load, shard_of
from conformance.run.run_file import Run
from conformance.run.user_error import UserError


def job(n: int, host: str = "h:80") -> Job:
    return Job(f"target {n}", f"target-{n}", host, {"api_key_env": f"KEY_{n}", "base_url": f"http://h{n}/v1"})


class Commands:
    """Ends each command after all that may run at once have begun; gives the exit codes and words in turn."""

    def __init__(self, *said: tuple[int, str]) -> None:
        self.said, self.asked, self.now, self.most = [*said], [], Counter(), Counter()

    async def __call__(self, command: str, given: dict, without: set) -> tuple[int, str]:
        self.asked.append((command, given, without))
        host = given["base_url"]
        self.now.update(["all", host])
        self.most |= self.now
        for _ in range(20):
            await asyncio.sleep(0)
        self.now.subtract(["all", host])
        return self.said.pop(0) if self.said else (3, "openai-conformance: it is gone")


@pytest.mark.parametrize(
    ("hosts", "at_once", "per_host", "most"),
    [("abcdef", 3, 1, 3), ("abcdef", 9, 1, 6), ("aaabbb", 9, 1, 2), ("aaabbb", 9, 2, 4), ("aaaaaa", 3, 5, 3)],
)
def test_so_many_run_at_once_and_so_many_of_a_host(hosts, at_once, per_host, most, tmp_path):
    jobs = [Job(str(n), str(n), host, {"api_key_env": "K", "base_url": host}) for n, host in enumerate(hosts)]
    commands, told = Commands(), []
    found = conduct(
        jobs, tmp_path, at_once=at_once, per_host=per_host, again=False, on_result=told.append, call=commands
    )
    assert commands.most["all"] == most
    assert max(commands.most[host] for host in set(hosts)) == min(per_host, at_once, max(Counter(hosts).values()))
    assert [each.job for each in found] == jobs
    assert sorted(each.job.name for each in told) == sorted(each.name for each in jobs)
    assert not (tmp_path / fleet.UNFINISHED).exists()


def test_each_is_given_its_key_and_no_others(tmp_path):
    commands = Commands()
    conduct([job(1), job(2)], tmp_path, at_once=1, per_host=1, again=False, on_result=lambda each: None, call=commands)
    assert [(command, without) for command, _, without in commands.asked] == [
        ("run", {"OPENAI_API_KEY", "KEY_2"}), ("run", {"OPENAI_API_KEY", "KEY_1"}),
    ]  # fmt: skip
    assert commands.asked[0][1]["report"] == str(tmp_path / "target-1")


@pytest.mark.parametrize(
    ("code", "said", "ended", "words"),
    [
        (3, "a\nopenai-conformance: no answer", 3, "no answer"),
        (2, "", 2, "it ended with 2"),
        (0, "", 0, "it ended with 0"),
        (-9, "", 4, "it ended with -9"),
        (77, "odd", 4, "odd"),
    ],
)
def test_what_left_no_run_says_why_in_a_line(code, said, ended, words, tmp_path):
    [result] = conduct(
        [job(1)], tmp_path, at_once=1, per_host=1, again=False, on_result=lambda each: None, call=Commands((code, said))
    )
    assert (result.code, result.said, result.run, result.kept) == (ended, words, None, False)
    assert not (tmp_path / fleet.COMPARISON).exists()


def result(code: int) -> Result:
    return Result(job(1), code, None, "")


@pytest.mark.parametrize(
    ("codes", "worst"), [((0,), 0), ((0, 1), 1), ((1, 3), 1), ((0, 3), 3), ((4, 1), 4), ((2, 0), 2)]
)
def test_a_matrix_is_as_good_as_its_worst_target(codes, worst):
    found = exit_code([result(code) for code in codes])
    assert found == worst
    assert exit_code([result(code) for code in reversed(codes)]) == found


def test_clients_that_fail_make_a_target_worse_and_never_better():
    trials = Run({})
    assert _with_clients(result(0), trials, 1, "why").code == 1
    assert _with_clients(result(1), trials, 0, "why").code == 1
    assert _with_clients(result(0), trials, -9, "why").code == 4
    assert _with_clients(result(0), trials, 0, "why").trials_said == ""
    missing = _with_clients(result(0), None, 3, "why")
    assert (missing.code, missing.trials, missing.trials_said) == (3, None, "why")
    assert _last("a\n b", 1) == " b"


def test_options_become_words():
    given = {"base_url": "u", "strict": True, "quiet": False, "model": None, "only": ("a", "b"), "wait": 0, "known": ""}
    words = ["--base-url=u", "--strict", "--only=a", "--only=b", "--wait=0", "--known="]
    assert arguments("run", given) == ["run", "--quiet", *words]


def test_a_process_has_our_environment_but_other_keys_and_what_github_reads(monkeypatch):
    for name in ("KEY_1", "KEY_2", "OTHER", "GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_SHA"):
        monkeypatch.setenv(name, "x")
    command, environment = child({"KEY_2"})
    assert command == (sys.executable, "-P", "-c", CHILD)
    assert set(os.environ) - set(environment) == {"KEY_2", "GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"}


@pytest.mark.parametrize(
    ("shard", "numbers"),
    [
        (None, [0, 1, 2, 3, 4]),
        ("1/1", [0, 1, 2, 3, 4]),
        ("1/2", [0, 2, 4]),
        (" 2/2 ", [1, 3]),
        ("5/5", [4]),
        ("3/4", [2]),
    ],
)
def test_a_shard_is_every_so_manieth(shard, numbers):
    jobs = [job(n) for n in range(5)]
    assert shard_of(jobs, shard) == [jobs[n] for n in numbers]


@pytest.mark.parametrize(
    ("shard", "said"),
    [
        ("0/2", "--shard takes I/N, such as 1/8 to 8/8, not '0/2'"),
        ("3/2", "--shard takes I/N, such as 1/8 to 8/8, not '3/2'"),
        ("1", "--shard takes I/N, such as 1/8 to 8/8, not '1'"),
        ("1/2/3", "--shard takes I/N, such as 1/8 to 8/8, not '1/2/3'"),
        ("6/6", "--shard 6/6 leaves nothing: there are 5 targets"),
    ],
)
def test_what_is_no_shard_is_said(shard, said):
    with pytest.raises(UserError) as error:
        shard_of([job(n) for n in range(5)], shard)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("a b/c", "a-b-c"),
        ("../x", "x"),
        ("--", "target"),
        ("", "target"),
        ("ü", "target"),
        ("x" * 200, "x" * 100),
        ("a._-b", "a._-b"),
    ],
)
def test_a_folder_is_called_so_on_any_system(name, slug):
    assert _slug(name) == slug


def test_targets_whose_folders_would_be_one_have_numbers(tmp_path, monkeypatch):
    names = ["a b", "a-b", "a.b", "a/b"]
    Path(tmp_path / "t.toml").write_text(
        "".join(f'[[target]]\nbase_url = "https://h.example/v1"\nname = "{name}"\n' for name in names)
    )
    jobs = load(str(tmp_path / "t.toml"), {})
    assert [each.slug for each in jobs] == ["a-b", "a-b-2", "a.b", "a-b-3"]
    assert {each.host for each in jobs} == {"h.example:443"}
    assert {each.given["api_key_env"] for each in jobs} == {"CONFORMANCE_NO_KEY"}
