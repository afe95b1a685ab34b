"""Slips between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.catalogue.spelling import Speller, best, is_similar, keys, slips

WORDS = st.text("abc", min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [("sofa", "sofa", 0), ("sofa", "soffa", 1), ("sofa", "sfoa", 1), ("sofa", "sofs", 1), ("lamp", "palm", 3)],
)
def test_slips_are_counted(first: str, second: str, number: int) -> None:
    assert slips(first, second, 3) == slips(second, first, 3) == number


def test_a_short_word_is_taken_as_it_is() -> None:
    assert not is_similar("sat", "sad")
    assert is_similar("sofs", "sofa")


def test_two_slips_need_the_same_first_letter() -> None:
    assert is_similar("telviizor", "televizor")
    assert not is_similar("selviizor", "televizor")


def test_the_best_candidate_has_the_same_ends() -> None:
    assert best("cheapr", ["cheap", "cheaper"]) == "cheaper"
    assert best("sofa", []) is None


@given(WORDS, WORDS)
def test_words_with_one_slip_share_a_key(first: str, second: str) -> None:
    if slips(first, second, 1) == 1:
        assert not set(keys(first)).isdisjoint(keys(second))


def test_a_speller_returns_what_a_word_stands_for() -> None:
    speller = Speller({"slusalice": "slušalice", "televizor": "телевизор"})
    assert speller.correct("slusalce") == "slušalice"
    assert speller.correct("tlevizro") == "телевизор"
    assert speller.correct("table") is None
    assert speller.correct("4gb") is None
