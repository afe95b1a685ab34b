"""REST routes of the social dialect for each member's own settings of a conversation, and for drafts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.actions import chat_settings, drafts
from chatapp.dialects.social import replies, settings_schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.queries.chat_summaries import FOREVER

bp = Blueprint("social_settings", __name__)
authentication.protect(bp)


@bp.post("/conversations/<chat:conversation_id>/archive")
@limit("default")
@gives(None)
def archive(conversation_id: int) -> None:
    """Archive a conversation, for me only, until the next message in it."""
    chat_settings.set_archived(g.actor, conversation_id, True)


@bp.post("/conversations/<chat:conversation_id>/unarchive")
@limit("default")
@gives(None)
def unarchive(conversation_id: int) -> None:
    """Unarchive a conversation."""
    chat_settings.set_archived(g.actor, conversation_id, False)


@bp.post("/conversations/<chat:conversation_id>/mute")
@limit("default")
@takes(settings_schemas.MuteConversation, optional=True)
@gives(None)
def mute(args: dict[str, Any], conversation_id: int) -> None:
    """Mute a conversation, until a given time or indefinitely."""
    chat_settings.set_muted(g.actor, conversation_id, args["until"] or FOREVER)


@bp.post("/conversations/<chat:conversation_id>/unmute")
@limit("default")
@gives(None)
def unmute(conversation_id: int) -> None:
    """Unmute a conversation."""
    chat_settings.set_muted(g.actor, conversation_id, None)


@bp.post("/conversations/<chat:conversation_id>/pin")
@limit("default")
@refuses(errors.Conflict)
@gives(None)
def pin_conversation(conversation_id: int) -> None:
    """Pin a conversation to the top of my list. At most 100 are pinned."""
    chat_settings.set_pinned(g.actor, conversation_id, True)


@bp.post("/conversations/<chat:conversation_id>/unpin")
@limit("default")
@gives(None)
def unpin_conversation(conversation_id: int) -> None:
    """Unpin a conversation."""
    chat_settings.set_pinned(g.actor, conversation_id, False)


@bp.post("/conversations/<chat:conversation_id>/snooze")
@limit("default")
@takes(settings_schemas.SnoozeConversation)
@gives(None)
def snooze(args: dict[str, Any], conversation_id: int) -> None:
    """Hide a conversation from my list until a time or its next message. At that time it is marked as unread."""
    chat_settings.snooze(g.actor, conversation_id, args["until"])


@bp.post("/conversations/<chat:conversation_id>/unsnooze")
@limit("default")
@gives(None)
def unsnooze(conversation_id: int) -> None:
    """Show a snoozed conversation again."""
    chat_settings.unsnooze(g.actor, conversation_id)


@bp.post("/conversations/<chat:conversation_id>/mark-unread")
@limit("default")
@gives(None)
def mark_unread(conversation_id: int) -> None:
    """Mark a conversation as unread, for me only, until I read it or write in it. Receipts and counts do not change."""
    chat_settings.mark_unread(g.actor, conversation_id)


@bp.get("/conversations/<chat:conversation_id>/draft")
@limit("default")
@gives(settings_schemas.Draft)
def show_draft(conversation_id: int) -> dict[str, Any]:
    """Get my draft in a conversation."""
    return replies.draft(drafts.load_draft(g.actor, conversation_id))


@bp.put("/conversations/<chat:conversation_id>/draft")
@limit("default")
@takes(settings_schemas.SaveDraft)
@gives(settings_schemas.Draft)
def save_draft(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """Replace my draft in a conversation. Sending a message there clears it."""
    return replies.draft(drafts.save_draft(g.actor, conversation_id, args["content"]))
