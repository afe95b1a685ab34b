"""Writing texts that a filter held back, after moderators released them, as their senders."""

from __future__ import annotations

from typing import Any

from chatapp.actions import editing, sending
from chatapp.actions.chats import Target
from chatapp.actions.message_body import MessageBody
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden
from chatapp.models import Report
from chatapp.queries import people


def release(report: Report) -> None:
    """Send a held message, or carry out a held edit. Repeating it writes nothing twice: each has a key.

    Raises:
        Forbidden: `account_suspended`: its sender is banned or erased.
        ChatError: it cannot be written any more, for example because its files have expired.
    """
    held: dict[str, Any] = dict(report.evidence)
    actor = _actor(report.author_id)
    key = held["idempotency_key"]
    if held["kind"] == "edit":
        editing.edit_message(actor, held["message_id"], held["content"], idempotency_key=key, is_screened=True)
        return
    sending.send_body(
        actor,
        Target(**held["target"]),
        MessageBody.of_json(held["body"]),
        strict_items=held["strict_items"],
        idempotency_key=key,
        is_screened=True,
    )


def _actor(user_id: int) -> Actor:
    status = people.account_status_of_id(user_id, None)
    if status is None or status.is_revoked:
        raise Forbidden("account_suspended")
    return status.actor
