"""Turns for adapters, a catalogue in memory, and what an adapter did with them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from prometheus_client import REGISTRY

from chatapp.assistant.port import Adapter, Cards, Delta, Done, Found, ItemCard, ItemRef, Line, Step, Turn

SOFA = ItemCard("listing", 1, "Grey corner sofa", Decimal("263.00"), "EUR", url="https://shop.example/items/1")
LAMP = ItemCard("listing", 2, "Floor lamp", Decimal("1299.50"), "RUB")
BOOK = ItemCard("storefront_product", 3, "Book of recipes")


@dataclass
class Shop:
    """A catalogue of a few items: a search finds those whose title has a word of the text.

    Attributes:
        items: all of them.
        searches: the arguments of each search.
    """

    items: tuple[ItemCard, ...] = (SOFA, LAMP, BOOK)
    searches: list[dict[str, Any]] = field(default_factory=list)

    def search(
        self,
        text: str,
        *,
        category: str | None = None,
        max_price: Decimal | None = None,
        min_price: Decimal | None = None,
        limit: int = 8,
    ) -> Found:
        """See the port."""
        self.searches.append(
            {"text": text, "category": category, "max_price": max_price, "min_price": min_price, "limit": limit}
        )
        words = set(text.lower().split())
        found = [item for item in self.items if words & set(item.title.lower().split())]
        return Found(tuple(found[:limit]), len(found))

    def get(self, refs: Sequence[ItemRef]) -> tuple[ItemCard, ...]:
        """See the port."""
        known = {item.ref: item for item in self.items}
        return tuple(known[ref] for ref in refs if ref in known)


def turn(*said: str, shop: Shop | None = None, seconds: float = 60.0, **changed: Any) -> Turn:
    """A turn in which the visitor says this."""
    values: dict[str, Any] = {
        "id": 1001,
        "session_id": "5f0c7f7e-8a55-4d5c-9d53-0e1f0a3f5a01",
        "language": "en",
        "history": tuple(Line("visitor", text) for text in said or ("I need a sofa",)),
        "wish": None,
        "shown": (),
        "place": None,
        "deadline": time.monotonic() + seconds,
        "catalogue": shop or Shop(),
    }
    return Turn(**{**values, **changed})


@dataclass(frozen=True)
class Answer:
    """The steps of an answer, which ends with its only `Done`."""

    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(step.text for step in self.steps if isinstance(step, Delta))

    @property
    def done(self) -> Done:
        """The end."""
        last = self.steps[-1]
        assert isinstance(last, Done)
        return last

    @property
    def cards(self) -> tuple[ItemCard, ...]:
        """The items that are shown at the end."""
        shown = [step.items for step in self.steps if isinstance(step, Cards)]
        return shown[-1] if shown else ()


def ask(adapter: Adapter, asked: Turn | None = None) -> Answer:
    """All steps of an answer. Fails unless there is one `Done`, and it is the last."""
    steps = tuple(adapter.answer(asked or turn()))
    assert [isinstance(step, Done) for step in steps] == [False] * (len(steps) - 1) + [True], steps
    return Answer(steps)


def metric(name: str, **labels: str) -> float:
    """What this process has counted."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def kinds(steps: Iterable[Step]) -> list[str]:
    """The names of steps, for comparison."""
    return [type(step).__name__ for step in steps]
