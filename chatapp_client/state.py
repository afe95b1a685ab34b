"""What a device knows: pure data, fed by frames and pages.

The same frames end in the same state in any order and however often they come, because everything is known by a number
that only grows: a message by its id and version, reading by a `seq`, a chat by its version. A live frame whose version
is not the next one shows that something is missing; `needs_resume` says so, and a catch-up mends it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatapp_client.chat import Chat, Message

Frame = dict[str, Any]
_CARRIES_MESSAGE = ("new_message", "message_edited", "attachments_updated", "message_ack")


class ChatState:
    """Chats, messages and pending sends of one person on one device.

    Parameters:
        me: id of the person; None until the server has said it.

    Attributes:
        cursor: everything before it is here. Moved by catch-ups only: live frames cannot tell what they left out.
        chats: by id.
        gone: ids of chats that were deleted for good; what still comes about them is dropped.
        pending: own sends without an answer, by key, to be shown as "sending".
    """

    def __init__(self, me: int | None = None) -> None:
        self.me = me
        self.cursor: str | None = None
        self.chats: dict[int, Chat] = {}
        self.gone: set[int] = set()
        self.pending: dict[str, Frame] = {}
        self._behind: set[int] = set()
        self._told: dict[int, int] = {}
        self._is_midway = False

    @property
    def needs_resume(self) -> bool:
        """Whether a live frame showed that something is missing."""
        return bool(self._behind)

    def apply(self, frame: Frame, *, is_live: bool = True) -> bool:
        """Take in a frame of the server; whether it says anything new. Frames that are not kept count as new.

        Parameters:
            is_live: pushed by the server; False for what was asked for, which need not come in the chat's order.
        """
        chat_id = frame["message"]["chat_id"] if frame["type"] == "message_ack" else frame.get("chat_id")
        if chat_id is None:
            return True
        if chat_id in self.gone:
            return False
        if frame["type"] == "chat_deleted":
            return self._forget(chat_id)
        chat = self._chat(chat_id)
        is_new = self._take(chat, frame)
        # An answer may overtake the pushes of older changes that are still held for their turn: no sign of a gap.
        if is_live and frame["type"] != "message_ack" and isinstance(frame.get("version"), int):
            chat.heard_of = max(chat.heard_of, frame["version"])
        self._look_for_gap(chat)
        return is_new

    def apply_message(self, message: Message) -> bool:
        """Take in a message of a REST answer; whether it says anything new."""
        return self.apply({"type": "new_message", "chat_id": message["chat_id"], "message": message}, is_live=False)

    def apply_chats(self, summaries: Iterable[dict[str, Any]], *, is_baseline: bool = False) -> None:
        """Take in chats as the list shows them.

        Parameters:
            is_baseline: what chats that are not known yet have behind them is history, to be read when it is wanted;
                so no gap. Only where the list was read after the state's cursor was taken.
        """
        for summary in summaries:
            if summary["id"] in self.gone:
                continue
            if self.me is None:  # only the greeting of a socket names me; a device that polls has none
                self.me = summary["buyer_id"] + summary["seller_id"] - summary["other_user"]["id"]
            is_unknown = summary["id"] not in self.chats
            chat = self._chat(summary["id"])
            chat.summarise(summary, self.me)
            if is_baseline and is_unknown:
                chat.settle(summary["version"])

    def begin_catch_up(self) -> None:
        """A catch-up begins: whatever was heard of by now it will tell, since that is committed.

        One that was broken off goes on where it ended, so it tells nothing later than its own beginning.
        """
        if not self._is_midway:
            self._told = {chat_id: self.chats[chat_id].heard_of for chat_id in self._behind}

    def apply_page(self, page: dict[str, Any], asked_with: str) -> list[Frame]:
        """Take in a page of `since` or `resumed`, which is not a `full_sync`.

        Parameters:
            asked_with: the cursor that it answers. A page that answers another than ours is kept, but moves no cursor.

        Returns:
            What was new in it, as the frames that would have told it live.
        """
        frames = [
            {"type": "new_message", "chat_id": message["chat_id"], "message": message, "version": message["version"]}
            for message in page["messages"]
        ] + list(page["changes"])
        news = [frame for frame in frames if self.apply(frame, is_live=False)]
        self.apply_chats(page["chats"])
        if asked_with == self.cursor:
            self._follow(page, frames)
        return news

    def reset(self) -> None:
        """The server lives another life (a restored backup): forget all but what is still to be sent."""
        self.cursor = None
        self.chats.clear()
        self.gone.clear()
        self._behind.clear()
        self._told.clear()
        self._is_midway = False

    def chat_of(self, message_id: int) -> int | None:
        """The chat that a message is in, where that is known."""
        return next((chat.id for chat in self.chats.values() if message_id in chat.messages), None)

    def messages(self, chat_id: int) -> list[Message]:
        """What is known of a chat, in its order, each with `is_read` as it is now."""
        chat = self.chats.get(chat_id)
        if chat is None:
            return []
        ordered = sorted(chat.messages.values(), key=lambda message: int(message["seq"]))
        return [{**message, "is_read": chat.is_read(message)} for message in ordered]

    def unread(self, chat_id: int) -> int:
        """How many messages of a chat I have not read."""
        chat = self.chats.get(chat_id)
        return 0 if chat is None or self.me is None else chat.unread(self.me)

    def _chat(self, chat_id: int) -> Chat:
        return self.chats.setdefault(chat_id, Chat(chat_id))

    def _take(self, chat: Chat, frame: Frame) -> bool:
        kind = frame["type"]
        if kind in _CARRIES_MESSAGE:
            message = frame["message"]
            if message["sender_id"] == self.me and message["client_message_id"]:
                self.pending.pop(message["client_message_id"], None)
            is_new = chat.put(message)
            # What was changed since has a larger version than the change that this frame tells.
            chat.know(frame.get("version", 0))
            return is_new
        if kind == "message_deleted":
            return chat.erase(frame["message_id"], frame["version"], frame["deleted_at"])
        if kind == "message_read":
            return chat.read(frame["read_by"], frame["up_to_seq"])
        return True

    def _forget(self, chat_id: int) -> bool:
        self.gone.add(chat_id)
        self.chats.pop(chat_id, None)
        self._behind.discard(chat_id)
        self._told.pop(chat_id, None)
        return True

    def _look_for_gap(self, chat: Chat) -> None:
        if chat.is_behind:
            self._behind.add(chat.id)
        else:
            self._behind.discard(chat.id)

    def _follow(self, page: dict[str, Any], frames: list[Frame]) -> None:
        """The catch-up has come so far."""
        for frame in frames:
            if frame["type"] != "message_read":
                self._told[frame["chat_id"]] = max(self._told.get(frame["chat_id"], 0), frame["version"])
        self.cursor = page["cursor"]
        self._is_midway = page["has_more"]
        if self._is_midway:
            return
        for chat_id, version in self._told.items():
            if (chat := self.chats.get(chat_id)) is not None:
                chat.settle(version)
                self._look_for_gap(chat)
        self._told = {}
