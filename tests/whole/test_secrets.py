"""No file and no output ever holds the key, whatever an endpoint does with it; and what is no secret stays as it was."""

from __future__ import annotations

import asyncio
import base64
import gzip
import html
import json
import os
import re
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.areas.catalogue import probes
from conformance.exchange import Exchange
from conformance.exchange.curl import MAX_BODY, curl
from conformance.exchange.probe import WRONG_KEY
from conformance.run.run_file import RunWriter
from conformance.send.cannot_judge import CannotJudge
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.target import Target
from conformance.wire.redact import REDACTED, Redactor, names_a_secret
from tests.support.hostile import SSE, chunk, serve, whole

KEY = 'sk-T/e+s"t<9>&0\\x~0123456789'
"""Holds a character that each kind of escaping changes."""
COOKIE = "session-cookie-of-the-user-4711"


def escaped(secret: str) -> list[bytes]:
    """The secret, and every way in which somebody could write it so that it can be read back."""
    raw, percent = secret.encode(), quote(secret, safe="")
    texts = [secret, json.dumps(secret)[1:-1], json.dumps(json.dumps(secret)[1:-1])[1:-1], html.escape(secret)]
    texts += [percent, re.sub("%..", lambda found: found[0].lower(), percent), raw.hex(), raw.hex().upper()]
    return [text.encode() for text in texts] + [base64.b64encode(b"x" * shift + raw + b"x") for shift in range(3)]


def found_in(data: bytes) -> list[bytes]:
    """What of the secrets is in the data, in whichever form; of base64, what no neighbour of the secret can change."""
    forms = [form for secret in (KEY, COOKIE) for form in escaped(secret)]
    return [form for form in forms if form in data or form[4:-4] in data]


class Echo:
    """A server that says the request's credentials in every way and place, differently for every request."""

    def __init__(self):
        self.turn = 0

    async def __call__(self, writer, request):
        self.turn += 1
        raw = request.partition(b"\r\n\r\n")[0]
        raw += KEY.encode() + b" " + COOKIE.encode()
        everything = b" ".join([raw, *escaped(KEY), *escaped(COOKIE), base64.b64encode(raw)])
        header = [b"X-Echo: " + KEY.encode(), b"Set-Cookie: " + COOKIE.encode(), b"Location: /?k=" + escaped(KEY)[4]]
        body = json.dumps({"error": {"message": KEY, "k": everything.decode("latin-1")}, "data": [KEY]}).encode()
        match self.turn % 7:
            case 0:
                writer.write(b"HTTP/1.1 " + KEY.encode() + b"\r\n\r\n")
            case 1:
                writer.write(whole(everything, *header))
            case 2:
                writer.write(whole(body, *header, status=b"401 " + KEY.encode()))
            case 3:
                writer.write(whole(gzip.compress(body), b"Content-Encoding: gzip", *header))
            case 4:
                writer.write(SSE + b"".join(chunk(bytes([byte])) for byte in b"data: " + KEY.encode() + b"\n\n"))
            case 5:
                writer.write(b"HTTP/1.1 200 OK\r\n" + header[0] + b"\r\n" + KEY.encode() + b"\r\n\r\n")
            case 6:
                writer.write(whole(b"\xff\x00" + everything, b"Content-Encoding: " + KEY.encode()))


async def test_no_file_and_no_exchange_holds_the_key(tmp_path):
    got = []
    async with serve(Echo()) as url:
        url = url.replace("//", f"//user:{quote(KEY, safe='')}@") + f"?api_key={quote(COOKIE)}"
        target = Target(url, "m", KEY, headers=(("Cookie", COOKIE), ("X-Secret", COOKIE)))
        with RunWriter(tmp_path / "run.jsonl", target.redactor) as run:
            run.header({"options": {"header": f"Cookie={COOKIE}"}, "target": {"base_url": url, "model": "m"}})

            def keep(x):
                got.append(x)
                run.exchange(x)

            skipped = await fetch(probes(), target, Limits(), on_exchange=keep)
            run.footer({"counts": {}, "exit_code": 0, "skipped": [list(s) for s in skipped] + [KEY]})
    assert len(got) > 80
    assert {x.ended for x in got} >= {"complete", "undecodable", "cut"}
    assert found_in(repr(target).encode()) == []
    assert found_in((tmp_path / "run.jsonl").read_bytes()) == []
    for x in got:
        text = f"{x!r} {x.failure} {x.url} {x.headers} {x.request_headers} {curl(x)}".encode()
        assert found_in(text) == []
        assert found_in(x.body + x.request_body) == []
        assert x.body == b"" or REDACTED.encode() in x.body
    assert WRONG_KEY in repr([x.request_headers for x in got])  # it is no secret, and checks look for it


