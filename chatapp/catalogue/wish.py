"""What a visitor wishes, after all that was said so far in a session.

It is stored with each answer as JSON, so the next answer can be given by any worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp.catalogue.amounts import Measure
from chatapp.catalogue.lexicon import kind_of
from chatapp.catalogue.rates import Rates
from chatapp.catalogue.reading import Alternatives, Reading

_ORDERS = {"cheap": "cheap", "cheapest": "cheap", "dearest": "dear"}
_REPLACED = frozenset({"col", "mat", "who", "cond"})  # a new wish of this kind replaces the earlier one


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish.

    Attributes:
        heads: categories with their alternatives; one of them must fit.
        conditions, excluded: as in a `Reading`.
        low, high: bounds of the price, in the shop's currency.
        order: `cheap` or `dear` first; empty for neither.
        head_words: the words for the category, if the shop has nothing of it.
    """

    heads: tuple[Alternatives, ...] = ()
    mentioned: tuple[str, ...] = ()
    conditions: tuple[Alternatives, ...] = ()
    excluded: tuple[Alternatives, ...] = ()
    words: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    sizes: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    order: str = ""
    joins: bool = False
    head_words: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing about wares."""
        return not (
            self.heads or self.conditions or self.excluded or self.words or self.runs or self.measures
            or self.sizes or self.numbers or self.low is not None or self.high is not None
        )  # fmt: skip

    @property
    def is_only_category(self) -> bool:
        """Whether it says nothing but a category."""
        return bool(self.heads) and replace(self, heads=(), order="", joins=False, head_words=()).is_empty

    def to_json(self) -> dict[str, Any]:
        """The wish for `from_json`, without what is empty."""
        found = {
            name: [[m.unit, m.low, m.high] for m in self.measures] if name == "measures" else getattr(self, name)
            for name in self.__slots__
        }
        return {name: value for name, value in found.items() if value or isinstance(value, float)}


def from_json(stored: Mapping[str, Any]) -> Wish:
    """A stored wish. Fields of another release are left out."""
    known = {name: value for name, value in stored.items() if name in Wish.__slots__}
    if "measures" in known:
        known["measures"] = tuple(Measure(unit, low, high) for unit, low, high in known["measures"])
    return Wish(**{name: _frozen(value) for name, value in known.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def wish_of(reading: Reading, rates: Rates) -> Wish:
    """What a text wishes by itself."""
    low, high = _price(reading, rates)
    return Wish(
        heads=reading.heads,
        mentioned=reading.mentioned,
        conditions=reading.conditions,
        excluded=reading.excluded,
        words=reading.words,
        runs=reading.runs,
        measures=tuple(reading.amounts.measures),
        sizes=tuple(reading.amounts.sizes),
        numbers=tuple(reading.amounts.numbers),
        low=low,
        high=high,
        order=next((_ORDERS[wish] for wish in sorted(reading.wishes) if wish in _ORDERS), ""),
        joins=reading.joins,
        head_words=reading.head_words,
    )


def _price(reading: Reading, rates: Rates) -> tuple[float | None, float | None]:
    low = high = None
    for price in reading.amounts.prices:
        if price.low is not None:
            low = rates.in_base(price.low, price.currency)
        if price.high is not None:
            high = rates.in_base(price.high, price.currency)
    return low, high


def refined(before: Wish, new: Wish) -> Wish:
    """An earlier wish, changed by what was said now: features are added, a colour or a price is replaced.

    What names a category begins a wish of its own.
    """
    if new.heads:
        return new
    replaced = {_kind(condition) for condition in new.conditions} & _REPLACED
    units = {measure.unit for measure in new.measures}
    has_price = new.low is not None or new.high is not None
    kept = tuple(each for each in before.conditions if _kind(each) not in replaced and each not in new.excluded)
    return replace(
        before,
        conditions=_merged(kept, new.conditions),
        excluded=_merged(tuple(each for each in before.excluded if each not in new.conditions), new.excluded),
        mentioned=_merged(before.mentioned, new.mentioned),
        words=_merged(before.words, new.words),
        runs=_merged(before.runs, new.runs),
        measures=(*(each for each in before.measures if each.unit not in units), *new.measures),
        sizes=new.sizes or before.sizes,
        numbers=new.numbers or before.numbers,
        low=new.low if has_price else before.low,
        high=new.high if has_price else before.high,
        order=new.order or before.order,
        joins=new.joins or before.joins,
    )


def _kind(alternatives: Alternatives) -> str:
    return kind_of(alternatives[0][0])


def _merged(before: Sequence[Any], new: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys([*before, *new]))
