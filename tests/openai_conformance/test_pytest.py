"""The plugin in suites of other people, each in a pytest of its own, beside the plugins that such suites have."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conformance.run.run_file import read
from tests.support.checkout import ROOT

PLUGIN = ("-p", "openai_conformance.pytest")
ASK = """
BODY = {"model": "reference/scripted", "messages": [{"role": "user", "content": "hi"}], "stream": True}

def test_httpx(openai_endpoint):
    with openai_endpoint.httpx_client() as client:
        assert client.post("chat/completions", json=BODY).status_code == 200
        assert client.post("chat/completions", json=BODY).status_code == 200

def test_sdk(openai_endpoint):
    with openai_endpoint.openai_client() as client:
        assert list(client.chat.completions.create(**BODY))
"""
ASYNC = """
import pytest
BODY = {"model": "reference/scripted", "messages": [{"role": "user", "content": "hi"}]}

async def ask(endpoint):
    async with endpoint.async_httpx_client() as client:
        assert (await client.post("chat/completions", json=BODY)).status_code == 200
    async with endpoint.async_openai_client() as client:
        assert (await client.chat.completions.create(**BODY)).choices

@pytest.mark.asyncio
async def test_pytest_asyncio(openai_endpoint):
    await ask(openai_endpoint)

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(openai_endpoint):
    await ask(openai_endpoint)
"""
CHECKS = "def test_conformance(openai_check):\n    openai_check.verify()\n"
MINE = {"conformance/__init__.py": "", "conformance/mine.py": "HERE = 1\n"}


@pytest.fixture
def suite(tmp_path):
    """Runs pytest in somebody else's repository, which has a folder `conformance`, too; gives exit code and output."""

    def run(files: dict[str, str], *arguments: str, server=None, plugin=PLUGIN, **env: str) -> tuple[int, str]:
        for name, text in {**MINE, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        where = [f"--openai-conformance-base-url={server.base_url}"] if server else []
        alone = {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *where, *arguments],
            cwd=tmp_path,
            env=os.environ | alone | {"OPENAI_API_KEY": server.key if server else "", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert "INTERNALERROR" not in done.stdout, done.stdout
        return done.returncode, done.stdout

    return run


def said(out: str) -> str:
    """The section of the plugin."""
    return re.split("=+ openai-conformance =+\n", out)[1].rpartition("\n=")[0]


def counted(out: str) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", out.splitlines()[-1])}


# ---------------------------------------------------------------------- off unless asked for


def test_nobody_has_it_who_did_not_ask(suite):
    code, out = suite({"test_a.py": "import conformance.mine\ndef test_a(): pass\n"}, "--help", plugin=())
    assert (code, "openai-conformance" in out) == (0, False)


def test_asked_for_and_not_used_it_says_nothing(suite):
    code, out = suite({"test_a.py": "def test_a(): pass\n"})
    assert (code, "openai-conformance" in out, "openai_conformance" in out) == (0, False, False)


def test_an_ini_line_asks_for_it_and_gives_the_options(suite, liar):
    ini = f"[pytest]\naddopts = -p openai_conformance.pytest\nopenai_conformance_base_url = {liar.base_url}\n"
    code, out = suite({"test_a.py": ASK, "pytest.ini": ini}, plugin=(), OPENAI_API_KEY=liar.key)
    assert (code, counted(out)["passed"]) == (1, 2)


# ---------------------------------------------------------------------- recorded clients


def test_what_the_tests_got_is_judged_and_fails_the_session(suite, liar, tmp_path):
    code, out = suite({"tests/test_a.py": ASK}, "--openai-conformance-report=out", server=liar)
    assert (code, counted(out)["passed"]) == (1, 2)
    assert said(out).startswith("DOES NOT CONFORM  3 exchanges of the tests: ")
    assert "stream.done\n" in said(out)
    assert "recorded#tests/test_a.py::test_httpx" in said(out)
    assert liar.key not in out
    assert "Report: out/recorded/index.html" in said(out)
    assert "recorded#tests/test_a.py::test_sdk" in {x.id for x in read(tmp_path / "out/recorded/run.jsonl").exchanges}


def test_an_honest_server_is_green(suite, server):
    code, out = suite({"test_a.py": ASK}, server=server)
    assert (code, counted(out)) == (0, {"passed": 2})
    assert said(out).startswith("CONFORMS IN WHAT WAS RECORDED  3 exchanges of the tests: ")


@pytest.mark.parametrize(("level", "code"), [("none", 0), ("should", 1)])
def test_what_fails_the_session_is_an_option(suite, liar, level, code):
    found, out = suite({"test_a.py": ASK}, f"--openai-conformance-fail-on={level}", server=liar)
    assert (found, "stream.done\n" in said(out)) == (code, True)


def test_known_deviations_are_honoured_and_go_stale(suite, liar):
    entry = '[[deviation]]\ncheck = "{}"\nreason = "known"\n'
    known = "".join(map(entry.format, ("stream.done", "stream.done-is-last")))
    asked = ("--openai-conformance-known=known.toml",)
    code, out = suite({"test_a.py": ASK, "known.toml": known}, *asked, server=liar)
    assert (code, "KNOWN DEVIATION" in said(out)) == (0, True), out
    code, out = suite({"known.toml": known + entry.format("stream.chunk-object")}, *asked, server=liar)
    assert (code, "delete" in said(out)) == (1, True)


def test_nothing_that_could_be_judged_is_not_green(suite, server):
    test = "def test_a(openai_endpoint):\n    openai_endpoint.httpx_client().get('models')\n"
    code, out = suite({"test_a.py": test}, "--openai-conformance-only=embedding", server=server)
    assert (code, said(out).split("  ")[0]) == (1, "NOT JUDGED")


def test_without_an_endpoint_a_test_says_what_to_do(suite):
    code, out = suite({"test_a.py": ASK})
    assert code == 1
    assert "no endpoint is named: give --openai-conformance-base-url" in out


def test_a_fixture_of_theirs_may_start_the_endpoint(suite, server):
    fixture = f"import pytest\n@pytest.fixture(scope='session')\ndef openai_conformance_base_url():\n    return '{server.base_url}'\n"
    code, out = suite({"conftest.py": fixture, "test_a.py": ASK}, OPENAI_API_KEY=server.key)
    assert (code, counted(out)) == (0, {"passed": 2})


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--openai-conformance-only=strem", "did you mean stream"),
        ("--openai-conformance-known=none.toml", "none.toml"),
        ("--openai-conformance-fail-on=may", "is must, should or none"),
        ("--openai-conformance-depth=x", "is quick, normal or deep"),
    ],
)
def test_a_mistake_is_one_line(suite, argument, words):
    code, out = suite({"test_a.py": ""}, argument)
    assert (code, "Traceback" in out) == (4, False)
    assert words in out


