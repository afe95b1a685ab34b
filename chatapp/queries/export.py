"""A user's data as one JSON document, in pieces: never more than a batch of it is in memory.

It has what the user wrote, set and uploaded, and the messages of others that the user can read. A user who is erased
meanwhile gets a document that ends there, says so, and is still JSON.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from chatapp import clock
from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.snapshots import AttachmentSnapshot, Person, ViewedMessage
from chatapp.ids import public
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import messages as message_queries

FORMAT = 1  # of the document; a reader may skip sections that it does not know
BATCH = 200  # rows read at once

Object = dict[str, Any]


class _Section(NamedTuple):
    """A list of the document: its name, a statement that reads a batch, and the columns after which the next begins.

    Attributes:
        sql: with `%(user)s`, `%(limit)s` and, by name, the last values of the columns of `key`.
        key: with the values before the first.
    """

    name: str
    sql: str
    key: Mapping[str, Any]


_CHATS = _Section(
    "chats",
    """
    SELECT c.id, c.kind, c.title, c.item_id, i.title AS item_title, m.role, o.id AS other_id, o.uuid AS other_uuid,
        o.username AS other_username, o.name AS other_name, m.last_read_seq, m.is_archived, m.muted_until, m.pinned_at,
        c.created_at
    FROM chat_members m JOIN chats c ON c.id = m.chat_id LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
    LEFT JOIN users o ON o.id = counterpart_id(c.pair_key, m.user_id)
    WHERE m.user_id = %(user)s AND m.chat_id > %(id)s ORDER BY m.chat_id LIMIT %(limit)s
    """,
    {"id": 0},
)
_OTHERS = (
    _Section(
        "files",
        """
        SELECT id, message_id, chat_id, file_name, file_size, file_type, content_type, metadata, created_at
        FROM attachments WHERE uploader_id = %(user)s AND id > %(id)s ORDER BY id LIMIT %(limit)s
        """,
        {"id": 0},
    ),
    _Section(
        "reactions",
        """
        SELECT message_id, emoji, created_at FROM reactions
        WHERE user_id = %(user)s AND (message_id, emoji) > (%(message_id)s, %(emoji)s)
        ORDER BY message_id, emoji LIMIT %(limit)s
        """,
        {"message_id": 0, "emoji": ""},
    ),
    _Section(
        "starred",
        """
        SELECT message_id, chat_id, starred_at FROM message_marks
        WHERE user_id = %(user)s AND message_id > %(message_id)s AND starred_at IS NOT NULL
        ORDER BY message_id LIMIT %(limit)s
        """,
        {"message_id": 0},
    ),
    _Section(
        "drafts",
        """
        SELECT chat_id, content, updated_at FROM drafts
        WHERE user_id = %(user)s AND chat_id > %(chat_id)s ORDER BY chat_id LIMIT %(limit)s
        """,
        {"chat_id": 0},
    ),
    _Section(
        "assistant_sessions",
        """
        SELECT chat_id, language, item_kind, item_id, responder, handover_reason, created_at, expires_at, ended_at
        FROM sessions WHERE visitor_id = %(user)s AND chat_id > %(chat_id)s ORDER BY chat_id LIMIT %(limit)s
        """,
        {"chat_id": 0},
    ),
    _Section(
        "answer_ratings",
        """
        SELECT r.message_id, r.chat_id, r.rating, r.reason, r.rated_at FROM sessions s
        JOIN answer_ratings r ON r.chat_id = s.chat_id
        WHERE s.visitor_id = %(user)s AND r.message_id > %(message_id)s ORDER BY r.message_id LIMIT %(limit)s
        """,
        {"message_id": 0},
    ),
    _Section(
        "searches",
        """
        SELECT query, searched_at FROM recent_searches
        WHERE user_id = %(user)s AND query > %(query)s ORDER BY query LIMIT %(limit)s
        """,
        {"query": ""},
    ),
    _Section(
        "blocked_users",
        """
        SELECT u.id, u.uuid, u.username, b.created_at AS blocked_at FROM blocks b JOIN users u ON u.id = b.blocked_id
        WHERE b.blocker_id = %(user)s AND u.id > %(id)s ORDER BY u.id LIMIT %(limit)s
        """,
        {"id": 0},
    ),
    _Section(
        "reports",
        """
        SELECT id, message_id, reason, text, state, created_at FROM reports
        WHERE reporter_id = %(user)s AND id > %(id)s ORDER BY id LIMIT %(limit)s
        """,
        {"id": 0},
    ),
    _Section(
        "warnings",
        """
        SELECT id, message_id, reason, created_at, acknowledged_at FROM warnings
        WHERE user_id = %(user)s AND id > %(id)s ORDER BY id LIMIT %(limit)s
        """,
        {"id": 0},
    ),
    _Section(
        "log_ins",
        """
        SELECT id, created_at, rotated_at AS refreshed_at, expires_at, revoked_at FROM token_families
        WHERE user_id = %(user)s AND id > %(id)s ORDER BY id LIMIT %(limit)s
        """,
        {"id": str(uuid.UUID(int=0))},
    ),
)
_PROFILE = """
SELECT id, uuid, username, name, email, picture_url, is_verified, hide_last_seen, is_moderator,
    last_seen_at, created_at, updated_at
