"""Ways in which a key could get out, whole or in part: said by the endpoint in any disguise, typed in a wrong place, kept in a
recording. None does. What is looked for is not told by our own redactor: any ten characters of the key, in any letter case, once
escapes of every kind are undone."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from urllib.parse import quote, unquote

import pytest

from conformance.areas.catalogue import judge, probes
from conformance.exchange.curl import curl
from conformance.run.run_file import RunWriter
from conformance.send.cannot_judge import CannotJudge
from conformance.send.fetch import fetch
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.target import Target
from conformance.wire.redact import Redactor
from tests.support.hostile import SSE, chunk, serve, whole
from tests.support.recordings import HONEST, har, har_entry, interaction, read

KEY = "sk-proj-T4bcD3fGh1JkLmN0pQ/rStUvWxYz987654+abcXYZ01"
SHOWN = 10
"""Characters of the key in a row that are a leak."""
PADS = range(60, 125, 7)
"""Lengths of a text before the key, so that wherever a message is cut, one of them is cut within the key."""


def undone(text: str) -> str:
    """Without escapes, however often they were escaped, and in one letter case."""
    for _ in range(4):
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), html.unescape(unquote(text)))
        text = re.sub(r"\\+", "", text)
    return text.lower()


def leaked(*shown: str | bytes) -> list[str]:
    """What of the key is in these texts: as text, in hex, in base64, in UTF-16."""
    found = []
    for each in shown:
        text = each if isinstance(each, str) else each.decode("latin-1")
        plain = undone(text)
        runs = re.findall(r"[A-Za-z0-9+/_-]{16,}", text)
        coded = [
            base64.b64decode(run[n:] + "===", altchars=b"-_" if set(run) & set("-_") else None).decode("latin-1")
            for run in runs
            for n in range(4)
            if len(run[n:]) % 4 != 1
        ]
        hexed = [
            bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1") for run in re.findall("[0-9a-fA-F]{20,}", text)
        ]
        for form in (plain, plain.replace("\0", ""), *map(str.lower, coded + hexed)):
            found += [KEY[n : n + SHOWN] for n in range(len(KEY) - SHOWN + 1) if KEY[n : n + SHOWN].lower() in form]
    return found


def plain(value, **more):
    return whole(json.dumps(value).encode(), b"Content-Type: application/json", **more)


def chat(content, **more):
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return plain({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "m",
                  "choices": [choice], **more})  # fmt: skip


def stream(*deltas, index=lambda n: 0):
    events = [{"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m",
               "choices": [{"index": index(n), "delta": delta, "finish_reason": None}]} for n, delta in enumerate(deltas)]  # fmt: skip
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    return SSE + chunk(body) + chunk(b"")


def error(message, status=b"400 Bad Request", **more):
    return plain({"error": {"message": message, "type": "x", "param": None, "code": None, **more}}, status=status)


def some_escaped(key):
    return "".join(rf"\u{ord(c):04x}" if n % 3 == 0 else c for n, c in enumerate(key))


def cut(body, length=100):
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (len(body) + length) + body
    )


B64 = base64.b64encode(f"user:{KEY}".encode()).decode()
SAID = {
    "plain content": chat(KEY),
    "upper case": chat(KEY.upper()),
    "lower case": chat(KEY.lower()),
    "swapped case": chat(KEY.swapcase()),
    "twice in a row": chat(KEY * 2),
    "inside a word": chat(f"xx{KEY}yy"),
    "its first half": chat(KEY[:25]),
    "its second half": chat(KEY[25:]),
    "all but the last character": chat(KEY[:-1]),
    "all but the first character": chat(KEY[1:]),
    "its middle": chat(KEY[10:30]),
    "without its prefix, in upper case": chat(KEY[8:].upper()),
    "all of it in \\u": whole(b'{"a": "' + "".join(rf"\u{ord(c):04x}" for c in KEY).encode() + b'"}'),
    "some of it in \\u": whole(b'{"a": "' + some_escaped(KEY).encode() + b'"}'),
    "in \\U of upper case hex": whole(b'{"a": "' + "".join(rf"\u{ord(c):04X}" for c in KEY).encode() + b'"}'),
    "JSON in JSON": chat(json.dumps({"k": KEY.replace("/", "\\/")})),
    "JSON in JSON in JSON": chat(json.dumps(json.dumps({"k": some_escaped(KEY)}))),
    "escaped slashes": whole(b'{"a": "' + KEY.replace("/", "\\/").encode() + b'"}'),
    "percent": chat(quote(KEY, safe="")),
    "percent of all": chat("".join(f"%{ord(c):02x}" for c in KEY)),
    "percent of some": chat("".join(f"%{ord(c):02X}" if n % 2 else c for n, c in enumerate(KEY))),
    "percent twice": chat(quote(quote(KEY, safe=""), safe="")),
    "HTML": whole("".join(f"&#{ord(c)};" for c in KEY).encode()),
    "HTML in hex": whole("".join(f"&#x{ord(c):x};" for c in KEY).encode()),
    "hex": chat(KEY.encode().hex()),
    "hex in upper case": chat(KEY.encode().hex().upper()),
    "base64": chat(base64.b64encode(KEY.encode()).decode()),
    "base64 of Basic": error(f"Authorization: Basic {B64}"),
    "base64 with one before": chat(base64.b64encode(b"x" + KEY.encode()).decode()),
    "base64 for URLs": chat(base64.urlsafe_b64encode(b"xx" + KEY.encode() + b"y").decode()),
    "base64 in lines": chat(base64.encodebytes(b"some text before the key, as in a mail: " + KEY.encode()).decode()),
    "UTF-16": whole(KEY.encode("utf-16")),
    "UTF-16, other order": whole(KEY.encode("utf-16-be")),
    "gzip": whole(gzip.compress(json.dumps({"a": KEY}).encode()), b"Content-Encoding: gzip"),
    "in two deltas": stream({"content": KEY[:25]}, {"content": KEY[25:]}),
    "a character a delta": stream(*({"content": c} for c in KEY)),
    "in deltas of two choices": stream(*({"content": c} for c in KEY for _ in "ab"), index=lambda n: n % 2),
    "in deltas of arguments": stream(*({"tool_calls": [{"index": 0, "function": {"arguments": c}}]} for c in KEY)),
    "in escaped deltas": SSE
    + chunk(b"".join(b'data: {"choices":[{"index":0,"delta":{"content":"\\u%04x"}}]}\n\n' % c for c in KEY.encode()))
    + chunk(b""),
    "in tokens of logprobs": chat("x", logprobs={"content": [{"token": c, "logprob": -1} for c in KEY]}),
    "in chunks of the wire": SSE + b"".join(chunk(bytes((c,))) for c in b"data: " + KEY.encode() + b"\n\n") + chunk(b""),
    "a comment of a stream": SSE + chunk(f": {KEY}\n\ndata: {{}}\n\n".encode()) + chunk(b""),
    "the name of an event": SSE + chunk(f"event: {KEY}\nid: {KEY}\ndata: {{}}\n\n".encode()) + chunk(b""),
    "the name of a member": plain({KEY: 1}),
    "a header": whole(b"{}", f"X-Echo: {KEY}".encode()),
    "the name of a header": whole(b"{}", f"X-{KEY.replace('/', '-')}: 1".encode(), f"{KEY.replace('/', '')}: 1".encode()),
    "a header in upper case": whole(b"{}", f"X-Echo: {KEY.upper()}".encode()),
    "a cookie": whole(b"{}", f"Set-Cookie: k={KEY}".encode()),
    "a redirect": whole(b"", f"Location: https://elsewhere.test/{'a' * 60}?k={KEY}".encode(), status=b"302 Found"),
    "a redirect, percent": whole(b"", f"Location: /?k={quote(KEY, safe='')}".encode(), status=b"307 Moved"),
    "the media type": whole(b"{}", f"Content-Type: {KEY}".encode()),
    "the reason": whole(b"{}", status=f"500 {KEY}".encode()),
    "no HTTP": f"HTTP/1.1 {KEY}\r\n\r\n".encode(),
    "an error of 401": error(f"Incorrect API key provided: {KEY}", b"401 Unauthorized"),
    "a code of an error": error("x", code=KEY, type=KEY, param=KEY),
    "plain text": whole(f"upstream said {KEY}".encode(), status=b"502 Bad Gateway"),
    "a page": whole(f"<!doctype html><title>{KEY}</title>".encode(), b"Content-Type: text/html"),
    "cut in the key": cut(json.dumps({"a": KEY}).encode()[:50]),
    "cut after nine characters": cut(b'{"a": "' + KEY[:9].encode()),
    "cut in an escape": cut(b'{"a": "' + some_escaped(KEY).encode()[:70]),
    "broken gzip": whole(gzip.compress(KEY.encode())[:-4], b"Content-Encoding: gzip"),
    **{f"no HTTP, {n} before": b"HTTP/1.1 200 OK\r\n" + b"x" * n + KEY.encode() + b"\r\n\r\n" for n in PADS},
    **{f"an unknown coding, {n} before": whole(b"{}", b"Content-Encoding: " + b"x" * (n - 50) + KEY.encode()) for n in PADS},
    **{f"a message, {n} before": error("x" * n + KEY, b"500 Oops") for n in PADS},
    **{f"a text, {n} before": whole(b"x" * (n - 40) + KEY.encode()) for n in PADS},
}  # fmt: skip
CHAT = [probe for probe in probes() if probe.name == "chat.hello"]


@pytest.mark.parametrize("name", SAID)
async def test_an_endpoint_that_says_the_key(name, tmp_path):
    async def say(writer, request):
        writer.write(SAID[name])

    got, shown = [], []
    async with serve(say) as url:
        target = Target(url, "m", KEY)
        await fetch(CHAT, target, Limits(), on_exchange=got.append)
        try:
            await preflight(target, "m", Limits())
        except CannotJudge as reason:
            shown.append(str(reason))
    with RunWriter(tmp_path / "run.jsonl", target.redactor) as run:
        for x in got:
            run.exchange(x)
            shown += [repr(x), curl(x), x.failure or "", x.body]
        for verdict in judge(got):
            run.verdict(verdict)
            shown.append(repr(verdict.problems))
    for x in got:  # what a report joins of a stream
        if x.ok and x.streaming:
            shown += ["".join(re.findall(r'"(?:content|arguments)": ?"((?:[^"\\]|\\.)*)"', x.body.decode("latin-1")))]
    assert len(got) == 2
    assert leaked((tmp_path / "run.jsonl").read_bytes(), *shown) == []


async def test_a_limit_cuts_no_key_in_two():
    """Wherever the most bytes of a body end, the rest of the key is not left."""
    for most in range(8, 50, 3):
        got = []
        async with serve(lambda writer, request: _write(writer, whole(KEY.encode()))) as url:
            await fetch(CHAT, Target(url, "m", KEY), Limits(body_bytes=most), on_exchange=got.append)
        assert {x.ended for x in got} == {"limit"}
        assert [x.body for x in got if KEY[:6].encode() in x.body] == []


async def _write(writer, data):
    writer.write(data)


SENT = {
    "a header of the user": (("X-Tenant", KEY),),
    "a header that is no token": (("X-Tenant", "a-name-of-ours"),),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_header_of_the_user_is_a_secret(name):
    got = []
    value = SENT[name][0][1]
    async with serve(lambda writer, request: _write(writer, whole(b'{"a": "' + value.encode() + b'"}'))) as url:
        target = Target(f"{url}?route={quote(KEY)}&api-version=2024-10-21", "m", None, SENT[name])
        await fetch(CHAT, target, Limits(), on_exchange=got.append)
    shown = [f"{x!r} {curl(x)}" for x in got]
    assert leaked(*shown) == []
    assert all("api-version=2024-10-21" in each for each in shown)
    assert [x for x in got if value in repr((x.request_headers, x.url))] == []


def test_a_header_that_is_known_to_be_none_stays():
    headers = (("User-Agent", "ours/1.0"), ("OpenAI-Beta", "assistants=v2"), ("Accept", "application/json"))
    redactor = Target("http://h/v1", "m", KEY, headers).redactor
    assert redactor.headers(headers, sent=True) == headers


def test_a_part_of_the_key_that_the_model_is_called_stays():
    redactor = Target("http://h/v1", "my-model-7b-instruct", "my-model-7b-instruct-0123456789").redactor
    assert redactor.bytes(b'"my-model-7b-instruct"') == b'"my-model-7b-instruct"'
    assert b"0123456789" not in redactor.bytes(b"my-model-7b-instruct-0123456789")


# ---------------------------------------------------------------------- typed

TYPED = {
    "the first word": [KEY],
    "the first word, without a prefix": ["Zq9" * 10],
    "an extra word": ["run", KEY],
    "an option": [f"--{KEY}"],
    "the name of a variable": ["--api-key-env", KEY],
    "a header": ["--header", f"Authorization: Bearer {KEY}"],
    "an area": ["--only", KEY],
    "a feature": ["--require", KEY],
    "a profile": ["--profile", KEY],
    "a number": ["--timeout", KEY],
    "a number, late": ["--timeout", "9" * 80 + KEY],
    "a URL without a scheme": ["--base-url", f"user:{KEY}@host/v1"],
    "a URL with a password": ["--base-url", f"ftp://user:{KEY.replace('/', '')}@host/v1"],
    "a URL with a parameter": ["--base-url", f"ftp://host/v1?key={KEY}"],
    "a known file": ["--known", KEY],
    "a replay": ["--replay", KEY],
    "a recording": ["judge", KEY],
    "a check": ["explain", KEY],
    "a report": ["report", KEY],
}


@pytest.mark.parametrize("name", TYPED)
def test_a_key_typed_in_a_wrong_place(name, call, elsewhere, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, out, err = call(*TYPED[name])
    assert code == 2, out + err
    assert leaked(out, err) == []
    assert "Zq9Zq9" not in err


# ---------------------------------------------------------------------- recorded

PLAIN = HONEST["chat.hello"]


def recorded(**changes):
    made = har_entry(PLAIN)
    for place, value in changes.items():
        owner, name = place.split("_", 1)
        made[owner][name] = value(made[owner][name]) if callable(value) else value
    return made


def with_header(name, value):
    new = {"name": name, "value": value}
    return lambda headers: [each for each in headers if each["name"].lower() != name.lower()] + [new]


def says(text):
    return lambda content: content | {"text": text}


RECORDED = {
    "the key": recorded(request_headers=with_header("Authorization", f"Bearer {KEY}")),
    "a key of another name": recorded(request_headers=with_header("X-Api-Key", KEY), response_content=says(KEY)),
    "a key of Azure": recorded(request_headers=with_header("api-key", KEY), response_content=says(json.dumps({"a": some_escaped(KEY)}))),
    "a cookie": recorded(request_headers=with_header("Cookie", f"session={KEY}")),
    "a parameter": recorded(request_url=lambda url: f"{url}?sig={KEY}&api-version=1"),
    "an unknown parameter": recorded(request_url=lambda url: f"{url}?x={KEY}"),
    "a password": recorded(request_url=lambda url: url.replace("//", f"//u:{quote(KEY, safe='')}@")),
    "no URL": recorded(request_url=f"user:{'9' * 20}{KEY}"),
    "a status": recorded(response_status=f"{'x' * 30} {KEY}"),
    "a coding": recorded(response_headers=with_header("Content-Encoding", KEY), response_content={"text": "/w==", "encoding": "base64"}),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.filterwarnings("ignore")
def test_a_recording_that_holds_the_key(name, tmp_path, call, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.har").write_text(json.dumps(har([RECORDED[name]])))
    found = read(tmp_path / "one.har")
    assert leaked(*map(repr, found)) == []
    _, out, err = call("judge", "one.har", "--report", "out", "--sdk", "off", "--record", "all.jsonl")
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "one.har"]
    assert leaked(out, err, *written) == []


def test_a_cassette_that_holds_the_key_in_a_strange_place(tmp_path, call, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = interaction(PLAIN)
    made["request"]["headers"] |= {"Authorization": [f"Bearer {KEY}"]}
    made["response"]["status"]["code"] = f"9{KEY}"
    (tmp_path / "one.json").write_text(
        json.dumps({"interactions": [made, {KEY: 1}, {"request": KEY, "response": KEY}]})
    )
    _, out, err = call("judge", "one.json", "--report", "out", "--sdk", "off")
    assert leaked(out, err) == []


# ---------------------------------------------------------------------- what is no secret


def test_chance_is_no_leak():
    """Vendors' prefixes, short runs and words that a key shares with an answer are left as they are."""
    redactor = Redactor([KEY, "a-development-key-for-testing-0001"])
    for text in ("sk-proj-", KEY[:8], KEY[20:28], "a-development-key", "for-testing", "data: [DONE]"):
        assert redactor.text(text) == text
        assert redactor.bytes(text.encode()) == text.encode()


@pytest.mark.parametrize("escape", [b"\\n", b"\\t", b"\\\\", b'\\"', b"\\u0041", b"\\/"])
def test_an_escape_before_the_key_is_left_whole(escape):
    body = b'{"a": "x' + escape + b'n0123456789abcdef"}'
    clean = Redactor(["n0123456789abcdef"]).bytes(body)
    assert b"0123456789" not in clean
    assert len(clean) == len(body)
    assert json.loads(clean)["a"][0] == "x"
