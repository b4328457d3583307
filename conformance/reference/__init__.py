"""The reference server: answers as OpenAI does, from a script, so that every check has something honest to pass on.

It is a pure function from a Call to a Reply (respond.py), wrapped by an ASGI application. Lies rewrite the call or the reply, and
prove the checks that they make fail: lies.py says how one is declared, the areas hold them. vllm.py runs a real server instead.
"""
