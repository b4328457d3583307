"""Real clients at an endpoint: each does each scenario in its own idiom, through the proxy of `watch`, and what its user sees is held
against the wire.

**A client is one file** in python/, node/ or programs/, and being there it is in the table (`roster.py`). The head of the file says in
comments (`# name: value`, in JavaScript `// name: value`) what it is and what it needs, each package at a pinned version:

    # client: openai, synchronous          what people call it
    # packages: openai==3.57.0             what is installed (npm: openai@7.59.0); all that name the same share one environment
    # aliases: openai                      further words for --client (optional)

Then a function a scenario, called as it is in `scenarios.py` with dashes as underscores: `def tool_stream(ask)`, in JavaScript
`export async function tool_stream(ask)`. What has no function is "not offered". Functions of Python may be async. What a function gives is
what the client's user sees, a dict of whatever of this there is:

    text      the answer's text, of several answers the last
    calls     [[name, {arguments}], ...] in order; unless given, the tools of the kit that the client ran
    usage     {"input": n, "output": n, "total": n}, of the last answer or of all together
    finish    the finish reason
    value     structured output {"city": ..., "country": ...}; of embeddings {"count", "dimensions", "first"}; of speech {"bytes"}
    pieces    how many pieces of text a stream came in
    promised  how often the client says it asks at most where it is told to come again (its own default unless it was set)
    not_offered  why this client does not do this scenario, in a few words

and an exception is what its user gets: the worker makes {"error": {"class", "message", "status"}} of it, so that no file catches any.
`ask` holds what a scenario is asked with (`Ask` of python/worker.py; the same names in node/worker.mjs): `base_url`, `key`, `model`,
`headers` (to be sent with each request), `say` (the texts of the scenario), and the kit: the tools `get_weather` and `current_time`, which
note that they ran, and `Capital`, the class of structured output (in Node of zod, as are `inputs`, what the tools take).

**A worker is a process** that loads one client and lives as long as the table is made (`worker.py`), in an environment of its own below
the user's cache (`environments.py`). It speaks JSON, a line each way; all else that a client prints goes to standard error:

    worker:  {"ready": {"openai": "3.57.0"}}                       or {"cannot": "ImportError: ..."}, and ends
    we:      {"id": 1, "scenario": "plain", "base_url": "http://127.0.0.1:1/v1", "model": "m", "key_env": "OPENAI_API_KEY",
              "headers": {}, "say": {"prompt": "Say hello."}}
    worker:  {"id": 1, "text": "Hello!", "usage": {...}, "finish": "stop"}
    worker:  {"id": 2, "error": {"class": "openai.NotFoundError", "message": "...", "status": 404}, "promised": 3}
    we:      close its standard input; it ends

Files of programs/ are Python, loaded by the same worker in our own interpreter; their packages are npm's, found in `ask.folder`, and
`ask.program` runs them in an empty folder. What npm needs is locked in locks/, by `nox -s lock`; no script of a package is run. No file
of a client imports anything of ours, for where it runs we are not installed.
"""
