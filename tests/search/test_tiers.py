"""Tiers as queries of the index."""

from __future__ import annotations

from chatapp.search.query import parse
from chatapp.search.tiers import Tier, conditions, tiers_of


def test_the_tiers_of_a_query() -> None:
    assert tiers_of(parse("good book")) == [Tier.PHRASE, Tier.WORDS, Tier.FORMS]
    assert tiers_of(parse('book "x"')) == [Tier.WORDS, Tier.FORMS]
    assert tiers_of(parse('"good book" vel* -x')) == tiers_of(parse("from:me")) == [Tier.WORDS]


def test_words_follow_each_other_in_a_phrase() -> None:
    assert conditions(parse("good book -bad"), Tier.PHRASE) == ["('good' <-> 'book')", "!('bad')"]


def test_a_text_is_in_one_tier_at_most() -> None:
    query = parse("good book")
    assert conditions(query, Tier.WORDS) == ["('good')", "('book')", "!('good' <-> 'book')"]
    assert conditions(query, Tier.FORMS)[-1] == "!(('good') & ('book'))"
    assert len(conditions(query, Tier.ANY)) == 2


def test_forms_are_alternatives() -> None:
    (found,) = conditions(parse("books"), Tier.ANY)
    assert found.startswith("(('books') | '~books' | '~book'")


def test_a_prefix() -> None:
    assert conditions(parse("vel*"), Tier.WORDS) == ["('vel':*)"]
