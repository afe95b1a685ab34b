"""The language that a text is written in, as a tag such as `en` or `sr`."""

from __future__ import annotations

import re

import pycld2

LANGUAGE_TAG = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"
"""What a client may name as a language: a tag of BCP 47, without extensions."""

_EXAMINED = 400  # characters: enough for a reliable answer, in some 40 µs
_NAMES = {"iw": "he", "jw": "jv"}  # former codes
_SCRIPT_ONLY = ("un", "xx")  # unknown, or of a script that many languages share
# Letters of Russian and others that Serbian does not have: short Russian texts are taken for Serbian.
_NOT_SERBIAN = re.compile("[ёйщъыьэюя]", re.IGNORECASE)
# What Postgres stores, but the detector takes for broken UTF-8.
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def detect_language(content: str) -> str | None:
    """The language of a text; None if it is too short or too mixed to be sure."""
    text = _UNREADABLE.sub(" ", content[:_EXAMINED])
    try:
        is_reliable, _, found = pycld2.detect(text.encode(), isPlainText=True)
    except pycld2.error:  # a noncharacter of another plane
        return None
    code = str(found[0][1])
    if not is_reliable or code.startswith(_SCRIPT_ONLY) or (code == "sr" and _NOT_SERBIAN.search(text)):
        return None
    return _NAMES.get(code, code)
