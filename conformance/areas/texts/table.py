"""The table of texts: each begins with its own name, so that what came back damaged can be told from what a model made up."""

from __future__ import annotations

SAFE = {
    "scripts": "scripts Grüße Ελλάδα Привет שלום مرحبا नमस्ते ไทย 한국어 漢字かな",
    "accents": "accents Zo\u00e9 Zoe\u0301 \u1e9b\u0323 Å ﬁ",
    "emoji": "emoji 👩\u200d👩\u200d👧\u200d👦 🇺🇳 👍🏽 1\ufe0f\u20e3 ❤\ufe0f 𝒳",
    "directions": "directions \u202eabc\u202c \u2067שלום\u2069 \u200eleft \u200fright",
    "space": "space  two\ttab\nline\r\nreturn\n\n\u00a0\u3000\u200b end  ",
    "stops": "stops </s> <|im_end|> <|endoftext|> <|eot_id|> [/INST] <end_of_turn> end",
    "calls": 'calls <tool_call>{"name": "x", "arguments": {}}</tool_call> </think> [TOOL_CALLS] end',
    "markup": "markup <b>&amp;&#39;</b> <!-- --> ```json\n{}\n``` $x^2$ {{x}} {% x %} %s {0} end",
    "quotes": 'quotes " \' \\ / \\n \\u00e9 \\" {"a": "b"} end',
    "events": "events data: [DONE]\n\ndata: {}\n\nevent: error\n\n: ping\n\nend",
    "address": "address data:text/plain;base64,SGVsbG8= https://example.com/a?b=c&d=%20#e",
}
"""What every server must take, and give back as it came."""
NUMBERS = {
    "padded": "007",
    "power": "1e5",
    "point": "3.0",
    "long": "12345678901234567890",
    "yes": "true",
    "none": "null",
}
"""Texts that look like other values."""
BLANK = {"blank": " ", "blanks": "\n\t  \n", "empty": ""}
"""White space alone, and nothing."""
CONTROLS = {
    "controls": "controls \x01\x02\x08\x0b\x1b[31m\x1f\x7f\x85\ufeff\u2028\u2029\ufffe end",
    "null": "null \x00 end",
}
"""Characters that JSON can carry and that few files may hold. Who refuses them is within his rights."""
HALVES = {"high": "high \ud83d end", "low": "low \ude00 end", "swapped": "swapped \ude00\ud83d end"}
"""Halves of a surrogate pair: JavaScript and Java cut texts so. No Unicode text holds them, yet JSON's escapes can."""
TOKEN = "a" * 100_000
"""One word of 100 kB."""
KINDS = {**SAFE, "numbers": " ".join(NUMBERS.values()), **BLANK, **CONTROLS, **HALVES}
