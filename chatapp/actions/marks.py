"""A user's own marks of messages, which no other user sees: stars, and messages deleted for oneself."""

from __future__ import annotations

import datetime as dt

from chatapp import clock
from chatapp.access import access_message
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.events.marks import MessageHidden, MessageStarred
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Batch, Statement
from chatapp.models import Message
from chatapp.transaction import unit_of_work

# Two devices of a user may change a mark at once, and their events may overtake each other: the time of a change is
# later than that of the change before, also where the clock is not.
_CHANGE = """
INSERT INTO message_marks AS mark (user_id, message_id, chat_id, seq, {column}, changed_at)
VALUES (%(user)s, %(message)s, %(chat)s, %(seq)s, clock_timestamp(), clock_timestamp())
ON CONFLICT (user_id, message_id) DO UPDATE SET {changes}, changed_in = transaction_stamp(),
    changed_at = greatest(clock_timestamp(), mark.changed_at + interval '1 millisecond')
WHERE mark.{column} IS NULL RETURNING changed_at
"""
_STAR = Statement(_CHANGE.format(column="starred_at", changes="starred_at = clock_timestamp()"))
_UNSTAR = Statement("""
UPDATE message_marks SET starred_at = NULL, changed_in = transaction_stamp(),
    changed_at = greatest(clock_timestamp(), changed_at + interval '1 millisecond')
WHERE user_id = %(user)s AND message_id = %(message)s AND starred_at IS NOT NULL RETURNING changed_at
""")
_HIDE = Statement(_CHANGE.format(column="hidden_at", changes="hidden_at = clock_timestamp(), starred_at = NULL"))
# A catch-up finds the chat as changed, with another newest message or count.
_FLAG = Statement("""
UPDATE chat_members SET has_hidden = true, changed_in = transaction_stamp()
WHERE user_id = %(user)s AND chat_id = %(chat)s
""")
# The member first, as reading locks it. Its lock orders hiding and what follows of this user.
_FLAG_AND_HIDE = Batch(_FLAG, _HIDE)


def star(actor: Actor, message_id: int) -> None:
    """Star a message. Repeating it changes nothing.

    Raises:
        NotFound: no such message for this actor.
        Conflict: `message_deleted`.
    """
    with unit_of_work() as work:
        message, _ = access_message(actor, message_id)
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        changed = db.run(_STAR, _values(actor, message)).fetchone()
        if changed is not None:
            work.publish_after_commit(_starred(actor, message, changed[0], is_starred=True))


def unstar(actor: Actor, message_id: int) -> None:
    """Take the star of a message away. Repeating it changes nothing.

    Raises:
        NotFound: no such message for this actor.
    """
    with unit_of_work() as work:
        message, _ = access_message(actor, message_id)
        changed = db.run(_UNSTAR, {"user": actor.id, "message": message_id}).fetchone()
        if changed is not None:
            work.publish_after_commit(_starred(actor, message, changed[0], is_starred=False))


def hide(actor: Actor, message_id: int) -> None:
    """Delete a message for the actor alone: from all that this user reads. Repeating it changes nothing.

    The star of the message goes with it.

    Raises:
        NotFound: no such message for this actor.
    """
    with unit_of_work() as work:
        message, _ = access_message(actor, message_id, with_own_hidden=True)
        if db.run(_FLAG_AND_HIDE, _values(actor, message)).fetchone() is None:
            return
        hidden = MessageHidden((actor.id,), chat_id=message.chat_id, message_id=message_id, seq=message.seq)
        work.publish_after_commit(hidden)


def _values(actor: Actor, message: Message) -> dict[str, int]:
    return {"user": actor.id, "message": message.id, "chat": message.chat_id, "seq": message.seq}


def _starred(actor: Actor, message: Message, changed_at: dt.datetime, *, is_starred: bool) -> MessageStarred:
    return MessageStarred(
        (actor.id,),
        chat_id=message.chat_id,
        message_id=message.id,
        is_starred=is_starred,
        changed_at=clock.rfc3339(changed_at),
    )
