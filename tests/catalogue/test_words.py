"""Words, numbers and signs of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.catalogue.words import Kind, digits_in, number_of, pieces_of


def shown(text: str) -> list[str | float]:
    return [piece.value if piece.value is not None else piece.text for piece in pieces_of(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("512GB, 4K", [512, "GB", 4, "K"]),
        ("men's 29\" bike", ["men's", 29, '"', "bike"]),
        ("до 20 000 рублей", ["до", 20000, "рублей"]),
        ("20.000 din", [20000, "din"]),
        ("1,5 л", [1.5, "л"]),
        ("1,299.50", [1299.5]),
        ("26 128 ГБ", [26, 128, "ГБ"]),
        ("100–200 €", [100, "-", 200, "€"]),
        ("R16 б/у", ["R16", "б", "у"]),
        ("4 คน ๒๐ บาท", [4, "คน", 20, "บาท"]),
        ("iPhone15สวย", ["iPhone15", "สวย"]),
        ("0.250 kg", [0.25, "kg"]),
    ],
)
def test_a_text_has_pieces(text: str, pieces: list[str | float]) -> None:
    assert shown(text) == pieces


def test_words_that_fold_to_nothing_are_left_out() -> None:
    assert pieces_of("ъ 😀 ' …") == []


def test_a_number_with_too_many_digits_is_none() -> None:
    assert number_of("9" * 16) is None
    assert pieces_of("9" * 400) == []


def test_invisible_characters_do_not_count() -> None:
    assert shown("so\u200bfa\u00ad") == ["sofa"]


def test_thai_vowels_have_one_spelling() -> None:
    assert pieces_of("น้ำ") == pieces_of("นํ้า")
    assert pieces_of("เเดง") == pieces_of("แดง")


def test_punctuation_is_noticed() -> None:
    assert [piece.follows_break for piece in pieces_of("red, blue sofa")] == [True, True, False]


def test_numbers_within_words() -> None:
    assert digits_in("w32l34") == ["32", "34"]


@given(st.text(max_size=300))
def test_any_text_has_pieces(text: str) -> None:
    assert all(piece.folded for piece in pieces_of(text))
    assert all(piece.value is not None for piece in pieces_of(text) if piece.kind is Kind.NUMBER)
