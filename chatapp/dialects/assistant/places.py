"""The item whose page a visitor is on, as clients name it, or as the token of the host does."""

from __future__ import annotations

from typing import Any

from chatapp.actions.assistant.sessions import Place
from chatapp.auth.actor import Actor


def place_of(item: dict[str, Any] | None, actor: Actor | None) -> Place | None:
    """The place that a validated `item` names; without one, the item of the actor's token."""
    if item is not None:
        return item["kind"], item["id"]
    return None if actor is None else actor.item
