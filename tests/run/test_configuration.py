"""The configuration file: found here or above, every option of it checked, no key in it, and what is typed wins."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from conformance.run.configuration import NAME, PROJECT, configured, find
from conformance.run.options import Options, declared
from conformance.run.user_error import UserError

pytestmark = pytest.mark.usefixtures("elsewhere")

URL = "http://localhost:8000/v1"


def options(**typed) -> Options:
    return Options.make(configured(typed))


def test_without_a_file_what_is_typed_is_all():
    assert configured({"model": "tiny", "only": ()}) == {"model": "tiny", "only": ()}


@pytest.mark.parametrize(
    ("name", "head"),
    [
        (NAME, ""),
        (PROJECT, "[project]\nname = 'x'\n[tool.openai-conformance]\n"),
        (PROJECT, '["tool"."openai-conformance"]\n'),
    ],
)
def test_either_file_says_options_and_what_is_typed_wins(name, head):
    Path(name).write_text(
        f'{head}base-url = "{URL}"\nmodel = "tiny"\ntimeout = 5\nexclude = ["sdk", "rate"]\nonly = "chat"\ncheap = true\n'
    )
    found = options(model="large", only=("model",))
    assert (found.base_url, found.model, found.timeout, found.cheap) == (URL, "large", 5.0, True)
    assert (found.exclude, found.only, found.config) == (("sdk", "rate"), ("model",), name)
    assert options(config="none") == Options(config="none")


def test_names_are_taken_with_either_stroke():
    Path(NAME).write_text('fail_on = "should"\nmax-seconds = 7.5\n')
    assert (options().fail_on, options().max_seconds) == ("should", 7.5)


def test_every_option_of_a_run_may_be_in_it():
    """One of each, as its help says it is given."""
    examples = {"N": "500", "SECONDS": "5", "URL": f'"{URL}"', "NAME=VALUE": '["X-Tenant=a"]', "RUN": '"a/run.jsonl"'}
    for name, _, about, default in declared():
        if name == "config":
            continue
        shown = about["metavar"] and about["metavar"].partition("|")[0]
        text = "true" if shown is None else examples.get(shown, '"VLLM"' if "," in shown else f'"{default or shown}"')
        text = {"profile": '"chat"', "sdk": '"on"', "endpoints": '"chat"'}.get(name, text)
        text = {"baseline": '"vllm"', "only": '"chat"', "exclude": '"chat"'}.get(name, text)
        needed = {
            "watch_file": "watch = true",
            "known_level": 'write-known = "a"',
            "times": 'write-known = "a"',
            "prune": 'known = "a"',
        }
        Path(NAME).write_text(f"{name.replace('_', '-')} = {text}\n{needed.get(name, '')}\n")
        assert configured({})[name] not in (None, ()), name


def test_it_is_looked_for_above_up_to_the_repository(tmp_path, monkeypatch):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    deep = tmp_path / "repository" / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / NAME).write_text('model = "not ours"\n')
    assert find(deep) is None
    (tmp_path / "repository" / PROJECT).write_text(
        '[tool.openai-conformance]\nknown = "known/a.toml"\nreport = "out"\n'
    )
    assert find(deep) == tmp_path / "repository" / PROJECT
    (tmp_path / "repository" / NAME).write_text(
        'known = "known/a.toml"\nbaseline = "vllm"\nvllm-python = "python3"\nagainst = "/main/run.jsonl"\n'
    )
    monkeypatch.chdir(deep)
    found = options()
    assert (found.known, found.baseline, found.against) == ("../../known/a.toml", "vllm", "/main/run.jsonl")
    assert (found.vllm_python, found.report) == ("python3", "reports/latest")


def test_another_pyproject_is_somebody_elses():
    Path(PROJECT).write_text('[project]\ndependencies = ["openai-conformance"]\n[tool.ruff\n')
    assert options() == Options()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('modle = "x"', "line 2: there is no option 'modle' - did you mean model?"),
        ('api-key = "sk-abcdefgh12345678"', "line 2: there is no option 'api-key' - did you mean api-key-env?"),
        ('api-key-env = "sk-abcdefgh12345678"', "takes the name of an environment variable, not the key itself"),
        (
            'header = ["Authorization=Bearer abc"]',
            "line 2: header holds what may be a key: keys come from the environment",
        ),
        ('header = ["X-Any=sk-abcdefgh12345678"]', "line 2: header holds what may be a key"),
        ('base-url = "http://a:secret@b/v1"', "line 2: base-url holds what may be a key"),
        ('baseline = "http://b/v1?api_key=abcd"', "line 2: baseline holds what may be a key"),
        ("concurrency = 0", "line 2: concurrency is '0', expected a whole number from 1, or auto"),
        ('burst = "8"', "line 2: burst is a text, expected a whole number"),
        ("concurrency = true", 'line 2: concurrency is true or false, expected a whole number or "auto"'),
        ('timeout = "long"', "line 2: timeout is a text, expected a number"),
        ('cheap = "yes"', "line 2: cheap is a text, expected true or false"),
        ("model = 5", "line 2: model is a number, expected a text"),
        ('model = ["a"]', "line 2: model is a list, expected a text"),
        ("only = [1]", "line 2: only is a list with a number in it, expected a text, or a list of them"),
        ("only = {a = 1}", "line 2: only is a table, expected a text, or a list of them"),
        ('depth = "deeper"', "line 2: depth is 'deeper', expected quick, normal or deep"),
        ('base-url = "localhost"', "line 2: base-url is 'localhost', expected http://"),
        ('config = "other.toml"', "there is no option 'config'"),
        ('recordings = "a.har"', "there is no option 'recordings'"),
        ("model =", "not TOML"),
    ],
)
@pytest.mark.parametrize(("name", "head"), [(NAME, "# ours\n"), (PROJECT, "[tool.openai-conformance]\n")])
def test_every_mistake_is_one_line(name, head, text, said):
    Path(name).write_text(f"{head}{text}\n")
    with pytest.raises(UserError) as caught:
        options()
    assert said in str(caught.value)
    assert str(caught.value).startswith((name, "--api-key-env"))
    assert "\n" not in str(caught.value)
    assert "sk-abc" not in str(caught.value)


def test_the_line_of_a_table_is_not_that_of_another():
    Path(PROJECT).write_text(
        "[tool.other]\nmodel = 1\n[tool.openai-conformance]\n\nmodel = 2\n[tool.more]\nmodel = 3\n"
    )
    with pytest.raises(UserError, match=r"^pyproject\.toml, line 5: model is a number"):
        options()


def test_a_file_that_is_named_must_say_something():
    with pytest.raises(UserError, match=r"--config a\.toml: there is no such file"):
        options(config="a.toml")
    Path(PROJECT).write_text("[project]\n")
    with pytest.raises(UserError, match="has no table"):
        options(config=PROJECT)
    Path("a.toml").write_text("timeout = 3\n")
    assert options(config="a.toml").timeout == 3.0


def test_what_is_typed_leaves_no_quarrel_with_the_file():
    Path(NAME).write_text(f'base-url = "{URL}"\nstrict = true\nverbose = true\nrecord = "a.jsonl"\nonly = "chat"\n')
    assert options(fail_on="must").fail_on == "must"
    assert not options(quiet=True).verbose
    replayed = options(replay="run.jsonl")
    assert (replayed.base_url, replayed.record, replayed.only) == (None, None, ("chat",))


def test_what_means_nothing_by_itself_waits_for_what_is_typed():
    Path(NAME).write_text('watch-file = "src"\nknown-level = "must"\ntimes = 3\nprune = true\n')
    assert dataclasses.replace(options(), config=None) == Options()
    assert options(base_url=URL, watch=True).watch_file == ("src",)
    assert options(write_known="a").times == 3


def test_what_is_left_out_is_every_default():
    Path(NAME).write_text("\n")
    assert dataclasses.replace(options(), config=None) == Options()
