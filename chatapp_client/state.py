"""The state of a device: plain data, updated by frames and pages.

The same frames give the same state in any order and with duplicates, because everything has a number that only grows: a
message its id and version, a receipt its `seq`, a chat its version. A live frame that skips a version reveals a gap:
`needs_resume` becomes true, and a catch-up closes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from chatapp_client.chat import Chat, Message
from chatapp_client.reactions import entries_of

Frame = dict[str, Any]
_CARRIES_MESSAGE = ("new_message", "message_edited", "attachments_updated", "message_updated", "message_ack")
MOST_NAMED = 100  # chats in one `resume`
_REACTIONS = ("reaction_added", "reaction_removed", "reactions_updated")


class ChatState:
    """Chats, messages and pending sends of one user on one device.

    Parameters:
        me: id of the user; None until known.

    Attributes:
        cursor: everything before it is known. Only catch-ups move it: live frames do not show what is missing.
        chats: by id.
        deleted: ids of deleted chats; later frames about them are dropped.
        left: the version at which I last left a group, by id; frames up to it are dropped. I may join it again.
        pending: unanswered sends by key, to be shown as "sending".
    """

    def __init__(self, me: int | None = None) -> None:
        self.me = me
        self.cursor: str | None = None
        self.chats: dict[int, Chat] = {}
        self.deleted: set[int] = set()
        self.left: dict[int, int] = {}
        self.pending: dict[str, Frame] = {}
        self._behind: set[int] = set()
        self._reported: dict[int, int] = {}
        self._recent: dict[int, None] = {}  # chats of live frames, the last one last
        self._has_more = False

    @property
    def needs_resume(self) -> bool:
        """Whether a live frame revealed a gap."""
        return bool(self._behind)

    @property
    def known(self) -> list[Frame]:
        """Of the chats that changed last, the versions up to which I know every change: a page may leave those out."""
        return [{"chat_id": chat_id, "version": self.chats[chat_id].known_to} for chat_id in self._recent]

    def apply(self, frame: Frame, *, is_live: bool = True) -> bool:
        """Apply a server frame; returns whether it is news. Frames that are not stored count as news.

        Parameters:
            is_live: whether it was pushed; False for responses, which may arrive out of order.
        """
        chat_id = frame["message"]["chat_id"] if frame["type"] == "message_ack" else frame.get("chat_id")
        if chat_id is None:
            return True
        if chat_id in self.deleted:
            return False
        if frame["type"] == "chat_deleted":
            return self._forget(chat_id)
        if frame["type"] == "chat_left":
            return self._leave(chat_id, frame["version"])
        if frame["type"] == "chat_joined":
            return self._join(chat_id, frame)
        if _version(frame) <= self.left.get(chat_id, 0):
            return False
        chat = self._chat(chat_id)
        is_new = self._take(chat, frame)
        # A response may overtake pushes of older changes, so it does not reveal a gap.
        if is_live and frame["type"] != "message_ack" and isinstance(frame.get("version"), int):
            chat.highest_live = max(chat.highest_live, frame["version"])
            self._note_recent(chat_id)
        self._update_behind(chat)
        return is_new

    def apply_message(self, message: Message) -> bool:
        """Apply a message of a REST response; returns whether it is news."""
        return self.apply({"type": "new_message", "chat_id": message["chat_id"], "message": message}, is_live=False)

    def apply_reactions(self, answer: dict[str, Any]) -> bool:
        """Apply the answer to a reaction; returns whether it is news."""
        if answer["chat_id"] in self.deleted:
            return False
        return self._chat(answer["chat_id"]).reactions.put(answer["message_id"], answer["version"], answer["reactions"])

    def apply_pins(self, chat_id: int, pins: Iterable[dict[str, Any]]) -> None:
        """Apply the list of pinned messages of a chat, read before any frame about them."""
        for pin in pins:
            frame = {"type": "message_pinned", "chat_id": chat_id, "message_id": pin["message"]["id"]}
            self.apply({**frame, "version": pin["version"]}, is_live=False)

    def apply_hidden(self, chat_id: int, ranges: Iterable[dict[str, int]]) -> None:
        """Apply the versions on a page of a chat that I do not see."""
        for versions in ranges:
            self.apply({"type": "chat_advanced", "chat_id": chat_id, **versions}, is_live=False)

    def apply_chats(self, summaries: Iterable[dict[str, Any]], *, is_baseline: bool = False) -> None:
        """Apply entries of the chat list.

        Parameters:
            is_baseline: whether changes of unknown chats up to now count as history instead of a gap. Only if the list
                was read after the state's cursor was taken.
        """
        for summary in summaries:
            if summary["id"] in self.deleted or summary["version"] <= self.left.get(summary["id"], 0):
                continue
            if self.me is None and "other_user" in summary:  # only the greeting of a socket contains my id
                self.me = summary["buyer_id"] + summary["seller_id"] - summary["other_user"]["id"]
            is_unknown = summary["id"] not in self.chats
            chat = self._chat(summary["id"])
            chat.apply_summary(summary, self.me)
            if is_baseline and is_unknown:
                chat.complete_up_to(summary["version"])

    def begin_catch_up(self) -> None:
        """A catch-up starts: it covers every version seen so far, since those are committed.

        A resumed catch-up covers only what was seen before its own start.
        """
        if not self._has_more:
            self._reported = {chat_id: self.chats[chat_id].highest_live for chat_id in self._behind}

    def apply_page(self, page: dict[str, Any], request_cursor: str) -> list[Frame]:
        """Apply a page of `since` or `resumed` that is not a `full_sync`.

        Parameters:
            request_cursor: the cursor of the request. If it is not the current one, the page does not move the cursor.

        Returns:
            The news in it, as live frames.
        """
        # Groups that I left come first: I may have joined them again since.
        ended = [change for change in page["changes"] if change["type"] == "chat_left"]
        frames = ended + [
            {"type": "new_message", "chat_id": message["chat_id"], "message": message, "version": message["version"]}
            for message in page["messages"]
        ]
        frames += [change for change in page["changes"] if change["type"] != "chat_left"]
        news = [frame for frame in frames if self.apply(frame, is_live=False)]
        self.apply_chats(page["chats"])
        if request_cursor == self.cursor:
            self._advance(page, frames)
        return news

    def reset(self) -> None:
        """Discard everything but pending sends, for example after the server was restored from a backup."""
        self.cursor = None
        self.chats.clear()
        self.deleted.clear()
        self.left.clear()
        self._behind.clear()
        self._reported.clear()
        self._recent.clear()
        self._has_more = False

    def chat_of(self, message_id: int) -> int | None:
        """The chat of a message, if known."""
        return next((chat.id for chat in self.chats.values() if message_id in chat.messages), None)

    def messages(self, chat_id: int) -> list[Message]:
        """The known messages of a chat in order, with their current `is_read` and quotes."""
        chat = self.chats.get(chat_id)
        if chat is None:
            return []
        ordered = sorted(chat.messages.values(), key=lambda message: int(message["seq"]))
        return [chat.shown(message, self.me) for message in ordered]

    def pinned(self, chat_id: int) -> list[int]:
        """The ids of the pinned messages of a chat, the last pinned first."""
        return self.chats[chat_id].pinned() if chat_id in self.chats else []

    def starred(self, chat_id: int) -> list[int]:
        """The ids of the messages of a chat that I starred, the newest message first."""
        return self.chats[chat_id].starred() if chat_id in self.chats else []

    def unread(self, chat_id: int) -> int:
        """Number of unread messages of a chat."""
        chat = self.chats.get(chat_id)
        return 0 if chat is None or self.me is None else chat.unread(self.me)

    def settings(self, chat_id: int) -> dict[str, Any]:
        """My settings of a chat, and my `draft`, empty if there is none; {} while the settings are not known."""
        chat = self.chats.get(chat_id)
        return {} if chat is None or not chat.own.values else chat.own.current(chat.last_seq, chat.sent_seq)

    def _chat(self, chat_id: int) -> Chat:
        return self.chats.setdefault(chat_id, Chat(chat_id))

    def _take(self, chat: Chat, frame: Frame) -> bool:
        kind = frame["type"]
        if kind in _CARRIES_MESSAGE:
            message = frame["message"]
            if message["sender_id"] == self.me:
                chat.sent_seq = max(chat.sent_seq, message["seq"])
                if message["client_message_id"]:
                    self.pending.pop(message["client_message_id"], None)
            is_new = chat.put(message)
            if is_new and message.get("system"):
                chat.apply_system(message, self.me)
            # The message may have a larger version than this frame, if it changed since.
            chat.mark_known(frame.get("version", 0))
            return is_new
        if kind == "message_deleted":
            return chat.erase(frame["message_id"], frame["version"], frame["deleted_at"])
        if kind in _REACTIONS:
            chat.advance(int(frame.get("from_version") or frame["version"]), frame["version"])
            entries = [entry for entry in entries_of(frame) if entry["message_id"] not in chat.hidden]
            are_new = [chat.reactions.apply(entry, self.me) for entry in entries]
            return any(are_new)
        if kind in ("message_pinned", "message_unpinned"):
            return chat.pin(frame["message_id"], frame["version"], is_pinned=kind == "message_pinned")
        if kind in ("message_starred", "message_unstarred"):
            return chat.star(frame["message_id"], frame["changed_at"], is_starred=kind == "message_starred")
        if kind == "message_hidden":
            return chat.hide(frame["message_id"], frame["seq"])
        if kind == "chat_advanced":
            chat.advance(frame["from_version"], frame["version"])
            return False
        if kind == "message_read":
            return chat.read(frame["read_by"], frame["up_to_seq"])
        if kind == "chat_settings_updated":
            return chat.own.put(frame["settings"], frame["settings_version"], frame["seq"])
        if kind == "draft_updated":
            return chat.own.put_draft(frame["content"], frame["settings_version"], frame["seq"])
        return True

    def _forget(self, chat_id: int) -> bool:
        self.deleted.add(chat_id)
        self._drop(chat_id)
        return True

    def _drop(self, chat_id: int) -> None:
        self.chats.pop(chat_id, None)
        self._behind.discard(chat_id)
        self._reported.pop(chat_id, None)
        self._recent.pop(chat_id, None)

    def _leave(self, chat_id: int, version: int) -> bool:
        if version <= self.left.get(chat_id, 0):
            return False
        self.left[chat_id] = version
        chat = self.chats.get(chat_id)
        if chat is not None and chat.newest_version <= version:
            self._drop(chat_id)
        elif chat is not None:  # what I know of it is from after I joined again
            chat.forget_up_to(version)
            self._update_behind(chat)
        return True

    def _join(self, chat_id: int, frame: Frame) -> bool:
        if frame["version"] < self.left.get(chat_id, 0):
            return False
        is_new = chat_id not in self.chats
        chat = self._chat(chat_id)
        chat.apply_summary(frame["chat"], self.me)
        chat.complete_up_to(frame["version"])
        self._update_behind(chat)
        return is_new

    def _note_recent(self, chat_id: int) -> None:
        self._recent.pop(chat_id, None)
        self._recent[chat_id] = None
        if len(self._recent) > MOST_NAMED:
            del self._recent[next(iter(self._recent))]

    def _update_behind(self, chat: Chat) -> None:
        if chat.is_behind:
            self._behind.add(chat.id)
        else:
            self._behind.discard(chat.id)

    def _advance(self, page: dict[str, Any], frames: list[Frame]) -> None:
        """Advance the catch-up by a page."""
        for frame in frames:
            if frame["type"] not in ("message_read", "chat_left") and "version" in frame:
                self._reported[frame["chat_id"]] = max(self._reported.get(frame["chat_id"], 0), frame["version"])
        self.cursor = page["cursor"]
        for entry in page.get("complete", ()):  # an older server leaves it to the last page
            if (chat := self.chats.get(entry["chat_id"])) is not None:
                chat.complete_up_to(entry["version"])
                self._update_behind(chat)
        self._has_more = page["has_more"]
        if self._has_more:
            return
        for chat_id, version in self._reported.items():
            if (chat := self.chats.get(chat_id)) is not None:
                chat.complete_up_to(version)
                self._update_behind(chat)
        self._reported = {}


def _version(frame: Frame) -> int:
    """The version of a chat that a frame is about; of the message, where the frame itself has none."""
    if "version" not in frame and "message" not in frame:
        return sys.maxsize  # of my own settings and marks: the server sends them to members only
    version: int = frame["version"] if "version" in frame else frame["message"]["version"]
    return version