async def test_no_message_of_a_preflight_holds_the_key():
    async with serve(Echo()) as url:
        for _ in range(14):
            try:
                _, x = await preflight(Target(url, "", KEY, (("Cookie", COOKIE),)), "m", Limits())
                said = repr(x)
            except CannotJudge as reason:
                said = f"{reason} {reason!r} {reason.exchange!r}"
            assert found_in(said.encode()) == []


@pytest.mark.parametrize("face", ["run", "pytest"])
async def test_no_report_and_no_output_of_a_command_holds_the_key(tmp_path, face):
    async with serve(Echo()) as url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "conformance", face, f"--base-url={url}", "--model=m", f"--header=Cookie={COOKIE}",
            "--report=out", "--record=record.jsonl", *(["-rA", "-p", "no:cacheprovider"] if face == "pytest" else []),
            cwd=tmp_path, env={**os.environ, "OPENAI_API_KEY": KEY, "PYTHONPATH": os.getcwd(), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
    assert found_in(output) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"run.jsonl", "record.jsonl", "index.html", "junit.xml"}, output.decode()
    assert [(path.name, found) for path in files if (found := found_in(path.read_bytes()))] == []


# ---------------------------------------------------------------------- the redactor

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+/=\"'\\&<>"
keys = st.text(LETTERS, min_size=16, max_size=60).filter(lambda key: REDACTED not in key and len(set(key)) > 8)


@settings(max_examples=300, deadline=None)
@given(keys, st.binary(max_size=40), st.binary(max_size=40), st.data())
def test_a_secret_is_overwritten_wherever_it_stands_and_the_length_kept(key, before, after, data):
    raw = before + data.draw(st.sampled_from([key, json.dumps(key)[1:-1], quote(key, safe="")])).encode() + after
    clean = Redactor([key]).bytes(raw)
    assert len(clean) == len(raw)
    assert key.encode() not in clean
    assert key.encode() not in base64.b64decode(Redactor([key]).bytes(base64.b64encode(raw)))


@settings(max_examples=200, deadline=None)
@given(keys, st.text(max_size=30), st.text(max_size=30))
def test_a_json_text_stays_one(key, before, after):
    raw = json.dumps({"a": before + key + after}).encode()
    assert set(json.loads(Redactor([key]).bytes(raw))) == {"a"}


@pytest.mark.parametrize(
    "placeholder", ["", "EMPTY", "none", "null", "ollama", "lm-studio", "content", "12345678", "x"]
)
def test_a_placeholder_changes_no_answer(placeholder):
    body = b'{"content": null, "created": 12345678, "owned_by": "ollama lm-studio EMPTY none x"}'
    assert Redactor([placeholder]).bytes(body) == body


def test_a_short_secret_is_found_as_a_word_only():
    assert Redactor(["sk-1234"]).bytes(b'"sk-1234" sk-12345 ask-1234') == b'"REDACTE" sk-12345 ask-1234'


def test_headers_lose_credentials_by_name_and_keep_the_scheme():
    headers = (("AUTHORIZATION", "bearer EMPTY"), ("Api-Key", "x"), ("X-My-Token", "y"), ("Accept", "z"))
    clean = Redactor().headers(headers, sent=True)
    assert clean == (
        ("AUTHORIZATION", "bearer REDACTED"),
        ("Api-Key", REDACTED),
        ("X-My-Token", REDACTED),
        ("Accept", "z"),
    )
    limits = (("x-ratelimit-remaining-tokens", "7"), ("www-authenticate", "Bearer"), ("Set-Cookie", "a=b"))
    assert Redactor().headers(limits, sent=False) == (*limits[:2], ("Set-Cookie", REDACTED))


