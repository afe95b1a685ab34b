"""Sums of money in texts, in the ways in which English, Russian, Serbian and Thai write them.

To a reader "1.299" is 1299 or 1.299, and "$" the dollar of some country, so a sum has all readings that are possible. A
number in words is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 96  # characters of a sum, and more than any that is found

# Before or after the number.
_SIGNS = {
    "EUR": "€|EUR",
    "USD": r"(?:US)?\$|USD",
    "RUB": "₽|RUB|RUR",
    "RSD": "RSD",
    "THB": "฿|THB",
    "GBP": "£|GBP",
    "JPY": "¥|JPY",
    "CNY": "¥|CNY|RMB",
    "CHF": "CHF",
    "UAH": "₴|UAH",
    "KZT": "₸|KZT",
    "BAM": "BAM",
    "INR": "₹|INR",
    "TRY": "₺|TRY",
    "PLN": "PLN",
    "CAD": r"(?:CA)?\$|CAD",
    "AUD": r"(?:AU)?\$|AUD",
    "SGD": r"S?\$|SGD",
}
# After the number, in any case. Words that are measures, too, are left out, such as "pounds".
_WORDS = {
    "EUR": r"eur(?:o|os)?|evr[aioe]|evrima|евр[оаеиу]?|еврима|ยูโร",
    "USD": r"usd|dollars?|bucks?|dolar\w{0,3}|долл(?:ар\w{0,3}|\.)?|долар\w{0,3}|бакс\w{0,3}|ดอลลาร์|ดอลล่าร์|เหรียญ",
    "RUB": r"rub|rou?bles?|rubl\w{0,3}|рубл\w{0,3}|руб\.?|р\.?|รูเบิล",
    "RSD": r"rsd|din(?:ar\w{0,3}|\.)?|дин(?:ар\w{0,3}|\.)?|ดีนาร์",
    "THB": r"thb|bahts?|бат(?:ами|ов|ам|а|ы)?|บาท",
    "GBP": "gbp|ปอนด์",
    "JPY": r"yen|иен\w{0,2}|เยน",
    "CNY": r"yuan|юан\w{0,3}|หยวน",
    "CHF": r"francs?|франк\w{0,3}|franak\w?",
    "UAH": r"грн\.?|грив\w{0,4}",
    "KZT": "тенге",
    "INR": "rupees?",
    "TRY": r"lira|лир\w{0,2}",
    "PLN": "zł",
}
_FACTORS = {
    r"k|к|тыс(?:яч\w{0,2}|\.)?|thousand|hiljad\w|хиљад\w|พัน": 1000,
    "หมื่น": 10_000,
    "แสน": 100_000,
    r"mln\.?|mio|million|milion\w{0,2}|млн\.?|миллион\w{0,2}|милион\w{0,2}|ล้าน": 1_000_000,
}
_SPACE = "[ \u00a0\u2009\u202f]"
_DECIMALS = r"(?:[.,](?:\d{1,6}|[-–—]{1,2}))?"  # the latter in "5,-"
_NUMBER = rf"(?:\d{{1,3}}(?:(?:{_SPACE}|[.,'’])\d{{3}}){{1,4}}{_DECIMALS}|\d{{1,12}}{_DECIMALS})(?!\d)"
_SIGN = f"(?-i:{'|'.join(_SIGNS.values())})"
_WORD = "|".join(_WORDS.values())
_FACTOR = "|".join(_FACTORS)
# A word of letters ends where another letter does not follow; Thai has no such ends.
_END = r"(?:(?<![A-Za-zА-Яа-яЀ-ӿ])|(?![A-Za-zА-Яа-яЀ-ӿ]))"
_AMOUNT = rf"{_NUMBER}(?:{_SPACE}?(?:{_FACTOR}){_END})?"
_RANGE = rf"(?:{_AMOUNT}{_SPACE}?[-–—]{_SPACE}?)?{_AMOUNT}"
_SUM = re.compile(
    rf"(?<![A-Za-z])(?P<before>{_SIGN}){_SPACE}{{0,3}}(?P<later>{_RANGE})"
    rf"|(?<![\d.,])(?P<first>{_RANGE}){_SPACE}{{0,3}}[-‑]?(?P<after>{_SIGN}|{_WORD}){_END}",
    re.IGNORECASE,
)
_ONE = re.compile(rf"(?P<number>{_NUMBER})(?:{_SPACE}?(?P<factor>{_FACTOR}){_END})?", re.IGNORECASE)
_GROUPS = re.compile(rf"{_SPACE}|['’]")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in a text.

    Attributes:
        readings: what it may mean: for each number in it, amounts and currencies, of which one is right.
        start, end: in characters.
    """

    readings: tuple[frozenset[tuple[Decimal, str]], ...]
    start: int
    end: int


def find_sums(text: str) -> Iterator[Sum]:
    """All sums of a text in order, with their currency; a range is one."""
    for match in _SUM.finditer(text):
        currencies = _currencies(match["before"] or match["after"])
        readings = tuple(
            frozenset((amount, currency) for amount in _amounts(one) for currency in currencies)
            for one in _ONE.finditer(match["later"] or match["first"])
        )
        yield Sum(readings, match.start(), match.end())


def _currencies(written: str) -> list[str]:
    signs = [code for code, pattern in _SIGNS.items() if re.fullmatch(pattern, written)]
    return signs or [code for code, pattern in _WORDS.items() if re.fullmatch(pattern, written, re.IGNORECASE)]


def _amounts(match: re.Match[str]) -> set[Decimal]:
    """What a number may mean: its last point or comma may separate decimals or thousands."""
    digits = _GROUPS.sub("", match["number"]).rstrip(".,-–—")
    head, separator, tail = digits.replace(",", ".").rpartition(".")
    readings = {Decimal(head.replace(".", "") + tail)}
    if separator:
        readings.add(Decimal(f"{head.replace('.', '')}.{tail}"))
    factor = _factor(match["factor"])
    return {amount * factor for amount in readings}


def _factor(written: str | None) -> int:
    if written is None:
        return 1
    return next(factor for pattern, factor in _FACTORS.items() if re.fullmatch(pattern, written, re.IGNORECASE))
