"""Where requirements stand: links to the specification, the SDKs, the RFCs and measurements, each opened and read.

A source is a link, with what to look for in brackets. Nothing here judges.
"""

_OPENAPI = "https://github.com/openai/openai-openapi/blob/f85dbe2/openapi.yaml"
_PYTHON = "https://github.com/openai/openai-python/blob/v3.51.0/src"
_NODE = "https://github.com/openai/openai-node/blob/v6.49.0/src"


def oas(name: str, line: int) -> str:
    """A schema or path of the OpenAPI document, by name and line."""
    return f"{_OPENAPI}#L{line} ({name})"


def python(path: str, line: int) -> str:
    """A line of openai-python 3.51.0."""
    return f"{_PYTHON}/{path}#L{line}"


def node(path: str, line: int) -> str:
    """A line of openai-node 6.49.0, in its TypeScript source."""
    return f"{_NODE}/{path}#L{line}"


def rfc(number: int, section: str) -> str:
    return f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"


SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
OVERVIEW = "https://developers.openai.com/api/reference/overview"
ERROR_CODES = "https://developers.openai.com/api/docs/guides/error-codes"
RATE_LIMITS = "https://developers.openai.com/api/docs/guides/rate-limits"
FUNCTION_CALLING = "https://developers.openai.com/api/docs/guides/function-calling"
STRUCTURED_OUTPUTS = "https://developers.openai.com/api/docs/guides/structured-outputs"

COMPLETION = oas("CreateChatCompletionResponse", 33507)
CHUNK = oas("CreateChatCompletionStreamResponse", 33665)
REQUEST = oas("CreateChatCompletionRequest", 33105)
MESSAGE = oas("ChatCompletionResponseMessage", 31629)
DELTA = oas("ChatCompletionStreamResponseDelta", 31819)
STREAM_OPTIONS = oas("ChatCompletionStreamOptions", 31765)
TOOL_CALL = oas("ChatCompletionMessageToolCall", 31004)
TOOL_CALL_CHUNK = oas("ChatCompletionMessageToolCallChunk", 31040)
TOOL_CHOICE = oas("ChatCompletionToolChoiceOption", 31938)
FUNCTION = oas("FunctionObject", 40623)
USAGE = oas("CompletionUsage", 32211)
ERROR = oas("Error", 38249)
ERROR_RESPONSE = oas("ErrorResponse", 38286)
TOO_MANY = oas("TooManyRequests", 86354)
MODEL = oas("Model", 44370)
MODEL_LIST = oas("ListModelsResponse", 42971)
