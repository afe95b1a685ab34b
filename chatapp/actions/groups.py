"""One group of messages in one transaction: four round trips, however many messages.

Chats are locked with SKIP LOCKED, so no group ever waits for another and none can deadlock; keys are looked up after
the lock, so the same key sent twice at once into a chat meets itself. One row lock per chat makes one order.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp import clock, ids, metrics, text
from chatapp.actions.chats import Target
from chatapp.errors import ChatError, Conflict, Invalid, NotFound
from chatapp.events import MessageSent, MessageSnapshot, Person, to_json
from chatapp.extensions import db
from chatapp.queries import messages as message_queries
from chatapp.transaction import database_connection, publish, take_published


@dataclass(slots=True)
class Draft:
    """A message that wants to be stored."""

    sender_id: int
    chat_id: int
    content: str
    message_type: str
    location: dict[str, Any] | None
    key: str
    client_key: str | None
    fingerprint: str
    origin: str | None
    target: Target
    drafted_at: float = field(default_factory=time.monotonic)

    def waited(self) -> float:
        """Seconds since it was drafted."""
        return time.monotonic() - self.drafted_at


class Contended:
    """Another transaction holds the chat; try again in the next group."""


CONTENDED = Contended()
Outcome = MessageSnapshot | ChatError | Contended


@dataclass(slots=True)
class _Member:
    person: Person
    last_read_seq: int
    has_unread: bool
    is_archived: bool
    changed: bool = False


@dataclass(slots=True)
class _Head:
    """A locked chat while its messages are numbered."""

    id: int
    kind: str
    item_id: int | None
    buyer_id: int
    seller_id: int
    last_seq: int
    last_version: int
    first_message_id: int
    last_message_id: int
    members: dict[int, _Member] = field(default_factory=dict)
    last: MessageSnapshot | None = None

    def other_id(self, user_id: int) -> int:
        return self.seller_id if user_id == self.buyer_id else self.buyer_id

    def contradiction(self, draft: Draft) -> Invalid | None:
        """What else the draft's target names, when it is not of this chat."""
        target = draft.target
        if target.receiver_id and target.receiver_id != self.other_id(draft.sender_id):
            return Invalid({"receiver_id": ["Not the other member of this chat."]}, "receiver_not_in_chat")
        for kind in ("listing", "storefront_product"):
            named = getattr(target, f"{kind}_id")
            if named and (kind, named) != (self.kind, self.item_id):
                return Invalid({f"{kind}_id": ["Not what this chat is about."]}, "contradictory_targets")
        return None


@dataclass(slots=True)
class _Facts:
    """What numbering needs to know, read under the locks."""

    clock_ms: int
    sequence: list[int]
    keys: dict[tuple[int, str], tuple[str, int]]  # (sender, key) -> (fingerprint, message id)


def commit(drafts: list[Draft]) -> list[Outcome]:
    """Store what can be stored, in this order; one outcome a draft.

    Raises:
        Unavailable: Postgres is away, nothing is known about any of them.
    """
    with database_connection():
        with db.atomic():
            heads, existing = _lock_chats({draft.chat_id for draft in drafts})
            facts = _read_facts(drafts, heads)
            group = _Group(heads, existing, facts)
            outcomes = [group.place(draft) for draft in drafts]
            outbox_id = _write(group) if group.rows else None
        if group.replays:
            _fill_replays(group, outcomes)
    if outbox_id is not None:
        metrics.group_committed(len(group.rows))
        publish(group.events, outbox_id)
    return outcomes


