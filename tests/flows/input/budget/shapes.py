"""The largest and worst that may be written: texts, numbers, lists, objects, headers, paths, forms."""

from __future__ import annotations

from collections.abc import Iterator

HEADER_FIELD = 8000  # bytes of one header; gunicorn takes 8,190 with its name
HEADER_BYTES = 30_000  # of all of them
LINE = 7800  # bytes of a path or query
LONGEST_TEXT = 10_000  # characters of a message


def filled(unit: str, size: int) -> str:
    """A text of exactly so many characters that repeats another."""
    return (unit * (size // len(unit) + 1))[:size]


# What a header may hold that is a list, a list with weights, quoted, a number, base64, or nothing that it should be.
HEADER_UNITS = {
    "entries": "a,",
    "languages": "en;q=0.123,",
    "quoted": '"a\\"",',
    "parameters": "a=b;",
    "escaped parameters": "a*0=b;",
    "ranges": "0-0,",
    "etags": 'W/"a",',
    "digits": "9",
    "names": "xn--a",
    "base64": "eyJh",
    "brackets": "[({",
}
HEADERS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers", "Access-Control-Request-Method",
    "Authorization", "Cache-Control", "Content-Encoding", "Content-Type", "Cookie", "Forwarded", "Idempotency-Key",
    "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Range", "Referer",
    "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "User-Agent", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Request-ID",
)  # fmt: skip
# Of these, the ones that the server reads; the others are sent all at once only.
READ = (
    "Accept-Language", "Authorization", "Content-Encoding", "Content-Type", "Cookie", "Idempotency-Key",
    "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Range", "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID",
)  # fmt: skip
_ONCE = {"Content-Type"}  # gunicorn refuses it when it is given twice
_BEGINS = {"Authorization": "Bearer ", "Range": "bytes=", "Content-Type": "multipart/form-data;"}


def header_lines(name: str, unit: str, size: int = HEADER_BYTES) -> list[str]:
    """As many fields of this name as there is room for; the server joins them."""
    value = _BEGINS.get(name, "") + filled(unit, HEADER_FIELD - len(name) - 30)
    return [f"{name}: {value}"] * (1 if name in _ONCE else max(1, size // HEADER_FIELD))


PATHS = {
    "segments": filled("/a", LINE),
    "slashes": filled("/", LINE),
    "letters": "/" + filled("a", LINE - 1),
    "dots": filled("/..", LINE),
    "percent": "/" + filled("%2f", LINE - 1),
    "digits": "/" + filled("9", LINE - 1),
    "letters behind it": filled("a", LINE),
    "emoji behind it": filled("%F0%9F%98%80", LINE - LINE % 12),
}
# By what they mean for a parser; `{name}` is a parameter that the route knows, where it knows one.
QUERIES = {
    "parameters": filled("a&", LINE),
    "empty values": filled("a=&", LINE),
    "unknown": "&".join(f"u{number}=1" for number in range(1000))[:LINE],
    "percent": "{name}=" + filled("%F0%9F%98%80", LINE - 60),
    "digits": "{name}=" + filled("9", LINE - 60),
    "repeated": "&".join(["{name}=1"] * 300),
    "nuls": "{name}=" + filled("%00", LINE - 60),
}


def numbers() -> Iterator[tuple[str, str]]:
    """Numbers, as JSON writes them."""
    yield "long whole number", "1" * 30_000
    yield "long fraction", "0." + "1" * 30_000
    yield "long exponent", "1e" + "0" * 30_000 + "1"


def texts(size: int) -> Iterator[tuple[str, str]]:
    """JSON strings without their quotes, of so many bytes at most."""
    yield "letters", filled("a", size)
    yield "surrogate pairs", filled("\\ud83d\\ude00", size // 12 * 12)
    yield "controls", filled("\\u0001", size // 6 * 6)
    yield "nuls", filled("\\u0000", size // 6 * 6)
    yield "escaped quotes", filled('\\":', size // 3 * 3)
    yield "tags", filled("<b>", size)
    yield "brackets", filled("[{", size)
    yield "colons and digits", filled("1:", size)


# Of files, as clients call them.
NAMES = {
    "letters": "a",
    "dots": ".",
    "slashes": "/",
    "marks": "e\u0301",
    "turned": "\u202e",
    "emoji": "😀",
    "spaces": " ",
    "quotes": "'",
}
# Of a message that is just short enough: what is looked for in it are links.
CONTENTS = {
    "names with a dot": filled("a.b ", LONGEST_TEXT),
    "deceiving names": filled("a.coм ", LONGEST_TEXT),
    "links": filled("a.com ", LONGEST_TEXT),
    "Thai links": filled("ก.com ", LONGEST_TEXT),
    "numbers": filled("1.1.1.1 ", LONGEST_TEXT),
    "schemes": filled("http://", LONGEST_TEXT),
    "brackets": "a.com/" + filled("(", LONGEST_TEXT - 6),
    "emphasis": filled("_a.b_ ", LONGEST_TEXT),
    "marks": filled("e\u0301", LONGEST_TEXT),
    "emoji": filled("😀", LONGEST_TEXT),
    "tags": filled("<a href=", LONGEST_TEXT),
}


def lists(size: int) -> Iterator[tuple[str, str]]:
    """JSON lists of so many bytes."""
    for name, element in (("empty objects", "{}"), ("numbers", "1"), ("texts", '"a"')):
        yield f"list of {name}", "[" + ",".join([element] * (size // (len(element) + 1))) + "]"
    yield "500 numbers", "[" + ",".join(["1"] * 500) + "]"
    yield "500 wrong ones", "[" + ",".join(['{"a":1}'] * 490) + "]"
    yield "90 objects of 10 keys", "[" + ",".join(["{" + ",".join(f'"k{n}":1' for n in range(10)) + "}"] * 90) + "]"


def values(size: int) -> Iterator[tuple[str, str]]:
    """JSON values of every kind, of so many bytes at most."""
    yield from numbers()
    yield from ((f"text of {name}", f'"{text}"') for name, text in texts(size))
    yield from lists(size)
    yield "90 keys", "{" + ",".join(f'"k{number}":1' for number in range(90)) + "}"
    yield "60 deep", '{"a":' * 60 + "1" + "}" * 60


def documents(size: int) -> Iterator[tuple[str, str]]:
    """JSON texts, well formed and not, of so many bytes at most, that are not made for any route."""
    keys = size // 12
    yield "many keys", "{" + ",".join(f'"{number:x}":1' for number in range(keys)) + "}"
    yield "long keys", "{" + ",".join(f'"{number}{"k" * 2000}":1' for number in range(90)) + "}"
    yield "the same key", "{" + ",".join(['"a":1'] * (size // 6)) + "}"
    yield "deep objects", '{"a":' * 1000 + "1" + "}" * 1000
    yield "deep lists", '{"a":' + "[" * 900 + "]" * 900 + "}"
    yield "brackets only", "[" * size
    yield "a text without end", '{"a":"' + "a" * (size - 10)
    yield "quotes only", '"' * size
    yield "commas only", "," * size
    yield "colons only", ":" * size
    yield "backslashes only", "\\" * size
    yield "spaces only", " " * size
    yield "990 values", '{"a":[' + ",".join(['{"k":"v"}'] * 480) + "]}"
    for name, element in (("empty lists", "[]"), ("nulls", "null"), ("objects", '{"a":1}')):
        yield f"many {name}", '{"a":[' + ",".join([element] * (size // (len(element) + 1) - 10)) + "]}"
    for name, value in values(size - 50):
        yield f"unknown: {name}", '{"unknown":' + value + "}"
