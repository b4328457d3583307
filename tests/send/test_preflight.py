"""Before a run: one request, and one line that says what is wrong and what to do, never about an endpoint that can be judged."""

from __future__ import annotations

import json
import socket

import pytest

from conformance.send.cannot_judge import CannotJudge
from conformance.send.limits import Limits
from conformance.send.preflight import preflight
from conformance.send.target import Target
from tests.support import hostile
from tests.support.hostile import says, serve, whole

LIMITS = Limits(connect=5, whole=30, first_byte=1)
KEY = "sk-test-0123456789abcdef0123456789"
JSON = b"Content-Type: application/json"


def answers(body, status=b"200 OK", *headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return says(whole(raw, *(headers or (JSON,)), status=status))


def error(status, message, code=None, param=None):
    return answers({"error": {"message": message, "type": "x", "param": param, "code": code}}, status)


async def line(behaviour, model="m", key=KEY, path="/v1", **target):
    """What preflight says of a server that behaves like this; fails where it says nothing."""
    async with serve(behaviour) as url:
        base = url.replace("/v1", path)
        with pytest.raises(CannotJudge) as told:
            await preflight(Target(base, "", key, **target), model, LIMITS, key_env="MY_KEY")
    said = str(told.value)
    assert "\n" not in said
    assert said.isprintable()
    assert KEY not in said
    return said.replace(base, "BASE")


async def passes(behaviour, model="m", path="/v1"):
    async with serve(behaviour) as url:
        return await preflight(Target(url.replace("/v1", path), "", KEY), model, LIMITS)


# ---------------------------------------------------------------------- endpoints to be judged


@pytest.mark.parametrize(
    "behaviour",
    [
        answers({"choices": []}),
        answers(b'{"choices": [', b"200 OK"),
        answers(b"", b"200 OK"),
        answers(b"hello", b"200 OK", b"Content-Type: text/plain"),
        error(
            b"400 Bad Request",
            "Unsupported value: 'temperature' does not support 0 with this model.",
            "unsupported_value",
        ),
        error(b"400 Bad Request", "Unsupported parameter: 'max_completion_tokens' is not supported with this model."),
        answers({"detail": "temperature"}, b"422 Unprocessable Entity"),
        answers(b"<html>bad request</html>", b"400 Bad Request", b"Content-Type: text/html"),
        answers(b"", b"204 No Content"),
        hostile.closes_early,
        says(whole(b"{}", b"Content-Encoding: br")),
    ],
)
async def test_an_endpoint_that_answers_badly_is_still_judged(behaviour):
    model, x = await passes(behaviour)
    assert (model, x.id, x.asked["model"]) == ("m", "chat.hello", "m")
    assert x.status is not None


async def test_without_a_model_the_first_of_the_list_that_can_chat_is_taken():
    listed = {"data": [{"id": "text-embedding-3-small"}, {"id": "org/chatty"}, {"id": "second"}]}
    model, x = await passes(answers(listed), model=None)
    assert (model, x.id, x.method) == ("org/chatty", "models.list", "GET")


async def test_a_list_of_none_but_other_models_still_gives_its_first():
    assert (await passes(answers({"data": [{"id": "my-embedder"}]}), model=None))[0] == "my-embedder"


async def test_one_request_is_sent():
    sent = []

    async def answer(writer, request):
        sent.append(request)
        writer.write(whole(b'{"data": [{"id": "m"}]}', JSON))

    await passes(answer, model=None)
    await passes(answer)
    assert [raw.split(b" ")[:2] for raw in sent] == [[b"GET", b"/v1/models"], [b"POST", b"/v1/chat/completions"]]


# ---------------------------------------------------------------------- endpoints that cannot be

HTML = b"<!DOCTYPE html><html><body>Welcome</body></html>"
PAGE = b"Content-Type: text/html; charset=utf-8"
CASES = [
    ("nothing comes", hostile.silent, {}, ["no answer came within 1 s", "--timeout"]),
    ("closes", hostile.closes_at_once, {}, ["closed before the headers", "does the base URL lead to an HTTP server"]),
    ("no HTTP", says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), {}, ["not HTTP/1.1", "the right port"]),
    ("no v1, 404", answers({"detail": "Not Found"}, b"404 Not Found"), {"path": ""},
     ["404", "the base URL has no /v1, try BASE/v1"]),
    ("no v1, HTML", answers(HTML, b"200 OK", PAGE), {"path": ""}, ["HTML page instead of JSON", "try BASE/v1"]),
    ("no v1, list", answers({"detail": "Not Found"}, b"404 Not Found"), {"path": "/", "model": None}, ["/v1"]),
    ("HTML", answers(HTML, b"200 OK", PAGE), {}, ["answers 200 with an HTML page instead of JSON",
                                                 "that of an OpenAI-compatible API?"]),
    ("unlabelled HTML", answers(HTML, b"200 OK", b"X: 1"), {}, ["HTML page instead of JSON"]),
    ("HTML list", answers(HTML, b"404 Not Found", PAGE), {"model": None}, ["HTML page"]),
    ("https", answers(b"<html>The plain HTTP request was sent to HTTPS port</html>", b"400 Bad Request", PAGE), {},
     ["speaks https"]),
    ("https, Go", answers(b"Client sent an HTTP request to an HTTPS server.\n", b"400 Bad Request", b"X: 1"), {},
     ["speaks https"]),
    ("redirect", answers(b"", b"308 Permanent Redirect", b"Location: https://elsewhere.example/v1"), {},
     ["redirects to", "https://elsewhere.example/v1"]),
    ("key refused", error(b"401 Unauthorized", "Incorrect API key", "invalid_api_key"), {},
     ["refused the key in $MY_KEY (401", "Incorrect API key"]),
    ("no key", error(b"401 Unauthorized", "You didn't provide an API key"), {"key": None},
     ["wants a key (401", "$MY_KEY is not set"]),
    ("own header", error(b"401 Unauthorized", "no"), {"key": None, "headers": (("api-key", "x"),)},
     ["refused the credentials given"]),
    ("403", answers({"error": "Forbidden"}, b"403 Forbidden"), {"model": None}, ["refused the key", "Forbidden"]),
    ("a 400 about the key", answers([{"error": {"message": "API key not valid."}}], b"400 Bad Request"), {},
     ["refused the key", "API key not valid"]),
    ("model unknown", error(b"404 Not Found", "The model `m` does not exist or you do not have access to it.",
                            "model_not_found"), {}, ['does not know the model "m"', "does not exist", "--model"]),
    ("model unknown, vLLM", answers({"object": "error", "message": "The model `m` does not exist."}, b"404 Not Found"),
     {}, ['does not know the model "m"']),
    ("model unknown, 400", error(b"400 Bad Request", "Model Not Exist"), {}, ['does not know the model "m"']),
    ("model unknown, 403", error(b"403 Forbidden", "Project does not have access to model `m`", "model_not_found"), {},
     ['does not know the model "m"']),
    ("model unknown, with a list", error(b"400 Bad Request", "Invalid model name m. Choose from: alpha, beta"), {},
     ["alpha, beta"]),
    ("no list", answers({"detail": "Not Found"}, b"404 Not Found"), {"model": None}, ["no list of models", "--model"]),
    ("empty list", answers({"object": "list", "data": []}), {"model": None}, ["is empty", "--model"]),
    ("list cut", hostile.closes_early, {"model": None}, ["no list of models", "closed before the body was whole"]),
    ("list not JSON", answers(b"hello"), {"model": None}, ["no list of models: the body is not JSON"]),
    ("list of nonsense", answers({"data": [7, {"id": ""}, {"id": "\ud800"}, {"id": 1}, {"id": "a\u202eb"}]}),
     {"model": None}, ["no usable id"]),
    ("list no list", answers({"data": "x"}), {"model": None}, ["no usable id"]),
    ("no such route", answers({"detail": "Not Found"}, b"404 Not Found"), {}, ["no such route below this base URL"]),
    ("405", answers({"detail": "Method Not Allowed"}, b"405 Method Not Allowed"), {}, ["no such route"]),
    ("500", error(b"500 Internal Server Error", "boom \x1b[2J"), {}, ["answers 500", "boom", "log"]),
    ("502 HTML", answers(b"<html>Bad Gateway</html>", b"502 Bad Gateway", PAGE), {}, ["answers 502"]),
    ("429", error(b"429 Too Many Requests", "You exceeded your current quota"), {}, ["takes no requests now (429", "quota"]),
]  # fmt: skip


