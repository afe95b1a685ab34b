"""The names of reasons and the sentences of success in the social dialect. Sentences of refusals: `edge.wording`."""

from __future__ import annotations

# Where the core says it in other words than this dialect.
_CODES = {
    "bad_cursor": "INVALID_CURSOR",
    "chat_not_found": "CONVERSATION_NOT_FOUND",
    "client_key_reused": "TEMP_ID_REUSED",
    "unauthorised": "UNAUTHORIZED",
}

# By the name of the view.
_DONE = {
    "list_conversations": "Conversations retrieved successfully",
    "open_conversation": "Conversation retrieved successfully",
    "delete_conversation": "Conversation deleted successfully",
    "unread_count": "Unread count retrieved successfully",
    "list_messages": "Messages retrieved successfully",
    "send": "Message sent successfully",
    "mark_read": "Messages marked as read",
    "show_message": "Message retrieved successfully",
    "show_context": "Message context retrieved successfully",
    "edit": "Message updated successfully",
    "delete": "Message deleted successfully",
    "list_since": "Changes retrieved successfully",
    "list_links": "Links retrieved successfully",
    "add_files": "Files added successfully",
    "list_files": "Files retrieved successfully",
    "upload": "Files uploaded successfully",
    "prepare_uploads": "Upload links issued successfully",
    "complete_upload": "Upload completed successfully",
    "delete_file": "File deleted successfully",
    "list_media": "Media retrieved successfully",
    "list_documents": "Files retrieved successfully",
    "block": "User blocked successfully",
    "unblock": "User unblocked successfully",
    "list_blocks": "Blocked users retrieved successfully",
    "block_status": "Block status retrieved successfully",
    "ws_ticket": "Ticket issued successfully",
}


def code(reason: str) -> str:
    """`message_not_found` as `MESSAGE_NOT_FOUND`."""
    return _CODES.get(reason) or reason.upper()


def done(view: str) -> str:
    """What a view has done, for people."""
    return _DONE.get(view, "Done")
