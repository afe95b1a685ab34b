"""What a model says, on its way to the visitor: plain text, the links and sums of the shop, and no others.

A model repeats what texts of strangers ask of it, so neither an address nor a price is believed because it says so. The
text arrives in pieces that end anywhere. What might be the beginning of a link or a sum is held back until its end has
arrived, so how the text was cut changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from urllib.parse import urlsplit

from chatapp.assistant.port import ItemCard
from chatapp.assistant.sums import LONGEST, find_sums
from chatapp.metrics import assistant as metrics
from chatapp.text.links import find_links
from chatapp.text.sanitizing import without_invisible

REMOVED = "…"
_STEP = 24  # characters that arrive before it is tried again whether some can leave
_MAX_HELD = 2000  # characters held back; then all leave
_MAX_DOTS = 90  # in a word; the search for links gives up soon after, and no honest word has as many
_LABEL, _TARGET = 200, 500  # characters of a Markdown link
_MARKDOWN_LINK = re.compile(
    rf"!?\[([^\[\]\n]{{0,{_LABEL}}})\]\(([^()\s]{{0,{_TARGET}}})(?: \"[^\"\n]{{0,{_LABEL}}}\")?\)"
)
_WORD = re.compile(r"\S+")
_MAY_BE_ADDRESS = re.compile("[.:@]")
_OTHER_ADDRESS = re.compile(
    r"\b(?!https?:)[a-z][a-z0-9+.\-]{1,20}://\S+|\b(?:javascript|data|vbscript|mailto|tel):\S+"
    r"|[\w.+\-]{1,64}@(?P<host>[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4})",
    re.IGNORECASE,
)
# Where a text may be cut: after white space, and between Thai letters of a word that has no address in it.
_BOUNDARY = re.compile(r"(?<=\s)(?=\S)|(?<=[\u0e00-\u0e7f])(?=[\u0e00-\u0e7f])")
_IN_ADDRESS = re.compile(r"[.:@/]\S*\Z")


class OutgoingText:
    """Filters the text of one answer.

    Parameters:
        hosts: of the shop; links to them stay.
    """

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts
        self._held = ""
        self._tried = 0  # characters of `_held` when it was last tried
        self._sums: set[tuple[Decimal, str]] = set()

    def allow_prices(self, items: Iterable[ItemCard]) -> None:
        """Let the prices of these items pass from now on."""
        for item in items:
            if item.price is not None and item.currency:
                self._sums.add((item.price, item.currency.upper()))

    def feed(self, text: str) -> str:
        """Take in a piece; returns what can leave."""
        self._held += text
        if len(self._held) < self._tried + _STEP and "\n" not in text:
            return ""
        end = _last_boundary(self._held) if len(self._held) < _MAX_HELD else len(self._held)
        leaving, self._held = self._held[:end], self._held[end:]
        self._tried = len(self._held)
        return self._filtered(leaving)

    def discard(self) -> None:
        """Forget what is held back."""
        self._held, self._tried = "", 0

    def end(self) -> str:
        """All that was held back."""
        leaving, self._held, self._tried = self._held, "", 0
        return self._filtered(leaving)

    def _filtered(self, text: str) -> str:
        text = without_invisible(text.replace("\x00", "")).replace("**", "")
        text = _MARKDOWN_LINK.sub(self._plain_link, text)
        text = _WORD.sub(lambda word: self._without_addresses(word[0]), text)
        return self._without_sums(text)

    def _plain_link(self, link: re.Match[str]) -> str:
        """The label of a Markdown link, and its target if it is one of the shop."""
        label, target = link[1], link[2]
        if link[0].startswith("!") or not self._is_own(target):
            metrics.links_removed(1)
            return label
        return target if label in ("", target) else f"{label} {target}"

    def _without_addresses(self, word: str) -> str:
        if not _MAY_BE_ADDRESS.search(word):
            return word
        if word.count(".") > _MAX_DOTS:
            metrics.links_removed(1)
            return REMOVED
        word = _OTHER_ADDRESS.sub(self._own_mail_address, word)
        foreign = [(link.start, link.end) for link in find_links(word) if not self._is_own(link.url)]
        metrics.links_removed(len(foreign))
        return _without(word, foreign)

    def _own_mail_address(self, match: re.Match[str]) -> str:
        if (match["host"] or "").lower() in self._hosts:
            return match[0]
        metrics.links_removed(1)
        return REMOVED

    def _is_own(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return (
                parts.scheme in ("http", "https") and (parts.hostname or "") in self._hosts and "@" not in parts.netloc
            )
        except ValueError:
            return False

    def _without_sums(self, text: str) -> str:
        unknown = [
            (found.start, found.end)
            for found in find_sums(text)
            if not all(self._is_known(reading) for reading in found.readings)
        ]
        metrics.prices_removed(len(unknown))
        return _without(text, unknown)

    def _is_known(self, reading: Iterable[tuple[Decimal, str]]) -> bool:
        return not self._sums.isdisjoint(reading)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + REMOVED + text[end:]
    return text


def _last_boundary(text: str) -> int:
    """Where a text that is not complete can be cut: what is before needs nothing of what follows."""
    limit = len(text) - LONGEST
    opened = text.rfind("[", len(text) - 2 * _LABEL - _TARGET if len(text) > 2 * _LABEL + _TARGET else 0)
    if opened >= 0 and not _MARKDOWN_LINK.match(text, opened):
        limit = min(limit, opened)
    inside = [(found.start, found.end) for found in find_sums(text)]
    inside += [match.span() for match in _MARKDOWN_LINK.finditer(text)]
    for end in reversed(list(_boundaries(text, limit))):
        if not any(start < end < stop for start, stop in inside) and not _IN_ADDRESS.search(
            text[max(0, end - 200) : end]
        ):
            return end
    return 0


def _boundaries(text: str, limit: int) -> Iterator[int]:
    return (match.end() for match in _BOUNDARY.finditer(text) if match.end() <= limit)
