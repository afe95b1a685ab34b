"""Queries of the hub: rare, and never on the path of a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chatapp import clock, presence
from chatapp.events.encoding import from_json
from chatapp.events.types import ChatChanged, Event, MessageSent, Notice
from chatapp.ids import snowflake
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import changes, chats, fragments, groups, messages, redactions
from chatapp.queries.chat_summaries import ChatSummary

REPLAY_LIMIT = 20_000  # outbox rows; a client that misses more sees the gap in `version` and catches up


@dataclass(frozen=True, slots=True)
class ConversationUpdated(Notice):
    """The current state of one chat in a user's list.

    Attributes:
        is_other_online: whether the other member is online; False if the chat does not show presence.
    """

    kind = "conversation_updated"

    summary: ChatSummary
    is_other_online: bool


@dataclass(frozen=True, slots=True)
class ConversationJoined(Notice):
    """A user is a member of a group now: its state in the user's list.

    Attributes:
        version: of the chat; the changes with the versions that follow are delivered after this.
    """

    kind = "conversation_joined"

    chat_id: int
    version: int
    summary: ChatSummary


def changes_between(chat_id: int, after: int, before: int, limit: int) -> list[ChatChanged]:
    """Events for the versions of a chat strictly between two.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        sent = messages.between_versions(chat_id, after, before, limit=limit)
        changed = changes.between_versions(chat_id, after, before, limit=limit)
    events: list[ChatChanged] = [
        MessageSent(
            recipients=() if message.counterpart is None else (message.sender.id, message.counterpart.id),
            chat_id=chat_id,
            version=message.sent_version,
            message=replace(message, is_read=False),  # as when it was sent; all recipients get the same event
        )
        for message in sent
    ]
    return sorted([*events, *changed], key=lambda event: event.version)


# Of a chat, what became known too recently to be read: the ids of messages say when, so no other partition is searched.
_FIRST_RECENT = Statement("""
SELECT least(
    (SELECT min(version) FROM messages WHERE retention IN (0, 1) AND chat_id = %(chat)s AND id >= %(first_id)s
        AND version < %(before)s),
    (SELECT min(version) FROM message_changes WHERE retention IN (0, 1) AND chat_id = %(chat)s AND version < %(before)s
        AND version >= %(before)s - 100 AND created_at > now() - make_interval(secs => %(seconds)s))
)
""")


def version_before(chat_id: int, before: int, seconds: float) -> int:
    """The version below `before` that a chat had some seconds ago.

    Raises:
        Unavailable: Postgres is away.
    """
    first_id = snowflake.first_id_at(clock.now() - dt.timedelta(seconds=seconds))
    values = {"chat": chat_id, "before": before, "first_id": first_id, "seconds": seconds}
    with database_connection():
        (first_recent,) = db.run(_FIRST_RECENT, values).fetchone()
    return int(first_recent or before) - 1


def recent_events(seconds: float) -> list[Event]:
    """Events committed in the last `seconds`, of the newest `REPLAY_LIMIT` transactions.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT events FROM outbox WHERE id > (SELECT coalesce(max(id), 0) FROM outbox) - %s"
            " AND created_at > now() - make_interval(secs => %s) ORDER BY id",
            (REPLAY_LIMIT, seconds),
        ).fetchall()
    erased = redactions.pending().redactions
    return [erased.applied_to(event) for (stored,) in rows for event in from_json(stored)]


class LargerChats(NamedTuple):
    """A user's groups, and the users that this user blocks.

    Attributes:
        chats: by id of each group, the id up to which its messages are hidden from the user.
    """

    chats: Mapping[int, int]
    blocked: Sequence[int]


# OFFSET 0: chats are looked up.
_LARGER_CHATS = Statement(f"""
SELECT ARRAY(
    SELECT ARRAY[m.chat_id, m.joined_message_id] FROM chat_members m
    CROSS JOIN LATERAL (SELECT pair_key FROM chats WHERE id = m.chat_id OFFSET 0) c
    WHERE m.user_id = %(user)s AND {fragments.is_in_larger_chat("m")} AND c.pair_key IS NULL
), ARRAY(SELECT blocked_id FROM blocks WHERE blocker_id = %(user)s)
""")


def larger_chats(user_id: int) -> LargerChats:
    """What decides which events of larger chats a user receives.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        chats_joined, blocked = db.run(_LARGER_CHATS, {"user": user_id}).fetchone()
    return LargerChats(dict(chats_joined), blocked)


def joined_ids(chat_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """Of those of these users who are members of a group, the id up to which its messages are hidden from them.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return groups.joined_ids(chat_id, user_ids)


_CURRENT_VERSION = Statement("SELECT last_version FROM chats WHERE id = %s")


def current_version(chat_id: int) -> int:
    """The version of a chat now; 0 if it was deleted.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        row = db.run(_CURRENT_VERSION, (chat_id,)).fetchone()
    return 0 if row is None else int(row[0])


def unread_counts(user_ids: list[int]) -> dict[int, int]:
    """Unread messages of each user over all chats.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return chats.unread_counts(user_ids)


def conversations(memberships: Sequence[tuple[int, int]]) -> list[ConversationUpdated]:
    """The current state of chats in users' lists. Unlisted and deleted chats are left out.

    Parameters:
        memberships: pairs of a user id and a chat id.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        found = chats.by_memberships(memberships)
    online = presence.online_among(list({summary.counterpart.uuid for _, summary in found if summary.counterpart}))
    return [
        ConversationUpdated(
            recipients=(user_id,),
            summary=summary,
            is_other_online=summary.shows_presence
            and summary.counterpart is not None
            and summary.counterpart.uuid in online,
        )
        for user_id, summary in found
    ]
