"""Links in texts of users: web addresses with and without `https://`, found in linear time.

A text may be hostile and some ten thousand characters long, so no expression examines a character more than a bounded
number of times. Only web addresses are links: `javascript:`, `data:`, e-mail addresses and file paths are text. Whether
a name without a scheme is an address is a heuristic: `chatapp/text/top_level_domains.py` lists the accepted endings,
and what looks like a file (`notes.md`), a measure (`5.kg`) or a missing space (`done.It`) is not an address.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from chatapp.text.top_level_domains import FILE_ENDINGS, TOP_LEVEL_DOMAINS, UNITS

_MAX_HOST, _MAX_LABEL = 253, 63  # bytes, RFC 1035
_MAX_LOCAL_PART = 64  # of an e-mail address, RFC 5321: how far to look for an "@"
_MAX_PORT = 65_535
_MAX_MISSES = 100  # names in a text that look like an address but are none; after them the search ends
_MAX_DEPTH = 16  # of brackets in an address: unclosed ones are examined again by every address after them

# `\w` has no combining marks, which Thai, Hindi and Arabic names need.
_MARKS = "".join(chr(code) for code in range(0x300, 0xFE30) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_NAME = rf"\w\-{_MARKS}"
# Scripts without spaces between words, where an address may be in the middle of a sentence: Thai, Lao, Burmese, Khmer,
# Chinese, Japanese. Korean appends particles to Latin words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
# What no address contains unescaped, or what ends one in prose: white space, controls, quotes, dashes, marks of the
# writing direction, and the punctuation of other scripts.
_ENDS = (
    '\x00-\x20\x7f-\xa0"<>\\\\^`|«»\u060c\u061b\u061c\u061f\u0964\u0965\u1680\u2000-\u206f\u3000-\u303f'
    "\ud800-\udfff\ufeff\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff"
)
_TRAILING = ".,;:!?'*_~…"

_RUN = re.compile(f"[^{_ENDS}]+")
_SCHEME = re.compile(r"(?<![A-Za-z+])(https?)://", re.IGNORECASE)
_USERINFO = re.compile(r"[\w.~!$&'()*+,;=:%\-]{0,256}@")
_HOST = re.compile(rf"[{_NAME}]+(?:\.[{_NAME}]+)*")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\]")
# The look-behind prevents matches from inside a name, which keeps the search linear. "@" ends the local part of an
# e-mail address, "/" and "\" occur in paths and after other schemes, "#" and "$" in tags.
_BARE = re.compile(rf"(?<![{_NAME}.@/\\#$%~])[{_NAME}]+(?:\.[{_NAME}]+)+")
_OTHER_SCHEME = re.compile(r"(?:about|blob|data|file|ftp|javascript|mailto|sms|tel|vbscript|view-source)\s*:$", re.I)
_LOCAL_PART = re.compile(rf"[\w.!#$%&'*+/=?^`{{|}}~\-]{{0,{_MAX_LOCAL_PART}}}@")
_PORT = re.compile(r":(\d{1,5})(?!\d)")
_BRACKETS = re.compile(r"[()\[\]{}]")
_OPENING = {")": "(", "]": "[", "}": "{"}
_LAST_UNSPACED = re.compile(rf"[{_UNSPACED}](?=[^{_UNSPACED}]*$)")
_LATIN = re.compile("[A-Za-z]")
_LATIN_THEN_OTHER = re.compile(rf"([A-Za-z]+)[{_UNSPACED}]|([^-]+)-")
_LOOKS_LATIN = re.compile("[\u0370-\u058f]")  # Greek, Cyrillic, Armenian: deceptive among Latin letters


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text.

    Attributes:
        url: the target: http or https, with the host in lower case, without user name and password. Names outside
            ASCII stay readable; no further characters are escaped.
        start, end: in characters; `text[start:end]` is the original text.
    """

    url: str
    start: int
    end: int


def find_links(text: str) -> list[Link]:
    """All links of a text in order, without overlaps.

    If the label of a Markdown link is an address, too, only its target counts.
    """
    links = list(_links(text))
    pairs = zip_longest(links, links[1:])
    return [link for link, following in pairs if not _is_label(text, link, following)]


def has_links(text: str) -> bool:
    """Whether `find_links` finds any; nearly free for texts without a dot or `://`."""
    return ("." in text or "://" in text) and next(_links(text), None) is not None


def _links(text: str) -> Iterator[Link]:
    """Links of a text, including labels.

    A name that is no address costs as much as one that is, a hostile text has thousands, and a gallery reads fifty
    texts.
    """
    misses = 0
    for run in _RUN.finditer(text):
        for link in _links_of_run(text, run.start(), run.end()):
            if link is not None:
                yield link
            elif (misses := misses + 1) == _MAX_MISSES:
                return


def _links_of_run(text: str, start: int, end: int) -> Iterator[Link | None]:
    """The links of a run of characters, and None for each name that is no address."""
    while scheme := _SCHEME.search(text, start, end):
        # A scheme ends the name before it, but not the path or query of that name, which may contain an address.
        for link in _without_scheme(text, start, scheme.start(), end):
            yield link
            start = link.end if link else start
        if start > scheme.start():
            continue
        found = _with_scheme(text, scheme, end)
        yield found
        start = found.end if found else scheme.end()
    yield from _without_scheme(text, start, end, end)


def _with_scheme(text: str, scheme: re.Match[str], run_end: int) -> Link | None:
    position = scheme.end()
    if userinfo := _USERINFO.match(text, position, run_end):
        position = userinfo.end()
    if address := _IPV6.match(text, position, run_end):
        if not _is_ipv6(address[1]):
            return None
        host = address[0]
    elif name := _HOST.match(text, position, run_end):
        host = _without_particle(name[0])
        if not _is_host(host):
            return None
    else:
        return None
    return _completed(text, scheme.start(), position + len(host), run_end, f"{scheme[1].lower()}://{_normal(host)}")


