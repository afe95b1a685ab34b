"""The language in which a visitor is answered."""

from __future__ import annotations

import re

from chatapp.text.languages import detect_language

_THAI = re.compile("[\u0e00-\u0e7f]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_SERBIAN_LETTERS = re.compile("[ђјљњћџ]", re.IGNORECASE)
_SERBO_CROATIAN = ("sr", "hr", "bs")


def language_of(content: str, named: str | None, before: str) -> str:
    """The language of a question, as a tag with the script where there are two.

    Parameters:
        named: as its sender says, or as it was detected when it was stored.
        before: the language until now, for texts that do not show it.
    """
    found = named or detect_language(content)
    if found is not None and found.partition("-")[0] in _SERBO_CROATIAN:
        return "sr-Cyrl" if _CYRILLIC.search(content) else "sr-Latn"
    if _THAI.search(content):
        return "th"
    if _CYRILLIC.search(content):
        if _SERBIAN_LETTERS.search(content) or (found is None and before.startswith("sr")):
            return "sr-Cyrl"
        return found or "ru"
    if found is None and before.endswith("Cyrl") and _LATIN.search(content):
        return "sr-Latn"
    return found or before