@pytest.mark.parametrize(("behaviour", "how", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
async def test_one_line_says_what_is_wrong_and_what_to_do(behaviour, how, words):
    said = await line(behaviour, **how)
    assert [word for word in words if word not in said] == [], said


async def test_an_answer_that_echoes_the_key_does_not_bring_it_out():
    said = await line(error(b"401 Unauthorized", f"Incorrect API key provided: {KEY}"))
    assert "REDACTED" in said


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://127.0.0.1:{free}/v1", ["nothing listens at 127.0.0.1", "is the server running"]),
        ("http://no-such-host.invalid/v1", ["no-such-host.invalid"]),
        ("localhost:8000/v1", ["no URL like http://localhost:8000/v1"]),
        ("http://[::1/v1", ["no URL like"]),
        ("http://host:99999/v1", ["no URL like"]),
        ("ftp://me:hunter2pass@host/v1", ["no URL like"]),
    ],
)
async def test_an_address_where_nothing_is(base, words):
    with socket.create_server(("127.0.0.1", 0)) as free:
        base = base.format(free=free.getsockname()[1])
    with pytest.raises(CannotJudge) as told:
        await preflight(Target(base, "", KEY), None, Limits())
    assert [word for word in words if word not in str(told.value)] == [], str(told.value)
    assert "hunter2pass" not in str(told.value)


async def test_a_port_that_does_not_speak_tls():
    async with serve(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        with pytest.raises(CannotJudge, match=r"TLS|limit: connect"):
            await preflight(Target(url.replace("http:", "https:"), "", None), None, Limits(connect=0.5))


@pytest.mark.parametrize(
    "target", [{"key": "sk-abc\n"}, {"key": "clé"}, {"headers": (("X Y", "1"),)}, {"headers": (("X", "a\nb"),)}]
)
async def test_what_no_header_can_carry_is_said_without_saying_it(target):
    with pytest.raises(CannotJudge) as told:
        await preflight(Target("http://127.0.0.1:1/v1", "", **target), None, Limits())
    assert "can carry" in str(told.value)
    assert "sk-abc" not in str(told.value)


async def test_the_reference_passes_both_ways():
    from conformance.send.embedded import Reference

    with Reference() as server:
        target = Target(server.base_url, "", server.key)
        model, x = await preflight(target, None, Limits())
        assert (model, x.status, x.id) == (server.model, 200, "models.list")
        assert (await preflight(target, model, Limits()))[1].status == 200
        with pytest.raises(CannotJudge, match="does not know the model"):
            await preflight(target, "nonsense", Limits())
        with pytest.raises(CannotJudge, match="refused the key"):
            await preflight(Target(server.base_url, "", "sk-wrong-0123456789"), None, Limits())
        with pytest.raises(CannotJudge, match="/v1"):
            await preflight(Target(server.base_url.removesuffix("/v1"), "", server.key), None, Limits())
