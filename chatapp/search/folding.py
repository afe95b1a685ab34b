"""Spellings that search does not distinguish.

A word is folded to its letters without case and diacritics, in Latin script. So both Serbian scripts, and Russian in
Latin letters, have the same spelling: `бицикл` and `bicikl`, `кожна`, `kožna` and `kozna`.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LETTERS = 64  # of a folded word; the rest is cut off. No dictionary has longer words, links and keys do

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "ѓ": "g", "д": "d", "ђ": "dj", "е": "e", "ё": "e", "є": "e",
    "ж": "z", "з": "z", "ѕ": "z", "и": "i", "і": "i", "ї": "i", "й": "j", "ј": "j", "к": "k", "ќ": "k", "л": "l",
    "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u",
    "ў": "u", "ф": "f", "х": "h", "ц": "c", "ч": "c", "џ": "dz", "ш": "s", "щ": "sc", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "ju", "я": "ja",
}  # fmt: skip
# Letters that have no decomposition into a basic letter and a mark; and apostrophes within words.
_OTHERS = {"đ": "dj", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "'": "", "’": ""}
_LETTERS = str.maketrans(_CYRILLIC | _OTHERS)
_MARKS = re.compile("[\u0300-\u036f]")  # of Latin, Cyrillic and Greek; those of other scripts are letters


def fold(word: str) -> str:
    """The folded spelling of a word; empty for a word of signs without a sound, such as `ъ`."""
    if word.isascii():
        return word.lower().replace("'", "")[:MAX_LETTERS]
    letters = unicodedata.normalize("NFKC", word).casefold().translate(_LETTERS)
    if not letters.isascii():
        letters = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", letters)))
    return letters[:MAX_LETTERS]


def has_cyrillic(word: str) -> bool:
    """Whether a word has a letter of the Cyrillic script."""
    return any("\u0400" <= letter <= "\u052f" for letter in word)


# The Latin letters of a word in Russian, as far as one letter stands for one.
_AS_RUSSIAN = str.maketrans("abvgdezijklmnoprstufhcy", "абвгдезийклмнопрстуфхцы")


def as_russian(folded: str) -> str:
    """A folded word in Cyrillic letters, as if it were Russian."""
    return folded.replace("ju", "ю").replace("ja", "я").translate(_AS_RUSSIAN)
