"""A client of the standard library alone, some of whose scenarios are wrong on purpose."""
# client: a client made for tests
# packages: nothing==1
# aliases: fake, made-up

import contextlib
import http.client
import json
import os
import urllib.error
import urllib.request

PROMISED = 2


class RefusedError(Exception):
    def __init__(self, status):
        super().__init__(f"refused with {status}")
        self.status_code = status


def _asked(ask, **more):
    body = {"model": ask.model, "messages": [{"role": "user", "content": ask.prompt}], **more}
    headers = {"Authorization": f"Bearer {ask.key}", "Content-Type": "application/json", **ask.headers}
    url = f"{ask.base_url}/chat/completions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise RefusedError(error.code) from None


def plain(ask):
    answer = _asked(ask)
    counts = answer["usage"]
    usage = {"input": counts["prompt_tokens"], "output": counts["completion_tokens"]}
    return {"text": answer["choices"][0]["message"]["content"], "usage": usage, "finish": "stop"}


def system(ask):
    """Loses a part of the text, and says nothing."""
    print("what a client prints is not read")
    return {"text": plain(ask)["text"][:5]}


def image(ask):
    _asked(ask)
    raise RuntimeError(f"cannot read it with {ask.key}")


def tool(ask):
    """Asks without the tool, so that the model calls none."""
    return {"text": plain(ask)["text"]}


def developer(ask):
    return {"not_offered": "it knows no developer"}


def agent(ask):
    os._exit(3)


unknown_model = wrong_key = plain


def rate_limit(ask):
    """Promises two attempts, and makes one."""
    plain(ask)


def unavailable(ask):
    try:
        plain(ask)
    except RefusedError:
        plain(ask)


def cut_stream(ask):
    """Takes what came of a broken stream for the answer."""
    with contextlib.suppress(http.client.HTTPException, ValueError):
        _asked(ask, stream=True)
    return {"text": "1, 2"}
