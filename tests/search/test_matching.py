"""Whether a text matches a query, and which parts of it."""

from __future__ import annotations

import pytest

from chatapp.search.matching import Text, spans, tier_of
from chatapp.search.query import parse
from chatapp.search.tiers import Tier


def hits(query: str, text: str) -> list[str]:
    return [text[start:end] for start, end in spans(parse(query), Text(text))]


def tier(query: str, text: str) -> Tier | None:
    return tier_of(parse(query), Text(text))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("velosiped", "Продаю велосипеды", ["велосипеды"]),
        ("велосипеды", "Нужен велосипед?", ["велосипед"]),
        ("бицикл", "Prodajem bicikl", ["bicikl"]),
        ("bicikl", "Продајем бицикл", ["бицикл"]),
        ("kozna", "Кожна фотеља", ["Кожна"]),
        ("кожна", "kožna fotelja", ["kožna"]),
        ("จักรยาน", "ขายจักรยานมือสอง", ["จักรยาน"]),
        ('"good book"', "A good book, a good old book", ["good book"]),
        ("book -read", "books to sell", ["books"]),
        ("vel*", "velvet and velo", ["velvet", "velo"]),
        ("ก", "กข", ["ก"]),
        ("good book", "good book", ["good", "book"]),
        ("aaa aa*", "aaa", ["aaa"]),
    ],
)
def test_found_and_marked(query: str, text: str, found: list[str]) -> None:
    assert tier(query, text) is not None
    assert hits(query, text) == found


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"good book"', "good, very good books"),
        ("book -read", "a book to read"),
        ('book -"to read"', "a book to read"),
        ("เทา", "รองเท้า"),
        ("จักรยาน", "จักรยา"),
        ('"books"', "book"),
        ("bicycle", ""),
        ('"a b c"', "a b"),
    ],
)
def test_not_found(query: str, text: str) -> None:
    assert tier(query, text) is None


def test_a_negation_excludes_the_word_alone() -> None:
    assert tier("bikes -bike", "bikes") is Tier.WORDS


def test_tiers() -> None:
    assert tier("good book", "A good book") is Tier.PHRASE
    assert tier("good book", "This book is good") is Tier.WORDS
    assert tier("good book", "Good books") is Tier.FORMS
    assert tier("good book", "Goods") is None
    assert tier("from:me", "anything") is Tier.WORDS


def test_overlapping_parts_are_one() -> None:
    assert hits("จักร กรยาน", "จักรยาน") == ["จักรยาน"]
