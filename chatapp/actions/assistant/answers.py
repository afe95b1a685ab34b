"""Storing an answer: the transaction that ends a turn writes its message, and opens the next turn if there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp.actions.assistant import handover, statistics, waking
from chatapp.actions.assistant.bot import bot
from chatapp.actions.assistant.parts import Part
from chatapp.actions.assistant.turns import Claim
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import number_next_message
from chatapp.actions.content import preview
from chatapp.events.snapshots import MessageSnapshot, SessionNote
from chatapp.events.types import MessageSent
from chatapp.ids import snowflake
from chatapp.ids.public import encode_answer
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Chat
from chatapp.queries import messages as message_queries
from chatapp.queries import session_notes
from chatapp.text.links import has_links
from chatapp.transaction import UnitOfWork, unit_of_work


@dataclass(frozen=True, slots=True)
class Result:
    """How an answer has ended.

    Attributes:
        status: `complete`, `stopped`, `interrupted` or `failed`.
        outcome: the reason of the adapter, or why there was none.
        wish: what the visitor wants so far, for the next turn.
        hand_over: why a human should take over.
        has_shown: whether the visitor has seen something of it: then a question that came later is not part of it.
    """

    text: str
    parts: tuple[Part, ...]
    status: str
    outcome: str
    language: str
    adapter: str | None = None
    wish: dict[str, Any] | None = None
    hand_over: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    retry_after: int | None = None
    has_shown: bool = field(default=False)


# Only the holder of the attempt ends the turn. If nothing was shown, a question that came meanwhile is part of it.
_END = Statement("""
UPDATE assistant_turns SET state = 'done', finished_at = now(), lease_until = NULL, partial = '', outcome = %(outcome)s,
    prompt_tokens = %(prompt_tokens)s, completion_tokens = %(completion_tokens)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'
    AND (%(has_shown)s OR question_seq = %(question)s)
RETURNING extract(epoch FROM now() - created_at)
""")
_SET_ANSWER = Statement("UPDATE assistant_turns SET answer_id = %s WHERE id = %s")
_SET_LANGUAGE = Statement("UPDATE sessions SET language = %s WHERE chat_id = %s AND language <> %s")
# A question that came after the first piece of the answer.
_OPEN_NEXT = Statement("""
INSERT INTO assistant_turns (chat_id, question_seq)
SELECT %(chat)s, newest.seq FROM sessions s CROSS JOIN LATERAL (
    SELECT max(seq) AS seq FROM messages
    WHERE retention = 1 AND chat_id = %(chat)s AND id > %(after)s AND id <= %(last)s AND sender_id = s.visitor_id
        AND seq > (SELECT max(question_seq) FROM assistant_turns WHERE chat_id = %(chat)s) AND deleted_at IS NULL
) newest
WHERE s.chat_id = %(chat)s AND s.responder = 'assistant' AND s.ended_at IS NULL AND newest.seq IS NOT NULL
ON CONFLICT (chat_id) WHERE state <> 'done' DO NOTHING RETURNING id
""")


def finish(claim: Claim, result: Result) -> bool:
    """End a turn with its message; returns False, and changes nothing, if this process does not hold it any more.

    Raises:
        Unavailable: Postgres is away.
    """
    sender = bot()
    with unit_of_work() as work:
        chat = lock_chat(claim.chat_id)
        if chat is None:
            return False
        values = {"id": claim.id, "attempt": claim.attempt, "question": claim.question_seq}
        row = db.run(
            _END,
            {
                **values,
                "outcome": result.outcome,
                "prompt_tokens": result.prompt_tokens,
                "completion_tokens": result.completion_tokens,
                "has_shown": result.has_shown,
            },
        ).fetchone()
        if row is None:
            return False
        if not (result.has_shown or claim.said) and result.hand_over is None and _is_silent(chat.id):
            return True
        note = SessionNote("assistant", result.status, encode_answer(claim.id), result.parts, result.retry_after)
        stored = session_notes.stored_form(
            note, wish=result.wish, adapter=result.adapter, outcome=result.outcome, regenerates=claim.regenerates
        )
        message = write(work, chat, sender.id, result.text, stored)
        db.run(_SET_ANSWER, (message.id, claim.id))
        if result.hand_over is not None:
            handover.offer(work, chat, result.hand_over)
        opened = db.run(
            _OPEN_NEXT,
            {
                "chat": chat.id,
                "after": snowflake.first_id_at(snowflake.moment_of(claim.id)) - 1,
                "last": chat.last_message_id,
            },
        ).fetchone()
        db.run(_SET_LANGUAGE, (result.language, chat.id, result.language))
        statistics.count_answer(result.language, result.status, float(row[0]), has_items=len(result.parts) > 1)
    if opened is not None:
        waking.wake()
    return True


def _is_silent(chat_id: int) -> bool:
    """Whether the assistant may say nothing more in a session: a human answers, or it has ended."""
    row = db.execute_sql(
        "SELECT responder = 'human' OR ended_at IS NOT NULL FROM sessions WHERE chat_id = %s", (chat_id,)
    ).fetchone()
    return row is None or bool(row[0])


_WRITE = Statement("""
WITH new_message AS (
    INSERT INTO messages (id, retention, chat_id, seq, version, sender_id, content, extra, has_links, created_at)
    VALUES (%(id)s::bigint, 1, %(chat)s::bigint, %(seq)s::bigint, %(version)s::bigint, %(sender)s::bigint,
        %(content)s::text, %(extra)s::jsonb, %(has_links)s::boolean, %(sent_at)s::timestamptz)
), visitor AS (
    -- An answer to one's own question is nothing unread.
    UPDATE chat_members SET last_read_seq = %(seq)s, changed_in = transaction_stamp()
    WHERE user_id = (SELECT visitor_id FROM sessions WHERE chat_id = %(chat)s) AND chat_id = %(chat)s
        AND last_read_seq = %(seq)s - 1
)
UPDATE chats SET last_seq = %(seq)s, last_version = %(version)s, last_message_id = %(id)s,
    first_message_id = CASE first_message_id WHEN 0 THEN %(id)s ELSE first_message_id END,
    last_message_sender_id = %(sender)s, last_message_text = %(preview)s, last_message_deleted = false,
    last_message_at = %(sent_at)s, updated_at = %(sent_at)s, changed_in = transaction_stamp()
WHERE id = %(chat)s
""")


def write(work: UnitOfWork, chat: Chat, sender_id: int, content: str, extra: dict[str, Any]) -> MessageSnapshot:
    """Store a message of the assistant as the next one of its session, and publish it after the commit.

    Parameters:
        chat: locked; its head is advanced.
    """
    id = number_next_message(chat)
    values = {
        "id": id,
        "chat": chat.id,
        "seq": chat.last_seq,
        "version": chat.last_version,
        "sender": sender_id,
        "content": content,
        "preview": preview(content),
        "extra": orjson.dumps(extra).decode(),
        "has_links": has_links(content),
        "sent_at": snowflake.moment_of(id),
    }
    db.run(_WRITE, values)
    (message,) = message_queries.snapshots_by_id([id])
    work.publish_after_commit(MessageSent(recipients=(), chat_id=chat.id, version=chat.last_version, message=message))
    return message
