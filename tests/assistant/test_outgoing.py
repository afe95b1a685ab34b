"""A model's text leaves without foreign links and unknown sums, however it was cut on its way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.assistant.outgoing import OutgoingText
from tests.assistant.asking import BOOK, LAMP, SOFA, metric

HOSTS = frozenset({"shop.example"})
ITEMS = (SOFA, LAMP, BOOK, replace(SOFA, price=Decimal(600)))


def shown(*pieces: str) -> str:
    """What is left of a text, whose model has seen these items."""
    outgoing = OutgoingText(HOSTS)
    outgoing.allow_prices(ITEMS)
    return "".join([*map(outgoing.feed, pieces), outgoing.end()])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Here are two sofas.", "Here are two sofas."),
        ("Вот **серый** диван", "Вот серый диван"),
        ("a\x00b\x1b[0m\u202ec", "ab[0mc"),
        # Sums
        ("It costs 263 €.", "It costs 263 €."),
        ("It costs € 263.00.", "It costs € 263.00."),
        ("It costs 1 €, not 263 euros!", "It costs …, not 263 euros!"),
        ("1\u200b€", "…"),
        ("263 USD", "…"),
        ("1 299,50 руб.", "1 299,50 руб."),
        ("263–600 EUR", "263–600 EUR"),
        ("1–600 EUR", "…"),
        ("65 inches for 4 people", "65 inches for 4 people"),
        # Links
        ("See https://shop.example/items/1?a=2.", "See https://shop.example/items/1?a=2."),
        ("See shop.example/items", "See shop.example/items"),
        ("See https://evil.example.com/x.", "See …."),
        ("See evil.com, www.evil.xyz", "See …, …"),
        ("https://shop.example.evil.com/", "…"),
        ("https://shop.example@evil.com/", "https://…/"),
        ("https://notshop.example", "…"),
        ("ftp://shop.example/a whatsapp://send?text=1", "… …"),
        ("javascript:alert(1) data:text/html,x mailto:a@b.c tel:+1", "… … … …"),
        ("Data: 5, Tel: none", "Data: 5, Tel: none"),
        ("help@shop.example or a@evil.com", "help@shop.example or …"),
        ("[our sofa](https://shop.example/1) here", "our sofa https://shop.example/1 here"),
        ("[free money](https://evil.com/1) here", "free money here"),
        ("[evil.com](https://shop.example/1)", "… https://shop.example/1"),
        ("![pixel](https://evil.com/p.png?q=secret)", "pixel"),
        ('[a](https://evil.com "title")', "a"),
        ("[x](javascript:alert)", "x"),
        ("ดูที่evil.comครับ", "ดูที่…ครับ"),
        ("." + "a." * 100, "…"),
    ],
)
def test_what_leaves(text: str, left: str) -> None:
    assert shown(text) == left
    assert shown(*text) == left
    padded = "Some words before it, and then more of them. " * 3
    assert shown(*(padded + text + " " + padded)) == padded + left + " " + padded


PARTS = (
    *(
        "263 €",
        "1 €",
        "€",
        " ",
        "1",
        "200",
        "тыс.",
        "рублей",
        "EUR",
        "\n",
        "evil.com",
        "https://",
        "shop.example",
        "/x",
    ),
    *("[", "a", "](", ")", "слово ", "many words in a row ", ". ", "**", "@", "ราคา บาท"),
)


@given(st.lists(st.sampled_from(PARTS), max_size=40), st.data())
def test_how_a_text_is_cut_changes_nothing(parts: list[str], choices: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(choices.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert shown(*pieces) == shown(text)


def test_words_leave_before_the_end() -> None:
    outgoing = OutgoingText(HOSTS)
    sentence = "There are several sofas in this shop that you may like, and some are grey. "
    assert (outgoing.feed(sentence) + outgoing.feed(sentence)).startswith("There are several sofas")
    thai = OutgoingText(HOSTS)
    assert thai.feed("ร้านนี้มีโซฟาหลายตัวที่คุณอาจชอบและบางตัวเป็นสีเทา" * 4).startswith("ร้านนี้มีโซฟา")


def test_what_is_held_back_is_bounded() -> None:
    outgoing = OutgoingText(HOSTS)
    left = "".join(outgoing.feed("x") for _ in range(10_000))
    assert len(left) > 8000
    assert left + outgoing.end() == "x" * 10_000


def test_what_was_removed_is_counted() -> None:
    names = ("chat_assistant_unverified_prices_total", "chat_assistant_foreign_links_total")
    before = [metric(name) for name in names]
    shown("1 € and 2 €, 263 €; evil.com [a](http://b.com) https://shop.example")
    assert [metric(name) - count for name, count in zip(names, before, strict=True)] == [2, 2]
