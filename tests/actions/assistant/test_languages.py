"""The language of an answer is that of the question, with its script."""

from __future__ import annotations

import pytest

from chatapp.actions.assistant.languages import language_of


@pytest.mark.parametrize(
    ("content", "named", "before", "language"),
    [
        ("I am looking for a large grey sofa for my living room", None, "th", "en"),
        ("Ищу большой серый диван для гостиной, недорого", None, "en", "ru"),
        ("Тражим велики сиви кауч за дневну собу, није битна цена", None, "en", "sr-Cyrl"),
        ("Tražim veliki sivi kauč za dnevnu sobu, nije bitna cena", None, "en", "sr-Latn"),
        ("หาโซฟาสีเทาตัวใหญ่", None, "en", "th"),
        ("до 300", None, "sr-Cyrl", "sr-Cyrl"),
        ("до 300", None, "en", "ru"),
        ("ispod 300", None, "sr-Cyrl", "sr-Latn"),
        ("300", None, "th", "th"),
        ("🛋", None, "ru", "ru"),
        ("", None, "en", "en"),
        ("Suche ein Sofa", "de", "en", "de"),
        ("kauč", "sr", "en", "sr-Latn"),
    ],
)
def test_a_question_is_answered_in_its_language(content: str, named: str | None, before: str, language: str) -> None:
    assert language_of(content, named, before) == language
