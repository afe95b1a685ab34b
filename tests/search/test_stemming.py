"""Forms of a word have a stem in common, in each language of its script."""

from __future__ import annotations

import pytest

from chatapp.search.folding import fold
from chatapp.search.stemming import stems, stems_in_query


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bicycle", "bicycles"),
        ("selling", "sells"),
        ("велосипед", "велосипедами"),
        ("продаю", "ПРОДАЮТ"),
        ("ёлка", "елки"),
        ("бицикл", "bicikla"),
        ("kožna", "кожне"),
        ("kozna", "кожној"),
    ],
)
def test_forms_of_one_word(one: str, other: str) -> None:
    assert {*stems(one)} & {*stems(other)}


def test_a_russian_word_in_latin_letters_in_a_query() -> None:
    assert {*stems_in_query("velosipedy")} & {*stems("велосипедов")}


def test_short_words_and_numbers_are_their_own_stem() -> None:
    assert stems("is") == ("is",)
    assert stems("iphone15") == stems_in_query("iphone15") == ("iphone15",)
    assert stems("ъ") == ("",)


@pytest.mark.parametrize("word", ["bicycles", "велосипедами", "кожној", "kožnoj"])
def test_stems_are_folded(word: str) -> None:
    assert all(stem == fold(stem) != "" for stem in stems_in_query(word))
