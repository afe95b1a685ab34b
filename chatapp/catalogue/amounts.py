"""Prices and measures in a text: `under 300 euros`, `20-30 тыс`, `od 43 inča`, `4 คน`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatapp.catalogue.marks import Mark
from chatapp.catalogue.words import Kind

ABOUT = 0.2  # what "around" allows, of the amount
LETTER_SIZES = frozenset({"XS", "S", "M", "L", "XL", "XXL", "XXXL", "2XL", "3XL"})
_UNMISTAKABLE = frozenset({"XS", "XL", "XXL", "XXXL"})  # also in small letters, and as any word
# Units that are counted in another one.
_CONVERTED = {"tb": ("gb", 1000.0), "m": ("cm", 100.0), "g": ("kg", 0.001), "ml": ("l", 0.001)}
_JOINING = frozenset({"до", "do", "to", "ถึง", "по"})  # between the numbers of a range
_BOUNDS = frozenset({"max", "min", "about"})
_MOST_PEOPLE = 12
_ORDINAL_ENDINGS = frozenset({"й", "го", "ый", "ой", "ого"})  # "43-го размера"
_BEFORE = frozenset({"person"})  # units that may precede their number: "seats 6", "sleeps 4"


@dataclass(frozen=True, slots=True)
class Measure:
    """A wished size. One bound may be missing; if both are the same, it is exact."""

    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Price:
    """A wished price; one bound may be missing. Without a currency it is in the shop's."""

    low: float | None
    high: float | None
    currency: str | None


@dataclass(slots=True)
class Amounts:
    """The numbers of a text, and the marks that belong to them, by index."""

    prices: list[Price] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Found:
    """A number, or a range of two, between two positions."""

    low: float
    high: float | None
    start: int
    end: int
    is_word: bool


def amounts_of(marks: Sequence[Mark]) -> Amounts:
    """Read the numbers of a text."""
    amounts = Amounts()
    index = 0
    while index < len(marks):
        found = _number_at(marks, index)
        if found is None:
            _read_letter_size(marks, index, amounts)
            index += 1
            continue
        index = max(index + 1, _classify(marks, found, amounts))
    _share_currency(amounts)
    return amounts


def _value(mark: Mark) -> float | None:
    if mark.kind is Kind.NUMBER:
        return mark.value if not mark.senses else None
    number = mark.first("num")
    return None if number is None else float(number)


def _times(marks: Sequence[Mark], index: int) -> tuple[float, int]:
    """The factor that stands at a position, and the position after it."""
    factor = marks[index].first("times") if index < len(marks) else None
    return (1.0, index) if factor is None else (float(factor), index + 1)


def _number_at(marks: Sequence[Mark], index: int) -> _Found | None:
    low = _value(marks[index])
    if low is None:
        return None
    factor, end = _times(marks, index + 1)
    is_word = marks[index].kind is not Kind.NUMBER
    second = _second_of_range(marks, index, end)
    if second is None:
        return _Found(low * factor, None, index, end, is_word)
    high = _value(marks[second])
    assert high is not None, "a range ends in a number"
    other, end = _times(marks, second + 1)
    low, high = low * (factor if factor > 1 else other), high * other
    return _Found(min(low, high), max(low, high), index, end, is_word)


def _second_of_range(marks: Sequence[Mark], index: int, end: int) -> int | None:
    """The position of the second number, if a range begins at the first one."""
    if end < len(marks) and marks[end].first("cur") is not None and end + 1 < len(marks):
        end += 1  # "от 50 евро до 100 евро"
    if end + 1 >= len(marks) or _value(marks[end + 1]) is None:
        return None
    if marks[end].kind is Kind.SIGN and marks[end].text == "-":
        return end + 1
    joins = {concept for sense in marks[end].senses for concept in sense}
    if "bound:to" not in joins and "bound:max" not in joins:
        return None
    if marks[end].text in _JOINING:
        return end + 1
    before = marks[index - 1] if index else None
    is_between = before is not None and any("bound:between" in sense for sense in before.senses)
    return end + 1 if is_between else None


def _classify(marks: Sequence[Mark], found: _Found, amounts: Amounts) -> int:
    """Add a number where it belongs; returns the position after it."""
    bound, before, currency_before = _look_back(marks, found.start)
    unit = marks[found.end].first("unit") if found.end < len(marks) else None
    currency = marks[found.end].first("cur") if found.end < len(marks) else None
    used = {*range(found.start, found.end)}
    end = found.end
    if currency is None and unit is None and (of_size := _of_size(marks, found)):
        amounts.sizes.append(f"{found.low:g}")
        used |= of_size
    elif unit is not None and not (currency is not None and bound is not None):
        used |= {end, *before}
        end += 1
        amounts.measures.append(_measure(unit, found, bound if bound in _BOUNDS else _bound_after(marks, end)))
    elif currency is not None or currency_before is not None or bound is not None or (found.high and not found.is_word):
        if currency is not None:
            used.add(end)
            end += 1
        after = _bound_after(marks, end)
        if after is not None and bound is None:
            used.add(end)
        used |= before
        amounts.prices.append(_price(found, bound or after, currency or currency_before))
    elif (preceding := _unit_before(marks, found.start)) is not None:
        used.add(found.start - 1)
        amounts.measures.append(_measure(preceding, found, None))
    elif _follows_for(marks, found.start) and found.low <= _MOST_PEOPLE:
        amounts.measures.append(_measure("person", found, None))
    elif found.is_word:
        return found.end  # "one", as in "the red one"
    else:
        amounts.numbers += [found.low] if found.high is None else [found.low, found.high]
    amounts.used |= used
    return end


