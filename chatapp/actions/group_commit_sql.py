"""The statements of the group commit, and the rows that they read and write.

Two round trips: one begins, locks the chats and reads; the other writes and commits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp.actions.attachments import sharing
from chatapp.actions.content import preview
from chatapp.events.encoding import to_json
from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person
from chatapp.events.types import MessageSent
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import items as item_queries


@dataclass(slots=True)
class Member:
    """A member of a locked chat. `is_gone`: banned or erased."""

    person: Person
    is_gone: bool
    last_read_seq: int
    has_unread: bool
    is_archived: bool
    active_bucket: int
    changed: bool = False


@dataclass(slots=True)
class Head:
    """A locked chat while its messages are numbered.

    Attributes:
        item_owner_id: the user who offers the item of the chat.
        members: both members of a chat of two; of a larger chat, which may have a thousand, those who send or are
            mentioned.
    """

    id: int
    kind: str
    item_id: int | None
    pair_key: str | None
    last_seq: int
    last_version: int
    first_message_id: int
    last_message_id: int
    is_blocked: bool
    item_owner_id: int | None
    members: dict[int, Member] = field(default_factory=dict)
    last: MessageSnapshot | None = None

    def counterpart_of(self, user_id: int) -> Member | None:
        """The other member of a chat of two; None in a larger chat."""
        if self.pair_key is None:
            return None
        return next(member for member in self.members.values() if member.person.id != user_id)

    @property
    def recipients(self) -> tuple[int, ...]:
        """Who receives its events: both members of a chat of two, or none, which means all members."""
        return () if self.pair_key is None else tuple(self.members)


@dataclass(slots=True)
class Facts:
    """What is read under the locks to number messages.

    Attributes:
        clock_ms: Unix time of the database, in milliseconds.
        outbox_id: of the row that will store the events.
        sequence: one new number per draft, for the ids.
        keys: sender and key, to fingerprint and message id, of the keys that were used before.
        heads: the chats that this transaction has locked, by id.
        contended: ids of chats that other transactions have locked.
        attachments: the files that can be sent, by id.
    """

    clock_ms: int
    outbox_id: int
    sequence: list[int]
    keys: dict[tuple[int, str], tuple[str, int]]
    heads: dict[int, Head]
    contended: set[int]
    attachments: dict[int, AttachmentSnapshot] = field(default_factory=dict)


# Rows come as JSON arrays, with the values in the order of `Head` and `Member`.
# One round trip and two snapshots: the second statement sees all that was committed before the first got its locks. The
# ids of the locked chats pass from one to the other in a setting of the transaction. OFFSET 0 makes the planner look
# users and members up; it would otherwise scan all of them where there are few.
_LOCK = Statement("""
SELECT set_config('chatapp.locked', coalesce(array_agg(id), '{}')::text, true)
FROM (SELECT id FROM chats WHERE id = ANY(%(chats)s) FOR NO KEY UPDATE SKIP LOCKED) locked
""")
_FACTS = Statement(f"""
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, nextval(pg_get_serial_sequence('outbox', 'id')),
    (SELECT array_agg(nextval('id_sequence')) FROM generate_series(1, %(count)s::int)),
    (SELECT json_agg(json_build_array(k.sender_id, k.key, encode(k.fingerprint, 'hex'), k.message_id))
        FROM client_keys k JOIN unnest(%(senders)s::bigint[], %(keys)s::text[]) AS w (sender_id, key)
        ON k.sender_id = w.sender_id AND k.key = w.key)::text,
    (SELECT json_agg(json_build_array(c.id = ANY(current_setting('chatapp.locked')::bigint[]), c.id, c.kind, c.item_id,
        c.pair_key, c.last_seq, c.last_version, c.first_message_id, c.last_message_id, c.blocked,
        {item_queries.owner_id("c")}))
        FROM chats c WHERE c.id = ANY(%(chats)s))::text,
    (SELECT json_agg(json_build_array(m.chat_id, m.user_id, u.banned_at IS NOT NULL OR u.erased_at IS NOT NULL,
        m.last_read_seq, m.has_unread, m.is_archived, m.active_bucket, u.uuid, u.username, u.name, u.picture_url))
        FROM chats c CROSS JOIN LATERAL (
            (SELECT * FROM chat_members WHERE c.pair_key IS NOT NULL AND chat_id = c.id OFFSET 0)
            UNION ALL
            (SELECT * FROM chat_members WHERE c.pair_key IS NULL AND chat_id = c.id AND user_id = ANY(%(people)s)
                OFFSET 0)
        ) m CROSS JOIN LATERAL (SELECT * FROM users WHERE id = m.user_id OFFSET 0) u
        WHERE c.id = ANY(%(chats)s))::text
