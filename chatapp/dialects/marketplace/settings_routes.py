"""REST routes of the marketplace for each member's own settings of a chat, and for drafts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.actions import chat_settings, drafts
from chatapp.dialects.marketplace import replies, settings_schemas
from chatapp.dialects.marketplace.reply_schemas import Confirmation
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.queries.chat_summaries import FOREVER

bp = Blueprint("marketplace_settings", __name__)
authentication.protect(bp)


@bp.post("/<int:chat_id>/archive")
@limit("default")
@gives(Confirmation)
def archive(chat_id: int) -> dict[str, str]:
    """Archive a chat, for me only, until the next message in it."""
    chat_settings.set_archived(g.actor, chat_id, True)
    return {"message": "marketplace.chatArchived"}


@bp.post("/<int:chat_id>/unarchive")
@limit("default")
@gives(Confirmation)
def unarchive(chat_id: int) -> dict[str, str]:
    """Unarchive a chat."""
    chat_settings.set_archived(g.actor, chat_id, False)
    return {"message": "marketplace.chatUnarchived"}


@bp.post("/<int:chat_id>/mute")
@limit("default")
@takes(settings_schemas.MuteChat, optional=True)
@gives(Confirmation)
def mute(args: dict[str, Any], chat_id: int) -> dict[str, str]:
    """Mute a chat, until a given time or indefinitely."""
    chat_settings.set_muted(g.actor, chat_id, args["until"] or FOREVER)
    return {"message": "marketplace.chatMuted"}


@bp.post("/<int:chat_id>/unmute")
@limit("default")
@gives(Confirmation)
def unmute(chat_id: int) -> dict[str, str]:
    """Unmute a chat."""
    chat_settings.set_muted(g.actor, chat_id, None)
    return {"message": "marketplace.chatUnmuted"}


@bp.post("/<int:chat_id>/pin")
@limit("default")
@refuses(errors.Conflict)
@gives(Confirmation)
def pin(chat_id: int) -> dict[str, str]:
    """Pin a chat to the top of my list. At most 100 chats are pinned."""
    chat_settings.set_pinned(g.actor, chat_id, True)
    return {"message": "marketplace.chatPinned"}


@bp.post("/<int:chat_id>/unpin")
@limit("default")
@gives(Confirmation)
def unpin(chat_id: int) -> dict[str, str]:
    """Unpin a chat."""
    chat_settings.set_pinned(g.actor, chat_id, False)
    return {"message": "marketplace.chatUnpinned"}


@bp.post("/<int:chat_id>/snooze")
@limit("default")
@takes(settings_schemas.SnoozeChat)
@gives(Confirmation)
def snooze(args: dict[str, Any], chat_id: int) -> dict[str, str]:
    """Hide a chat from my list until a time or its next message. When the time comes, it is marked as unread."""
    chat_settings.snooze(g.actor, chat_id, args["until"])
    return {"message": "marketplace.chatSnoozed"}


@bp.post("/<int:chat_id>/unsnooze")
@limit("default")
@gives(Confirmation)
def unsnooze(chat_id: int) -> dict[str, str]:
    """Show a snoozed chat again."""
    chat_settings.unsnooze(g.actor, chat_id)
    return {"message": "marketplace.chatUnsnoozed"}


@bp.post("/<int:chat_id>/mark-unread")
@limit("default")
@gives(Confirmation)
def mark_unread(chat_id: int) -> dict[str, str]:
    """Mark a chat as unread, for me only, until I read it or write in it. Receipts and counts do not change."""
    chat_settings.mark_unread(g.actor, chat_id)
    return {"message": "marketplace.chatMarkedAsUnread"}


@bp.get("/<int:chat_id>/draft")
@limit("default")
@gives(settings_schemas.Draft)
def show_draft(chat_id: int) -> dict[str, Any]:
    """Get my draft in a chat."""
    return replies.draft(drafts.load_draft(g.actor, chat_id))


@bp.put("/<int:chat_id>/draft")
@limit("default")
@takes(settings_schemas.SaveDraft)
@gives(settings_schemas.Draft)
def save_draft(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """Replace my draft in a chat. Sending a message there clears it."""
    return replies.draft(drafts.save_draft(g.actor, chat_id, args["content"]))
