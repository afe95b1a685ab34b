"""Sending messages: to a chat, or to a user or item whose chat is found or created."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chatapp.actions import chat_hints, committer
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.content import check_attachment_ids, check_content, sanitize
from chatapp.actions.group_commit import Draft
from chatapp.actions.idempotency_keys import is_used
from chatapp.actions.typing import stop_typing
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, NotFound
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries
from chatapp.text.links import has_links


def send_message(
    actor: Actor,
    chat_id: int,
    content: str,
    *,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send a message, or return the one that was sent with this key before. The sender stops typing.

    Parameters:
        content: the text as the client sent it.
        attachment_ids: files that the actor uploaded and has not sent yet, at most `content.MAX_FILES`; with files
            `content` may be empty.
        idempotency_key: chosen by the sender. Repeating the same message with the same key, over any route or socket,
            stores it once and returns it after its commit.
        origin: id of the socket that it was sent over.

    Raises:
        NotFound: not a chat of the actor's.
        Forbidden: `blocked`: one of the two members blocks the other.
        Conflict: the key was used for another message.
        Invalid: the message is empty or too long; `attachment_not_found`.
        Unavailable: Postgres is away; repeating with the same key is safe.
    """
    body = _Body(sanitize(content), message_type, location, tuple(attachment_ids))
    return _send(actor, chat_id, body, Target(chat_id), idempotency_key, origin)


def send_to(
    actor: Actor,
    target: Target,
    content: str,
    *,
    strict_items: bool,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send to the chat that the target means: named by its id, found, or created.

    Parameters:
        strict_items: as in `chats.find_or_create_chat`; the others as in `send_message`.

    Raises:
        Invalid: what else the target names is not of its chat.
        ChatError: as in `send_message` and `chats.find_or_create_chat`.
    """
    target.check(actor)
    body = _Body(sanitize(content), message_type, location, tuple(attachment_ids))
    known_id = target.chat_id or chat_hints.recall(actor, target)
    if known_id:
        try:
            return _send(actor, known_id, body, target, idempotency_key, origin)
        except (Invalid, NotFound):
            if target.chat_id:
                raise
            chat_hints.forget(actor, target)
    # Checked before a chat is created: a refused message leaves nothing behind.
    body.check()
    _check_sendable(actor, body.attachment_ids, idempotency_key)
    chat_id = find_or_create_chat(
        actor,
        other_id=target.other_id,
        listing_id=target.listing_id,
        storefront_product_id=target.storefront_product_id,
        strict_items=strict_items,
        idempotency_key=idempotency_key,
    )
    message = _send(actor, chat_id, body, target, idempotency_key, origin)
    chat_hints.remember(actor, target, chat_id)
    return message


@dataclass(frozen=True, slots=True)
class _Body:
    """What a message consists of. `content` is sanitised."""

    content: str
    message_type: str
    location: dict[str, Any] | None
    attachment_ids: tuple[int, ...]

    def check(self) -> None:
        """Raises Invalid unless this may be sent."""
        check_content(self.content, self.message_type, self.location, has_files=bool(self.attachment_ids))
        check_attachment_ids(self.attachment_ids, self.message_type)

    def fingerprint(self, chat_id: int) -> str:
        """A hash that differs for another message under the same key."""
        files = [self.attachment_ids] if self.attachment_ids else []  # left out: keys stored before files still match
        parts = [chat_id, self.content, self.message_type, self.location, *files]
        return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _send(
    actor: Actor, chat_id: int, body: _Body, target: Target, idempotency_key: str | None, origin: str | None
) -> MessageSnapshot:
    body.check()
    draft = Draft(
        sender_id=actor.id,
        chat_id=chat_id,
        content=body.content,
        message_type=body.message_type,
        location=body.location,
        # Without a key of the sender, the server generates one: the retry after a connection was lost during COMMIT
        # must not store the message twice.
        key=idempotency_key or f"server:{uuid.uuid4().hex}",
        idempotency_key=idempotency_key,
        fingerprint=body.fingerprint(chat_id),
        has_links=has_links(body.content),  # searched here, while no chat is locked
        origin=origin,
        target=target,
        attachment_ids=body.attachment_ids,
    )
    message = committer.commit(draft)
    stop_typing(actor.id, chat_id)
    return message


def _check_sendable(actor: Actor, attachment_ids: Sequence[int], idempotency_key: str | None) -> None:
    """Raises Invalid unless the actor can send these files, or may have sent them with this key before."""
    if not attachment_ids:
        return
    with database_connection():
        if idempotency_key is None or not is_used(actor, idempotency_key):
            attachment_queries.check_sendable(actor, attachment_ids)
