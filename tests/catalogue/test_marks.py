"""Phrases of the lexicon in texts."""

from __future__ import annotations

import pytest

from chatapp.catalogue.lexicon import load
from chatapp.catalogue.marks import guess_language, marks_of, parts_of
from chatapp.catalogue.words import pieces_of


def found(text: str, language: str) -> list[tuple[str, ...]]:
    return [sense for mark in marks_of(pieces_of(text), load(), language) for sense in mark.content]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("red sofa for two", "en"),
        ("красный диван", "ru"),
        ("црвени кауч", "sr"),
        ("гитара за почетнике, плава", "sr"),
        ("patike do 2500 din", "sr"),
        ("kauč", "sr"),
        ("мышь", "ru"),
        ("โซฟาสีแดง", "th"),
        ("จักรยานไฟฟ้า Kestrel", "th"),
        ("xyzzy", "ru"),
        ("😀", "ru"),
    ],
)
def test_a_language_is_guessed(text: str, language: str) -> None:
    assert guess_language(pieces_of(text), load(), "ru") == language


def test_the_longest_phrase_wins() -> None:
    assert found("coffee table", "en") == [("cat:coffee-table",)]
    assert found("настольная игра", "ru") == [("cat:board-game",)]


def test_a_phrase_may_mean_several_things() -> None:
    assert set(found("silver", "en")) == {("mat:silver",), ("col:silver",)}
    assert found("earbuds", "en") == [("cat:headphones", "f:in-ear")], "the more exact meaning"


def test_words_of_another_language_count() -> None:
    assert found("ноутбук gaming", "ru") == [("cat:laptop",), ("f:gaming",)]


def test_a_name_like_a_stem_of_another_language_does_not_count() -> None:
    assert found("Harmona Piv guitar", "en") == [("cat:guitar",)]


def test_what_is_not_explained_is_unknown() -> None:
    marks = marks_of(pieces_of("Kestrel 26 กขค"), load(), "en")
    assert [(mark.text, mark.is_unknown, mark.value) for mark in marks] == [
        ("Kestrel", True, None),
        ("26", False, 26.0),
        ("กขค", True, None),
    ]


def test_the_words_of_a_phrase() -> None:
    (mark,) = marks_of(pieces_of("digital piano"), load(), "en")
    assert ("soft:electronic",) in [sense for part in parts_of(mark, load(), "en") for sense in part.content]
    (mark,) = marks_of(pieces_of("piano"), load(), "en")
    assert parts_of(mark, load(), "en") == []
