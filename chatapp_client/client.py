"""The client of one user: sends, and reports events."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from chatapp_client.chat import Message
from chatapp_client.connection import Connection
from chatapp_client.device import Device
from chatapp_client.dispatcher import Dispatcher
from chatapp_client.failures import ClientError
from chatapp_client.outbox import PendingMessage
from chatapp_client.polling import Polling
from chatapp_client.rest import Rest, TokenSource
from chatapp_client.state import ChatState, Frame
from chatapp_client.timings import Timings


class ChatClient:
    """One device of one user: retries until requests are answered, and mirrors the state of the server.

    Parameters:
        base_url: such as `https://chat.example.com`.
        token: an access token, or a function that returns the current one.
        on_event: called once for each event, with its frame: `new_message`, `message_edited`, `message_deleted`,
            `message_read`, `reaction_added`, `message_pinned`, `chat_deleted`, `typing`, `user_online` …; also
            `full_sync` (the list and the opened chats were read) and `stopped` with a `reason` (the client does not
            reconnect any more). Must not block.
        timings: bounds and periods.
        state: the state of an earlier run; its unanswered sends are retried.

    Attributes:
        rest_class, connection_class, dispatcher_class: the parts that speak the marketplace dialect; clients of another
            dialect replace them.

    Raises:
        ValueError: `base_url` is not an HTTP URL.
    """

    rest_class: Callable[..., Rest] = Rest
    connection_class: Callable[..., Connection] = Connection
    dispatcher_class: Callable[..., Dispatcher] = Dispatcher

    def __init__(
        self,
        base_url: str,
        token: str | TokenSource,
        *,
        on_event: Callable[[Frame], None] | None = None,
        timings: Timings | None = None,
        state: ChatState | None = None,
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url must begin with http:// or https://, not {base_url!r}")
        self.timings = timings or Timings()
        self.rest = self.rest_class(base_url, token, self.timings.rest_wait)
        self.state = state or ChatState()
        self._device = device = Device(self.rest, self.state, self.timings, send=self._send_frame, on_event=on_event)
        polling = Polling(self.rest, device, every=self.timings.poll_every, page=self.timings.page, now=time.monotonic)
        self.connection = self.connection_class(self.rest, device, polling, self.timings)
        self._dispatcher = self.dispatcher_class(device.outbox, self.connection, self.rest, device, device.changed)
        for key, body in self.state.pending.items():
            self._dispatcher.put("message", key, _lane_to(body), body)

    def connect(self, wait: float | None = None) -> None:
        """Open a socket, keep it open, and send what is pending. A client connects once.

        Parameters:
            wait: seconds to wait until nothing is missing; None does not wait.

        Raises:
            TimeoutError: it is not complete yet, and continues in the background.
        """
        self.connection.start()
        self._dispatcher.start()
        if wait is not None and not self.await_complete(wait):
            raise TimeoutError(f"no complete state within {wait} s")

    def close(self) -> None:
        """Close. Unanswered requests fail with ClientError, and may or may not have been executed."""
        self._dispatcher.stop()
        self.connection.stop()

    @property
    def is_complete(self) -> bool:
        """Whether a socket is open and nothing is missing or unanswered."""
        device = self._device
        with device.changed:
            is_caught_up = device.is_loaded and device.catchup.is_complete
            return self.connection.is_open and is_caught_up and len(device.outbox) == 0

    def await_complete(self, timeout: float) -> bool:
        """Wait until `is_complete`; returns False after `timeout` seconds."""
        with self._device.changed:
            return self._device.changed.wait_for(lambda: self.is_complete, timeout)

    def open(self, chat_id: int) -> None:
        """Read a chat from its beginning, and keep it complete from then on.

        Raises:
            Refused, Unanswered: it could not be read.
        """
        self._device.opened.add(chat_id)
        self._device.read_chat(chat_id)

    def messages(self, chat_id: int) -> list[Message]:
        """The known messages of a chat, in order."""
        with self._device.changed:
            return self.state.messages(chat_id)

    def unread(self, chat_id: int) -> int:
        """Number of unread messages of a chat."""
        with self._device.changed:
            return self.state.unread(chat_id)

    def send(
        self,
        content: str,
        *,
        chat_id: int | None = None,
        receiver_id: int | None = None,
        listing_id: int | None = None,
        storefront_product_id: int | None = None,
        reply_to_id: int | None = None,
        mentions: Sequence[int] = (),
        key: str | None = None,
    ) -> PendingMessage:
        """Send a message to a chat, or to a user (about an item).

        Parameters:
            reply_to_id: the message that it answers.
            mentions: ids of mentioned members.
            key: idempotency key, to survive a restart of the program; random by default.
        """
        target = {
            "chat_id": chat_id,
            "receiver_id": receiver_id,
            "listing_id": listing_id,
            "storefront_product_id": storefront_product_id,
            "reply_to_id": reply_to_id,
            "mentions": list(mentions) or None,
        }
        body = {"content": content, **{name: value for name, value in target.items() if value is not None}}
        return self._put("message", key or str(uuid.uuid4()), _lane_to(body), body)

    def forward(self, message_id: int, *, chat_id: int, key: str | None = None) -> PendingMessage:
        """Send a copy of a message, with its files, to a chat.

        Parameters:
            key: as for `send`.
        """
        body = {"chat_id": chat_id, "content": "", "forward_message_id": message_id}
        return self._put("message", key or str(uuid.uuid4()), _lane_to(body), body)

    def edit(self, message_id: int, content: str, *, version: int | None = None) -> PendingMessage:
        """Edit one of my messages.

        Parameters:
            version: version of the message that was edited; if it has changed since, the edit is refused.
        """
        body = {"message_id": message_id, "content": content, **({} if version is None else {"version": version})}
        return self._put("edit", str(uuid.uuid4()), self._lane_of(message_id), body)

    def delete(self, message_id: int) -> PendingMessage:
        """Delete one of my messages."""
        return self._put("delete", str(uuid.uuid4()), self._lane_of(message_id), {"message_id": message_id})

    def react(self, message_id: int, emoji: str) -> PendingMessage:
        """React to a message with an emoji. The answer has all its reactions."""
        return self._put_about("react", message_id, emoji=emoji)

    def unreact(self, message_id: int, emoji: str) -> PendingMessage:
        """Take one of my reactions back. The answer has all reactions of the message."""
        return self._put_about("unreact", message_id, emoji=emoji)

    def pin(self, message_id: int, *, is_pinned: bool = True) -> PendingMessage:
        """Pin a message in its chat, or unpin it. The answer carries no message."""
        return self._put_about("pin" if is_pinned else "unpin", message_id)

    def star(self, message_id: int, *, is_starred: bool = True) -> PendingMessage:
        """Star a message for me, or take the star away. The answer carries no message."""
        return self._put_about("star" if is_starred else "unstar", message_id)

    def hide(self, message_id: int) -> PendingMessage:
        """Delete a message for me only. The answer carries no message."""
        return self._put_about("hide", message_id)

    def mark_read(self, chat_id: int, message_id: int) -> PendingMessage:
        """Mark a chat as read up to a message. The answer carries no message."""
        body = {"chat_id": chat_id, "message_ids": [message_id]}
        return self._put("read", str(uuid.uuid4()), ("chat", chat_id), body)

    def settings(self, chat_id: int) -> dict[str, Any]:
        """My settings of a chat, and my `draft`, empty if there is none."""
        with self._device.changed:
            return self.state.settings(chat_id)

    def save_draft(self, chat_id: int, content: str) -> PendingMessage:
        """Replace my draft in a chat; an empty text removes it. The answer carries no message."""
        body = {"chat_id": chat_id, "content": content}
        return self._put("draft", str(uuid.uuid4()), ("own", chat_id), body)

    def change_setting(self, chat_id: int, change: str, until: str | None = None) -> PendingMessage:
        """Change one of my settings of a chat. The answer carries no message.

        Parameters:
            change: `archive`, `mute`, `pin`, `snooze`, their opposites with `un`, or `mark-unread`.
            until: RFC 3339, for `snooze` and `mute`.
        """
        body = {"chat_id": chat_id, "change": change, **({} if until is None else {"until": until})}
        return self._put("setting", str(uuid.uuid4()), ("own", chat_id), body)

    def _put_about(self, kind: str, message_id: int, **body: Any) -> PendingMessage:
        return self._put(kind, str(uuid.uuid4()), self._lane_of(message_id), {"message_id": message_id, **body})

    def _put(self, kind: str, key: str, lane: tuple[Any, ...], body: dict[str, Any]) -> PendingMessage:
        with self._device.changed:
            if self._device.has_stopped:
                raise ClientError("the client has stopped")
            if kind == "message":
                self.state.pending[key] = body
            return self._dispatcher.put(kind, key, lane, body)

    def _lane_of(self, message_id: int) -> tuple[Any, ...]:
        with self._device.changed:
            chat_id = self.state.chat_of(message_id)
        return ("chat", chat_id) if chat_id else ("message", message_id)

    def _send_frame(self, frame: Frame) -> bool:
        return self.connection.send(frame)


def _lane_to(body: dict[str, Any]) -> tuple[Any, ...]:
    if "chat_id" in body:
        return "chat", body["chat_id"]
    return "to", body.get("receiver_id"), body.get("listing_id"), body.get("storefront_product_id")
