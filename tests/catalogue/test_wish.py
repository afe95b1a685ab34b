"""Wishes, and how they change from turn to turn."""

from __future__ import annotations

import json

from chatapp.catalogue.lexicon import load
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reader import Reader
from chatapp.catalogue.wish import Wish, from_json, refined, wish_of

READER = Reader(load())
RATES = Rates("EUR", {"RUB": 100.0})


def after(*turns: str) -> Wish:
    wish = Wish()
    for text in turns:
        wish = refined(wish, wish_of(READER.read(text, "en"), RATES))
    return wish


def concepts(wish: Wish) -> set[str]:
    return {concept for alternatives in wish.conditions for sense in alternatives for concept in sense}


def test_prices_are_in_the_currency_of_the_shop() -> None:
    assert after("диван до 20000 рублей").high == 200
    assert after("диван до 20000 динаров").high is None


def test_features_add_and_colours_replace() -> None:
    assert concepts(after("blue sofa", "with a bed function, corner", "in grey")) >= {"col:grey", "f:corner"}
    assert "col:blue" not in concepts(after("blue sofa", "in grey"))


def test_a_price_replaces_a_price() -> None:
    wish = after("phone under 200", "under 300")
    assert (wish.low, wish.high) == (None, 300)


def test_a_measure_replaces_one_of_its_unit() -> None:
    wish = after("laptop 16 gb, 15 inch", "14 inch")
    assert {(measure.unit, measure.low) for measure in wish.measures} == {("gb", 16), ("inch", 14)}


def test_what_is_not_wanted_any_more() -> None:
    assert concepts(after("leather sofa", "not leather")) == set()
    assert after("sofa, not leather", "leather after all").excluded == ()


def test_a_category_begins_a_wish() -> None:
    assert concepts(after("blue sofa", "a lamp")) == set()


def test_a_wish_survives_json() -> None:
    wish = after("not red tent for 2, kestrel, size XL, 20 to 30 euros or 43")
    assert from_json(json.loads(json.dumps(wish.to_json()))) == wish
    assert from_json({"heads": [[["cat:sofa"]]], "of another release": 1}).heads == ((("cat:sofa",),),)


def test_a_price_of_nothing_survives_json() -> None:
    wish = after("sofa 0-1")
    assert wish.low == 0
    assert from_json(wish.to_json()) == wish


def test_nothing_but_a_category() -> None:
    assert after("show me sofas").is_only_category
    assert not after("blue sofas").is_only_category
    assert after("hello").is_empty
