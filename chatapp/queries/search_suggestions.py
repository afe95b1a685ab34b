"""What a user may want to search for: own recent queries, and the names of own chats and their items.

Never words of the index: those are in the messages of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import chats
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.search.folding import fold

MOST = 10  # suggestions
_CHATS = 10  # chats whose names are compared: those that the list of chats would show first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to search for. `chat_id`: the chat that has this name, or is about this item; None for a query."""

    kind: Literal["query", "chat", "item"]
    text: str
    chat_id: int | None = None


_RECENT = Statement("SELECT query FROM recent_searches WHERE user_id = %(user)s ORDER BY searched_at DESC")


def suggestions(actor: Actor, beginning: str) -> list[Suggestion]:
    """Suggestions with words that begin with a text, at most `MOST`; all recent queries if it is empty."""
    wanted = _folded(beginning)
    recent = (Suggestion("query", query) for (query,) in db.run(_RECENT, {"user": actor.id}).fetchall())
    found = [each for each in recent if _begins(each.text, wanted)]
    if wanted:
        found += _names(actor, beginning.strip(), wanted)
    return list({(each.kind, each.text): each for each in reversed(found)}.values())[::-1][:MOST]


def _names(actor: Actor, beginning: str, wanted: str) -> Iterator[Suggestion]:
    for summary in chats.page(actor, archived=False, search=beginning, page=1, limit=_CHATS):
        yield from (each for each in _of_chat(summary) if _begins(each.text, wanted))


def _of_chat(summary: ChatSummary) -> Iterator[Suggestion]:
    if summary.group is not None:
        yield Suggestion("chat", summary.group.title, summary.id)
    if summary.counterpart is not None:
        yield Suggestion("chat", summary.counterpart.display_name, summary.id)
    if summary.item is not None and not summary.item.is_deleted:
        yield Suggestion("item", summary.item.title, summary.id)


def _begins(text: str, wanted: str) -> bool:
    """Whether the text, or what follows one of its words, begins with a folded text."""
    return f" {wanted}" in f" {_folded(text)}"


def _folded(text: str) -> str:
    return " ".join(map(fold, text.split()))
