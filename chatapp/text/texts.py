"""The texts that people read: one file of `translations/` per language, and a new file there adds a language.

A text is found by its context and a key, such as `error` and an error code.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po

DEFAULT_LANGUAGE = "en"

FOLDER = Path(__file__).with_name("translations")


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


def find(context: str, key: str, language: str) -> str:
    """The text in a language, else in English; empty where there is neither."""
    return _texts[language].get((context, key)) or _texts[DEFAULT_LANGUAGE].get((context, key), "")
