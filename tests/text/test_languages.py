"""The language of a text is detected where the text is long enough to be sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.text.languages import detect_language

KNOWN = {
    "Is it still available?": "en",
    "Здравствуйте, товар ещё в наличии?": "ru",
    "Здраво, да ли је још доступно?": "sr",
    "Zdravo, da li je još dostupno?": "sr",
    "ยังมีของอยู่ไหม": "th",
    "Guten Tag, wie viel kostet der Versand?": "de",
    "שלום, האם זה עדיין זמין?": "he",
}
UNKNOWN = ["", "ok", "да", "5000", "😀😀😀", "+7 (900) 123-45-67", "x" * 10_000, "<<<>>>", "\u200b\u200d"]


@pytest.mark.parametrize("text", KNOWN)
def test_a_sentence_tells_its_language(text: str) -> None:
    assert detect_language(text) == KNOWN[text]
    assert detect_language(f"{text} {'and more words in English ' * 400}") in (KNOWN[text], "en", None)


@pytest.mark.parametrize("text", UNKNOWN)
def test_too_little_text_has_no_language(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize("character", ["\x00", "\x85", "\ufdd0", "\uffff"])
def test_unreadable_characters_do_not_matter(character: str) -> None:
    assert detect_language(f"{character}Hello there, is it still {character}available?{character}") == "en"


def test_a_russian_letter_is_not_serbian() -> None:
    assert detect_language("Добрый вечер") in ("ru", None)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_breaks_it(text: str) -> None:
    found = detect_language(text)
    assert found is None or 2 <= len(found) <= 10