""")
_BEGIN = Batch("BEGIN", _LOCK, _FACTS)


def begin(chat_ids: set[int], wanted: list[tuple[int, str]], mentioned: set[int]) -> Facts:
    """Open the transaction, lock the chats that no other transaction has locked, and read what numbering needs.

    Parameters:
        wanted: sender and key of each draft.
        mentioned: further users whose membership is needed.
    """
    values = {
        "chats": list(chat_ids),
        "count": len(wanted),
        "senders": [sender_id for sender_id, _ in wanted],
        "keys": [key for _, key in wanted],
        "people": [*{*mentioned, *(sender_id for sender_id, _ in wanted)}],
    }
    clock_ms, outbox_id, sequence, keys, chats, members = db.run(_BEGIN, values).fetchone()
    found = orjson.loads(chats or "[]")
    heads = {head[0]: Head(*head) for is_locked, *head in found if is_locked}
    for row in orjson.loads(members or "[]"):
        chat_id, user_id, is_gone, last_read_seq, has_unread, is_archived, bucket, *person = row
        if chat_id in heads:
            member = Member(Person(user_id, *person), is_gone, last_read_seq, has_unread, is_archived, bucket)
            heads[chat_id].members[user_id] = member
    return Facts(
        clock_ms,
        outbox_id,
        sequence,
        keys={(sender, key): (fingerprint, id) for sender, key, fingerprint, id in orjson.loads(keys or "[]")},
        heads=heads,
        contended={head[0] for is_locked, *head in found if not is_locked},
    )


def lock_attachments(ids: list[int]) -> dict[int, AttachmentSnapshot]:
    """Lock those of the attachments that can be sent, of any uploader, until the transaction ends."""
    if not ids:
        return {}
    # In the order of ids: two transactions that send the same files must not deadlock.
    rows = db.execute_sql(
        f"SELECT {attachment_queries.COLUMNS} FROM attachments a WHERE id = ANY(%s) AND message_id IS NULL"
        " AND state = 'ready' AND expires_at > now() ORDER BY id FOR UPDATE",
        (ids,),
    ).fetchall()
    return {file.id: file for file in map(attachment_queries.snapshot_of, rows)}


# The planner takes a JSON list for a hundred rows, for which it would scan whole tables. It takes an array for ten: so
# every join with a JSON list is bounded by an array of ids, too.
_ATTACH = Statement("""
UPDATE attachments SET message_id = a.message_id, chat_id = a.chat_id, position = a.position, expires_at = NULL
FROM json_to_recordset(%s) AS a (id bigint, message_id bigint, chat_id bigint, position smallint)
WHERE attachments.id = a.id AND attachments.id = ANY(%s)
""")

_WRITE = Statement("""
WITH new_messages AS (
    INSERT INTO messages (id, chat_id, seq, version, sender_id, message_type, content, location, client_key, has_links,
        attachments_count, original_language, reply_to_id, mentions, forwarded_from_id, forwarded_sender_id, created_at,
        retention, extra)
    SELECT id, chat_id, seq, version, sender_id, message_type, content, location, client_key, has_links,
        coalesce(attachments_count, 0), original_language, reply_to_id, mentions, forwarded_from_id,
        forwarded_sender_id, created_at, coalesce(retention, 0), extra
    FROM json_to_recordset(%s) AS m (id bigint, chat_id bigint, seq bigint, version bigint, sender_id bigint,
        message_type text, content text, location jsonb, client_key text, has_links boolean, attachments_count smallint,
        original_language text, reply_to_id bigint, mentions bigint[], forwarded_from_id bigint,
        forwarded_sender_id bigint, created_at timestamptz, retention smallint, extra jsonb)
), heads AS (
    UPDATE chats SET last_seq = h.last_seq, last_version = h.last_version, first_message_id = h.first_message_id,
        last_message_id = h.last_message_id, last_message_sender_id = h.sender_id, last_message_text = h.content,
        last_message_deleted = false, last_message_at = h.created_at, updated_at = h.created_at,
        changed_in = transaction_stamp()
    FROM json_to_recordset(%s) AS h (id bigint, last_seq bigint, last_version bigint, first_message_id bigint,
        last_message_id bigint, sender_id bigint, content text, created_at timestamptz)
    WHERE chats.id = h.id AND chats.id = ANY(%s)
), members AS (
    UPDATE chat_members SET last_read_seq = m.last_read_seq, has_unread = m.has_unread, is_archived = m.is_archived,
        active_bucket = m.active_bucket, changed_in = transaction_stamp()
    FROM json_to_recordset(%s) AS m (chat_id bigint, user_id bigint, last_read_seq bigint, has_unread boolean,
        is_archived boolean, active_bucket integer)
    WHERE chat_members.user_id = m.user_id AND chat_members.chat_id = m.chat_id AND chat_members.chat_id = ANY(%s)
), marks AS (
    INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id, read_at)
    SELECT chat_id, user_id, up_to_seq, message_id, read_at
    FROM json_to_recordset(%s) AS r (chat_id bigint, user_id bigint, up_to_seq bigint, message_id bigint,
        read_at timestamptz)
    ON CONFLICT DO NOTHING
), keys AS (
    INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)
    SELECT sender_id, key, decode(fingerprint, 'hex'), chat_id, message_id
    FROM json_to_recordset(%s) AS k (sender_id bigint, key text, fingerprint text, chat_id bigint, message_id bigint)
)
INSERT INTO outbox (id, events, published_at, handed_on_at)
OVERRIDING SYSTEM VALUE VALUES (%s, %s, 'infinity', 'infinity')
""")
_WRITE_AND_COMMIT = Batch(_WRITE, "COMMIT")


@dataclass(slots=True)
class Rows:
    """The rows that a batch writes, besides chat heads and members. `copies` are new attachments of forwards."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    read_marks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)


