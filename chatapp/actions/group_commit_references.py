"""What messages of a group commit refer to: the messages that they answer, members, files of forwarded messages.

It is read under the locks of the chats, and only for batches with such messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.actions.attachments import sharing
from chatapp.actions.draft import Draft
from chatapp.actions.group_commit_sql import Head
from chatapp.errors import Invalid, NotFound, Reason
from chatapp.events.snapshots import AttachmentSnapshot, MessageExtras, Quote, extras_or_none
from chatapp.queries import message_parts, session_notes


@dataclass(frozen=True, slots=True)
class References:
    """What was found, by the index of the draft in its batch.

    Attributes:
        quotes: the messages to answer, of the same chat and visible to the sender.
        copies: new attachments for the files of forwarded messages that still exist.
    """

    quotes: Mapping[int, Quote]
    copies: Mapping[int, Sequence[AttachmentSnapshot]]

    def extras_of(self, index: int, draft: Draft, head: Head) -> MessageExtras | None:
        """The extras of a message.

        Raises:
            Invalid: `reply_not_in_chat`, `mention_not_in_chat`.
        """
        quote = self.quotes.get(index)
        if draft.reply_to_id is not None and quote is None:
            raise Invalid({"reply_to_id": [Reason("not_of_this_chat")]}, "reply_not_in_chat")
        if not head.members.keys() >= set(draft.mention_ids):
            raise Invalid({"mentions": [Reason("not_a_member")]}, "mention_not_in_chat")
        return extras_or_none(
            reply_to=quote,
            mentions=tuple(head.members[id].person for id in draft.mention_ids),
            forwarded_from=draft.forwarded and draft.forwarded.origin,
        )

    def copies_of(self, index: int, draft: Draft) -> list[AttachmentSnapshot]:
        """The attachments of a forward.

        Raises:
            NotFound: `attachment_not_found`: one of the files was removed meanwhile.
        """
        copies = list(self.copies.get(index, ()))
        if draft.forwarded and len(copies) < len(draft.forwarded.attachment_ids):
            raise NotFound("attachment_not_found")
        return copies


def read(drafts: Sequence[Draft], heads: Mapping[int, Head]) -> References:
    """Read what the drafts of locked chats refer to, and lock the files that they share."""
    answers = [
        message_parts.Answer(index, draft.sender_id, draft.chat_id, draft.reply_to_id)
        for index, draft in enumerate(drafts)
        if draft.reply_to_id is not None and draft.chat_id in heads
    ]
    shares = [
        sharing.Share(index, draft.sender_id, id)
        for index, draft in enumerate(drafts)
        if draft.forwarded is not None and draft.chat_id in heads
        for id in draft.forwarded.attachment_ids
    ]
    return References(message_parts.quotable(answers), sharing.copies(shares))


def columns(extras: MessageExtras | None) -> dict[str, Any]:
    """The columns of a message that hold its extras."""
    if extras is None:
        return {}
    origin = extras.forwarded_from
    return {
        "reply_to_id": extras.reply_to and extras.reply_to.id,
        "mentions": [person.id for person in extras.mentions] or None,
        "forwarded_from_id": origin and origin.message_id,
        "forwarded_sender_id": origin and origin.sender.id,
        "extra": extras.session and session_notes.stored_form(extras.session),
    }