FROM users WHERE id = %s
"""
_EARLIER_TEXTS = """
SELECT message_id, old_content, created_at FROM message_changes
WHERE retention IN (0, 1) AND message_id = ANY(%s) AND actor_id = %s AND kind = 'edited' AND old_content IS NOT NULL
ORDER BY message_id, version
"""
_IS_ERASED = "SELECT erased_at IS NOT NULL FROM users WHERE id = %s"


class _Erased(Exception):
    """The user was erased while the document was written."""


class Document:
    """The data of a user. Iterate over it once.

    Attributes:
        is_complete: whether it was read to its end, and the user was not erased.
    """

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.is_complete = False

    def __iter__(self) -> Iterator[bytes]:
        """The pieces of the JSON text.

        Raises:
            Unavailable: Postgres is away.
        """
        head = {"format": FORMAT, "exported_at": clock.rfc3339(clock.now())}
        yield orjson.dumps(head)[:-1]
        is_open = False  # whether a list is
        try:
            for name, batches in self._sections():
                yield f',"{name}":['.encode()
                is_open, separator = True, b""
                for rows in batches:
                    if rows:
                        yield separator + b",".join(map(_dump, rows))
                        separator = b","
                    yield_to_loop()
                yield b"]"
                is_open = False
            self.is_complete = True
        except _Erased:
            pass
        tail = {"is_complete": self.is_complete} | ({} if self.is_complete else {"error": "user_erased"})
        yield (b"]," if is_open else b",") + orjson.dumps(tail)[1:]

    def _sections(self) -> Iterator[tuple[str, Iterable[list[Object]]]]:
        yield "profile", self._profile()
        yield "chats", ([_with_uuid(chat) for chat in chats] for chats in self._batches(_CHATS))
        yield "messages", self._messages()
        for section in _OTHERS:
            yield section.name, self._batches(section)

    def _profile(self) -> Iterator[list[Object]]:
        with database_connection():
            self._check()
            rows = _objects(db.execute_sql(_PROFILE, (self._actor.id,)))
        yield rows

    def _batches(self, section: _Section) -> Iterator[list[Object]]:
        after = dict(section.key)
        while True:
            with database_connection():
                self._check()
                values = {"user": self._actor.id, "limit": BATCH, **after}
                rows = _objects(db.execute_sql(section.sql, values))
            yield rows
            if len(rows) < BATCH:
                return
            after = {name: rows[-1][name] for name in section.key}

    def _messages(self) -> Iterator[list[Object]]:
        """What the user sees in each chat, oldest first, as pages of the chat show it."""
        for chats in self._batches(_CHATS):
            for chat in chats:
                after_id, has_more = 0, True
                while has_more:
                    rows, has_more = self._page(chat["id"], after_id)
                    yield rows
                    after_id = rows[-1]["id"] if rows else 0

    def _page(self, chat_id: int, after_id: int) -> tuple[list[Object], bool]:
        with database_connection():
            self._check()
            try:
                membership = access_chat(self._actor, chat_id)
            except NotFound:  # deleted, or left, meanwhile
                return [], False
            page = message_queries.page(membership, limit=BATCH, after_id=max(after_id, 1))
            own = [message.id for message in page.messages if message.sender.id == self._actor.id and message.is_edited]
            texts = db.execute_sql(_EARLIER_TEXTS, (own, self._actor.id)).fetchall() if own else []
        earlier: dict[int, list[Object]] = {}
        for message_id, text, replaced_at in texts:
            entry = {"content": text, "replaced_at": clock.rfc3339(replaced_at)}
            earlier.setdefault(message_id, []).append(entry)
        oldest_first = sorted(page.messages, key=lambda message: message.id)
        rows = [_message(message, earlier.get(message.id, []), self._actor) for message in oldest_first]
        return rows, page.has_more and bool(rows)

    def _check(self) -> None:
        row = db.execute_sql(_IS_ERASED, (self._actor.id,)).fetchone()
        if row is None or row[0]:
            raise _Erased


class StoredFile(NamedTuple):
    """A file of the user, for the ZIP."""

    id: int
    file_name: str
    object_name: str
    size: int


def files_of(user_id: int, after_id: int) -> list[StoredFile]:
    """The user's next files, by id; at most BATCH."""
    with database_connection():
        rows: list[Any] = db.execute_sql(
            "SELECT id, file_name, object_name, file_size FROM attachments WHERE uploader_id = %s AND id > %s"
            " AND state IN ('ready', 'quarantined') ORDER BY id LIMIT %s",
            (user_id, after_id, BATCH),
        ).fetchall()
    return [StoredFile(*row) for row in rows]


def _objects(cursor: Any) -> list[Object]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _message(message: ViewedMessage, earlier: list[Object], actor: Actor) -> Object:
    shown: Object = {
        "id": message.id,
        "uuid": public.encode_message(message.id),
        "chat_id": message.chat_id,
        "seq": message.seq,
        "sender": _person(message.sender),
        "message_type": message.message_type,
        "content": message.content,
        "location": message.location,
        "original_language": message.original_language,
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "is_deleted": message.is_deleted,
        "attachments": [_file(file) for file in message.attachments],
    }
    if message.extras is not None:
        shown["extras"] = message.extras
    if message.sender.id == actor.id:
        shown |= {"client_key": message.client_key, "earlier_texts": earlier}
    return shown


def _person(person: Person) -> Object:
    return {"id": person.id, "uuid": person.uuid, "username": person.username, "name": person.name}


def _file(file: AttachmentSnapshot) -> Object:
    return {
        "id": file.id,
        "file_name": file.file_name,
        "file_size": file.file_size,
        "content_type": file.content_type,
        "metadata": file.metadata,
    }


def _with_uuid(chat: Object) -> Object:
    return {**chat, "uuid": public.encode_chat(chat["id"])}


def _dump(row: Object) -> bytes:
    return orjson.dumps({name: _as_json(value) for name, value in row.items()})


def _as_json(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return clock.rfc3339(value)
    return str(value) if isinstance(value, uuid.UUID) else value
