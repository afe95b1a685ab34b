"""Spellings that search does not distinguish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.folding import MAX_LETTERS, as_russian, fold, has_cyrillic


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BICIKL", "bicikl"),
        ("бицикл", "bicikl"),
        ("кожна", "kožna"),
        ("kožna", "kozna"),
        ("Ђорђе", "Đorđe"),
        ("љубав", "ljubav"),
        ("џеп", "džep"),
        ("ЁЛКА", "елка"),
        ("velosiped", "велосипед"),
        ("café", "cafe\u0301"),
        ("don’t", "dont"),
        ("ﬁne", "fine"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_spellings_of_one_word(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(("one", "other"), [("мой", "мои"), ("кот", "код"), ("γάτα", "gata"), ("שלום", "שלוש")])
def test_other_words_stay_others(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_sign_without_a_sound_is_empty() -> None:
    assert fold("ъ") == fold("Ь") == ""


def test_a_word_without_an_end_is_cut() -> None:
    assert len(fold("a" * 1000)) == len(fold("щ" * 1000)) == MAX_LETTERS


@given(st.text())
def test_folding_twice_changes_nothing(word: str) -> None:
    assert fold(fold(word)) == fold(word)


def test_scripts() -> None:
    assert has_cyrillic("велоsiped")
    assert not has_cyrillic("bicikl")
    assert as_russian("velosipedy") == "велосипеды"
