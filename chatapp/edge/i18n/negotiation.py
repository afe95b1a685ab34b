"""Which language a client reads."""

from __future__ import annotations

from flask import g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("en", "ru", "sr", "th")
MAX_HEADER = 200  # characters of Accept-Language that are read; browsers send some fifty


def preferred() -> str:
    """The language of LANGUAGES that Accept-Language asks for; English where it asks for none of them.

    Every refusal asks, and so does every error frame of a socket. So it is worked out once a request or socket, from a
    bounded part of the header, and only the word is kept.
    """
    if "language" not in g:
        g.language = _best_of(request.headers.get("Accept-Language", ""))
    return str(g.language)


def _best_of(header: str) -> str:
    if len(header) > MAX_HEADER:
        header = header[:MAX_HEADER].rpartition(",")[0]  # the last entry may be cut in the middle
    return parse_accept_header(header, LanguageAccept).best_match(LANGUAGES, "en") or "en"
