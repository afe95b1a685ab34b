"""What a device knows and still has to say, fed by the socket, by polling and by HTTP answers."""

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
from chatapp_client.timings import Pace

log = logging.getLogger(__name__)

REFUSED_RESUME_WAIT = 2.0  # seconds before a catch-up that was refused is tried again, where the server names none


class Device:
    """Brings together the pure parts. The connection, the carrier and the poller tell it what happened.

    Parameters:
        say: sends a frame over the socket, if there is one.
        on_event: told each piece of news once.

    Attributes:
        changed: guards everything here, and is notified whenever something changes.
        opened: chats that are held from their beginning.
        is_loaded: whether what lies before the cursor has been read.
        has_stopped: the connection will not come back.
    """

    def __init__(
        self,
        rest: Rest,
        state: ChatState,
        pace: Pace,
        *,
        say: Callable[[Frame], object],
        on_event: Callable[[Frame], None] | None,
    ) -> None:
        self._rest = rest
        self.state = state
        self.outbox = Outbox(pace)
        self.catchup = CatchUp(state, pace)
        self.say = say
        self._on_event = on_event
        self.changed = threading.Condition(threading.RLock())
        self.opened: set[int] = set()
        self.is_loaded = state.cursor is not None
        self.has_stopped = False

    def read_chat(self, chat_id: int) -> None:
        """Read a chat from its beginning."""
        before: dict[str, Any] = {}
        has_more = True
        while has_more:
            page = self._rest.messages(chat_id, **before)
            with self.changed:
                for message in page["messages"]:
                    self.state.apply_message(message)
            has_more = page["has_more"]
            if page["messages"]:
                before = {"before_id": page["messages"][-1]["id"]}

    # Session: what the connection tells.

    def greeted(self, frame: Frame) -> None:
        """The socket is open."""
        with self.changed:
            self.state.me = frame["user_id"]
            if self.state.cursor is None:
                self.begin(frame["cursor"])
            else:
                self.catchup.connected(time.monotonic())
            self.changed.notify_all()

    def heard(self, frame: Frame) -> None:
        """A frame came over the socket."""
        if frame["type"] == "resumed":
            self._resumed(frame)
        elif frame["type"] == "error":
            self._failed(frame)
        else:
            self._learn(frame)

    def tick(self) -> None:
        """Ask what is missing, where something is."""
        self._load()
        with self.changed:
            question = self.catchup.question(time.monotonic())
            self.changed.notify_all()
        if question is not None:
            self.say(question)

    def lost(self) -> None:
        """The socket is gone: what was on its way over it may or may not have arrived."""
        with self.changed:
            self.outbox.socket_lost()
            self.changed.notify_all()

    def stopped(self, reason: str) -> None:
        """The connection will not come back."""
        with self.changed:
            self.outbox.give_up(ClientError(reason))
            self.has_stopped = True
            self.changed.notify_all()
        self._tell([{"type": "stopped", "reason": reason}])

    # Reader: what polling brings.

    @property
    def cursor(self) -> str | None:
        """Where to go on."""
        return self.state.cursor

    def begin(self, cursor: str) -> None:
        """Everything before this cursor is read by REST, everything after it is told."""
        with self.changed:
            self.state.reset()
            self.state.cursor = cursor
            self.catchup.begun(time.monotonic())
            self.is_loaded = False

    def take(self, page: dict[str, Any], asked_with: str) -> None:
        """A page that was polled."""
        with self.changed:
            self.changed.notify_all()
            news = [] if page["full_sync"] else self.state.apply_page(page, asked_with)
            self._settle_own(page["messages"])
        if page["full_sync"]:
            self.begin(page["cursor"])
        self._tell(news)
        self._load()

    # Desk: what the carrier brings from HTTP.

    def done(self, command: Command, answer: dict[str, Any]) -> None:
        """A command was answered."""
        with self.changed:
            is_new = "id" in answer and self.state.apply_message(answer)
            self.outbox.answered(command.key, answer)
            self.changed.notify_all()
        if is_new:
            self._tell([{"type": "message_ack", "client_message_id": command.key, "message": answer}])

    def refused(self, command: Command, refusal: Refused) -> None:
        """A command was refused."""
        with self.changed:
            self.state.pending.pop(command.key, None)
            self.outbox.refused(command.key, refusal)
            self.changed.notify_all()

    def _learn(self, frame: Frame) -> None:
        with self.changed:
            is_new = self.state.apply(frame)
            self.catchup.heard()
            if frame["type"] == "message_ack":
                self.outbox.answered(frame["client_message_id"], frame["message"])
            elif frame["type"] == "new_message":
                self._settle_own([frame["message"]])
        if is_new:
            self._tell([frame])

    def _settle_own(self, messages: list[dict[str, Any]]) -> None:
        """A message of ours that comes from elsewhere is as good as its acknowledgement, which may have been lost."""
        for message in messages:
            if message["sender_id"] == self.state.me and message["client_message_id"]:
                self.outbox.answered(message["client_message_id"], message)

    def _resumed(self, page: dict[str, Any]) -> None:
        if page["full_sync"]:
            return self.begin(page["cursor"])
        with self.changed:
            news = self.catchup.answered(page, time.monotonic())
            self._settle_own(page["messages"])
        return self._tell(news)

    def _failed(self, frame: Frame) -> None:
        key, error, now = frame.get("client_message_id"), frame["error"], time.monotonic()
        with self.changed:
            if key is None:
                if not self.catchup.is_waiting:
                    return log.warning("the server refused a frame", extra={"reason": error})
                self.catchup.refused(now, frame.get("retry_after", REFUSED_RESUME_WAIT))
            elif _may_work_later(frame):
                self.outbox.unknown(key, now, frame.get("retry_after"))
            else:
                self.state.pending.pop(key, None)
                self.outbox.refused(key, Refused(error, frame["message"]))
        if key is None and error == BAD_CURSOR:
            self.begin(self._rest.cursor_of_now())
        return None

    def _load(self) -> None:
        """Read what lies before the cursor: the list of chats, and those that were opened."""
        if self.is_loaded:
            return
        try:
            summaries = self._rest.chats()
            for chat_id in sorted(self.opened):
                self.read_chat(chat_id)
        except Unanswered as failure:
            log.warning("chats could not be read yet", extra={"reason": str(failure)})
            return
        with self.changed:
            self.state.apply_chats(summaries, is_baseline=True)
            self.is_loaded = True
            self.changed.notify_all()
        self._tell([{"type": "full_sync"}])

    def _tell(self, news: list[Frame]) -> None:
        for frame in news if self._on_event else ():
            try:
                assert self._on_event is not None
                self._on_event(frame)
            except Exception:
                # A defect of the program around us must not end the socket, nor hide.
                log.exception("on_event failed", extra={"frame_type": frame["type"]})


def _may_work_later(error: Frame) -> bool:
    """Whether the same frame may be taken later: a part is away, it was too often, or the server failed."""
    name = error["error"].rpartition(".")[2].lower()
    return "retry_after" in error or name == "internalerror" or name.endswith("unavailable")
