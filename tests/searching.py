"""The search index, filled by this process instead of a worker, and what a user finds in it."""

from __future__ import annotations

from typing import Any

from chatapp.auth.actor import Actor
from chatapp.events.snapshots import ViewedMessage
from chatapp.infra.postgres import database_connection
from chatapp.outbox.feed import Feed
from chatapp.outbox.search_follower import Follower
from chatapp.outbox.search_index import SearchIndex
from chatapp.queries import search
from chatapp.queries.search import Found
from chatapp.search.query import parse
from tests.database import Database


class Indexer:
    """What the leader of the workers runs."""

    def __init__(self) -> None:
        self._follower, self._feed = Follower(), Feed(SearchIndex())

    def run(self) -> int:
        """Index everything that was committed; returns the number of new messages."""
        indexed = self._follower.run()
        self._feed.run()
        return indexed


def indexed(database: Database) -> dict[int, str]:
    """The tokens of each message in the index."""
    return dict(database.rows("SELECT message_id, tokens::text FROM message_search"))


def expected_index(database: Database) -> set[int]:
    """Messages that have to be in the index."""
    sql = "SELECT id FROM messages WHERE retention = 0 AND deleted_at IS NULL AND message_type <> 'system'"
    return {id for (id,) in database.rows(sql)}


def find(actor: Actor, text: str, *, limit: int = 50, by_time: bool = True, chat_id: int | None = None) -> list[Found]:
    """All results of a query, page by page."""
    found: list[Found] = []
    position = None
    while True:
        with database_connection():
            page = search.search(actor, parse(text), chat_id=chat_id, by_time=by_time, limit=limit, after=position)
        found += page.found
        position = page.position
        if position is None:
            return found


def messages_found(actor: Actor, text: str, **options: Any) -> list[ViewedMessage]:
    """The messages of all results."""
    return [found.message for found in find(actor, text, **options)]


def texts_found(actor: Actor, text: str, **options: Any) -> list[str]:
    """The texts of all results."""
    return [message.content for message in messages_found(actor, text, **options)]
