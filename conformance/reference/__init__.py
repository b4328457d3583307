"""The reference server: answers as OpenAI does, from a script, so that every check has something honest to pass on.

It is a pure function from a Call to a Reply (`respond`), wrapped by an ASGI application. Defects rewrite the call or the
reply: one small lie each, and each check is proven by the lies that make it fail. It must not import checks.
"""
