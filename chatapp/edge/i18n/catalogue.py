"""The catalogue of texts that people read: one file of `texts/` per language.

A new file there adds a language. A text is found by its context and a key: `error` and an error code, `reason` and why
a field is invalid, or `done` and the name of the view that has succeeded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

from chatapp.errors import ChatError, Invalid

Context = Literal["error", "reason", "done"]

DEFAULT_LANGUAGE = "en"
DELETED = "[deleted]"  # replaces a deleted text in every language: clients recognise it

FOLDER = Path(__file__).with_name("texts")


def load(path: Path) -> dict[tuple[str, str], str]:
    """The texts of one file, by context and key.

    Raises:
        PoFileError: it is not a valid gettext file.
    """
    with path.open("rb") as file:
        messages = read_po(file, abort_invalid=True)
    return {(str(message.context), str(message.id)): str(message.string) for message in messages if message.id}


_texts = {path.stem: load(path) for path in sorted(FOLDER.glob("*.po"))}
LANGUAGES = tuple(_texts)


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
    """The text in a language, else in English; empty where there is neither."""
    return _texts[language].get((context, key)) or _texts[DEFAULT_LANGUAGE].get((context, key), "")
