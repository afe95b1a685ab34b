"""Prices and measures in four languages."""

from __future__ import annotations

import pytest

from chatapp.catalogue.amounts import Measure, Price, amounts_of
from chatapp.catalogue.lexicon import load
from chatapp.catalogue.marks import guess_language, marks_of
from chatapp.catalogue.words import pieces_of


def read(text: str) -> tuple[list[Price], list[Measure], list[str], list[float]]:
    pieces = pieces_of(text)
    found = amounts_of(marks_of(pieces, load(), guess_language(pieces, load(), "en")))
    return found.prices, found.measures, found.sizes, found.numbers


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("sofa under 300", None, 300, None),
        ("sofa under $300", None, 300, "USD"),
        ("sofa, 300 euros or less", None, 300, "EUR"),
        ("sofa for 300 euros", None, 300, "EUR"),
        ("sofa around 100 eur", 80, 120, "EUR"),
        ("sofa between 50 and 100 euros", 50, 100, "EUR"),
        ("sofa 20k rubles", None, 20000, "RUB"),
        ("at least 500 euros", 500, None, "EUR"),
        ("диван до 20 тыс рублей", None, 20000, "RUB"),
        ("диван не дороже 700", None, 700, None),
        ("диван дешевле 300", None, 300, None),
        ("диван от 100 до 200 евро", 100, 200, "EUR"),
        ("диван 20-30 тысяч", 20000, 30000, None),
        ("больше 500 евро", 500, None, "EUR"),
        ("kauč ispod 40 eura", None, 40, "EUR"),
        ("patike do 2500 din", None, 2500, "RSD"),
        ("kauč od 100 do 200 evra", 100, 200, "EUR"),
        ("kauč od 100 evra", 80, 120, "EUR"),
        ("preko 300 evra", 300, None, "EUR"),
        ("โซฟา ราคา 300 ถึง 600", 300, 600, None),
        ("โซฟาไม่เกิน 2 พันบาท", None, 2000, "THB"),
        ("โซฟา ต่ำกว่า 50", None, 50, None),
    ],
)
def test_a_price(text: str, low: float | None, high: float | None, currency: str | None) -> None:
    assert read(text) == ([Price(low, high, currency)], [], [], [])


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("laptop with 16 gigs", Measure("gb", 16, 16)),
        ("ssd 1 tb", Measure("gb", 1000, 1000)),
        ("tent for 2", Measure("person", 2, 2)),
        ("tent for two", Measure("person", 2, 2)),
        ("tent for two, winter", Measure("person", 2, 2)),
        ("a 4 person tent", Measure("person", 4, 4)),
        ("table, seats 6", Measure("person", 6, 6)),
        ("tv 65 inch", Measure("inch", 65, 65)),
        ('29" wheels', Measure("inch", 29, 29)),
        ("at least 15 inch", Measure("inch", 15, None)),
        ("ноутбук от 13 до 15 дюймов", Measure("inch", 13, 15)),
        ("televizor od 43 inča", Measure("inch", 43, 43)),
        ("рюкзак литров на 50", None),
        ("เต็นท์ 4 คน", Measure("person", 4, 4)),
        ("เต็นท์สำหรับสองคน", Measure("person", 2, 2)),
        ("table 1.6 m", Measure("cm", 160, 160)),
    ],
)
def test_a_measure(text: str, measure: Measure | None) -> None:
    prices, measures, _, numbers = read(text)
    assert prices == []
    assert measures == ([] if measure is None else [measure])
    assert bool(numbers) == (measure is None)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("размер 44", "44"),
        ("кроссовки 43 размер", "43"),
        ("кроссовки 43-го размера", "43"),
        ("patike 43 broj", "43"),
        ("dress size M", "m"),
        ("jacket, XL", "xl"),
        ("jacket xl", "xl"),
        ("ไซส์ 38", "38"),
    ],
)
def test_a_size(text: str, size: str) -> None:
    assert read(text) == ([], [], [size], [])


def test_a_bare_number_is_only_a_number() -> None:
    assert read("кроссовки 43")[3] == [43]
    assert read("кроссовки 2 размер 43")[2:] == (["43"], [2])
    assert read("the red one") == ([], [], [], [])
    assert read("do you have a sofa") == ([], [], [], [])