class _Group:
    """Numbers the messages of a group and gathers the rows to write."""

    def __init__(self, heads: dict[int, _Head], existing: set[int], facts: _Facts) -> None:
        self.heads = heads
        self.facts = facts
        self.rows: list[dict[str, Any]] = []
        self.keys: list[dict[str, Any]] = []
        self.read_marks: list[dict[str, Any]] = []
        self.events: list[MessageSent] = []
        self.replays: dict[int, list[int]] = {}  # message id -> indexes of outcomes that wait for it
        self._existing = existing
        self._placed: dict[tuple[int, str], tuple[str, MessageSnapshot]] = {}
        self._index = -1

    def place(self, draft: Draft) -> Outcome:
        """Give a draft its place in its chat's order, or say why it has none."""
        self._index += 1
        head = self.heads.get(draft.chat_id)
        if head is None:
            return CONTENDED if draft.chat_id in self._existing else NotFound("chat_not_found")
        if draft.sender_id not in head.members:
            return NotFound("chat_not_found")
        contradiction = head.contradiction(draft)
        if contradiction is not None:
            return contradiction
        key = (draft.sender_id, draft.key)
        if key in self.facts.keys:
            return self._replay(draft, *self.facts.keys[key])
        if key in self._placed:
            fingerprint, message = self._placed[key]
            return message if fingerprint == draft.fingerprint else Conflict("client_key_reused")
        message = self._number(draft, head)
        self._placed[key] = (draft.fingerprint, message)
        self._gather(draft, head, message)
        return message

    def _replay(self, draft: Draft, fingerprint: str, message_id: int) -> Outcome:
        if fingerprint != draft.fingerprint:
            return Conflict("client_key_reused")
        self.replays.setdefault(message_id, []).append(self._index)
        return NotFound("message_not_found")  # stands only when the message is gone: replays are filled in after

    def _number(self, draft: Draft, head: _Head) -> MessageSnapshot:
        id = ids.next_message_id(head.last_message_id, self.facts.clock_ms, self.facts.sequence[len(self.rows)])
        head.last_seq += 1
        head.last_version += 1
        head.last_message_id = id
        head.first_message_id = head.first_message_id or id
        # The time of a message is the time in its id, so that times never run against the order of a chat.
        moment = clock.rfc3339(ids.moment_of(id))
        head.last = MessageSnapshot(
            id=id,
            chat_id=head.id,
            seq=head.last_seq,
            version=head.last_version,
            sender=head.members[draft.sender_id].person,
            receiver=head.members[head.other_id(draft.sender_id)].person,
            message_type=draft.message_type,
            content=draft.content,
            location=draft.location,
            client_key=draft.client_key,
            created_at=moment,
            updated_at=moment,
        )
        return head.last

    def _gather(self, draft: Draft, head: _Head, message: MessageSnapshot) -> None:
        self.rows.append(
            {
                "id": message.id,
                "chat_id": head.id,
                "seq": message.seq,
                "version": message.version,
                "sender_id": draft.sender_id,
                "message_type": draft.message_type,
                "content": draft.content,
                "location": draft.location,
                "client_key": draft.client_key,
                "created_at": message.created_at,
            }
        )
        self.keys.append(
            {
                "sender_id": draft.sender_id,
                "key": draft.key,
                "fingerprint": draft.fingerprint,
                "chat_id": head.id,
                "message_id": message.id,
            }
        )
        self._move_pointers(head, message)
        self.events.append(
            MessageSent(
                recipients=tuple(head.members),
                chat_id=head.id,
                version=message.version,
                message=message,
                origin=draft.origin,
            )
        )

    def _move_pointers(self, head: _Head, message: MessageSnapshot) -> None:
        """Sending reads up to one's own message; a new message brings an archived chat back."""
        for user_id, member in head.members.items():
            is_sender = user_id == message.sender.id
            if is_sender and member.last_read_seq < message.seq - 1:
                self.read_marks.append(
                    {"chat_id": head.id, "user_id": user_id, "up_to_seq": message.seq, "read_at": message.created_at}
                )
            if is_sender:
                member.last_read_seq = message.seq
            member.changed |= is_sender or not member.has_unread or member.is_archived
            member.has_unread = not is_sender
            member.is_archived = False


def _lock_chats(chat_ids: set[int]) -> tuple[dict[int, _Head], set[int]]:
    """Lock those chats that nobody holds; returns them, and which of the others exist."""
    columns = "id, kind, item_id, buyer_id, seller_id, last_seq, last_version, first_message_id, last_message_id"
    cursor = db.execute_sql(
        f"SELECT {columns} FROM chats WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED", (list(chat_ids),)
    )
    heads = {row[0]: _Head(*row) for row in cursor.fetchall()}
    missing = [chat_id for chat_id in chat_ids if chat_id not in heads]
    if not missing:
        return heads, set()
    cursor = db.execute_sql("SELECT id FROM chats WHERE id = ANY(%s)", (missing,))
    return heads, {row[0] for row in cursor.fetchall()}


_FACTS = """
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    (SELECT array_agg(nextval('id_sequence')) FROM generate_series(1, %s)),
    (SELECT json_agg(json_build_array(k.sender_id, k.key, encode(k.fingerprint, 'hex'), k.message_id))
        FROM client_keys k JOIN unnest(%s::bigint[], %s::text[]) AS w (sender_id, key)
        ON k.sender_id = w.sender_id AND k.key = w.key)::text,
    (SELECT json_agg(json_build_array(m.chat_id, m.user_id, m.last_read_seq, m.has_unread, m.is_archived,
        u.uuid, u.username, u.name, u.picture_url))
        FROM chat_members m JOIN users u ON u.id = m.user_id WHERE m.chat_id = ANY(%s))::text
"""


