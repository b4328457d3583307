"""Instructor: answers as objects of a class, by a tool that it makes of it."""
# client: Instructor
# packages: instructor==1.17.0

import instructor
from openai import OpenAI

PROMISED = 3
"""Of the client under it, which asks twice again."""


def _client(ask):
    return instructor.from_openai(OpenAI(base_url=ask.base_url, api_key=ask.key, default_headers=ask.headers))


def _messages(ask):
    system = [{"role": "system", "content": ask.say["system"]}] if "system" in ask.say else []
    return [*system, {"role": "user", "content": ask.prompt}]


def _said(completion):
    choice, used = completion.choices[0], completion.usage
    usage = {"input": used.prompt_tokens, "output": used.completion_tokens, "total": used.total_tokens}
    return {"text": choice.message.content, "usage": usage, "finish": choice.finish_reason}


def plain(ask):
    return _said(_client(ask).chat.completions.create(model=ask.model, response_model=None, messages=_messages(ask)))


system = unknown_model = wrong_key = rate_limit = unavailable = plain


def structured(ask):
    given = _client(ask).chat.completions.create(model=ask.model, response_model=ask.Capital, messages=_messages(ask))
    return {"value": given.model_dump()}
