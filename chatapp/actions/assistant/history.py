"""Reading the messages of a session."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from chatapp.access import access_chat
from chatapp.actions.assistant.visits import Visit
from chatapp.errors import NotFound
from chatapp.events.assistant import AnswerPartial
from chatapp.ids import snowflake
from chatapp.ids.public import encode_answer
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import messages as message_queries
from chatapp.queries.messages import Page
from chatapp.queries.pages import read_page

_EMPTY = Page([], 0, False)
_LATEST = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)  # ids of messages end a few years later


def read_history(visit: Visit, *, limit: int, before_id: int | None = None) -> Page:
    """The newest messages, or those before one, newest first.

    Parameters:
        before_id: None for the newest; `MISSING_ID` for a message that does not exist.

    Raises:
        NotFound: `message_not_found`: no such message in this session.
    """
    if visit.session is None:
        return _nothing(before_id)
    with database_connection():
        if before_id is not None:
            _check_message(visit, before_id)
        return read_page(access_chat(visit.actor, visit.chat_id), limit=limit, before_id=before_id)


def read_after(visit: Visit, after_id: int, *, limit: int) -> Page:
    """The messages after one, the next ones first to be returned, but ordered newest first.

    Raises:
        NotFound: `message_not_found`: no such message in this session.
    """
    if visit.session is None:
        return _nothing(after_id)
    with database_connection():
        _check_message(visit, after_id)
        return _after(visit, after_id, limit)


class Missed(NamedTuple):
    """What a client missed.

    Attributes:
        partial: what was said so far of the answer that is on its way.
    """

    page: Page
    partial: AnswerPartial | None


# What was shown by the attempt that is under way; an earlier one may have shown more.
_PARTIAL = """
SELECT t.id, t.attempt, t.partial_index, CASE WHEN t.partial_index > 0 THEN t.partial ELSE '' END, c.last_version
FROM assistant_turns t JOIN chats c ON c.id = t.chat_id WHERE t.chat_id = %s AND t.state <> 'done'
"""


def read_missed(visit: Visit, after_id: int | None, *, limit: int) -> Missed:
    """The messages after one, or from the beginning, and the answer that is on its way.

    Raises:
        NotFound: `message_not_found`: no such message in this session.
    """
    if visit.session is None:
        return Missed(_nothing(after_id), None)
    with database_connection():
        if after_id is not None:
            _check_message(visit, after_id)
        # Read first: an answer that ends meanwhile is on the page.
        row = db.execute_sql(_PARTIAL, (visit.chat_id,)).fetchone()
        page = _after(visit, after_id or 1, limit)
    if row is None:
        return Missed(page, None)
    turn_id, attempt, index, text, version = row
    if any(message.session and message.session.answer_id == encode_answer(turn_id) for message in page.messages):
        return Missed(page, None)
    return Missed(page, AnswerPartial((), visit.chat_id, version, turn_id, max(attempt, 1), index, text))


def read_since(visit: Visit, since: dt.datetime, *, limit: int) -> Page:
    """The messages after a time. The times of two messages of a session differ, so none is lost at the edge."""
    if visit.session is None:
        return _EMPTY
    millisecond = dt.timedelta(milliseconds=1)
    last_id = max(0, snowflake.first_id_at(min(since, _LATEST) + millisecond) - 1)
    with database_connection():
        return _after(visit, last_id, limit)


def _after(visit: Visit, after_id: int, limit: int) -> Page:
    # 0 would mean the newest messages.
    return message_queries.page(access_chat(visit.actor, visit.chat_id), limit=limit, after_id=max(after_id, 1))


def _check_message(visit: Visit, message_id: int) -> None:
    if not message_queries.is_in(visit.chat_id, message_id):
        raise NotFound("message_not_found")


def _nothing(message_id: int | None) -> Page:
    if message_id is not None:
        raise NotFound("message_not_found")
    return _EMPTY
