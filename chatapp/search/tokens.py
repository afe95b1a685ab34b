"""Tokens of a text, as the index stores them.

| token | of |
|---|---|
| `velosipedy` | a folded word, with its positions |
| `~velosiped` | a stem, without positions |
| `จั`, `ัก`, … | in a script without spaces: each pair of neighbouring characters, with positions; the last one alone |

In such a script a word is a part of a run of characters: its pairs follow each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from chatapp.search.folding import fold
from chatapp.search.stemming import stems

VERSION = 1  # of the tokens; an index with others is rebuilt. To be raised when PyStemmer changes its stems, too
STEM = "~"  # before a stem
LAST_POSITION = 16_383  # that Postgres keeps; what follows in a text is not indexed

# Thai, Lao, Myanmar, Khmer, kana and Han. Their marks and vowels are characters of their own: tones distinguish words.
_RUN = (
    "[\u0e01-\u0e3a\u0e40-\u0e5b\u0e80-\u0edf\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)
_MARKS = "".join(chr(code) for code in range(0x300, 0xE00) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_LETTER = r"[^\W_]"
_HAS_RUN = re.compile(_RUN)
# An apostrophe within a word belongs to it.
_WORD = re.compile(rf"{_LETTER}(?:{_LETTER}|[{_MARKS}]|['’](?={_LETTER}))*")
_WORD_OR_RUN = re.compile(
    rf"(?P<run>{_RUN}+)|(?!{_RUN}){_LETTER}(?:(?!{_RUN}){_LETTER}|[{_MARKS}]|['’](?=(?!{_RUN}){_LETTER}))*"
)


class Token(NamedTuple):
    """A token of a text, and where it is.

    Attributes:
        lexeme: as the index stores it.
        position: from 1; neighbours differ by one.
        start, end: offsets in the text.
        word: the word as it is written, for its stems; empty for characters of a run.
        ends_run: whether it is the last character of a run.
    """

    lexeme: str
    position: int
    start: int
    end: int
    word: str = ""
    ends_run: bool = False


def tokens_of(text: str) -> Iterator[Token]:
    """The words of a text, and the pairs of its runs, in order."""
    position = 1
    pattern = _WORD_OR_RUN if _HAS_RUN.search(text) else _WORD
    for match in pattern.finditer(text):
        start, end = match.span()
        if match.lastgroup == "run":
            yield from _pairs(match[0], position, start)
            position += end - start
        elif folded := fold(match[0]):
            yield Token(folded, position, start, end, match[0])
            position += 1
        if position > LAST_POSITION:
            return


def _pairs(run: str, position: int, start: int) -> Iterator[Token]:
    last = len(run) - 1
    for index in range(last):
        yield Token(run[index : index + 2], position + index, start + index, start + index + 2)
    yield Token(run[last], position + last, start + last, start + last + 1, ends_run=True)


def vector(text: str, marks: tuple[str, ...]) -> str:
    """The tokens of a message, in the format of a `tsvector`.

    Parameters:
        marks: further tokens, without positions (`search.marks`).
    """
    positions: dict[str, list[str]] = {}
    words: set[str] = set()
    for token in tokens_of(text):
        if token.position <= LAST_POSITION:
            positions.setdefault(token.lexeme, []).append(str(token.position))
        if token.word:
            words.add(token.word)
    entries = [f"{quoted(lexeme)}:{','.join(found)}" for lexeme, found in positions.items()]
    entries += {quoted(STEM + stem) for word in words for stem in stems(word)}
    entries += map(quoted, marks)
    return " ".join(entries)


def quoted(lexeme: str) -> str:
    """A lexeme as a literal within a `tsvector` or `tsquery`."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
