"""Words as the lexicon compares them, by language.

Russian is compared in Cyrillic, where its letters differ. Serbian has two scripts, and many write it without
diacritics, so it is folded, as is English.
"""

from __future__ import annotations

from functools import lru_cache

from chatapp.search.folding import fold, has_cyrillic
from chatapp.search.stemming import russian_stem, stem_in

_CACHED = 50_000  # words and languages; a few MB
_SHORTEST = 3  # letters; shorter words have no endings


@lru_cache(maxsize=_CACHED)
def stem(word: str, language: str) -> str:
    """The stem of a word as it is written. Words without endings, and words of another script, stem to themselves."""
    found = spelled(word, language)
    if len(found) < _SHORTEST or not found.isalpha():
        return found
    if language == "ru":
        return (russian_stem(word) if has_cyrillic(word) else "") or found
    return (stem_in(word, language) if language == "sr" or not has_cyrillic(word) else "") or found


def spelled(word: str, language: str) -> str:
    """A word without what does not distinguish words of its language."""
    return word.lower().replace("ё", "е") if language == "ru" else fold(word)
