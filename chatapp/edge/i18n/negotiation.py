"""The language of an answer, negotiated from Accept-Language."""

from __future__ import annotations

from functools import lru_cache

from flask import g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from chatapp.edge import handshake_facts
from chatapp.edge.i18n.catalogue import DEFAULT_LANGUAGE, LANGUAGES

MAX_HEADER = 200  # characters of Accept-Language that are read; browsers send some fifty

# Where a client names no script.
_DEFAULT_SCRIPTS = {"sr": "sr-Latn"}
_AVAILABLE = {language.lower(): language for language in LANGUAGES} | _DEFAULT_SCRIPTS


def preferred() -> str:
    """The language that the current request, or the handshake of the current socket, asks for."""
    if (socket := handshake_facts.current.get()) is not None:
        return socket.language
    if "language" not in g:
        g.language = _negotiate(request.headers.get("Accept-Language", "")[: MAX_HEADER + 1])
    return str(g.language)


@lru_cache(maxsize=1000)  # browsers send few different headers; 1,000 of the longest are 0.4 MB
def _negotiate(header: str) -> str:
    if len(header) > MAX_HEADER:
        header = header[:MAX_HEADER].rpartition(",")[0]  # the last entry may be cut in the middle
    for language_range, quality in parse_accept_header(header, LanguageAccept):
        found = _look_up(language_range.lower()) if quality > 0 else None
        if found:
            return found
    return DEFAULT_LANGUAGE


def _look_up(language_range: str) -> str | None:
    """The available language for a range, by the lookup of RFC 4647, 3.4: subtags are dropped from the end."""
    while language_range:
        if language_range in _AVAILABLE:
            return _AVAILABLE[language_range]
        language_range = language_range.rpartition("-")[0]
        if language_range[-2:-1] == "-":  # a range does not end in a singleton
            language_range = language_range[:-2]
    return None
