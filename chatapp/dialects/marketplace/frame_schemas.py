"""Schemas of the frames of `/ws/chat`. Client frames are validated by them, live server frames are checked against them
in tests, and AsyncAPI is printed from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from chatapp.dialects.marketplace import group_schemas, mark_schemas, reply_schemas, request_schemas
from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.dialects.marketplace.moderation_schemas import WarningEvent
from chatapp.dialects.marketplace.request_schemas import MAX_READ_IDS
from chatapp.dialects.marketplace.settings_schemas import ChatSettingsUpdated, DraftUpdated
from chatapp.edge.catchup import KNOWN, MAX_CATCH_UP, MAX_CURSOR, MAX_KNOWN
from chatapp.edge.http.fields import Boolean, Id, Integer, Items, Limit, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.errors import Reason
from chatapp.ids.snowflake import MAX_ID


class Ping(RequestSchema):
    """Request a `pong`. Not rate-limited."""


class Heartbeat(RequestSchema):
    """Signal that the client is alive. Answered with a `pong`. Not rate-limited."""


class GetOnlineUsers(RequestSchema):
    """Request which of my chat partners are online."""


class Typing(RequestSchema):
    """Announce that I started or stopped typing. Expires unless renewed."""

    chat_id = Id(required=True)
    is_typing = Boolean(required=True)


class EditMessage(request_schemas.EditMessage):
    """Edit the text of one of my messages."""

    message_id = Id(required=True)
    client_message_id = Text(min_length=1, max_length=MAX_KEY_LENGTH, load_default=None, allow_none=True)


class DeleteMessage(RequestSchema):
    """Delete one of my messages."""

    message_id = Id(required=True)


class KnownChat(RequestSchema):
    """A chat in which I know every change up to a version."""

    chat_id = Id(required=True)
    version = Integer(0, MAX_ID, required=True)


class Resume(RequestSchema):
    """Request missed messages and changes. Repeat with the returned cursor while there is more."""

    cursor = Text(required=True, min_length=1, max_length=MAX_CURSOR)
    limit = Limit(MAX_CATCH_UP, request_schemas.MAX_LIMIT)
    known = Items(fields.Nested(KnownChat), MAX_KNOWN, load_default=(), metadata={"description": KNOWN})


class MarkRead(RequestSchema):
    """Mark a message, or messages of a chat, as read along with everything before."""

    together: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": ["message_id"]}, {"required": ["chat_id", "message_ids"]}]
    }

    message_id = Id()
    chat_id = Id()
    message_ids = Items(Id(), MAX_READ_IDS, 1)

    @validates_schema
    def one_form(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Require either a message, or a chat and some of its messages."""
        by_chat = "chat_id" in data or "message_ids" in data
        if ("message_id" in data) == by_chat:
            raise ValidationError(Reason("message_or_chat"), "message_id")
        if by_chat and not ("chat_id" in data and "message_ids" in data):
            raise ValidationError(Reason("chat_and_messages", max=MAX_READ_IDS), "message_ids")


class Connected(ReplySchema):
    """The socket is open and receives events from now on."""

    user_id = Id(required=True)
    timestamp = Timestamp(required=True)
    cursor = Text(required=True, metadata={"description": "For `resume`: marks everything up to now as seen."})


class NewMessage(ReplySchema):
    """A message in one of my chats, my own included. It implies that its sender has read everything before it.

    Sent again after an `attachments_updated` that added files, with the same `version`: ignore a message whose id
    and version are known.
    """

    chat_id = Id(required=True)
    message = fields.Nested(reply_schemas.Message, required=True)
    payload = fields.Nested(
        reply_schemas.Message, required=True, metadata={"description": "The same as `message`, for older clients."}
    )
    version = Integer(1, required=True)


class MessageAck(ReplySchema):
    """My message is stored. Sent only to the socket it came from."""

    client_message_id = Text(allow_none=True, required=True)
    message = fields.Nested(reply_schemas.Message, required=True)


class EditedPayload(ReplySchema):
    """What an edit changed, for clients that read payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    content = Text(required=True)
    edited_at = Timestamp(required=True)


class MessageEditedEvent(ReplySchema):
    """A message was edited."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    message = fields.Nested(reply_schemas.Message, required=True)
    payload = fields.Nested(EditedPayload, required=True)
    version = Integer(1, required=True)


class DeletedPayload(ReplySchema):
    """Which message was deleted, for clients that read payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    deleted_by = Id(required=True)


class MessageDeletedEvent(ReplySchema):
    """A message was deleted. Its text is erased; its `seq` remains."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    deleted_by = Id(required=True)
    deleted_at = Timestamp(required=True)
    payload = fields.Nested(DeletedPayload, required=True)
    version = Integer(1, required=True)


