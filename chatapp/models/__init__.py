"""The tables, one module per subject."""

from chatapp.models.attachments import Attachment, StoredObject
from chatapp.models.blocks import Block
from chatapp.models.chats import Chat, ChatMember, Draft, ReadMark
from chatapp.models.delivery import IdempotencyKey, JobRun, Outbox, OutboxConsumer, OutboxFailure, OutboxPublished
from chatapp.models.items import Item
from chatapp.models.messages import Message, MessageChange
from chatapp.models.moderation import (
    Ban,
    ModerationFilters,
    ModerationLogEntry,
    ModeratorWarning,
    Report,
    ReportObject,
)
from chatapp.models.users import TokenFamily, UsedTicket, User

__all__ = [
    "Attachment",
    "Ban",
    "Block",
    "Chat",
    "ChatMember",
    "Draft",
    "IdempotencyKey",
    "Item",
    "JobRun",
    "Message",
    "MessageChange",
    "ModerationFilters",
    "ModerationLogEntry",
    "ModeratorWarning",
    "Outbox",
    "OutboxConsumer",
    "OutboxFailure",
    "OutboxPublished",
    "ReadMark",
    "Report",
    "ReportObject",
    "StoredObject",
    "TokenFamily",
    "UsedTicket",
    "User",
]
