"""Search over REST: loads a page of results, which each dialect renders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chatapp.actions import search as search_actions
from chatapp.auth.actor import Actor
from chatapp.ids import search_cursor
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats as chat_queries
from chatapp.queries import search
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.search import Found
from chatapp.search.marks import HAS
from chatapp.search.query import Filter, Query, interval, parse

RELEVANCE, NEWEST = "relevance", "newest"
SORTS = (RELEVANCE, NEWEST)
HAS_VALUES = tuple(HAS)
SUGGESTION_KINDS = ("query", "chat", "item")
MAX_VALUE = 100  # characters of a parameter other than the query
HAS_MORE = "Whether more follows. A page may be shorter than its limit even so."
IGNORED = "Parts of the query that cannot be searched for, such as signs, or a date that is none."
INDEXED_UNTIL = "Messages that were sent until then are found."
MAX_RESULTS = 50  # of a page: each text is compared with the query
QUERY_HELP = (
    'Words in any form, `"exact phrases"`, `-excluded` words, beginnings (`bicy*`); `from:` a user or `me`, `in:` a'
    " chat or the direct chat with a user, `has:` link, file, image, video or audio; `before:`, `after:` and `on:` a"
    " year, month, day (UTC) or time. Of more than 16 parts the first ones count."
)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a client asks for; parameters narrow what `text` says.

    Attributes:
        sender: username, id, UUID or `me`.
        before, after: as the values of the operators.
    """

    text: str
    chat_id: int | None
    sender: str | None
    has: str | None
    before: str | None
    after: str | None
    sort: str

    def query(self) -> Query:
        """The whole query."""
        found = parse(self.text)
        filters = [Filter("from", self.sender)] if self.sender else []
        filters += [Filter("has", self.has)] if self.has else []
        before, after = (interval(each) if each else None for each in (self.before, self.after))
        ends = [each for each in (found.before, before and before[0]) if each]
        starts = [each for each in (found.after, after and after[1]) if each]
        unread = [("before", self.before, before), ("after", self.after, after)]
        return replace(
            found,
            filters=(*filters, *found.filters),
            before=min(ends, default=None),
            after=max(starts, default=None),
            ignored=(*found.ignored, *(f"{name}:{text}" for name, text, bound in unread if text and bound is None)),
        )

    def identity(self) -> str:
        """Everything that the results depend on, for cursors."""
        return orjson.dumps(self).decode()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of results.

    Attributes:
        chats: those of the results, by id.
        next_cursor: None on the last page.
    """

    found: list[Found]
    chats: Mapping[int, ChatSummary]
    next_cursor: str | None
    ignored: tuple[str, ...]
    indexed_until: dt.datetime


def load_page(actor: Actor, request: SearchRequest, cursor: str, *, limit: int, secret_key: str) -> SearchPage:
    """A page of results. A query that has found something is remembered for suggestions.

    Raises:
        Unreadable: `bad_cursor`.
        NotFound: `chat_not_found`.
    """
    identity = request.identity()
    after = search_cursor.decode(cursor, actor.id, identity, secret_key) if cursor else None
    by_time = request.sort == NEWEST
    with database_connection():
        results = search.search(
            actor, request.query(), chat_id=request.chat_id, by_time=by_time, limit=limit, after=after
        )
        chat_ids = sorted({found.message.chat_id for found in results.found})
        summaries = chat_queries.by_ids(actor, chat_ids) if chat_ids else []
    if results.found and not cursor and request.text.strip():
        search_actions.remember_query(actor, request.text.strip())
    position = results.position
    return SearchPage(
        results.found,
        {summary.id: summary for summary in summaries},
        None if position is None else search_cursor.encode(position, actor.id, identity, secret_key),
        results.ignored,
        results.indexed_until,
    )


def shown_fragments(found: Found) -> list[dict[str, Any]]:
    """The part of a text that a result shows: the same in all dialects."""
    return [{"text": fragment.text, "hit": fragment.is_hit} for fragment in found.fragments]
