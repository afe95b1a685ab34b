"""What an answer consists of, as clients and its row have it."""

from __future__ import annotations

from typing import Any

from chatapp.assistant.port import Cards, Choices, ItemCard

Part = dict[str, Any]


def parts_of(text: str, cards: Cards | None, choices: Choices | None) -> tuple[Part, ...]:
    """The parts of an answer: its text, then items and choices if there are any.

    Items that are none say that nothing fits; an answer that is not about items has no such part.
    """
    parts: list[Part] = [{"type": "text", "text": text}]
    if cards is not None:
        items = [_item(card) for card in cards.items]
        parts.append({"type": "data-items", "data": {"items": items, "found": cards.found, "exact": cards.is_exact}})
    if choices is not None and choices.choices:
        parts.append({"type": "data-choices", "data": {"choices": list(choices.choices)}})
    return tuple(parts)


def _item(card: ItemCard) -> Part:
    return {
        "kind": card.kind,
        "id": card.id,
        "title": card.title,
        "price": None if card.price is None else f"{card.price:.2f}",
        "currency": card.currency,
        "image_url": card.image_url,
        "url": card.url,
        "is_deleted": card.is_deleted,
    }
