"""What the shop has: its categories, and what distinguishes the items of one."""

from __future__ import annotations

from math import log2

from chatapp.catalogue.lexicon import Lexicon, kind_of
from chatapp.catalogue.wish import Wish
from chatapp.queries import item_search

MOST_CATEGORIES = 8
MOST_CHOICES = 4
_SPLITTING = ("col", "mat", "who", "f")  # kinds about which a visitor is asked
_LEAST_SHARE, _MOST_SHARE = 0.1, 0.9  # of the items; a rarer or commoner concept does not help to choose


def categories(lexicon: Lexicon) -> list[str]:
    """The categories with the most items, without those that contain others of them."""
    return _narrowest(item_search.count_concepts(Wish(), ["cat"]), lexicon)[:MOST_CATEGORIES]


def distinguishing(wish: Wish, total: int, lexicon: Lexicon) -> list[str]:
    """The concepts of one kind that divide the items of a wish most evenly, the most frequent first.

    Parameters:
        total: the number of these items.
    """
    counts = item_search.count_concepts(wish, _SPLITTING)
    counted = min(total, item_search.MOST_COUNTED)
    by_kind: dict[str, dict[str, float]] = {}
    for concept in _narrowest(counts, lexicon):
        share = counts[concept] / counted
        if _LEAST_SHARE <= share <= _MOST_SHARE:
            by_kind.setdefault(kind_of(concept), {})[concept] = share
    best = max(by_kind.values(), key=_information, default={})
    return list(best)[:MOST_CHOICES]


def _narrowest(counts: dict[str, int], lexicon: Lexicon) -> list[str]:
    """The concepts of which no other one is a kind."""
    broader = {each for concept in counts for each in list(lexicon.with_broader(concept))[1:]}
    return [concept for concept in counts if concept not in broader]


def _information(shares: dict[str, float]) -> float:
    """How much it says to know which of the concepts an item has."""
    return -sum(share * log2(share) for share in sorted(shares.values(), reverse=True)[:MOST_CHOICES])
