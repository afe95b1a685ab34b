"""Forwarding messages: to several chats at once, or as a message that is sent."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace

from chatapp.access import access_chat, access_chats, access_message
from chatapp.actions import committer, idempotency_keys, sending
from chatapp.actions.chats import Target
from chatapp.actions.content import MESSAGE_TYPES
from chatapp.actions.draft import Draft
from chatapp.actions.message_body import Forwarded, MessageBody, forward_fingerprint
from chatapp.actions.moderation import screening
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Reason
from chatapp.events.snapshots import MessageSnapshot, Origin
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries

MAX_TARGETS = 100  # chats that one request forwards to


def forward_message(
    actor: Actor, message_id: int, chat_ids: Sequence[int], *, idempotency_key: str | None = None
) -> list[MessageSnapshot]:
    """Send copies of a message to chats; returns them in the order of the chats. Its files are shared, not copied.

    If one of the chats is refused, none gets a copy. Only what changes at the same moment, such as a block, can refuse
    one after others were sent; repeating the request with the same key then completes it.

    Parameters:
        chat_ids: at most `MAX_TARGETS`; a chat that is named twice gets one copy.
        idempotency_key: repeating the request with the same key sends nothing again.

    Raises:
        NotFound: no such message or chat for this actor.
        Conflict: `message_deleted`, `client_key_reused`.
        Forbidden: `blocked`: one of the chats is closed by a block.
        Invalid: no chat, or too many; `not_forwardable`.
        Unavailable: Postgres is away; repeating with the same key is safe.
    """
    wanted = list(dict.fromkeys(chat_ids))
    if not wanted or len(wanted) > MAX_TARGETS:
        raise Invalid({"chat_ids": [Reason("length_out_of_range", min=1, max=MAX_TARGETS)]})
    try:
        body = _body_of(actor, message_id)
        with database_connection():
            if any(chat.has_block for chat in access_chats(actor, wanted)):
                raise Forbidden("blocked")
    except (Conflict, Forbidden, NotFound):
        keys = [] if idempotency_key is None else [_key(chat_id, _digest(idempotency_key)) for chat_id in wanted]
        before = _sent_before(actor, message_id, keys)
        if before is None:
            raise
        return before
    body, found = sending.screened(actor, Target(), body, idempotency_key)
    sent = committer.commit_all(_drafts(actor, body, wanted, idempotency_key))
    screening.report_if_found(actor, found, sent[0].id)
    return sent


def forward_to(
    actor: Actor,
    target: Target,
    message_id: int,
    *,
    strict_items: bool,
    idempotency_key: str | None = None,
    origin: str | None = None,
) -> MessageSnapshot:
    """Send a copy of a message as a message: to a chat that is named by its id, found, or created.

    Parameters:
        strict_items, idempotency_key, origin: as in `sending.send_to`.

    Raises:
        ChatError: as in `forward_message` and `sending.send_to`.
    """
    try:
        body = _body_of(actor, message_id)
    except (Conflict, NotFound):
        before = _sent_before(actor, message_id, [] if idempotency_key is None else [idempotency_key])
        if before is None:
            raise
        return before[0]
    return sending.send_body(
        actor, target, body, strict_items=strict_items, idempotency_key=idempotency_key, origin=origin
    )


def check_alone(**fields: object) -> None:
    """Raises Invalid if a message that is sent as a copy of another has something of its own.

    Parameters:
        fields: what else was given, by name.
    """
    given = {name: [Reason("not_with_forward")] for name, value in fields.items() if value}
    if given:
        raise Invalid(given)


def _body_of(actor: Actor, message_id: int) -> MessageBody:
    """What a copy of a message consists of. A forward of a forward keeps the first origin."""
    with database_connection():
        message, _ = access_message(actor, message_id)
        if message.message_type not in MESSAGE_TYPES:
            raise Invalid({"message_id": [Reason("not_forwardable")]}, "not_forwardable")
        found = message_queries.snapshots_by_id([message_id], actor.id)
    if not found:  # its chat was deleted meanwhile
        raise NotFound("message_not_found")
    source = found[0]
    if source.is_deleted:
        raise Conflict("message_deleted")
    first = source.extras.forwarded_from if source.extras else None
    files = tuple(file.id for file in source.attachments)
    return MessageBody(
        source.content,
        source.message_type,
        source.location,
        original_language=source.original_language,
        forwarded=Forwarded(first or Origin(source.id, source.sender, source.created_at), source.id, files),
    )


def _drafts(actor: Actor, body: MessageBody, chat_ids: Sequence[int], idempotency_key: str | None) -> list[Draft]:
    """A copy for each chat. The text is searched for links once: a long one takes milliseconds."""
    first = sending.draft_of(actor, chat_ids[0], body, Target(chat_ids[0]))
    name = uuid.uuid4().hex if idempotency_key is None else _digest(idempotency_key)
    return [
        replace(
            first,
            chat_id=chat_id,
            target=Target(chat_id),
            fingerprint=body.fingerprint(chat_id),
            key=_key(chat_id, name),
        )
        for chat_id in chat_ids
    ]


def _sent_before(actor: Actor, message_id: int, keys: Sequence[str]) -> list[MessageSnapshot] | None:
    """The copies of a message that were sent with these keys; None unless all were.

    Repeating a request returns them, also after the message was deleted, or a block has closed the chat.

    Raises:
        NotFound: the actor has left the chat of a copy since, or it was deleted.
        Conflict: `client_key_reused`: another message was sent with one of the keys.
    """
    with database_connection():
        sent = [found for key in keys if (found := idempotency_keys.sent_with(actor, key)) is not None]
        if not sent or len(sent) < len(keys):
            return None
        for fingerprint, chat_id, _ in sent:
            if fingerprint != forward_fingerprint(chat_id, message_id):
                raise Conflict("client_key_reused")
            access_chat(actor, chat_id)
        copies = {copy.id: copy for copy in message_queries.snapshots_by_id([id for *_, id in sent], actor.id)}
    if len(copies) < len(sent):
        raise NotFound("message_not_found")
    return [copies[id] for *_, id in sent]


def _key(chat_id: int, name: str) -> str:
    """The key of a copy, distinct for each chat."""
    return f"forward:{chat_id}:{name}"


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
