"""The tables, one module per subject."""

from chatapp.models.attachments import Attachment, StoredObject
from chatapp.models.blocks import Block
from chatapp.models.chats import Chat, ChatMember, ReadMark
from chatapp.models.delivery import IdempotencyKey, JobRun, Outbox, OutboxConsumer, OutboxFailure, OutboxPublished
from chatapp.models.items import Item
from chatapp.models.messages import Message, MessageChange
from chatapp.models.users import TokenFamily, UsedTicket, User

__all__ = [
    "Attachment",
    "Block",
    "Chat",
    "ChatMember",
    "IdempotencyKey",
    "Item",
    "JobRun",
    "Message",
    "MessageChange",
    "Outbox",
    "OutboxConsumer",
    "OutboxFailure",
    "OutboxPublished",
    "ReadMark",
    "StoredObject",
    "TokenFamily",
    "UsedTicket",
    "User",
]
