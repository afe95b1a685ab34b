"""A device whose client is the JavaScript SDK, which connects, catches up and repeats by itself; this records."""

from __future__ import annotations

import time
from typing import Any

import gevent
from gevent.event import AsyncResult

from chaos.history import Page, Row
from chaos.load.device import Device
from chaos.load.dialects import MARKETPLACE
from chaos.load.final_read import check_own_reactions
from chaos.load.outgoing import Outgoing
from chaos.load.pending import Pending, Reference
from chaos.load.rows import row_of
from chaos.load.sdk_process import SdkProcess
from chaos.load.state import LoadState

SHOWN_SECONDS = 60.0  # to show everything, on a busy machine
_METHODS = {
    "edit_message": "edit",
    "delete_message": "delete",
    "add_reaction": "react",
    "remove_reaction": "unreact",
}


class SdkOutgoing(Outgoing):
    """Messages that the SDK sends and repeats. Parameters: process, device: of the client."""

    def __init__(self, state: LoadState, person: int, process: SdkProcess, device: int) -> None:
        super().__init__(state, person, MARKETPLACE, lambda frame: False)
        self._process = process
        self._device = device

    def send(self, chat: int, key: str, content: str, about: Reference | None = None) -> None:
        """Let the SDK send."""
        waiting = self.pending[key] = Pending(chat, key, content, about)
        self._state.measurements.sent_at.append(waiting.first_at)
        waiting.begin()
        named = None if about is None else about._asdict()
        self._process.send(device=self._device, key=key, chat=chat, content=content, about=named)

    def retry_due(self) -> None:
        """Nothing: the SDK repeats."""

    def connected(self) -> None:
        """Nothing: the SDK sends."""

    def lost(self) -> None:
        """Nothing: the SDK repeats."""


class SdkDevice(Device):
    """Parameters: process: of the clients."""

    def __init__(self, number: int, person: int, state: LoadState, process: SdkProcess) -> None:
        self._process = process
        super().__init__(number, person, state)
        self.dialect = MARKETPLACE
        self.outgoing = SdkOutgoing(state, person, process, number)
        self._shown: AsyncResult[list[dict[str, Any]]] = AsyncResult()
        process.register(number, self._receive)

    @property
    def is_connected(self) -> bool:
        """Whether the socket is open and greeted."""
        return self._is_admitted

    @property
    def own_port(self) -> int:
        """0: only the SDK knows it."""
        return 0

    def run(self) -> None:
        """Open the client, which stays connected until the load ends."""
        self._process.send(open=True, device=self.number, ports=self.state.ports, token=self.state.token(self.person))

    def drop_connection(self) -> None:
        """Close the socket; the SDK does not know why."""
        self._process.send(drop=True, device=self.number)

    def set_read_rate(self, bytes_per_second: float | None) -> None:
        """Refuse.

        Raises:
            NotImplementedError: a client of the SDK always reads.
        """
        raise NotImplementedError("clients of the SDK cannot read slowly; use the load's own client")

    def read(self, chat: int) -> None:
        """Mark a chat as read up to its newest known message."""
        self._process.send(device=self.number, call="markRead", args=[chat])

    def send_frame(self, frame: dict[str, Any]) -> bool:
        """Let the SDK do what a frame would do."""
        message = frame["message_id"]
        chat = next(send.chat for send in reversed(self.state.history.sends) if send.id == message)
        more = [frame[name] for name in ("content", "emoji") if name in frame]
        self._process.send(device=self.number, call=_METHODS[frame["type"]], args=[chat, message, *more])
        return True

    def check_shown(self) -> None:
        """Compare everything that the SDK shows with what is stored, and record each difference as a fault."""
        self._process.send(show=True, device=self.number)
        history, shown = self.state.history, {chat["id"]: chat for chat in self._shown.get(timeout=SHOWN_SECONDS) or ()}
        nothing: dict[str, Any] = {"messages": [], "pinned": []}
        for page in history.pages:
            if page.is_final and page.reader == self.person and page.dialect == MARKETPLACE.name:
                self._compare_messages(page.chat, page.rows, shown.get(page.chat, nothing)["messages"])
        for pins in history.pin_lists:
            pinned = shown.get(pins.chat, nothing)["pinned"]
            if pins.reader == self.person and pinned != [id for id, _ in pins.pins]:
                self.state.fault(self._place(pins.chat), f"shows pins {pinned} instead of {pins.pins}")

    def _compare_messages(self, chat: int, stored: tuple[Row, ...], messages: list[dict[str, Any]]) -> None:
        shown = {message["id"]: row_of(message) for message in messages}
        for row in stored:
            if shown.get(row.id) != row:
                self.state.fault(self._place(chat), f"shows {shown.get(row.id)} instead of {row}")
        for unknown in shown.keys() - {row.id for row in stored}:
            self.state.fault(self._place(chat), f"shows message {unknown}, which is not stored")
        for message in messages:
            check_own_reactions(self.state, self._place(chat), message, self.person)

    def _place(self, chat: int) -> str:
        return f"SDK of device {self.number}, chat {chat}"

    def _receive(self, report: dict[str, Any]) -> None:
        match report:
            case {"frame": frame}:
                self._take(frame)
            case {"page": page}:
                self._catch_up({**page, "has_more": False})  # the SDK asks for more by itself
            case {"state": state}:
                self._state_changed(state)
            case {"port": port}:
                self.port = port
            case {"closed": code}:
                self.state.measurements.closes[code] += 1
            case {"shown": chats}:
                self._shown.set(chats)
            case {"key": key, "message": message}:
                self.outgoing.acknowledged(key, message)
            case {"key": key, "refused": code}:
                self.outgoing.refused(key, code)
            case {"call": call, "refused": code}:
                self._require_expected(f"SDK, {call}", code)
            case _:
                self.state.fault("SDK", report)

    def _state_changed(self, state: str) -> None:
        self._is_admitted = state in ("catchingUp", "live")
        if state != "live":
            self.is_caught_up = False
        elif not self.is_caught_up:
            self.is_caught_up, self.caught_up_at = True, time.time()

    def _on_connected(self, frame: dict[str, Any]) -> None:
        self._is_admitted, self.connection = True, next(self.state.connection_ids)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        """Learn the message. Whether this is the answer to a repeated key is not known: it is not part of the order."""
        message = frame["message"]
        now, chat, row = time.time(), message["chat_id"], row_of(message)
        self.state.history.pages.append(Page(self.person, chat, (row,), now, self.number))
        self._versions[chat].learn(row.version)
        self._learn(chat, row.id, row.version, now)

    def _refused(self, frame: dict[str, Any]) -> None:
        self._require_expected("error frame", frame["error"])

    def _require_expected(self, where: str, code: str) -> None:
        if not code.endswith(tuple(self.state.expected_refusals)):
            self.state.fault(where, code)

    def _is_up_to_date(self) -> None:
        """Nothing: the SDK reports when it is."""

    def _resume(self) -> None:
        """Nothing: the SDK asks for what is missing."""

    def _resume_after_gap(self) -> None:
        """Nothing: the SDK finds gaps itself."""


def check_all(devices: list[Device]) -> None:
    """Compare what each client of the SDK shows with what is stored."""
    gevent.joinall(
        [gevent.spawn(device.check_shown) for device in devices if isinstance(device, SdkDevice)], raise_error=True
    )