def _without_scheme(text: str, start: int, end: int, run_end: int) -> Iterator[Link | None]:
    """Links without a scheme in a range, and None for each name that is no address."""
    while name := _BARE.search(text, start, end):
        start = name.end()
        first, host = _begun(name.start(), name[0])
        host = _without_particle(host)
        if not _may_be_linked(text, first, host, name.end()):
            yield None
            continue
        host_end = first + len(host)
        link = _completed(text, first, host_end, run_end, f"https://{_normal(host)}")
        is_meant = _is_meant(host, alone=link.end == host_end)
        yield link if is_meant else None
        if is_meant:
            start = max(start, link.end)


def _may_be_linked(text: str, first: int, host: str, end: int) -> bool:
    """Whether a name may be an address: not part of an e-mail address, nor after another scheme."""
    if _LOCAL_PART.match(text, end) or _OTHER_SCHEME.search(text[max(0, first - 20) : first]):
        return False
    return _is_host(host)


def _completed(text: str, start: int, host_end: int, run_end: int, url: str) -> Link:
    """The link with its port, path, query and fragment."""
    end = host_end
    if port := _PORT.match(text, end, run_end):
        if not 0 < int(port[1]) <= _MAX_PORT:
            return Link(url, start, end)
        end = port.end()
    if text.startswith(("/", "?", "#"), end, run_end):
        end = _end_of_tail(text, end, run_end)
    return Link(url + text[host_end:end], start, end)


def _end_of_tail(text: str, start: int, end: int) -> int:
    """The end of a path without what belongs to the sentence: an unbalanced bracket and what follows, punctuation."""
    open_at: list[int] = []
    for bracket in _BRACKETS.finditer(text, start, end):
        opening = _OPENING.get(bracket[0])
        if opening is None:
            open_at.append(bracket.start())
        elif open_at and text[open_at[-1]] == opening:
            open_at.pop()
        else:
            end = bracket.start()
            break
        if len(open_at) > _MAX_DEPTH:
            break
    end = open_at[0] if open_at else end
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return end


def _begun(start: int, name: str) -> tuple[int, str]:
    """The start of a name within a sentence without spaces, or within underscores for emphasis; and the name."""
    if name[0] == name[-1] == "_":
        bare = name.strip("_")
        return start + name.index(bare), bare
    label = name[: name.find(".")] if "." in name else name
    last = _LAST_UNSPACED.search(label)
    if last and _LATIN.search(label, last.end()):
        return start + last.end(), name[last.end() :]
    return start, name


def _without_particle(host: str) -> str:
    """The host without grammatical suffixes: `example.com에서`, `example.rs-u`."""
    before, dot, last = host.rpartition(".")
    if not _is_top_level(last) and (beginning := _LATIN_THEN_OTHER.match(last)):
        top_level = beginning[1] or beginning[2]
        if _is_top_level(top_level):
            return before + dot + top_level
    return host


def _is_host(host: str) -> bool:
    labels = host.split(".")
    if len(host) > _MAX_HOST or not all(_is_label_of_host(label) for label in labels):
        return False
    return not labels[-1].isascii() or not labels[-1].isdigit() or _is_ipv4(host)


def _is_label_of_host(label: str) -> bool:
    if not label or len(label) > _MAX_LABEL or "-" in (label[0], label[-1]):
        return False
    if label.isascii():
        return True
    # IDNA: letters, marks and digits; not starting with a mark; the limit applies to the encoded label.
    kinds = [unicodedata.category(char) for char in label]
    if kinds[0][0] == "M" or any(kind[0] not in "LM" and kind not in ("Nd", "Pd", "Pc") for kind in kinds):
        return False
    return len(label.encode("punycode")) + len("xn--") <= _MAX_LABEL


def _is_meant(host: str, *, alone: bool) -> bool:
    """Whether a name without a scheme is an address.

    Parameters:
        alone: neither port nor path follows.
    """
    labels = host.split(".")
    top_level = labels[-1]
    if any("_" in label for label in labels[-2:]) or any(_deceives(label) for label in labels):
        return False
    if labels[0].lower() == "www" and len(labels) > 2:
        return len(top_level) > 1 and not top_level.isdigit()
    if not _is_top_level(top_level):
        return False
    if len(top_level) == 2 and top_level.isascii() and not top_level.islower() and not host.isupper():
        return False  # "done.It": a sentence begins
    if alone and len(labels) == 2:
        return top_level.lower() not in (UNITS if labels[0].isdigit() else FILE_ENDINGS)
    return True


def _is_top_level(label: str) -> bool:
    lower = _normal(label)
    return lower in TOP_LEVEL_DOMAINS or (lower.startswith("xn--") and len(lower) > len("xn--"))


def _deceives(label: str) -> bool:
    return bool(_LATIN.search(label) and _LOOKS_LATIN.search(label))


def _is_label(text: str, link: Link, following: Link | None) -> bool:
    return (
        following is not None
        and following.start == link.end + 2
        and text[link.end : following.start] == "]("
        and text[link.start - 1 : link.start] == "["
    )


def _normal(host: str) -> str:
    return unicodedata.normalize("NFC", host.lower())


def _is_ipv4(host: str) -> bool:
    return _parses(ipaddress.IPv4Address, host)


def _is_ipv6(host: str) -> bool:
    return _parses(ipaddress.IPv6Address, host)


def _parses(kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address], host: str) -> bool:
    try:
        kind(host)
    except ValueError:
        return False
    return True
