"""Sums are found in four languages, with all that they may mean, and measures are no sums."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.assistant.sums import LONGEST, find_sums


@pytest.mark.parametrize(
    ("text", "found", "amount", "currency"),
    [
        ("It costs 263 €.", "263 €", "263", "EUR"),
        ("€263", "€263", "263", "EUR"),
        ("for 263.00 EUR!", "263.00 EUR", "263", "EUR"),
        ("1 299,50 евро", "1 299,50 евро", "1299.50", "EUR"),
        ("1.299,50 evra", "1.299,50 evra", "1299.50", "EUR"),
        ("1,299.5 euros", "1,299.5 euros", "1299.50", "EUR"),
        ("1.299 €", "1.299 €", "1299", "EUR"),
        ("1.299 €", "1.299 €", "1.299", "EUR"),
        ("1,- €", "1,- €", "1", "EUR"),
        ("1.0000 €", "1.0000 €", "1", "EUR"),
        ("1euro", "1euro", "1", "EUR"),
        ("US$ 1,299.00", "US$ 1,299.00", "1299", "USD"),
        ("$5", "$5", "5", "AUD"),
        ("за 100 долларов", "100 долларов", "100", "USD"),
        ("20 тыс. руб.", "20 тыс. руб.", "20000", "RUB"),
        ("20k ₽", "20k ₽", "20000", "RUB"),
        ("1\u00a0200\u202f₽", "1\u00a0200\u202f₽", "1200", "RUB"),
        ("100р.", "100р.", "100", "RUB"),
        ("5000 din", "5000 din", "5000", "RSD"),
        ("5.500,00 динара", "5.500,00 динара", "5500", "RSD"),
        ("ราคา฿1,200ครับ", "฿1,200", "1200", "THB"),
        ("ราคา๑๒๐๐บาทครับ", "๑๒๐๐บาท", "1200", "THB"),
        ("2 พันบาท", "2 พันบาท", "2000", "THB"),
        ("1'200 CHF", "1'200 CHF", "1200", "CHF"),
        ("room 5, 300 €", "300 €", "300", "EUR"),
    ],
)
def test_a_sum(text: str, found: str, amount: str, currency: str) -> None:
    (only,) = find_sums(text)
    assert text[only.start : only.end] == found
    assert len(only.readings) == 1 and (Decimal(amount), currency) in only.readings[0]


def test_a_range_is_one_sum_with_two_numbers() -> None:
    (only,) = find_sums("от 300–600 евро")
    assert only.readings == (frozenset({(Decimal(300), "EUR")}), frozenset({(Decimal(600), "EUR")}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 km",
        "try 5 sofas",
        "5 раз",
        "DIN 4102",
        "rub 5 times",
        "holds 5 pounds",
        "3 батона",
        "15 bats",
        "15 %",
        "65 inches, 32 GB, 4 people",
        "на 4 человек, 120 см",
        "EUR, USD and THB",
        "one euro",
    ],
)
def test_no_sum(text: str) -> None:
    assert list(find_sums(text)) == []


@given(st.text(st.sampled_from("0123459 .,'-–€$฿kрубеvroบาทพัน\u00a0%тыс"), max_size=300))
def test_sums_are_short_and_in_order(text: str) -> None:
    end = 0
    for found in find_sums(text):
        assert end <= found.start < found.end <= found.start + LONGEST
        assert found.readings and all(found.readings)
        end = found.end
