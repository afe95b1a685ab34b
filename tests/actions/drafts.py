"""Drafts of messages, and what becomes of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from chatapp.actions.chats import Target
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit import Outcome
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError
from chatapp.events.snapshots import MessageSnapshot

Commit = Callable[[list[Draft]], list[Outcome]]

_keys: Iterator[int] = itertools.count(1)


def draft(sender: Actor, chat_id: int, content: str = "hi", *, key: str | None = None, **fields: Any) -> Draft:
    """A draft whose fingerprint is its content."""
    defaults = {"message_type": "text", "location": None, "has_links": False, "origin": None, "target": Target(chat_id)}
    return Draft(
        sender_id=sender.id,
        chat_id=chat_id,
        content=content,
        key=key or f"server:{next(_keys)}",
        idempotency_key=key,
        fingerprint=content.encode().hex(),
        **(defaults | fields),
    )


def described(outcome: Outcome) -> tuple[str, int] | str:
    """The content and the `seq` of a message, or the code of an error."""
    if isinstance(outcome, MessageSnapshot):
        return outcome.content, outcome.seq
    return outcome.code if isinstance(outcome, ChatError) else "contended"
