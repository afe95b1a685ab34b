"""State and outbox of a device, updated by the socket, by polling and by HTTP responses."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from chatapp_client.catchup import CatchUp
from chatapp_client.failures import ClientError, Refused, Unanswered
from chatapp_client.outbox import Command, Outbox
from chatapp_client.rest import BAD_CURSOR, Rest
from chatapp_client.state import ChatState, Frame
from chatapp_client.timings import Timings

log = logging.getLogger(__name__)

REFUSED_RESUME_WAIT = 2.0  # seconds before a refused catch-up is retried, unless the server names a delay


class Device:
    """Combines the parts without I/O. The connection, the dispatcher and the poller report to it.

    Parameters:
        send: sends a frame over the socket, if there is one.
        on_event: called once with each event.

    Attributes:
        changed: guards all state, and is notified of each change.
        opened: chats that are kept complete from their beginning.
        is_loaded: whether the chats before the cursor have been read.
        has_stopped: whether the connection ended for good.
    """

    def __init__(
        self,
        rest: Rest,
        state: ChatState,
        timings: Timings,
        *,
        send: Callable[[Frame], object],
        on_event: Callable[[Frame], None] | None,
    ) -> None:
        self._rest = rest
        self.state = state
        self.outbox = Outbox(timings)
        self.catchup = CatchUp(state, timings)
        self.send = send
        self._on_event = on_event
        self.changed = threading.Condition(threading.RLock())
        self.opened: set[int] = set()
        self.is_loaded = state.cursor is not None
        self.has_stopped = False

    def read_chat(self, chat_id: int) -> None:
        """Read a chat from its beginning, and its pinned messages."""
        pins = self._rest.pins(chat_id)
        with self.changed:
            self.state.apply_pins(chat_id, pins)
        before: dict[str, Any] = {}
        has_more = True
        while has_more:
            page = self._rest.messages(chat_id, **before)
            with self.changed:
                for message in page["messages"]:
                    self.state.apply_message(message)
                self.state.apply_hidden(chat_id, page.get("hidden", ()))
            has_more = page["has_more"]
            if page["messages"]:
                before = {"before_id": page["messages"][-1]["id"]}

    # Session: events of the connection.

    def connected(self, frame: Frame) -> None:
        """The socket is open and authenticated."""
        with self.changed:
            self.state.me = frame["user_id"]
            if self.state.cursor is None:
                self.restart_from(frame["cursor"])
            else:
                self.catchup.connected(time.monotonic())
            self.changed.notify_all()

    def on_frame(self, frame: Frame) -> None:
        """A frame arrived over the socket."""
        if frame["type"] == "resumed":
            self._resumed(frame)
        elif frame["type"] == "error":
            self._failed(frame)
        else:
            self._learn(frame)

    def tick(self) -> None:
        """Request what is missing."""
        self._load()
        with self.changed:
            request = self.catchup.request(time.monotonic())
            self.changed.notify_all()
        if request is not None:
            self.send(request)

    def lost(self) -> None:
        """The socket closed: requests in flight may or may not have arrived."""
        with self.changed:
            self.outbox.socket_lost()
            self.changed.notify_all()

    def stopped(self, reason: str) -> None:
        """The connection ended for good."""
        with self.changed:
            self.outbox.give_up(ClientError(reason))
            self.has_stopped = True
            self.changed.notify_all()
        self._emit([{"type": "stopped", "reason": reason}])

    # Reader: pages of polling.

    @property
    def cursor(self) -> str | None:
        """Where to continue."""
        return self.state.cursor

    def restart_from(self, cursor: str) -> None:
        """Discard the state: everything before this cursor is read by REST, everything after it is pushed."""
        with self.changed:
            self.state.reset()
            self.state.cursor = cursor
            self.catchup.baseline_taken(time.monotonic())
            self.is_loaded = False

    def apply_page(self, page: dict[str, Any], request_cursor: str) -> None:
        """Apply a polled page."""
        with self.changed:
            self.changed.notify_all()
            news = [] if page["full_sync"] else self.state.apply_page(page, request_cursor)
            self._resolve_own(page["messages"])
        if page["full_sync"]:
            self.restart_from(page["cursor"])
        self._emit(news)
        self._load()

    # ResultHandler: results of HTTP requests.

    def done(self, command: Command, answer: dict[str, Any]) -> None:
        """A command was answered."""
        with self.changed:
            is_message = "id" in answer
            is_new = is_message and self.state.apply_message(answer)
            if "reactions" in answer and not is_message:
                self.state.apply_reactions(answer)
            self.outbox.answered(command.key, answer)
            self.changed.notify_all()
        if is_new:
            self._emit([{"type": "message_ack", "client_message_id": command.key, "message": answer}])

    def refused(self, command: Command, refusal: Refused) -> None:
        """A command was refused."""
        with self.changed:
            self.state.pending.pop(command.key, None)
            self.outbox.refused(command.key, refusal)
            self.changed.notify_all()

    def _learn(self, frame: Frame) -> None:
        with self.changed:
            is_new = self.state.apply(frame)
            self.catchup.live_frame_applied()
            if frame["type"] == "message_ack":
                self.outbox.answered(frame["client_message_id"], frame["message"])
            elif frame["type"] == "new_message":
                self._resolve_own([frame["message"]])
        if is_new:
            self._emit([frame])

    def _resolve_own(self, messages: list[dict[str, Any]]) -> None:
        """Resolve sends whose message arrived by other means: their acknowledgement may have been lost."""
        for message in messages:
            if message["sender_id"] == self.state.me and message["client_message_id"]:
                self.outbox.answered(message["client_message_id"], message)

    def _resumed(self, page: dict[str, Any]) -> None:
        if page["full_sync"]:
            return self.restart_from(page["cursor"])
        with self.changed:
            news = self.catchup.answered(page, time.monotonic())
            self._resolve_own(page["messages"])
        return self._emit(news)

    def _failed(self, frame: Frame) -> None:
        key, error, now = frame.get("client_message_id"), frame["error"], time.monotonic()
        with self.changed:
            if key is None:
                if not self.catchup.is_waiting:
                    return log.warning("the server refused a frame", extra={"reason": error})
                self.catchup.refused(now, frame.get("retry_after", REFUSED_RESUME_WAIT))
            elif _is_retryable(frame):
                self.outbox.unknown(key, now, frame.get("retry_after"))
            else:
                self.state.pending.pop(key, None)
                self.outbox.refused(key, Refused(error, frame["message"]))
        if key is None and error == BAD_CURSOR:
            self.restart_from(self._rest.current_cursor())
        return None

    def _load(self) -> None:
        """Read the state before the cursor: the chat list and the opened chats."""
        if self.is_loaded:
            return
        try:
            summaries = self._rest.chats()
            for chat_id in sorted(self.opened):
                self.read_chat(chat_id)
        except Unanswered as failure:
            log.warning("chats could not be read, will retry", extra={"reason": str(failure)})
            return
        with self.changed:
            self.state.apply_chats(summaries, is_baseline=True)
            self.is_loaded = True
            self.changed.notify_all()
        self._emit([{"type": "full_sync"}])

    def _emit(self, news: list[Frame]) -> None:
        for frame in news if self._on_event else ():
            try:
                assert self._on_event is not None
                self._on_event(frame)
            except Exception:
                # An error in the callback must not end the socket, but must be visible.
                log.exception("on_event failed", extra={"frame_type": frame["type"]})


def _is_retryable(error: Frame) -> bool:
    """Whether a retry may succeed: a dependency is unavailable, a limit was exceeded, or the server failed."""
    name = error["error"].rpartition(".")[2].lower()
    return "retry_after" in error or name == "internalerror" or name.endswith("unavailable")
