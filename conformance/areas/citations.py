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


def parameter(line: int) -> str:
    """A parameter of a chat request as openai-python 3.51.0 documents it, Optional where it may be null."""
    return python("openai/types/chat/completion_create_params.py", line)


def node(path: str, line: int) -> str:
    """A line of openai-node 6.49.0, in its TypeScript source."""
    return f"{_NODE}/{path}#L{line}"


def issue(repository: str, number: int) -> str:
    """A public thread that quotes an answer of OpenAI."""
    return f"https://github.com/{repository}/issues/{number}"


def rfc(number: int, section: str) -> str:
    return f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"


SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
OVERVIEW = "https://developers.openai.com/api/reference/overview"
OPENRESPONSES = "https://github.com/openresponses/openresponses/blob/05d5f81/src/pages/specification.mdx"
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
CUSTOM_CALL = oas("ChatCompletionMessageCustomToolCall", 30897)
NAMED_TOOL = oas("ChatCompletionNamedToolChoice", 31170)
NAMED_CUSTOM = oas("ChatCompletionNamedToolChoiceCustom", 31193)
ALLOWED_TOOLS = oas("ChatCompletionAllowedTools", 30701)
PARALLEL_CALLS = oas("ParallelToolCalls", 45358)
TOOL_RESULT = oas("ChatCompletionRequestToolMessage", 31555)
FUNCTION = oas("FunctionObject", 40623)
USAGE = oas("CompletionUsage", 32211)
ERROR = oas("Error", 38249)
ERROR_RESPONSE = oas("ErrorResponse", 38286)
TOO_MANY = oas("TooManyRequests", 86354)
MODEL = oas("Model", 44370)
MODEL_LIST = oas("ListModelsResponse", 42971)
SERVICE_TIER = oas("ServiceTier", 63059)
STOP = oas("StopConfiguration", 63253)
REQUEST_MESSAGE = oas("ChatCompletionRequestMessage", 31361)
USER_MESSAGE = oas("ChatCompletionRequestUserMessage", 31588)
ASSISTANT_MESSAGE = oas("ChatCompletionRequestAssistantMessage", 31216)
STORED_COMPLETION = oas("GET /chat/completions/{completion_id}", 3029)
LEGACY_COMPLETION = oas("CreateCompletionResponse", 34059)
EMBEDDINGS = oas("CreateEmbeddingResponse", 34325)
EMBEDDING = oas("Embedding", 38209)
MODERATIONS = oas("CreateModerationResponse", 35888)
MODERATION_REQUEST = oas("CreateModerationRequest", 35805)
RESPONSE_USAGE = oas("ResponseUsage", 60307)

TEXT_FORMAT = oas("ResponseFormatText", 58514)
JSON_MODE = oas("ResponseFormatJsonObject", 58425)
JSON_SCHEMA = oas("ResponseFormatJsonSchema", 58448)
RESPONSES_SCHEMA = oas("TextResponseFormatJsonSchema", 63330)
PYTHON_PARSES = python("openai/lib/_parsing/_completions.py", 253)
PYTHON_PARTIAL = python("openai/lib/streaming/chat/_completions.py", 441)
NODE_PARSES = node("lib/parser.ts", 233)
NODE_LENGTH = node("lib/parser.ts", 188)
SAYS_OPTIONAL = issue("vercel/ai", 6403)
SAYS_NO_ROOT = issue("openai/openai-node", 995)
SAYS_FOREIGN = issue("openai/openai-node", 1709)
SAYS_ORDER = issue("BerriAI/litellm", 9783)
TOKEN_LOGPROB = oas("ChatCompletionTokenLogprob", 31862)
LEGACY_REQUEST = oas("CreateCompletionRequest", 33821)
PYTHON_LOGPROBS = python("openai/lib/streaming/chat/_completions.py", 466)
USES_LOGPROBS = "https://github.com/openai/openai-cookbook/blob/08307b6/examples/Using_logprobs.ipynb"
SHOWS_LOGPROBS = issue("vllm-project/vllm", 4795)
SHOWS_LEGACY = issue("vllm-project/vllm", 3707)

PARSES_CHOICES = python("openai/lib/_parsing/_completions.py", 108)
PARSES_LENGTH = python("openai/lib/_parsing/_completions.py", 109)
MODEL_COMPLETION = python("openai/types/chat/chat_completion.py", 206)
MODEL_USAGE = python("openai/types/completion_usage.py", 59)
NODE_ADDS_USAGE = node("lib/AbstractChatCompletionRunner.ts", 262)
NODE_NEEDS_FINISH = node("lib/ChatCompletionStream.ts", 747)

SSE_CLIENT = f"{SSE}#the-eventsource-interface"
SSE_GRAMMAR = f"{SSE}#parsing-an-event-stream"
SSE_READING = f"{SSE}#event-stream-interpretation"
CHAT_PATH = oas("/chat/completions", 2001)
PYTHON_EVENTS = python("openai/_streaming.py", 69)
PYTHON_SSE = python("openai/_streaming.py", 389)
PYTHON_HELPER = python("openai/lib/streaming/chat/_completions.py", 362)
PYTHON_DELTAS = python("openai/lib/streaming/_deltas.py", 33)
NODE_EVENTS = node("core/streaming.ts", 50)
NODE_HELPER = node("lib/ChatCompletionStream.ts", 528)
NODE_FINAL = node("lib/ChatCompletionStream.ts", 746)

IMAGE_CODES = oas("ResponseErrorCode", 58179)
EMBEDDING_REQUEST = oas("CreateEmbeddingRequest", 34242)
PYTHON_ERROR = python("openai/_client.py", 642)
PYTHON_ERROR_CLASS = python("openai/_client.py", 643)
PYTHON_ERROR_TEXT = python("openai/_base_client.py", 502)
PYTHON_ERROR_FIELDS = python("openai/_exceptions.py", 71)
PYTHON_RETRIES = python("openai/_base_client.py", 959)
NODE_ERROR = node("core/error.ts", 70)
NODE_ERROR_TEXT = node("core/error.ts", 39)
NODE_ERROR_FIELDS = node("core/error.ts", 33)
NODE_RETRIES = node("client.ts", 1053)
SAYS_UNKNOWN_MODEL = issue("Aider-AI/aider", 2030)
SAYS_NO_MODEL = issue("danielmiessler/Fabric", 239)
SAYS_NOT_JSON = issue("kdalanon/ChatGPT-AutoHotkey-Utility", 14)
SAYS_WRONG_TYPE = issue("Jeffser/Alpaca", 904)
SAYS_ABOVE = issue("thisisartium/continuous-alignment-testing", 25)
SAYS_BELOW = issue("Skytliang/Multi-Agents-Debate", 8)
SAYS_BAD_ENUM = issue("epuerta9/deep-research-py", 19)
SAYS_UNRECOGNIZED = issue("nashsu/llm_wiki", 336)
SAYS_UNSUPPORTED = issue("Jeffser/Alpaca", 759)
SAYS_TOO_LONG = issue("mckaywrigley/chatbot-ui", 102)
SAYS_INVALID_URL = issue("corca-ai/EVAL", 46)
SAYS_UNANSWERED = issue("BloomLabsInc/genkit-plugins", 225)
SAYS_ORPHAN = issue("run-llama/llama_index", 10493)
SAYS_LOOSE_SCHEMA = issue("dottxt-ai/outlines", 844)
SAYS_JSON_UNSAID = issue("meta-llama/PurpleLlama", 94)
OBEYS_SHOULD_RETRY = (python("openai/_base_client.py", 939), node("client.ts", 1041))