class AttachmentsPayload(ReplySchema):
    """The current files of a message, for clients that read payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    attachments_count = Integer(0, required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)


class AttachmentsUpdatedEvent(ReplySchema):
    """Files were added to a message or removed from it; `attachments` lists the current ones.

    When files were added, `new_message` follows with the same message, for clients that know no other message frame.
    """

    chat_id = Id(required=True)
    message_id = Id(required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)
    message = fields.Nested(reply_schemas.Message, required=True)
    payload = fields.Nested(AttachmentsPayload, required=True)
    version = Integer(1, required=True)


class MessageUpdatedEvent(ReplySchema):
    """A message has changed without an edit: it got a preview of its first link."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    message = fields.Nested(reply_schemas.Message, required=True)
    version = Integer(1, required=True)


class ChatAdvancedEvent(reply_schemas.VersionRange):
    """Changes that I do not see: only the version moves on.

    They are of messages that I have hidden; or, in a group, of users that I block, or from before I joined.
    """

    chat_id = Id(required=True)


class ChatDeletedEvent(ReplySchema):
    """A chat was deleted permanently."""

    chat_id = Id(required=True)
    deleted_by = Id(required=True)
    version = Integer(1, required=True)


class Resumed(reply_schemas.Changes):
    """A page of missed messages and changes."""


class MessageRead(ReplySchema):
    """A member read a chat up to this message; also sent for my own reads on other devices."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    read_by = Id(required=True)
    read_at = Timestamp(required=True)
    up_to_seq = Integer(1, required=True)
    version = Integer(0, required=True)


class TypingEvent(ReplySchema):
    """A chat partner started or stopped typing."""

    chat_id = Id(required=True)
    user_id = Id(required=True)
    is_typing = Boolean(required=True)
    version = Integer(0, required=True)


class PresencePayload(ReplySchema):
    """The user whose presence changed."""

    user_id = Id(required=True)
    status = Text(required=True, metadata={"enum": ["online", "offline"]})
    last_seen = Timestamp(allow_none=True)


class UserOnlineEvent(ReplySchema):
    """A chat partner came online, or is online when the first message of a chat is sent."""

    payload = fields.Nested(PresencePayload, required=True)


class UserOfflineEvent(UserOnlineEvent):
    """A chat partner went offline."""


class PrivacyPayload(ReplySchema):
    """My privacy settings."""

    hide_last_seen = Boolean(required=True)


class PrivacyChangedEvent(ReplySchema):
    """One of my devices changed whether others see when I am online and was last seen. Sent to all my devices."""

    payload = fields.Nested(PrivacyPayload, required=True)


class OnlineUsersPayload(ReplySchema):
    """Ids of users."""

    users = fields.List(Id(), required=True)


class OnlineUsersList(ReplySchema):
    """Chat partners who are online."""

    payload = fields.Nested(OnlineUsersPayload, required=True)


class UnreadCountEvent(ReplySchema):
    """The number of unread messages in all my chats has changed."""

    payload = fields.Nested(reply_schemas.UnreadCount, required=True)


class Pong(ReplySchema):
    """Response to `ping` and `heartbeat`."""

    timestamp = Timestamp(required=True)


class ErrorFrame(ReplySchema):
    """A frame was refused. The socket stays open."""

    error = Text(required=True, metadata={"description": "Error key, such as `marketplace.chatNotFound`."})
    message = Text(required=True)
    details = fields.Dict()
    retry_after = Integer(1, metadata={"description": "Seconds."})
    client_message_id = Text(metadata={"description": "Key of the refused message."})


SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "new_message": NewMessage,
    "message_ack": MessageAck,
    "message_read": MessageRead,
    "message_edited": MessageEditedEvent,
    "message_deleted": MessageDeletedEvent,
    "attachments_updated": AttachmentsUpdatedEvent,
    "message_updated": MessageUpdatedEvent,
    "reaction_added": mark_schemas.ReactionAddedEvent,
    "reaction_removed": mark_schemas.ReactionRemovedEvent,
    "reactions_updated": mark_schemas.ReactionsUpdatedEvent,
    "message_pinned": mark_schemas.MessagePinnedEvent,
    "message_unpinned": mark_schemas.MessageUnpinnedEvent,
    "message_starred": mark_schemas.MessageStarredEvent,
    "message_unstarred": mark_schemas.MessageUnstarredEvent,
    "message_hidden": mark_schemas.MessageHiddenEvent,
    "chat_advanced": ChatAdvancedEvent,
    "chat_joined": group_schemas.ChatJoinedEvent,
    "chat_left": group_schemas.ChatLeftEvent,
    "chat_deleted": ChatDeletedEvent,
    "chat_settings_updated": ChatSettingsUpdated,
    "draft_updated": DraftUpdated,
    "resumed": Resumed,
    "typing": TypingEvent,
    "user_online": UserOnlineEvent,
    "user_offline": UserOfflineEvent,
    "privacy_changed": PrivacyChangedEvent,
    "online_users_list": OnlineUsersList,
    "unread_count": UnreadCountEvent,
    "warning": WarningEvent,
    "pong": Pong,
    "error": ErrorFrame,
}
