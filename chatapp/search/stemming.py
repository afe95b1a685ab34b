"""Stems of words in English, Russian and Serbian.

The language of a message is not known, and a chat mixes several, so a word has a stem for each language of its script.
Stems are made by Snowball in this process: those of Postgres differ between its major versions.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import Stemmer

from chatapp.search.folding import as_russian, fold, has_cyrillic

_CACHED = 20_000  # words; a few MB. The commonest 20,000 are nearly all words of a chat
_SHORTEST = 3  # letters; shorter words have no endings

# A stemmer must not be used by two threads at once: chatapp has greenlets, and no stem waits for anything.
_ENGLISH, _RUSSIAN, _SERBIAN = (Stemmer.Stemmer(language, 0) for language in ("english", "russian", "serbian"))


@lru_cache(maxsize=_CACHED)
def stems(word: str) -> tuple[str, ...]:
    """The stems of a word, folded; the folded word itself if it has none.

    The Serbian one is made of the folded word, so it is the same in both scripts, with and without diacritics.
    """
    folded = fold(word)
    if len(folded) < _SHORTEST or not folded.isalpha():
        return (folded,)
    first = stem_in(word, "ru" if has_cyrillic(word) else "en")
    return tuple(dict.fromkeys(stem for stem in (first, stem_in(word, "sr")) if stem)) or (folded,)


def stem_in(word: str, language: str) -> str:
    """The stem of a word in `en`, `ru` or `sr`, folded; empty if nothing remains of it."""
    if language == "ru":
        return fold(russian_stem(word))
    if language == "sr":
        return fold(_SERBIAN.stemWord(fold(word)))
    return str(_ENGLISH.stemWord(fold(word)))


@lru_cache(maxsize=_CACHED)
def stems_in_query(word: str) -> tuple[str, ...]:
    """The stems of a word in a query: also the Russian one of a word that is written in Latin letters."""
    folded = fold(word)
    if len(folded) < _SHORTEST or not folded.isalpha() or has_cyrillic(word):
        return stems(word)
    return tuple(dict.fromkeys((*stems(word), fold(_RUSSIAN.stemWord(as_russian(folded))))))


def russian_stem(word: str) -> str:
    """The stem of a Russian word in Cyrillic."""
    return str(_RUSSIAN.stemWord(_russian(word)))


def _russian(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower().replace("ё", "е")
