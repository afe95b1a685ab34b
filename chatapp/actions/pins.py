"""Pinning messages in their chat, for all its members."""

from __future__ import annotations

from chatapp.access import Membership, access_message
from chatapp.actions.chat_log import Change, record
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries.pins import MAX_PINS
from chatapp.transaction import unit_of_work

_ROLES = ("owner", "admin")  # of those who may pin messages of a larger chat

_COUNT = Statement(
    "SELECT count(*), coalesce(bool_or(message_id = %(message)s), false) FROM chat_pins WHERE chat_id = %(chat)s"
)
_INSERT = Statement("""
INSERT INTO chat_pins (chat_id, message_id, pinned_by, version) VALUES (%(chat)s, %(message)s, %(user)s, %(version)s)
""")
_DELETE = Statement("DELETE FROM chat_pins WHERE chat_id = %(chat)s AND message_id = %(message)s")


def pin_message(actor: Actor, message_id: int) -> None:
    """Pin a message. Repeating it changes nothing.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `blocked`; `admin_required`: in a larger chat only its owners and admins pin.
        Conflict: `message_deleted`; `too_many_pins`: the chat has MAX_PINS.
    """
    with unit_of_work() as work:
        message, membership = access_message(actor, message_id, lock=True)
        chat = membership.chat
        _check_may_pin(membership)
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        values = {"chat": chat.id, "message": message_id, "user": actor.id, "version": chat.last_version + 1}
        count, is_pinned = db.run(_COUNT, values).fetchone()
        if is_pinned:
            return
        if count >= MAX_PINS:
            raise Conflict("too_many_pins")
        db.run(_INSERT, values)
        record(work, chat, Change("pinned", message_id, actor.id, {}))


def unpin_message(actor: Actor, message_id: int) -> None:
    """Unpin a message. Repeating it changes nothing.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: as for pinning.
    """
    with unit_of_work() as work:
        _, membership = access_message(actor, message_id, lock=True)
        _check_may_pin(membership)
        if db.run(_DELETE, {"chat": membership.chat.id, "message": message_id}).rowcount:
            record(work, membership.chat, Change("unpinned", message_id, actor.id, {}))


def _check_may_pin(membership: Membership) -> None:
    if membership.chat.has_block:
        raise Forbidden("blocked")
    if not membership.chat.pair and membership.member.role not in _ROLES:
        raise Forbidden("admin_required")
