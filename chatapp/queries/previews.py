"""The beginning of a text, as lists of chats show it."""

from __future__ import annotations

from chatapp.infra.bound import Bound
from chatapp.text import sanitizing

is_html: Bound[bool] = Bound("Previews", lambda settings: settings.sanitize_html)


def preview(content: str) -> str:
    """The beginning of a text of a message."""
    return sanitizing.preview_of_html(content) if is_html() else sanitizing.preview(content)
