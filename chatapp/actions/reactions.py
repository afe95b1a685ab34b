"""Reacting to messages."""

from __future__ import annotations

from dataclasses import replace

from chatapp.access import access_message, is_shadow_banned
from chatapp.actions.chat_log import Change, record
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, Reason
from chatapp.events.snapshots import MessageExtras, ViewedMessage
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import messages as message_queries
from chatapp.queries import reactions as reaction_queries
from chatapp.text import emoji as emojis
from chatapp.transaction import unit_of_work

MAX_KINDS = 20  # of a message: what a client shows below it


_INSERT = Statement("""
INSERT INTO reactions (message_id, user_id, emoji, version) VALUES (%(message)s, %(user)s, %(emoji)s, %(version)s)
ON CONFLICT DO NOTHING
""")
_DELETE = Statement("""
DELETE FROM reactions WHERE message_id = %(message)s AND user_id = %(user)s AND emoji = %(emoji)s
""")


def add_reaction(actor: Actor, message_id: int, emoji: str) -> ViewedMessage:
    """React to a message. Repeating it changes nothing.

    Raises:
        NotFound: no such message for this actor.
        Invalid: `not_an_emoji`.
        Forbidden: `blocked`.
        Conflict: `message_deleted`; `too_many_reactions`: the message has MAX_KINDS kinds, and this is another.
    """
    kind = _checked(emoji)
    with unit_of_work() as work:
        message, membership = access_message(actor, message_id, lock=True)
        chat = membership.chat
        if chat.has_block:
            raise Forbidden("blocked")
        if message.deleted_at is not None:
            raise Conflict("message_deleted")
        stored = message.reactions or []
        if len(stored) >= MAX_KINDS and kind not in (known for known, *_ in stored):
            raise Conflict("too_many_reactions")
        if is_shadow_banned(actor.id):
            return _as_if_reacted(actor, message_id, stored, kind)
        values = {"message": message_id, "user": actor.id, "emoji": kind, "version": chat.last_version + 1}
        if db.run(_INSERT, values).rowcount:
            columns = {"reactions": reaction_queries.with_one_more(stored, kind, actor.id, actor.uuid)}
            record(work, chat, Change("reaction_added", message_id, actor.id, columns, detail={"emoji": kind}))
        return message_queries.snapshots_by_id([message_id], actor.id)[0]


def _as_if_reacted(actor: Actor, message_id: int, stored: reaction_queries.Stored, kind: str) -> ViewedMessage:
    """The message as a shadow-banned user sees it after a reaction, which is not stored."""
    message = message_queries.snapshots_by_id([message_id], actor.id)[0]
    own = {reaction.emoji for reaction in message.reactions if reaction.is_mine}
    if kind in own:
        return message
    kinds = reaction_queries.with_one_more(stored, kind, actor.id, actor.uuid)
    extras = replace(message.extras or MessageExtras(), reactions=reaction_queries.snapshots(kinds, own | {kind}))
    return replace(message, extras=extras)


def remove_reaction(actor: Actor, message_id: int, emoji: str) -> ViewedMessage:
    """Take a reaction back. Repeating it changes nothing. It is allowed while one member blocks the other.

    Raises:
        NotFound: no such message for this actor.
        Invalid: `not_an_emoji`.
    """
    kind = _checked(emoji)
    with unit_of_work() as work:
        message, membership = access_message(actor, message_id, lock=True)
        if db.run(_DELETE, {"message": message_id, "user": actor.id, "emoji": kind}).rowcount:
            left = reaction_queries.first_users(message_id, kind)
            columns = {"reactions": reaction_queries.with_one_less(message.reactions, kind, left)}
            change = Change("reaction_removed", message_id, actor.id, columns, detail={"emoji": kind})
            record(work, membership.chat, change)
        return message_queries.snapshots_by_id([message_id], actor.id)[0]


def _checked(emoji: str) -> str:
    kind = emojis.qualified(emoji)
    if kind is None:
        raise Invalid({"emoji": [Reason("not_an_emoji")]}, "not_an_emoji")
    return kind
