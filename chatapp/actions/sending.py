"""Sending messages: to a chat, or to a user or item whose chat is found or created."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from chatapp.access import access_chat
from chatapp.actions import chat_hints, chats, committer
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.content import sanitize
from chatapp.actions.draft import Draft
from chatapp.actions.idempotency_keys import is_used
from chatapp.actions.message_body import MessageBody
from chatapp.actions.moderation import screening
from chatapp.actions.typing import stop_typing
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden, Invalid, NotFound, Reason
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries
from chatapp.text.content_rules import Screening
from chatapp.text.links import has_links


def send_message(
    actor: Actor,
    chat_id: int,
    content: str,
    *,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    reply_to_id: int | None = None,
    mention_ids: Sequence[int] = (),
    original_language: str | None = None,
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send a message, or return the one that was sent with this key before. The sender stops typing.

    Parameters:
        content: the text as the client sent it.
        attachment_ids: files that the actor uploaded and has not sent yet, at most `content.MAX_FILES`; with files
            `content` may be empty.
        reply_to_id: the message that it answers.
        mention_ids: mentioned members, at most `message_body.MAX_MENTIONS`.
        original_language: of the text, as a tag such as `en` or `sr-Latn`; detected if not given.
        idempotency_key: chosen by the sender. Repeating the same message with the same key, over any route or socket,
            stores it once and returns it after its commit.
        origin: id of the socket that it was sent over.

    Raises:
        NotFound: not a chat of the actor's.
        Forbidden: `blocked`: one of the two members blocks the other; `content_held`.
        Conflict: the key was used for another message.
        Invalid: the message is empty or too long; `content_rejected`, `attachment_not_found`, `reply_not_in_chat`,
            `mention_not_in_chat`.
        Unavailable: Postgres is away; repeating with the same key is safe.
    """
    return send_to(
        actor,
        Target(chat_id),
        content,
        strict_items=True,
        message_type=message_type,
        location=location,
        attachment_ids=attachment_ids,
        reply_to_id=reply_to_id,
        mention_ids=mention_ids,
        original_language=original_language,
        idempotency_key=idempotency_key,
        origin=origin,
    )


def send_to(
    actor: Actor,
    target: Target,
    content: str,
    *,
    strict_items: bool,
    message_type: str = "text",
    location: dict[str, Any] | None = None,
    attachment_ids: Sequence[int] = (),
    reply_to_id: int | None = None,
    mention_ids: Sequence[int] = (),
    original_language: str | None = None,
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
    body = MessageBody(
        sanitize(content),
        message_type,
        location,
        tuple(attachment_ids),
        reply_to_id,
        tuple(dict.fromkeys(mention_ids)),
        original_language,
    )
    return send_body(actor, target, body, strict_items=strict_items, idempotency_key=idempotency_key, origin=origin)


def send_body(
    actor: Actor,
    target: Target,
    body: MessageBody,
    *,
    strict_items: bool,
    idempotency_key: str | None = None,
    origin: str | None = None,
    is_screened: bool = False,
) -> MessageSnapshot:
    """Send what a message consists of, as `send_to`.

    Parameters:
        is_screened: whether moderators have released the text, so that no filter is asked.
    """
    target.check(actor)
    found = Screening(body.content)
    if not is_screened:
        body, found = screened(actor, target, body, idempotency_key, strict_items=strict_items)
    message = _send_to(actor, target, body, strict_items, idempotency_key, origin)
    screening.report_if_found(actor, found, message.id)
    return message


def screened(
    actor: Actor, target: Target, body: MessageBody, idempotency_key: str | None, *, strict_items: bool = True
) -> tuple[MessageBody, Screening]:
    """A message as the filters let it be stored, and what they found.

    Raises:
        ChatError: as in `screening.screen`.
    """

    def check() -> None:
        body.check()
        if target.chat_id is not None and access_chat(actor, target.chat_id).chat.has_block:
            raise Forbidden("blocked")

    def held() -> dict[str, Any]:
        wanted = {"target": asdict(target), "body": body.to_json(), "strict_items": strict_items}
        return {"kind": "send", "chat_id": target.chat_id, **wanted}

    # A held forward would keep a copy of what its author may delete meanwhile, so it is refused.
    found = screening.screen(actor, body.content, idempotency_key, held=None if body.forwarded else held, check=check)
    return (body if found.content == body.content else replace(body, masked=found.content)), found


def _send_to(
    actor: Actor,
    target: Target,
    body: MessageBody,
    strict_items: bool,
    idempotency_key: str | None,
    origin: str | None,
) -> MessageSnapshot:
    # MISSING_ID names a chat, too: none that exists.
    known_id = chat_hints.recall(actor, target) if target.chat_id is None else target.chat_id
    if known_id is not None:
        try:
            return _send(actor, known_id, body, target, idempotency_key, origin)
        except (Invalid, NotFound):
            if target.chat_id is not None:
                raise
            chat_hints.forget(actor, target)
    # Checked before a chat is created: a refused message leaves nothing behind.
    body.check()
    _check_sendable(actor, body.attachment_ids, idempotency_key)
    if body.reply_to_id is not None or body.mention_ids:
        _check_references(actor, target, body)
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


def _send(
    actor: Actor, chat_id: int, body: MessageBody, target: Target, idempotency_key: str | None, origin: str | None
) -> MessageSnapshot:
    message = committer.commit(draft_of(actor, chat_id, body, target, idempotency_key, origin))
    stop_typing(actor.id, chat_id)
    return message


def draft_of(
    actor: Actor,
    chat_id: int,
    body: MessageBody,
    target: Target,
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> Draft:
    """A message that may be sent, to be committed.

    Raises:
        Invalid: it may not be sent.
    """
    body.check()
    return Draft(
        sender_id=actor.id,
        chat_id=chat_id,
        content=body.text,
        message_type=body.message_type,
        location=body.location,
        # Without a key of the sender, the server generates one: the retry after a connection was lost during COMMIT
        # must not store the message twice.
        key=idempotency_key or f"server:{uuid.uuid4().hex}",
        idempotency_key=idempotency_key,
        fingerprint=body.fingerprint(chat_id),
        has_links=has_links(body.text),  # searched here, while no chat is locked
        origin=origin,
        target=target,
        attachment_ids=body.attachment_ids,
        original_language=body.language(),
        reply_to_id=body.reply_to_id,
        mention_ids=body.mention_ids,
        forwarded=body.forwarded,
    )


def _check_sendable(actor: Actor, attachment_ids: Sequence[int], idempotency_key: str | None) -> None:
    """Raises Invalid unless the actor can send these files, or may have sent them with this key before."""
    if not attachment_ids:
        return
    with database_connection():
        if idempotency_key is None or not is_used(actor, idempotency_key):
            attachment_queries.check_sendable(actor, attachment_ids)


def _check_references(actor: Actor, target: Target, body: MessageBody) -> None:
    """Raises Invalid if a chat that is to be created cannot have what the message refers to: only its two members."""
    if chats.find_chat(actor, target) is not None:
        return
    if body.reply_to_id is not None:
        raise Invalid({"reply_to_id": [Reason("not_of_this_chat")]}, "reply_not_in_chat")
    if not {actor.id, chats.other_of(target)} >= set(body.mention_ids):
        raise Invalid({"mentions": [Reason("not_a_member")]}, "mention_not_in_chat")
