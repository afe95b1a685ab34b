"""What the adapter `catalog` says and shows."""

from __future__ import annotations

import pytest

from chatapp.actions import items
from chatapp.assistant.catalog import CatalogAdapter, said_last
from chatapp.assistant.port import Done, ItemRef, Line
from tests.assistant.asking import turn
from tests.assistant.asking_visitor import Visitor
from tests.database import Database

SHOP = {
    1: ("Grey corner sofa", 300),
    2: ("Grey sofa, velvet", 200),
    3: ("Blue sofa", 100),
    4: ("Grey sofa for two, oak", 250),
    5: ("Red lamp", 20),
}


@pytest.fixture
def visitor(core: Database) -> Visitor:
    """A visitor of a shop with five items."""
    for item_id, (title, price) in SHOP.items():
        items.put_item("listing", item_id, {"title": title, "price": price, "currency": "EUR", "description": "Nice."})
    return Visitor(CatalogAdapter())


def test_a_wish_is_answered_with_items(visitor: Visitor) -> None:
    said = visitor.asks("grey sofas")
    assert (said.text, said.ids, said.found, said.is_exact) == ("These fit (3):", [4, 2, 1], 3, True)


def test_the_language_is_that_of_the_question(visitor: Visitor) -> None:
    assert visitor.asks("угловой диван").text == "Нашёлся один подходящий вариант:"
    assert visitor.asks("угаона гарнитура").text == "Пронађена је једна понуда:"
    assert visitor.asks("ugaona garnitura").text == "Pronađena je jedna ponuda:"
    assert visitor.asks("โซฟาเข้ามุม").text == "พบ 1 รายการที่ตรงกับที่ต้องการ:"
    assert visitor.asks("ok", language="ru").text.startswith("Что вы ищете?")
    assert visitor.asks("?", language="de").text.startswith("Was suchen Sie?")
    assert visitor.asks("?", language="pt-BR").text.startswith("What are you looking for?")


def test_a_wish_is_refined(visitor: Visitor) -> None:
    visitor.asks("sofa")
    assert visitor.asks("in grey").ids == [4, 2, 1]
    assert visitor.asks("with velvet").ids == [2]
    assert visitor.asks("and a lamp?").ids == [5]


def test_a_new_name_begins_a_wish(visitor: Visitor) -> None:
    items.put_item("listing", 6, {"title": "Qwertz"})
    visitor.asks("blue sofa")
    assert visitor.asks("qwertz").ids == [6]


def test_near_misses_are_named_as_such(visitor: Visitor) -> None:
    said = visitor.asks("pink sofa under 150")
    assert (said.ids, said.is_exact) == ([3], False)
    assert said.text == "Nothing meets every wish. These come close:"


def test_nothing_like_it(visitor: Visitor) -> None:
    said = visitor.asks("telescope")
    assert (said.ids, said.is_exact, said.choices) == ([], False, ("sofas", "lamps"))
    assert said.text == "The shop has nothing like that at the moment. It does have: sofas, lamps."


def test_more_and_no_more(visitor: Visitor) -> None:
    first = visitor.asks("sofa")
    assert visitor.asks("show more").ids == list({1, 2, 3, 4} - set(first.ids))
    assert visitor.asks("show more").text == "There are no others."


def test_cheaper_and_dearer(visitor: Visitor) -> None:
    visitor.asks("corner sofa")
    visitor.asks("sofa, oak")
    assert visitor.asks("cheaper").text == "Nothing cheaper fits."
    visitor.asks("velvet sofa")
    assert visitor.asks("more expensive").text == "Nothing more expensive fits."
    visitor.asks("sofas")
    assert visitor.asks("cheapest").ids == [3]
    assert visitor.asks("more expensive").ids == [4, 2, 1]
    assert visitor.asks("something cheaper").ids == [3]


def test_the_cheapest_and_the_dearest(visitor: Visitor) -> None:
    assert (visitor.asks("the cheapest sofa").text, visitor.asks("the most expensive sofa").ids) == (
        "The cheapest one:",
        [1],
    )


def test_shown_items_are_compared(visitor: Visitor) -> None:
    visitor.asks("grey sofa")
    said = visitor.asks("compare the first and the last")
    assert said.ids == [4, 1]
    assert said.text == (
        "The comparison:\n1. Grey sofa for two, oak: 250 EUR. Nice.\n2. Grey corner sofa: 300 EUR. Nice.\n"
        "“Grey sofa for two, oak” costs 50 EUR less."
    )


def test_details_of_a_shown_item(visitor: Visitor) -> None:
    assert visitor.asks("more details of the second one").text.startswith("Which item do you mean?")
    visitor.asks("grey sofa")
    said = visitor.asks("details of the second one")
    assert (said.ids, said.text) == ([2], "The details:\n1. Grey sofa, velvet: 200 EUR. Nice.")


def test_the_item_of_the_page_is_meant(visitor: Visitor) -> None:
    assert visitor.asks("more details", place=ItemRef("listing", 5)).ids == [5]


def test_questions_back(visitor: Visitor) -> None:
    for text in (
        "what do you sell?",
        "I need a gift",
        "a gift for my wife",
        "I want to buy something",
        "any gift ideas?",
    ):
        said = visitor.asks(text)
        assert (said.ids, said.choices) == ([], ("sofas", "lamps")), text
        assert "sofas, lamps" in said.text


def test_talk(visitor: Visitor) -> None:
    assert visitor.asks("hello").text == "Hello! What are you looking for?"
    assert visitor.asks("thank you").text == "You are welcome. Ask again at any time."
    assert visitor.asks("superduper, thanks").text == "You are welcome. Ask again at any time."
    assert visitor.asks("a gift under 50 euros").ids == [5]


def test_a_human_is_asked_for(visitor: Visitor) -> None:
    said = visitor.asks("I want to talk to a human")
    assert said.hands_over
    assert said.text == "A person will take over. Please wait for their answer here."


def test_of_many_items_the_visitor_is_asked_what_matters(visitor: Visitor) -> None:
    for item_id in range(10, 20):
        items.put_item("listing", item_id, {"title": "Green sofa"})
    said = visitor.asks("sofas")
    assert said.found == 14
    assert said.choices == ("green", "grey")
    assert said.text.endswith("What matters to you? For example: green, grey.")


def test_an_empty_shop(core: Database) -> None:
    visitor = Visitor(CatalogAdapter())
    assert visitor.asks("what do you sell").text == "What are you looking for?"
    assert visitor.asks("sofa").text == "The shop has nothing like that at the moment."


@pytest.mark.parametrize(
    "text", ["", "😀" * 100, "ъ", "่", "\x00", "?" * 10_000, "a" * 10_000, "қызмет", "'; --", "-", "1"]
)
def test_anything_may_be_said(visitor: Visitor, text: str) -> None:
    visitor.asks("sofa")
    assert visitor.asks(text).text
    assert visitor.asks("lamp").ids == [5]


def test_a_memory_of_another_release_is_ignored(visitor: Visitor) -> None:
    stored = {"format": 99, "wish": "of another form"}
    steps = list(CatalogAdapter().answer(turn("in grey", wish=stored)))
    assert steps[-1] == Done("stop", wish=steps[-1].wish)  # type: ignore[union-attr]


def test_several_messages_are_one_question() -> None:
    lines = (Line("visitor", "old"), Line("assistant", "ok"), Line("visitor", "grey"), Line("visitor", "sofa"))
    assert said_last(turn(history=lines)) == "grey\nsofa"
