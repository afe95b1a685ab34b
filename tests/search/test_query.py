"""What a query means, whatever is typed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.search.query import MAX_TERMS, Element, Filter, Query, interval, parse


def chains(query: Query) -> list[tuple[str, ...]]:
    return [tuple(each.lexeme + ("*" if each.is_prefix else "") for each in term.chain) for term in query.terms]


def test_words_have_forms_and_quoted_ones_do_not() -> None:
    books, quoted, phrase = parse('books "books" "good books"').terms
    assert "~book" in books.forms
    assert quoted.forms == phrase.forms == ()
    assert [element.lexeme for element in phrase.chain] == ["good", "books"]


def test_negations_and_prefixes() -> None:
    query = parse('-books -"good book" vel*')
    assert chains(query) == [("books",), ("good", "book"), ("vel*",)]
    assert [term.is_negated for term in query.terms] == [True, True, False]
    assert query.positive_terms == [query.terms[2]]
    assert [term.prefix for term in query.terms] == [None, None, "vel"]


def test_words_with_signs_are_phrases() -> None:
    assert chains(parse("e-mail foo:bar https://a.com/b")) == [
        ("e", "mail"),
        ("foo", "bar"),
        ("https", "a", "com", "b"),
    ]


def test_a_run_of_characters_may_go_on() -> None:
    assert chains(parse("ไหม")) == [("ไห", "หม")]
    assert chains(parse("ก")) == [("ก*",)]
    assert chains(parse("a-ก")) == [("a", "ก*")]
    assert chains(parse('"ไหม ok"')) == [("ไห", "หม", "ม", "ok")]


def test_operators() -> None:
    query = parse('from:alice -HAS:Image in:"5" before:2026-11-02 after:2026-10')
    assert query.filters == (Filter("from", "alice"), Filter("has", "image", True), Filter("in", "5"))
    assert (query.after, query.before) == (
        dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 2, tzinfo=dt.UTC),
    )
    assert query.is_positive
    assert not parse("-from:alice -x before:2026").is_positive


def test_one_day() -> None:
    query = parse("on:2026-11-02")
    assert query.after == dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    assert query.before == dt.datetime(2026, 11, 3, tzinfo=dt.UTC)


def test_what_cannot_be_searched_is_named() -> None:
    text = 'before:yesterday -after:2026 has:money from:"" * -- 😀 ""'
    query = parse(text)
    assert (query.terms, query.filters) == ((), ())
    assert query.ignored == ("before:yesterday", "-after:2026", "has:money", 'from:""', "*", "--", "😀", '""')


def test_an_open_quote_ends_with_the_query() -> None:
    assert chains(parse('bike "good one')) == [("bike",), ("good", "one")]


def test_too_many_terms() -> None:
    query = parse(" ".join(f"w{number}" for number in range(MAX_TERMS + 2)))
    assert len(query.terms) == MAX_TERMS
    assert query.ignored == ("w16", "w17")


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-02-30", "0000", "9999", "9999-12-31", "tomorrow", "12", "2026-1-1", ""]
)
def test_what_is_no_date(text: str) -> None:
    assert interval(text) is None


def test_dates() -> None:
    def day(year: int, month: int, date: int) -> dt.datetime:
        return dt.datetime(year, month, date, tzinfo=dt.UTC)

    assert interval("2026") == (day(2026, 1, 1), day(2027, 1, 1))
    assert interval("2026-12") == (day(2026, 12, 1), day(2027, 1, 1))
    assert interval("2026-02") == (day(2026, 2, 1), day(2026, 3, 1))
    moment = dt.datetime(2026, 11, 1, 10, 30, tzinfo=dt.UTC)
    assert interval("2026-11-01T12:30:00+02:00") == (moment, moment)


@given(st.text(max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    query = parse(text)
    assert all(term.chain and all(element.lexeme for element in term.chain) for term in query.terms)


@given(
    st.lists(
        st.sampled_from(['"', "-", "*", "from:", "has:", "before:", "a", "ก", "ъ", "่", " ", "\\", "'", "&|!<->()", ":"])
    )
)
def test_no_mixture_of_signs_is_an_error(parts: list[str]) -> None:
    query = parse("".join(parts))
    assert Element("") not in [element for term in query.terms for element in term.chain]
