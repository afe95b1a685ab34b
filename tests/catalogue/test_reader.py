"""Misspelt words, and texts that no visitor would write."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.catalogue.conditions import conditions_of
from chatapp.catalogue.item_tokens import ItemText, tokens_of_item
from chatapp.catalogue.lexicon import load
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reader import MOST_QUESTION, Reader
from chatapp.catalogue.spelling import best
from chatapp.catalogue.wish import from_json, refined, wish_of

READER = Reader(load())


class Shop:
    """The words of a shop."""

    words = ("kestrel", "pixelon", "veloce")

    def known(self, words: Sequence[str]) -> set[str]:
        return set(words) & set(self.words)

    def similar(self, words: Sequence[str]) -> dict[str, str]:
        return {word: meant for word in words if (meant := best(word, self.words)) is not None}


def head(text: str) -> str:
    return READER.read(text, "en", Shop()).heads[0][0][0]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("noise cancelling headphnes", "cat:headphones"),
        ("сматрфон", "cat:phone"),
        ("рбкзак школьный", "cat:backpack"),
        ("televuzor", "cat:tv"),
        ("slusalce bez zice", "cat:headphones"),
        ("รองเทาผ้าใบ", "cat:sneakers"),
        ("แจคเก็ต", "cat:jacket"),
    ],
)
def test_a_misspelt_category(text: str, concept: str) -> None:
    assert head(text) == concept


def test_a_misspelt_inflected_adjective() -> None:
    assert (("who:women",),) in READER.read("часы жнские", "ru", Shop()).conditions


def test_a_misspelt_name_of_the_shop() -> None:
    assert READER.read("kestrell bike", "en", Shop()).words == ("kestrel",)


def test_a_word_that_the_shop_knows_is_never_corrected() -> None:
    assert READER.read("veloce", "en", Shop()).words == ("veloce",)


def test_a_misspelt_function_word_is_no_ware() -> None:
    assert not READER.read("позавите оператора", "ru", Shop()).heads


FRAGMENTS = [
    "до", "5", "-", "от", "100", "$", "between", "and", "or", "not", "k", "gb", "สำหรับ", "4", "คน", "ไม่",
    "ъ", "่", "XL", "size",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(sorted(load().words["ru"].values())), max_size=12).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join),
    st.text("กขคเโ่้๊์ำาิีไม", max_size=60),
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_any_text_is_a_wish_and_a_ware(first: str, second: str) -> None:
    wish = wish_of(READER.read(first, "en", Shop()), Rates("EUR"))
    both = refined(wish, wish_of(READER.read(second, "sr", Shop()), Rates("EUR", {"USD": 1.08})))
    assert from_json(both.to_json()) == both
    conditions_of(both, names=both.words, measures=["m:gb:16"])
    assert all(tokens_of_item(ItemText(first, second, second[:50], {"a": first[:50], "b": 1.5}), READER).lexemes)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "😀" * 10_000,
        "1 " * 5000,
        "1-" * 5000,
        "до 100 " * 1500,
        "รองเทา" * 1000,
        "่" * 10_000,
        "қызмет көрсету ұсынамыз " * 400,
        "hdphnes tlevsion " * 600,
        "сматрфонь нашуники " * 500,
    ],
)
def test_of_a_long_question_only_the_start_is_read(text: str) -> None:
    assert len(text) > MOST_QUESTION
    assert READER.read(text, "en", Shop()) == READER.read(text[:MOST_QUESTION], "en", Shop())
