"""The pinned messages of a chat."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from chatapp import clock
from chatapp.access import Membership, is_hidden_by
from chatapp.events.snapshots import Person, ViewedMessage
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import messages as message_queries
from chatapp.queries.rows import person_list

MAX_PINS = 50  # of a chat: with the longest texts they are a page of half a megabyte


@dataclass(frozen=True, slots=True)
class PinnedMessage:
    """A pinned message, and who pinned it.

    Attributes:
        version: of the chat when it was pinned.
    """

    message: ViewedMessage
    pinned_by: Person
    pinned_at: str
    version: int


_OF_CHAT = Statement(f"""
SELECT p.message_id, p.pinned_at, p.version, {person_list("u")} FROM chat_pins p
CROSS JOIN LATERAL (SELECT * FROM users WHERE id = p.pinned_by OFFSET 0) u
WHERE p.chat_id = %(chat)s
    AND NOT (%(has_hidden)s AND {is_hidden_by("%(user)s", "p.message_id")}) ORDER BY p.version DESC
""")


def of_chat(membership: Membership) -> list[PinnedMessage]:
    """The pinned messages that the member sees, the last pinned first."""
    member = membership.member
    values = {"chat": membership.chat.id, "user": member.user_id, "has_hidden": member.has_hidden}
    rows: list[Any] = db.run(_OF_CHAT, values).fetchall()
    found = message_queries.snapshots_by_id([row[0] for row in rows], member.user_id) if rows else []
    messages = {
        message.id: message
        for message in found
        if message.seq > member.visible_floor and message.sender.id not in membership.hidden_senders
    }
    return [_pinned(messages[id], at, version, person) for id, at, version, *person in rows if id in messages]


def _pinned(message: ViewedMessage, pinned_at: dt.datetime, version: int, person: list[Any]) -> PinnedMessage:
    return PinnedMessage(message, Person(*person), clock.rfc3339(pinned_at), version)
