"""Search in the messages of a user's chats.

The index gives candidates. They are read with the user's membership as it is now, and their texts are compared with the
query. So an index that is behind may miss a message, but never shows one to a user who must not see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import ViewedMessage
from chatapp.ids import public, snowflake
from chatapp.ids.search_cursor import SearchPosition
from chatapp.ids.user_reference import parse_user_reference
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.queries import messages as message_queries
from chatapp.queries import people, search_index
from chatapp.queries.chats import find
from chatapp.queries.previews import is_html
from chatapp.queries.search_index import Scope
from chatapp.search import marks
from chatapp.search.fragments import Fragment, fragments
from chatapp.search.matching import Text, spans, tier_of
from chatapp.search.query import Filter, Query
from chatapp.search.tiers import Tier, conditions, tiers_of
from chatapp.text import sanitizing

TIER_SIZE = 200  # of each tier, so many of the newest are ranked; all others are found in the order of time
MOST_EXAMINED = 300  # candidates of one request; more than a page only if most of them must not be seen
MOST_TEXT = 30_000  # characters that one request compares with the query: 10 ms, with the shortest words 30
LONG_TEXT = 1000  # characters; comparing one takes a millisecond or more
SHORTEST_PREFIX = 4  # letters, for users with many messages: the index reads all words with this beginning
_NOTHING = "'='"  # a token that no message has


@dataclass(frozen=True, slots=True)
class Found:
    """A message, and the part of its text that is shown."""

    message: ViewedMessage
    fragments: list[Fragment]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results.

    Attributes:
        position: where the next page starts; None if there is none.
        ignored: parts of the query that were not looked for.
        indexed_until: messages up to this time are in the index.
    """

    found: list[Found]
    position: SearchPosition | None
    ignored: tuple[str, ...]
    indexed_until: dt.datetime


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query as it is executed.

    Attributes:
        filters: of the index, each a `tsquery`.
        low, high: bounds of the ids.
    """

    query: Query
    scope: Scope
    filters: list[str]
    low: int
    high: int

    def words(self, tier: Tier) -> str:
        """The `tsquery` of a tier."""
        return " & ".join([*conditions(self.query, tier), *self.filters]) or _NOTHING


def search(
    actor: Actor, query: Query, *, chat_id: int | None, by_time: bool, limit: int, after: SearchPosition | None
) -> Results:
    """A page of the messages that match a query: the best first, or the newest.

    A page may have fewer than `limit` results although more follow. Needs a connection, and no transaction.

    Parameters:
        chat_id: only this chat.
        after: the end of the previous page.

    Raises:
        NotFound: `chat_not_found`.
    """
    if chat_id is None:
        scope = search_index.scope_of_user(actor)
    else:
        scope = search_index.scope_of_chat(chat_id, access_chat(actor, chat_id).chat.last_seq)
    if not scope.is_small:
        query = _without_short_prefixes(query)
    state = search_index.state()
    if not query.is_positive:
        return Results([], None, query.ignored, state.indexed_until)
    tiers = [Tier.ANY] if by_time else tiers_of(query)
    start = after or SearchPosition(tiers[0], snowflake.MAX_ID + 1, 0, state.newest_id)
    plan = _Plan(
        query,
        scope,
        [("!" if each.is_negated else "") + _token(actor, each) for each in query.filters],
        0 if query.after is None else snowflake.first_id_at(query.after),
        start.upper_id if query.before is None else min(start.upper_id, snowflake.first_id_at(query.before) - 1),
    )
    found, position = _page(actor, plan, tiers, start, limit)
    return Results(found, position, query.ignored, state.indexed_until)


def _without_short_prefixes(query: Query) -> Query:
    short = [term for term in query.terms if term.prefix is not None and len(term.prefix) < SHORTEST_PREFIX]
    kept = tuple(term for term in query.terms if term not in short)
    return replace(query, terms=kept, ignored=(*query.ignored, *(term.text for term in short)))


def _token(actor: Actor, wanted: Filter) -> str:
    """The condition of an operator. Where its value names nothing, it is a token that no message has."""
    if wanted.kind == "has":
        return f"'{marks.HAS[wanted.value]}'"
    if wanted.kind == "from":
        user_id = _user_id(actor, wanted.value)
        return _NOTHING if user_id is None else f"'{marks.of_sender(user_id)}'"
    chat_id = _chat_id(actor, wanted.value)
    return _NOTHING if chat_id is None else f"'{marks.of_chat(chat_id)}'"


def _user_id(actor: Actor, value: str) -> int | None:
    """A user by `me`, username, id or UUID."""
    if value.lower() == "me":
        return actor.id
    person = people.person_by_username(value.removeprefix("@"))
    reference = parse_user_reference(value)
    if person is None and reference is not None:
        person = people.person_of_reference(reference)
    return None if person is None else int(person.id)


def _chat_id(actor: Actor, value: str) -> int | None:
    """A chat by its id or UUID, or the direct chat with a user."""
    chat_id = public.parse_chat_uuid(value)
    if chat_id is None and value.isascii() and value.isdigit() and len(value) < 17:
        chat_id = int(value)
    if chat_id is not None:
        return chat_id
    other_id = _user_id(actor, value)
    return None if other_id is None else find(actor.id, other_id, "direct", None)


def _page(
    actor: Actor, plan: _Plan, tiers: Sequence[Tier], start: SearchPosition, limit: int
) -> tuple[list[Found], SearchPosition | None]:
    """Results after a position, and the position of the next page."""
    page: list[Found] = []
    end, examined, compared = start, 0, 0
    for tier in tiers[tiers.index(Tier(start.tier)) :]:
        at = start if tier == start.tier else replace(start, tier=tier, last_id=snowflake.MAX_ID + 1, taken=0)
        while True:
            ids = _candidates(plan, tier, at, limit + 1 - len(page))
            texts = _readable(actor, ids)
            for id in ids:
                message = texts.get(id)
                result = None if message is None else _found(plan.query, message, tier)
                if result is not None and len(page) == limit:
                    return page, end
                at = end = replace(at, last_id=id, taken=at.taken + 1)
                examined += 1
                compared += 0 if message is None else len(message.content)
                if result is not None:
                    page.append(result)
                if examined >= MOST_EXAMINED or compared >= MOST_TEXT:
                    return page, end
            if not ids:
                break
    return page, None


def _candidates(plan: _Plan, tier: Tier, at: SearchPosition, limit: int) -> list[int]:
    if tier is not Tier.ANY:
        limit = min(limit, TIER_SIZE - at.taken)
    high = min(plan.high, at.last_id - 1)
    if limit <= 0 or plan.low > high:
        return []
    return search_index.newest(plan.scope, plan.words(tier), low=plan.low, high=high, limit=limit)


def _readable(actor: Actor, ids: Iterable[int]) -> dict[int, ViewedMessage]:
    wanted = list(ids)
    if not wanted:
        return {}
    return {message.id: message for message in message_queries.readable_among(actor, wanted)}


def _found(query: Query, message: ViewedMessage, tier: Tier) -> Found | None:
    """A result, if the text of the message matches as in this tier."""
    content = sanitizing.seen_of_html(message.content) if is_html() else message.content
    if len(content) > LONG_TEXT:
        yield_to_loop()
    text = Text(content)
    actual = tier_of(query, text)
    if actual is None or (tier is not Tier.ANY and actual is not tier) or not _has_files(query, message):
        return None
    return Found(message, fragments(content, spans(query, text)))


def _has_files(query: Query, message: ViewedMessage) -> bool:
    """Whether the message still has the files that are looked for."""
    kinds = {file.file_type for file in message.attachments}
    return all(
        (bool(kinds) if wanted.value == "file" else wanted.value in kinds) != wanted.is_negated
        for wanted in query.filters
        if wanted.kind == "has" and wanted.value != "link"
    )