# ---------------------------------------------------------------------- beside other plugins


def test_processes_of_xdist_are_judged_together(suite, liar):
    beside = ("-p", "xdist", "-n", "2")
    code, out = suite({"test_a.py": ASK}, *beside, server=liar)
    assert (code, counted(out)["passed"]) == (1, 2)
    assert said(out).startswith("DOES NOT CONFORM  3 exchanges of the tests: ")
    assert out.count(" openai-conformance =") == 1


def test_asyncio_plugins(suite, server):
    loops = ("-p", "pytest_asyncio.plugin", "-p", "anyio", "-o", "asyncio_default_fixture_loop_scope=function")
    code, out = suite({"test_a.py": ASYNC}, *loops, "-W", "error", server=server)
    assert (code, counted(out)) == (0, {"passed": 2}), out
    assert "  4 exchanges of the tests" in said(out)


def test_the_base_url_of_pytest_base_url_stays_its_own(suite, server):
    test = "def test_site(base_url, openai_endpoint):\n    assert base_url == 'http://site.test' != openai_endpoint.base_url\n"
    beside = ("-p", "pytest_base_url.plugin", "--base-url=http://site.test")
    code, out = suite({"test_a.py": test + ASK}, *beside, server=server)
    assert (code, counted(out)) == (0, {"passed": 3})


# ---------------------------------------------------------------------- checks as items


def test_one_item_a_check_beside_ones_own_tests(suite, liar):
    code, out = suite(
        {"test_a.py": "def test_a(): pass\n" + CHECKS},
        "-k",
        "test_a or stream.done",
        "-v",
        "--openai-conformance-depth=quick",
        server=liar,
    )
    assert code == 1
    assert "test_a.py::test_conformance[stream.done] FAILED" in out
    assert "test_a.py::test_a PASSED" in out
    assert "the stream" in out.partition("= FAILURES =")[2].lower()


def test_xdist_sends_once(suite, server, tmp_path):
    asked = ("-p", "xdist", "-n", "2", "--openai-conformance-only=model", "--openai-conformance-report=out")
    code, out = suite({"test_a.py": CHECKS}, *asked, server=server)
    assert (code, set(counted(out)) - {"skipped"}) == (0, {"passed"})
    ids = [x.id for x in read(tmp_path / "out/checks/run.jsonl").exchanges]
    assert len(ids) == len(set(ids)) > 3


def test_what_cannot_be_judged_fails_once_and_is_not_green(suite):
    away = "--openai-conformance-base-url=http://127.0.0.1:9/v1"
    code, out = suite({"test_a.py": CHECKS}, away, "--openai-conformance-only=model", "--openai-conformance-wait=0")
    assert (code, counted(out)["failed"]) == (1, 1)
    assert "nothing listens at 127.0.0.1:9" in out