def write_and_commit(rows: Rows, heads: dict[int, Head], events: list[MessageSent], outbox_id: int) -> None:
    """Attach files, if there are any; then write all other rows in one statement, and commit."""
    if not events:
        db.execute_sql("COMMIT")
        return
    if rows.attachments:
        db.run(_ATTACH, (_json(rows.attachments), [row["id"] for row in rows.attachments]))
    if rows.copies:
        sharing.insert(rows.copies)
    written = [head for head in heads.values() if head.last is not None]
    chat_ids = [head.id for head in written]
    db.run(
        _WRITE_AND_COMMIT,
        (
            _json(rows.messages),
            _json([_head_row(head) for head in written]),
            chat_ids,
            _json([_member_row(head.id, user, m) for head in written for user, m in head.members.items() if m.changed]),
            chat_ids,
            _json(rows.read_marks),
            # In one order: workers that write the same keys wait for each other and must not deadlock.
            _json(sorted(rows.keys, key=lambda row: (row["sender_id"], row["key"]))),
            outbox_id,
            to_json(events).decode(),
        ),
    )


def _head_row(head: Head) -> dict[str, Any]:
    assert head.last is not None
    return {
        "id": head.id,
        "last_seq": head.last_seq,
        "last_version": head.last_version,
        "first_message_id": head.first_message_id,
        "last_message_id": head.last_message_id,
        "sender_id": head.last.sender.id,
        "content": preview(head.last.content),
        "created_at": head.last.created_at,
    }


def _member_row(chat_id: int, user_id: int, member: Member) -> dict[str, Any]:
    return {
        "chat_id": chat_id,
        "user_id": user_id,
        "last_read_seq": member.last_read_seq,
        "has_unread": member.has_unread,
        "is_archived": member.is_archived,
        "active_bucket": member.active_bucket,
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
