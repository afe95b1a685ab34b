"""Sessions of the assistant."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from chatapp.ids.visitors import is_visitor
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.queries.rows import named, select_list


class Session(NamedTuple):
    """A session: a chat of a visitor with the assistant.

    Attributes:
        visitor_id: an account, or a visitor without one (`ids.visitors`).
        language: of the last message of the visitor.
        item_kind, item_id: the item whose page the visitor is on.
        is_expired: whether `expires_at` is over.
        responder: who answers: `assistant` or `human`.
        handover: `offered` to a human, or `accepted`; None while the assistant answers.
        window_from_seq: messages up to this one are not shown to the assistant any more.
    """

    chat_id: int
    visitor_id: int
    language: str
    item_kind: str | None
    item_id: int | None
    created_at: dt.datetime
    expires_at: dt.datetime
    is_expired: bool
    ended_at: dt.datetime | None
    responder: str
    handover: str | None
    handover_reason: str | None
    window_from_seq: int
    last_seq: int
    last_version: int
    last_message_at: dt.datetime | None

    @property
    def is_anonymous(self) -> bool:
        """Whether its visitor has no account."""
        return is_visitor(self.visitor_id)


_COLUMNS = {name: f"s.{name}" for name in Session._fields} | {
    # One that a human is responsible for does not expire.
    "is_expired": "s.expires_at <= now() AND s.responder = 'assistant'",
    "last_seq": "c.last_seq",
    "last_version": "c.last_version",
    "last_message_at": "c.last_message_at",
}
_SELECT = f"SELECT {select_list(Session, _COLUMNS)} FROM sessions s JOIN chats c ON c.id = s.chat_id"
_BY_CHAT = Statement(f"{_SELECT} WHERE s.chat_id = %(chat)s")
_LOCK = Statement("SELECT FROM chats WHERE id = %(chat)s FOR NO KEY UPDATE")
_LOCK_AND_GET = Batch(_LOCK, _BY_CHAT)
_OF_VISITOR = Statement(f"""
{_SELECT} WHERE s.visitor_id = %(visitor)s AND s.chat_id < %(before)s AND NOT ({_COLUMNS["is_expired"]})
ORDER BY s.chat_id DESC LIMIT %(limit)s
""")


def by_chat(chat_id: int, *, lock: bool = False) -> Session | None:
    """The session of a chat; None if there is none.

    Parameters:
        lock: hold the chat's row until the transaction ends.
    """
    row = db.run(_LOCK_AND_GET if lock else _BY_CHAT, {"chat": chat_id}).fetchone()
    return None if row is None else Session._make(row)


def of_visitor(user_id: int, *, before: int, limit: int) -> list[Session]:
    """The sessions of a user that have not expired, newest first.

    Parameters:
        before: only those of chats with a smaller id.
    """
    rows: list[Any] = db.run(_OF_VISITOR, {"visitor": user_id, "before": before, "limit": limit}).fetchall()
    return named(Session, rows)
