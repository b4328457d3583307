"""What an endpoint may send to have something run in a reader's browser: each string calls `hit()` if it is ever obeyed."""

from __future__ import annotations

HANDLERS = (
    "onload", "onerror", "onclick", "onfocus", "onmouseover", "ontoggle", "onbegin", "onanimationstart", "onpointerenter",
    "onscroll", "onresize", "onhashchange", "onpageshow", "onbeforeprint", "oncopy", "oninput", "onauxclick", "onwheel",
)  # fmt: skip
ELEMENTS = (
    "<img src=x {}>", "<svg {}>", "<body {}>", "<details open {}>", "<input autofocus {}>", "<video src=x {}></video>",
    "\"><iframe srcdoc=x {}></iframe>", "' {} x='", '" {} x="', "` {} x=`",
)  # fmt: skip
CLOSERS = (
    "</script>", "</style>", "</title>", "</pre>", "</mark>", "</code>", "</details>", "</summary>", "</svg>", "</table>",
    "</textarea>", "</select>", "</noscript>", "</template>", "-->", "]]>", "</dialog>", "</text>", "</figure>", "*/",
)  # fmt: skip
ALONE = (
    "<script>hit()</script>",
    "<SCRIPT/x>hit()</SCRIPT>",
    "<script src=data:,hit()></script>",
    "<script type=module>hit()</script>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()>",
    "<a href=javascript:hit()>x</a>",
    "<a href='java\tscript:hit()' autofocus onfocus=hit()>x</a>",
    "<form action=javascript:hit()><button autofocus>x",
    "<iframe src=javascript:hit()>",
    "<object data=javascript:hit()>",
    "<embed src=data:text/html,<script>hit()</script>>",
    "<base href=javascript:hit()//>",
    "<meta http-equiv=refresh content='0;url=javascript:hit()'>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css>",
    "<img src=http://127.0.0.1:9/x.png>",
    "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    "<style>*{background:url(http://127.0.0.1:9/x)}</style>",
    "<link rel=prefetch href=http://127.0.0.1:9/x>",
    "<svg><use href='http://127.0.0.1:9/x#y'/></svg>",
    "<svg><image href=http://127.0.0.1:9/x onerror=hit()>",
    "<template><script>hit()</script></template>",
    "<plaintext>",
    "<xmp><script>hit()</script>",
    "<!--><script>hit()</script>-->",
    "<![CDATA[<script>hit()</script>]]>",
    "<?xml version='1.0'?><script>hit()</script>",
    "javascript:hit()",
    "data:text/html,<script>hit()</script>",
    "https://example.org/\" onmouseover=\"hit()",
    "https://example.org/'><script>hit()</script>",
    "{{ hit() }}", "{{ ''.__class__.__mro__ }}", "{% include '/etc/passwd' %}", "{% raw %}<script>hit()</script>{% endraw %}",
    "${hit()}", "#{hit()}", "<%= hit() %>", "`-hit()-`", "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "&lt;script&gt;hit()&lt;/script&gt;", "&#60;script&#62;hit()&#60;/script&#62;", "%3Cscript%3Ehit()%3C/script%3E",
    "+ADw-script+AD4-hit()+ADw-/script+AD4-",
    "\x00<script>hit()</script>", "<scr\x00ipt>hit()</script>", "<\x08script>hit()</script>", "\x1b[31m<script>hit()</script>",
    "\u202e<script>hit()</script>\u202c", "\u2066<img src=x onerror=hit()>\u2069", "\u200f\u200e<b onclick=hit()>",
    "\ufeff<script>hit()</script>", "\ud800<script>hit()</script>", "\ufffe<script>hit()</script>",
    "＜script＞hit()＜/script＞", "\u2028<script>hit()</script>\u2029", "\r\n\r\n<script>hit()</script>",
    "constructor", "__proto__", "hasOwnProperty", "content", "theme", "text", "#", "=", "&", "level=must&state=fail",
)  # fmt: skip
MEGABYTE = 1 << 20
LONG = (
    "<script>hit()</script>" * (MEGABYTE // 22),
    "A" * MEGABYTE + "<script>hit()</script>",
    "<b>" * (MEGABYTE // 3),
    "\u202e" * (MEGABYTE // 3) + "<img src=x onerror=hit()>",
    "\n" * MEGABYTE,
    "<" * MEGABYTE,
)


def strings() -> list[str]:
    """The whole corpus."""
    handled = [element.format(f"{handler}=hit()") for handler in HANDLERS for element in ELEMENTS]
    closed = [f"{closer}<script>hit()</script>" for closer in CLOSERS]
    closed += [f"{closer}<img src=x onerror=hit()>" for closer in CLOSERS]
    return [*ALONE, *handled, *closed, *LONG]
