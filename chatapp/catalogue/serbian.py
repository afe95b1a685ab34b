"""Serbian in Cyrillic script, of what is written in Latin script."""

from __future__ import annotations

import re

_DIGRAPHS = {"lj": "љ", "nj": "њ", "dž": "џ"}
_LETTERS = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)) | _DIGRAPHS
_LETTER = re.compile("lj|nj|dž|[a-zđžćčš]", re.IGNORECASE)


def in_cyrillic(text: str) -> str:
    """The text with its Latin letters replaced; letters that Serbian lacks stay."""
    return _LETTER.sub(lambda match: _replaced(match[0]), text)


def _replaced(letter: str) -> str:
    found = _LETTERS.get(letter.lower(), letter)
    return found if letter.islower() else found.upper()
