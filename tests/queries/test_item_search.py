"""Which items meet a wish, and what comes near."""

from __future__ import annotations

import pytest

from chatapp.actions import items
from chatapp.catalogue.wish import Wish, wish_of
from chatapp.infra.postgres import database_connection
from chatapp.queries import item_search
from chatapp.queries.item_search import ItemWords, Result
from chatapp.queries.shop import shop
from tests.database import Database
from tests.query_counter import QueryCounter

SHOP = {
    1: ("Grey corner sofa Kestrel", 300),
    2: ("Grey sofa Lagom, velvet", 200),
    3: ("Blue sofa Lagom", 100),
    4: ("Blue boots, women's, size 38", 90),
    5: ("Blue boots, men's, size 43", 80),
    6: ("Tent for 4 people", 70),
    7: ("TV 43 inch", 60),
    8: ("TV 55 inch", 50),
    9: ("Singer tatami 2000", None),
}


@pytest.fixture
def catalogue(core: Database) -> Database:
    """The items above."""
    for item_id, (title, price) in SHOP.items():
        items.put_item("listing", item_id, {"title": title, "price": price, "currency": "EUR"})
    return core


def wish(text: str) -> Wish:
    return wish_of(shop().reader.read(text, "en", ItemWords()), shop().rates)


def find(text: str, *, limit: int = 8, exclude: tuple[int, ...] = ()) -> Result:
    with database_connection():
        return item_search.find(wish(text), limit=limit, exclude=[("listing", item_id) for item_id in exclude])


def ids(text: str, **options: tuple[int, ...]) -> list[int]:
    found = find(text, **options)  # type: ignore[arg-type]
    assert found.is_exact, "only near"
    return [item.id for item in found.items]


def near(text: str) -> list[int]:
    found = find(text)
    assert not found.is_exact
    return [item.id for item in found.items]


def test_all_wishes_are_met(catalogue: Database) -> None:
    assert ids("grey sofa") == [2, 1]
    assert ids("grey corner sofa") == [1]
    assert ids("диван до 150 евро") == [3]
    assert ids("sofa, not grey") == [3]
    assert ids("sofa, blue or grey") == [3, 2, 1]


def test_names_of_the_shop_are_wishes(catalogue: Database) -> None:
    assert ids("Lagom sofa") == [3, 2]
    assert ids("sofa kestrell") == [1]
    assert near("Kestrel boots") == [5, 4]


def test_words_that_no_ware_has_are_ignored(catalogue: Database) -> None:
    assert ids("hey mate, a corner sofa thingamajig") == [1]


def test_prices_sort(catalogue: Database) -> None:
    assert ids("cheap sofa") == [3, 2, 1]
    assert ids("most expensive sofa") == [1, 2, 3]


def test_what_comes_near_meets_most_wishes(catalogue: Database) -> None:
    assert near("grey corner sofa under 250") == [2, 1]
    assert near("pink sofa under 150") == [3]
    assert near("women's boots size 45") == [4]


def test_people_are_ignored_where_no_ware_says_for_whom_it_is(catalogue: Database) -> None:
    assert ids("women's boots") == [4]
    assert ids("a sofa for my wife") == [3, 2, 1]
    assert near("kids' boots") == [5, 4]


def test_measures(catalogue: Database) -> None:
    assert ids("palatka za četvoro") == ids("tent for four") == [6]
    assert ids("tv at least 50 inch") == [8]
    assert ids("tv 40-60 inch") == [8, 7]
    assert near("tv at least 60 inch") == [8, 7]


def test_nothing_of_a_category(catalogue: Database) -> None:
    assert find("telescope") == Result((), 0, is_exact=False, has_category=False)
    assert find("qwertzuiop") == Result((), 0, is_exact=False, has_category=False)


def test_a_word_for_a_category_may_be_part_of_a_name(catalogue: Database) -> None:
    assert ids("singer") == [9]
    assert ids("tatami") == [9]


def test_items_that_were_shown_are_left_out(catalogue: Database) -> None:
    assert ids("sofa", exclude=(3, 1)) == [2]


def test_all_are_counted(catalogue: Database) -> None:
    found = find("sofa", limit=1)
    assert (len(found.items), found.found) == (1, 3)


def test_items_by_key(catalogue: Database) -> None:
    items.delete_item("listing", 2)
    with database_connection():
        found = item_search.get([("listing", 3), ("listing", 99), ("listing", 2)])
        assert item_search.get([]) == []
    assert [(item.id, item.is_deleted, item.base_price) for item in found] == [(3, False, 100.0), (2, True, None)]


def test_concepts_are_counted(catalogue: Database) -> None:
    with database_connection():
        assert item_search.count_concepts(Wish(), ["cat"])["cat:sofa"] == 3
        assert item_search.count_concepts(wish("sofa"), ["col"]) == {"col:grey": 2, "col:blue": 1}


def test_a_search_costs_few_queries(catalogue: Database) -> None:
    wished = wish("grey corner sofa")
    with database_connection(), QueryCounter() as asked:
        item_search.find(wished, limit=3)
    assert len(asked.queries) == 1


def test_hostile_words_are_only_words(catalogue: Database) -> None:
    for text in ("'sofa'' | 'x", "sofa & !lamp", "sofa:* <-> \\", "%s %(x)s sofa", "\x00sofa", "ъ", "่", "😀", "'"):
        find(text)