def test_a_public_value_stays():
    headers = (("Authorization", f"Bearer {WRONG_KEY}"),)
    assert Redactor(["secret-0123456789abc"], public=[WRONG_KEY]).headers(headers, sent=True) == headers


def test_no_header_of_a_probe_names_a_secret():
    assert [name for probe in probes() for name, _ in probe.headers if names_a_secret(name)] == []


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:pw@host/v1?api-version=1", "https://host/v1?api-version=1"),
        ("https://token@host:8/v1", "https://host:8/v1"),
        (
            "https://host/v1?key=abc&limit=1&Subscription-Key=d",
            f"https://host/v1?key={REDACTED}&limit=1&Subscription-Key={REDACTED}",
        ),
        ("https://host/v1?a%70i_key=abc", f"https://host/v1?a%70i_key={REDACTED}"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_a_url_loses_userinfo_and_secret_parameters(url, clean):
    assert Redactor().url(url) == clean


# ---------------------------------------------------------------------- curl


def exchange(body=b"", *headers, method="POST", url="http://h/v1/chat/completions"):
    return Exchange("x", method, url, headers, body, None, (), b"")


def test_curl_is_one_line_that_can_be_copied():
    headers = (("Host", "h"), ("Accept-Encoding", "gzip, deflate"), ("User-Agent", "us"), ("Content-Length", "9"),
               ("Content-Type", "application/json"), ("AUTHORIZATION", "bearer REDACTED"), ("Cookie", REDACTED))  # fmt: skip
    line = curl(exchange(b'{"stream": true, "x": "it\'s"}', *headers), "MY_KEY")
    assert line == (
        "curl -sS -N http://h/v1/chat/completions --compressed -H 'Content-Type: application/json'"
        ' -H "AUTHORIZATION: bearer $MY_KEY" -H "Cookie: $COOKIE"'
        """ --data-raw '{"stream": true, "x": "it'"'"'s"}'"""
    )


def test_curl_names_the_method_where_it_would_choose_another():
    assert curl(exchange(method="GET")) == "curl -sS http://h/v1/chat/completions"
    assert curl(exchange(method="DELETE")).startswith("curl -sS -X DELETE ")
    assert curl(exchange()).startswith("curl -sS -X POST ")
    assert curl(exchange(b"{}", method="GET")).startswith("curl -sS -X GET ")


def test_a_long_body_is_cut_and_a_comment_says_so():
    line = curl(exchange(b'{"x": "%b"}' % (b"a" * 5000)))
    assert len(line) < MAX_BODY + 200
    assert line.endswith("'  # the body is cut: 2,048 of 5,009 characters")
    assert curl(exchange(b"\xff\xfe")).endswith("# the body, 2 bytes that are not UTF-8 text, is left out")


SHELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=25, deadline=None)
@given(SHELL, SHELL)
def test_a_shell_reads_exactly_the_request(body, value):
    """printf in the place of curl: what the shell hands over, word for word."""
    sent = json.dumps({"a": body}, ensure_ascii=False)
    line = curl(exchange(sent.encode(), ("X-Odd", value), ("Authorization", f"Bearer {REDACTED}")))
    shown = subprocess.run(
        ["/bin/sh", "-c", line.replace("curl ", "printf '%s\\0' ", 1)],
        capture_output=True,
        env={"OPENAI_API_KEY": 'k$`"'},
    )
    words = shown.stdout.decode().split("\0")
    assert shown.stderr == b""
    assert json.loads(words[-2]) == {"a": body}
    assert 'Authorization: Bearer k$`"' in words
    assert words[2] == "-H"
    assert words[3].startswith("X-Odd: " if value else "X-Odd;")  # curl leaves out what is written "X-Odd:"
