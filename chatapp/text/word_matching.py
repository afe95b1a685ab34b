"""Finding words and phrases of a list in a text, whole words only, in linear time.

Both are compared in a normal form: without case, without characters of zero width, and with look-alike letters of
another script replaced, as in `vi\u0430gra` with a Cyrillic letter. A word that is in one script is never changed to
another: the Russian word for a mouth looks like `pot`. Scripts that are written without spaces have no words; there a
phrase is found wherever its characters follow each other.

The phrases form an automaton (Aho and Corasick, 1975) over words, so the time depends on the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

# Thai, Lao, Burmese, Khmer, Chinese, Japanese: each character is a word of its own.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_IGNORED = "\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
_MARKS = "\u0300-\u036f"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}](?:[^\W_{_UNSPACED}]|[{_IGNORED}{_MARKS}])*")
_TAG_OR_WORD = re.compile(rf"(?:<[^<>]*>)|({_WORD.pattern})")
_DROPPED = re.compile(rf"[{_IGNORED}{_MARKS}]")

# Letters that look alike in usual fonts. Lower case only: words are compared without case.
_CYRILLIC = "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u04bb\u0501"
_LATIN = "abeijkmhopctyxshd"
_GREEK = "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c9"
_LATIN_OF_GREEK = "abeikvoptuxw"
_TO_LATIN = str.maketrans(_CYRILLIC + _GREEK, _LATIN + _LATIN_OF_GREEK)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_HAS_LATIN = re.compile("[a-z]")
_HAS_CYRILLIC = re.compile("[\u0400-\u052f]")
_HAS_GREEK = re.compile("[\u0370-\u03ff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a text: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text in its normal form, and where it is."""

    normal: str
    start: int
    end: int


def words_of(text: str, *, is_html: bool = False) -> list[Word]:
    """The words of a text, in order.

    Parameters:
        is_html: whether what is between `<` and `>` is no text.
    """
    if is_html:
        matches = ((match[1], match.start(), match.end()) for match in _TAG_OR_WORD.finditer(text) if match[1])
    else:
        matches = ((match[0], match.start(), match.end()) for match in _WORD.finditer(text))
    return [Word(_normal(word), start, end) for word, start, end in matches]


def _normal(word: str) -> str:
    if word.isascii():
        return word.lower()
    composed = unicodedata.normalize("NFKC", word).casefold()
    return _in_one_script(_DROPPED.sub("", composed))


def _in_one_script(word: str) -> str:
    """A word that mixes scripts, in one of them if look-alikes allow it: first in Latin letters, else in Cyrillic."""
    has_cyrillic = _HAS_CYRILLIC.search(word) is not None
    if not _HAS_LATIN.search(word) or not (has_cyrillic or _HAS_GREEK.search(word)):
        return word
    latin = word.translate(_TO_LATIN)
    if not _HAS_CYRILLIC.search(latin) and not _HAS_GREEK.search(latin):
        return latin
    cyrillic = word.translate(_TO_CYRILLIC)
    return word if _HAS_LATIN.search(cyrillic) else cyrillic


@dataclass(slots=True)
class _Node:
    """A state: the longest beginning of a phrase that the last words are.

    Attributes:
        failing: the state for a word that continues no phrase from here.
        length: words of the longest phrase that ends here; 0 if none does.
    """

    following: dict[str, _Node] = field(default_factory=dict)
    failing: _Node | None = None
    length: int = 0


class PhraseFinder:
    """Finds phrases of a list.

    Parameters:
        phrases: each of one or more words; one without any is never found.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._root = _Node()
        for phrase in phrases:
            self._insert([word.normal for word in words_of(phrase)])
        self._link()

    def _insert(self, words: Sequence[str]) -> None:
        node = self._root
        for word in words:
            node = node.following.setdefault(word, _Node())
        if words:
            node.length = len(words)

    def _link(self) -> None:
        waiting = deque(self._root.following.values())
        for node in waiting:
            node.failing = self._root
        while waiting:
            node = waiting.popleft()
            for word, child in node.following.items():
                child.failing = self._next(node.failing, word)
                child.length = child.length or child.failing.length
                waiting.append(child)

    def _next(self, node: _Node | None, word: str) -> _Node:
        while node is not None:
            if word in node.following:
                return node.following[word]
            node = node.failing
        return self._root

    def find(self, words: Sequence[Word]) -> Iterator[Found]:
        """The phrases in the words of a text: for each place where phrases end, the longest of them."""
        node = self._root
        for index, word in enumerate(words):
            node = self._next(node, word.normal)
            if node.length:
                yield Found(words[index + 1 - node.length].start, word.end)


def has_words(text: str) -> bool:
    """Whether a text has any word that could be found."""
    return _WORD.search(text) is not None


def masked(text: str, places: Iterable[Found]) -> str:
    """The text with three asterisks in place of each given place; those that overlap become one."""
    pieces: list[str] = []
    position = 0
    for place in _merged(places):
        pieces += [text[position : place.start], "***"]
        position = place.end
    return "".join([*pieces, text[position:]])


def _merged(places: Iterable[Found]) -> list[Found]:
    merged: list[Found] = []
    for place in sorted(places, key=lambda place: (place.start, place.end)):
        if merged and place.start < merged[-1].end:
            merged[-1] = Found(merged[-1].start, max(merged[-1].end, place.end))
        else:
            merged.append(place)
    return merged
