"""The words, numbers and signs of a text, and its runs of Thai, which has no spaces between words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from chatapp.search.folding import MAX_LETTERS, fold

_RUN = "[\u0e01-\u0e3a\u0e40-\u0e4f]"  # Thai without its digits and the sign of the baht
_LETTER = rf"(?:(?!{_RUN})[^\W\d_])"
_MARK = "[\u0300-\u036f]"
# Thousands in groups. A space between them is doubtful, as in "26 128 GB": such a number ends like a price.
_NUMBER = (
    r"\d{1,3}(?:[.,’']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d{1,3}(?: \d{3})* \d\d[09](?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)|\d+"
)
_PIECE = re.compile(
    rf"(?P<run>{_RUN}+)"
    rf"|(?P<number>{_NUMBER})"
    rf"|(?P<word>{_LETTER}(?:{_LETTER}|{_MARK}|\d|['’](?={_LETTER}))*)"
    r"|(?P<sign>[€$₽฿£\"”″]|(?<=\d)\s?[-–—]\s?(?=\d))"
)
_GLUED_DIGITS = re.compile(r"\d+")
_BREAK = re.compile(r"[,.;:!?()\[\]|/\n«»„“]")
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]")
_TONE_AFTER_NIKHAHIT = re.compile("\u0e4d([\u0e48-\u0e4b])")
_QUOTES = str.maketrans("”″", '""')
MOST_DIGITS = 15  # of a number that is read as one


class Kind(Enum):
    """What a piece of a text is."""

    WORD = "word"
    NUMBER = "number"
    SIGN = "sign"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text.

    Attributes:
        text: as it is written, normalised.
        folded: of a word (`search.folding`); of others the same as `text`.
        value: of a number.
        follows_break: whether punctuation or nothing precedes it.
    """

    kind: Kind
    text: str
    folded: str
    value: float | None = None
    follows_break: bool = False


def normalised(text: str) -> str:
    """A text with one spelling for what looks alike: Thai vowels, digits, spaces; without invisible characters."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_THAI_DIGITS)
    return _TONE_AFTER_NIKHAHIT.sub("\\1\u0e4d", text.replace("\u0e40\u0e40", "\u0e41"))


def pieces_of(text: str) -> list[Piece]:
    """The pieces of a text, in order. Words that fold to nothing are left out."""
    text = normalised(text)
    found: list[Piece] = []
    end = 0
    for match in _PIECE.finditer(text):
        follows_break = not found or _BREAK.search(text, end, match.start()) is not None
        piece = _piece(Kind(match.lastgroup), match[0], follows_break)
        if piece is not None:
            found.append(piece)
        end = match.end()
    return found


def _piece(kind: Kind, text: str, follows_break: bool) -> Piece | None:
    if kind is Kind.NUMBER:
        value = number_of(text)
        return None if value is None else Piece(kind, text, f"{value:g}", value, follows_break)
    if kind is Kind.SIGN:
        sign = "-" if text.strip() in ("-", "–", "—") else text.translate(_QUOTES)
        return Piece(kind, sign, sign, None, follows_break)
    if kind is Kind.RUN:
        return Piece(kind, text, text, None, follows_break)
    folded = fold(text[:MAX_LETTERS])
    return Piece(kind, text[:MAX_LETTERS], folded, None, follows_break) if folded else None


def number_of(text: str) -> float | None:
    """The value of `20 000`, `20.000`, `1,5` or `26`; None if it has too many digits."""
    groups = re.split(r"[ .,’']", text)
    if sum(map(len, groups)) > MOST_DIGITS:
        return None
    is_grouped = len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) and groups[0] != "0"
    if is_grouped or len(groups) == 1:
        return float("".join(groups))
    return float(f"{''.join(groups[:-1])}.{groups[-1]}")


def digits_in(word: str) -> list[str]:
    """The numbers within a word, such as 16 of `R16`."""
    return _GLUED_DIGITS.findall(word)