def _read_facts(drafts: list[Draft], heads: dict[int, _Head]) -> _Facts:
    locked = [draft for draft in drafts if draft.chat_id in heads]
    senders, keys = [draft.sender_id for draft in locked], [draft.key for draft in locked]
    row = db.execute_sql(_FACTS, (len(drafts), senders, keys, list(heads))).fetchone()
    for chat_id, user_id, last_read_seq, has_unread, is_archived, *person in orjson.loads(row[3] or "[]"):
        heads[chat_id].members[user_id] = _Member(Person(user_id, *person), last_read_seq, has_unread, is_archived)
    found = {(sender, key): (fingerprint, id) for sender, key, fingerprint, id in orjson.loads(row[2] or "[]")}
    return _Facts(row[0], row[1], found)


_WRITE = """
WITH new_messages AS (
    INSERT INTO messages (id, chat_id, seq, version, sender_id, message_type, content, location, client_key, created_at)
    SELECT id, chat_id, seq, version, sender_id, message_type, content, location, client_key, created_at
    FROM json_to_recordset(%s) AS m (id bigint, chat_id bigint, seq bigint, version bigint, sender_id bigint,
        message_type text, content text, location jsonb, client_key text, created_at timestamptz)
), heads AS (
    UPDATE chats SET last_seq = h.last_seq, last_version = h.last_version, first_message_id = h.first_message_id,
        last_message_id = h.last_message_id, last_message_sender_id = h.sender_id, last_message_text = h.content,
        last_message_at = h.created_at, updated_at = h.created_at, changed_in = pg_current_xact_id()
    FROM json_to_recordset(%s) AS h (id bigint, last_seq bigint, last_version bigint, first_message_id bigint,
        last_message_id bigint, sender_id bigint, content text, created_at timestamptz)
    WHERE chats.id = h.id
), members AS (
    UPDATE chat_members SET last_read_seq = m.last_read_seq, has_unread = m.has_unread, is_archived = m.is_archived,
        changed_in = pg_current_xact_id()
    FROM json_to_recordset(%s) AS m (chat_id bigint, user_id bigint, last_read_seq bigint, has_unread boolean,
        is_archived boolean)
    WHERE chat_members.user_id = m.user_id AND chat_members.chat_id = m.chat_id
), marks AS (
    INSERT INTO read_marks (chat_id, user_id, up_to_seq, read_at)
    SELECT chat_id, user_id, up_to_seq, read_at
    FROM json_to_recordset(%s) AS r (chat_id bigint, user_id bigint, up_to_seq bigint, read_at timestamptz)
    ON CONFLICT DO NOTHING
), keys AS (
    INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)
    SELECT sender_id, key, decode(fingerprint, 'hex'), chat_id, message_id
    FROM json_to_recordset(%s) AS k (sender_id bigint, key text, fingerprint text, chat_id bigint, message_id bigint)
), told AS (
    UPDATE outbox SET published_at = now() WHERE id = ANY(%s) AND published_at IS NULL
)
INSERT INTO outbox (events) VALUES (%s) RETURNING id
"""


def _write(group: _Group) -> int:
    """Everything that the group changes, in one statement; returns the id of its outbox row."""
    written = [head for head in group.heads.values() if head.last is not None]
    cursor = db.execute_sql(
        _WRITE,
        (
            _json(group.rows),
            _json([_head_row(head) for head in written]),
            _json([_member_row(head.id, user, m) for head in written for user, m in head.members.items() if m.changed]),
            _json(group.read_marks),
            _json(group.keys),
            take_published(),
            to_json(group.events).decode(),
        ),
    )
    return int(cursor.fetchone()[0])


def _head_row(head: _Head) -> dict[str, Any]:
    assert head.last is not None
    return {
        "id": head.id,
        "last_seq": head.last_seq,
        "last_version": head.last_version,
        "first_message_id": head.first_message_id,
        "last_message_id": head.last_message_id,
        "sender_id": head.last.sender.id,
        "content": text.preview(head.last.content),
        "created_at": head.last.created_at,
    }


def _member_row(chat_id: int, user_id: int, member: _Member) -> dict[str, Any]:
    return {
        "chat_id": chat_id,
        "user_id": user_id,
        "last_read_seq": member.last_read_seq,
        "has_unread": member.has_unread,
        "is_archived": member.is_archived,
    }


def _fill_replays(group: _Group, outcomes: list[Outcome]) -> None:
    """Repeated sends are answered with the message as it stands now."""
    for snapshot in message_queries.snapshots_by_id(list(group.replays)):
        for index in group.replays[snapshot.id]:
            outcomes[index] = snapshot


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
