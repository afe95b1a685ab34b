"""Sending a message, the same over REST and socket."""

from __future__ import annotations

from typing import Any

from chatapp.actions import forwarding, sending
from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from config import Settings

# Fields of a message that a copy of another has not.
_OWN = ("content", "location_data", "attachment_ids", "reply_to_id", "mentions", "original_language")


def target_of(fields: dict[str, Any]) -> Target:
    """The chat that a request names."""
    return Target(fields["chat_id"], fields["receiver_id"], fields["listing_id"], fields["storefront_product_id"])


def send(
    actor: Actor, fields: dict[str, Any], settings: Settings, *, idempotency_key: str | None, origin: str | None = None
) -> MessageSnapshot:
    """Send a message, or a copy of another one.

    Parameters:
        fields: of `request_schemas.SendMessage`.
        idempotency_key, origin: as in `sending.send_to`.
    """
    if fields["forward_message_id"] is not None:
        forwarding.check_alone(
            **{name: fields[name] for name in _OWN},
            message_type=fields["message_type"] != "text",
        )
        return forwarding.forward_to(
            actor,
            target_of(fields),
            fields["forward_message_id"],
            strict_items=settings.items_strict,
            idempotency_key=idempotency_key,
            origin=origin,
        )
    return sending.send_to(
        actor,
        target_of(fields),
        fields["content"],
        message_type=fields["message_type"],
        location=fields["location_data"],
        attachment_ids=fields["attachment_ids"],
        reply_to_id=fields["reply_to_id"],
        mention_ids=fields["mentions"],
        original_language=fields["original_language"],
        idempotency_key=idempotency_key,
        origin=origin,
        strict_items=settings.items_strict,
    )