def _look_back(marks: Sequence[Mark], start: int) -> tuple[str | None, set[int], str | None]:
    """What precedes a number: a bound, the positions of what belongs to it, and a currency."""
    bound: str | None = None
    currency: str | None = None
    used: set[int] = set()
    for index in range(start - 1, max(start - 4, -1), -1):
        mark = marks[index]
        if (found := mark.first("cur")) is not None and index == start - 1 and mark.kind is Kind.SIGN:
            currency = found
        elif (found := _bound_in(mark)) is not None:
            used.add(index)
            if found in _BOUNDS:
                return found, used, currency
            bound = bound or found
        elif mark.content or mark.is_unknown or mark.kind is Kind.NUMBER or mark.first("op") == "not":
            break
        if currency is not None and index == start - 1:
            used.add(index)
    return bound, used, currency


def _bound_in(mark: Mark) -> str | None:
    bounds = [concept[6:] for sense in mark.senses for concept in sense if concept.startswith("bound:")]
    for bound in ("max", "min", "about", "price"):
        if bound in bounds:
            return bound
    return bounds[0] if bounds else None


def _bound_after(marks: Sequence[Mark], index: int) -> str | None:
    """`max` of "or less", `min` of "and up"."""
    if index >= len(marks) or (index + 1 < len(marks) and _value(marks[index + 1]) is not None):
        return None
    bound = _bound_in(marks[index])
    return bound if bound in ("max", "min") and marks[index].first("wish") is None else None


def _is_size(marks: Sequence[Mark], start: int) -> bool:
    return start > 0 and marks[start - 1].first("size") is not None


def _of_size(marks: Sequence[Mark], found: _Found) -> set[int]:
    """The positions of what makes a number a size: "size 43", "43 размер", "43-го размера"; empty if nothing does."""
    if _is_size(marks, found.start):
        return {found.start - 1}
    end = found.end
    if end < len(marks) and marks[end].text.lower() in _ORDINAL_ENDINGS:
        end += 1
    if end >= len(marks) or marks[end].first("size") is None or marks[end].follows_break:
        return set()
    is_of_next = end + 1 < len(marks) and _value(marks[end + 1]) is not None
    return set() if is_of_next else set(range(found.end, end + 1))


def _unit_before(marks: Sequence[Mark], start: int) -> str | None:
    unit = marks[start - 1].first("unit") if start else None
    return unit if unit in _BEFORE else None


def _follows_for(marks: Sequence[Mark], start: int) -> bool:
    is_last = start + 1 >= len(marks) or not marks[start + 1].content or marks[start + 1].follows_break
    return is_last and start > 0 and marks[start - 1].first("op") == "for"


def _measure(unit: str, found: _Found, bound: str | None) -> Measure:
    name, factor = _CONVERTED.get(unit, (unit, 1.0))
    low, high = _bounded(found.low * factor, None if found.high is None else found.high * factor, bound, exact=True)
    return Measure(name, low, high)


def _price(found: _Found, bound: str | None, currency: str | None) -> Price:
    # "of 300 euros" names no bound: somewhat more or less will do.
    low, high = _bounded(found.low, found.high, "about" if bound == "between" else bound, exact=False)
    return Price(low, high, currency)


def _bounded(low: float, high: float | None, bound: str | None, *, exact: bool) -> tuple[float | None, float | None]:
    if high is not None:
        return low, high
    if bound == "min":
        return low, None
    if bound == "about":
        return low * (1 - ABOUT), low * (1 + ABOUT)
    return (low, low) if exact and bound != "max" else (None, low)


def _share_currency(amounts: Amounts) -> None:
    """Of "from 20 to 30 euros" both prices are in euros."""
    named = next((price.currency for price in amounts.prices if price.currency is not None), None)
    amounts.prices = [
        price if price.currency is not None else Price(price.low, price.high, named) for price in amounts.prices
    ]


def _read_letter_size(marks: Sequence[Mark], index: int, amounts: Amounts) -> None:
    mark = marks[index]
    letters = mark.text.upper()
    if letters not in LETTER_SIZES or mark.kind is not Kind.WORD:
        return
    if letters in _UNMISTAKABLE or mark.text.isupper() or _is_size(marks, index):
        amounts.sizes.append(letters.lower())
        amounts.used.add(index)
        if _is_size(marks, index):
            amounts.used.add(index - 1)
