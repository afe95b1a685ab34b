"""The items of the shop as adapters see them: the port's `Catalogue` over the index of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from chatapp.assistant.port import Found, ItemCard, ItemRef
from chatapp.catalogue.reader import MOST_QUESTION
from chatapp.catalogue.wish import Wish, wish_of
from chatapp.infra.postgres import database_connection
from chatapp.queries import item_search
from chatapp.queries.item_search import FoundItem, ItemWords
from chatapp.queries.shop import shop

MOST_CARDS = 8  # of one search


class ItemCatalogue:
    """The offered items. Each call borrows a connection for its time.

    Raises:
        Unavailable: by each method, if Postgres is unavailable.
    """

    def search(
        self,
        text: str,
        *,
        category: str | None = None,
        max_price: Decimal | None = None,
        min_price: Decimal | None = None,
        limit: int = MOST_CARDS,
    ) -> Found:
        """See the port."""
        wish = _priced(self._wish(text, category), min_price, max_price)
        if wish.is_empty:
            return Found((), 0)
        with database_connection():
            result = item_search.find(wish, limit=max(1, min(limit, MOST_CARDS)))
        return Found(tuple(map(card, result.items)), result.found, result.is_exact)

    def get(self, refs: Sequence[ItemRef]) -> tuple[ItemCard, ...]:
        """See the port."""
        with database_connection():
            return tuple(card(item) for item in item_search.get([(ref.kind, ref.id) for ref in refs]))

    @staticmethod
    def _wish(text: str, category: str | None) -> Wish:
        found = shop()
        with database_connection():
            words = ItemWords()
            wish = wish_of(found.reader.read(text[:MOST_QUESTION], "en", words), found.rates)
            if not category:
                return wish
            named = wish_of(found.reader.read(category[:MOST_QUESTION], "en", words), found.rates)
        return replace(
            wish,
            heads=named.heads or wish.heads,
            head_words=named.head_words or wish.head_words,
            words=tuple(dict.fromkeys([*wish.words, *named.words])),
        )


def _priced(wish: Wish, low: Decimal | None, high: Decimal | None) -> Wish:
    """A wish with the bounds that the caller gives; they replace those of the text."""
    return replace(
        wish,
        low=wish.low if low is None else float(low),
        high=wish.high if high is None else float(high),
    )


def card(item: FoundItem) -> ItemCard:
    """An item as an answer shows it: of a deleted one only that it was deleted."""
    if item.is_deleted:
        return ItemCard(item.kind, item.id, item.title, is_deleted=True)
    has_price = item.price is not None and item.currency is not None
    return ItemCard(
        kind=item.kind,
        id=item.id,
        title=item.title,
        price=item.price if has_price else None,
        currency=item.currency if has_price else None,
        image_url=item.image_url,
        url=item.url,
        description=item.description,
    )
