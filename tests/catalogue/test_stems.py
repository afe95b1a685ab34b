"""Stems by language."""

from __future__ import annotations

import pytest

from chatapp.catalogue.stems import spelled, stem


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("sofas", "sofa", "en"),
        ("диваны", "диван", "ru"),
        ("чёрная", "черный", "ru"),
        ("патике", "patika", "sr"),
        ("kožna", "kozni", "sr"),
    ],
)
def test_forms_share_a_stem(first: str, second: str, language: str) -> None:
    assert stem(first, language) == stem(second, language)


def test_russian_letters_stay_different() -> None:
    assert stem("шина", "ru") != stem("синий", "ru")


def test_words_of_another_script_stem_to_themselves() -> None:
    assert stem("sofas", "ru") == "sofas"
    assert stem("диваны", "en") == "divany"
    assert stem("4k", "en") == "4k"


def test_spellings() -> None:
    assert (spelled("Ёлка", "ru"), spelled("Кожна", "sr"), spelled("Men's", "en")) == ("елка", "kozna", "mens")
