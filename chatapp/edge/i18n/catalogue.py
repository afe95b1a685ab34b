"""What the edge says to people: errors, reasons why fields are invalid, and what has succeeded (`text/texts.py`).

The contexts are `error` with an error code, `reason`, and `done` with the name of the view.
"""

from __future__ import annotations

from typing import Literal

from chatapp.errors import ChatError, Invalid
from chatapp.text import texts
from chatapp.text.texts import DEFAULT_LANGUAGE, LANGUAGES

__all__ = ["DEFAULT_LANGUAGE", "DELETED", "LANGUAGES", "done_text", "error_text", "reason_texts", "text_of_code"]

Context = Literal["error", "reason", "done"]

DELETED = "[deleted]"  # replaces a deleted text in every language: clients recognise it


def error_text(error: ChatError, language: str) -> str:
    """The sentence for the code of an error, or for its class where the code has none."""
    return text_of_code(error.code, type(error), language)


def text_of_code(code: str, kind: type[ChatError], language: str) -> str:
    """The sentence for an error code, or for its class where the code has none."""
    return (
        _find("error", code, language)
        or _find("error", kind.code, language)
        or _find("error", ChatError.code, language)
    )


def reason_texts(error: Invalid, language: str) -> dict[str, list[str]]:
    """Field name to the sentences that say why it is invalid."""
    return {
        name: [
            (_find("reason", reason, language) or _find("reason", "invalid", language)).format(**reason.values)
            for reason in reasons
        ]
        for name, reasons in error.fields.items()
    }


def done_text(view: str, language: str) -> str:
    """What a view has done."""
    return _find("done", view, language) or _find("done", "done", language)


def _find(context: Context, key: str, language: str) -> str:
    return texts.find(context, key, language)
