"""Sending a message, the same over REST and socket."""

from __future__ import annotations

from typing import Any

from chatapp.actions import forwarding, sending
from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids.public import file_id_or_missing, message_id_or_missing
from chatapp.queries import people

# Fields of a message that a copy of another has not.
_OWN = ("content", "attachmentIds", "replyToId", "mentions", "originalLanguage")


def send(
    actor: Actor, chat_id: int, fields: dict[str, Any], *, idempotency_key: str | None, origin: str | None = None
) -> MessageSnapshot:
    """Send a message, or a copy of another one.

    Parameters:
        fields: of `request_schemas.SendMessage`.
        idempotency_key, origin: as in `sending.send_message`.
    """
    if fields["forwardMessageId"] is not None:
        own = {name: fields[name] for name in _OWN}
        forwarding.check_alone(**own, messageType=fields["messageType"] != "text")
        return forwarding.forward_to(
            actor,
            Target(chat_id),
            message_id_or_missing(fields["forwardMessageId"]),
            strict_items=True,
            idempotency_key=idempotency_key,
            origin=origin,
        )
    reply_to = fields["replyToId"]
    return sending.send_message(
        actor,
        chat_id,
        fields["content"],
        message_type=fields["messageType"],
        attachment_ids=[file_id_or_missing(id) for id in fields["attachmentIds"]],
        reply_to_id=None if reply_to is None else message_id_or_missing(reply_to),
        mention_ids=people.ids_by_usernames(fields["mentions"]),
        original_language=fields["originalLanguage"],
        idempotency_key=idempotency_key,
        origin=origin,
    )
