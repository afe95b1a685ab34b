"""Which language a client reads."""

from __future__ import annotations

from flask import request

LANGUAGES = ("en", "ru", "sr", "th")


def preferred() -> str:
    """The language of LANGUAGES that Accept-Language asks for; English where it asks for none of them."""
    return request.accept_languages.best_match(LANGUAGES, "en") or "en"
