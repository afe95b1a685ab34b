"""Forms of nouns that stemmers do not connect: with a vowel that comes and goes, and long plurals."""

from __future__ import annotations

import re

_RU_FEMININE = re.compile(r"([бвгджзклмнпрстфхцчшщ])(ь?)к[аи]$")  # палатка, чашки
_RU_MASCULINE = re.compile(r"([бвгджзклмнпрстфхцчшщ])[оеё]([кц])$")  # молоток, ранец
_SR_FLEETING = re.compile(r"([bcčćdđfghjklmnprsštvzž])a([ckl])$")  # ranac, točak
_SR_FEMININE = re.compile(r"([bcčćdđfghjklmnprsštvzž])k[ae]$")  # četka
_SR_SHORT = re.compile(r"[bcčćdđfghjklmnprsštvzž]*[aeiou][bcčćdđfghjklmnprsštvzž]+$")  # sat, kauč is longer
_SR_ADJECTIVE = re.compile(r"([bcčćdđfghjklmprsštvzž])n[iae]$")  # ravni, ravan
_SR_SHORT_ADJECTIVE = re.compile(r"([bcčćdđfghjklmnprsštvzž]*[aeiou][bcčćdđfghjklmnprsštvzž]+)[aio]$")  # plavi, belo
_SR_SHORT_ENDINGS = ("oj", "im", "ih", "oga")  # of adjectives; the stemmer leaves them to short words
_RU_CONSONANT = re.compile(r"([бвгджзклмнпрстфхцчшщ])ы?$")
_RU_HUSHING = "жчшщцй"


_RU_ADJECTIVE = re.compile("(?:ая|яя|ое|ее|ые|ие|ую|юю|ого|его|ой|ей|ым|им|ых|их|ому|ему|ыми|ими)$")
_SR_ADJECTIVE_ENDING = re.compile("(?:[aeou]|og|om|oj|im|ih|oga|ome)$")


def base_forms(word: str, language: str) -> list[str]:
    """What an adjective may be in a dictionary."""
    if language == "ru" and (match := _RU_ADJECTIVE.search(word)):
        return [word[: match.start()] + ending for ending in ("ый", "ий", "ой")]
    if language == "sr" and (match := _SR_ADJECTIVE_ENDING.search(word)):
        return [word[: match.start()] + "i"]
    return []


def forms(word: str, language: str) -> list[str]:
    """A word, and those of its forms that have another stem."""
    if language == "ru" and (match := _RU_FEMININE.search(word)):
        vowel = "е" if match[1] in _RU_HUSHING or match[2] else "о"
        return [word, f"{word[: match.end(1)]}{vowel}к"]
    if language == "ru" and len(word) > 4 and (match := _RU_MASCULINE.search(word)):
        soft = "ь" if match[1] == "л" else ""
        return [word, f"{word[: match.end(1)]}{soft}{match[2]}и"]
    if language == "ru" and (match := _RU_CONSONANT.search(word)):
        return [word, f"{word[: match.end(1)]}ами"]  # the stem of "диван" is shorter than that of "диванами"
    if language == "sr":
        return [word, *_serbian(word)]
    return [word]


def _serbian(word: str) -> list[str]:
    if len(word) > 4 and (match := _SR_FLEETING.search(word)):
        base = word[: match.end(1)]
        return [f"{base}{match[2]}i", f"{base}{match[2]}a"] if match[2] != "c" else [f"{base}ci", f"{base}čevi"]
    if match := _SR_FEMININE.search(word):
        return [f"{word[: match.end(1)]}aka"]
    if match := _SR_ADJECTIVE.search(word):
        return [f"{word[: match.end(1)]}an"]
    if word.endswith(("je", "ce")):
        return [f"{word}m"]  # perje, perjem
    if match := _SR_SHORT_ADJECTIVE.match(word):
        return [match[1] + ending for ending in _SR_SHORT_ENDINGS]
    if _SR_SHORT.match(word) and len(word) > 2:
        return [word + ending for ending in ("ovi", "evi", *_SR_SHORT_ENDINGS)]
    return []
