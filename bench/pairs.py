"""Pairs who write to each other, every message checked: delivered once, in order, to both sides."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import requests

from bench.sockets import Crowd, LoadSocket
from bench.stage import Stage, token_for

BEGINNING = "a chat begins"
PADDING = "x" * 180  # a message of about 200 bytes
SETTLE = 5.0  # seconds between connecting and measuring
PATIENCE = 30.0  # seconds that the last messages may take


@dataclass
class _Seat:
    """One of a pair, and what it has sent and heard."""

    chat_id: int
    partner: LoadSocket | None = None
    sent: int = 0
    heard: int = 0
    last_seq: int = 1


@dataclass
class Result:
    """What became of a scenario.

    Attributes:
        in_time: delivered before the end of the measurement; `delivered` counts stragglers, too.
        latencies: seconds from sending to the other's `new_message`.
        cpu: CPU seconds of each part.
    """

    name: str
    seconds: float
    sent: int
    delivered: int
    in_time: int
    acknowledged: int
    wrong: list[str]
    latencies: list[float] = field(repr=False)
    cpu: dict[str, float]

    def percentile(self, share: float) -> float:
        """The latency that this share of messages stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Pairs:
    """Sockets in pairs, each pair with a chat of its own."""

    def __init__(self, stage: Stage, sockets: int, first_person: int = 1) -> None:
        self._stage = stage
        self._crowd = Crowd()
        self._sent_at: dict[str, float] = {}
        self._latencies: list[float] = []
        self._acknowledged = 0
        self._wrong: list[str] = []
        self._answering = False
        self._until = 0.0
        for number in range(first_person, first_person + sockets, 2):
            self._seat_pair(number)
        self._settle()

    def open_loop(self, rate: float, seconds: float) -> Result:
        """Send at a steady rate, whatever comes back."""
        senders, started, count = self._crowd.sockets, time.perf_counter(), 0
        cpu = self._stage.cpu_seconds()
        while (now := time.perf_counter()) < started + seconds:
            due = int((now - started) * rate)
            for _ in range(due - count):
                self._send(senders[count % len(senders)])
                count += 1
            self._crowd.turn(min(0.001, started + (count + 1) / rate - now))
        return self._finish(f"open loop, {rate:g}/s, {len(senders)} sockets", started, seconds, cpu)

    def closed_loop(self, seconds: float) -> Result:
        """One message of each socket in flight: the next is sent when the partner heard the last."""
        self._answering = True
        started = time.perf_counter()
        self._until = started + seconds
        cpu = self._stage.cpu_seconds()
        for sock in self._crowd.sockets:
            self._send(sock)
        while time.perf_counter() < self._until:
            self._crowd.turn(0.05)
        self._answering = False
        return self._finish(f"closed loop, {len(self._crowd.sockets)} sockets", started, seconds, cpu)

    def close(self) -> None:
        """Hang up."""
        self._crowd.close()

    def _seat_pair(self, number: int) -> None:
        pair = [LoadSocket(self._stage.port, f"?token={token_for(id)}", self._hear) for id in (number, number + 1)]
        answer = requests.post(
            f"{self._stage.url}/api/v1/marketplace/chat/messages",
            json={"receiver_id": number + 1, "content": BEGINNING},
            headers={"Authorization": f"Bearer {token_for(number)}"},
            timeout=10,
        )
        chat_id = answer.json()["data"]["chat_id"]
        for sock, partner in (pair, pair[::-1]):
            sock.data = _Seat(chat_id, partner)
            self._crowd.add(sock)

    def _settle(self) -> None:
        """Let greetings and presence pass, also of those who left before: absence is told after three seconds."""
        quiet_at = time.perf_counter() + SETTLE
        while time.perf_counter() < quiet_at:
            self._crowd.turn(0.1)

    def _send(self, sock: LoadSocket) -> None:
        seat: _Seat = sock.data
        key = f"{sock.fileno()}-{seat.sent}-{id(self):x}"
        self._sent_at[key] = time.perf_counter()
        seat.sent += 1
        sock.send({"chat_id": seat.chat_id, "content": f"{key} {PADDING}", "client_message_id": key})

    def _hear(self, sock: LoadSocket, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "message_ack":
            self._acknowledged += 1
        elif kind == "new_message":
            self._check(sock, frame["message"])
        elif kind == "error":
            self._wrong.append(f"refused: {frame['error']}")

    def _check(self, sock: LoadSocket, message: dict[str, Any]) -> None:
        """Both sides hear the chat's `seq` without a hole; the partner's message is heard once, within a time."""
        seat: _Seat = sock.data
        if message["content"] == BEGINNING:
            return
        if message["seq"] != seat.last_seq + 1:
            self._wrong.append(f"seq {message['seq']} after {seat.last_seq}")
        seat.last_seq = message["seq"]
        key = message["client_message_id"]
        assert seat.partner is not None
        if not key.startswith(f"{seat.partner.fileno()}-"):
            return
        seat.heard += 1
        self._latencies.append(time.perf_counter() - self._sent_at.pop(key))
        if self._answering and time.perf_counter() < self._until:
            self._send(seat.partner)

    def _finish(self, name: str, started: float, seconds: float, cpu: dict[str, float]) -> Result:
        """Wait for the last messages, and gather."""
        deadline = time.perf_counter() + PATIENCE
        sent = sum(sock.data.sent for sock in self._crowd.sockets)
        in_time = len(self._latencies)
        while time.perf_counter() < deadline and (self._sent_at or self._acknowledged < sent):
            self._crowd.turn(0.05)
        used = {part: after - cpu[part] for part, after in self._stage.cpu_seconds().items()}
        return Result(
            name=name,
            seconds=seconds,
            sent=sent,
            delivered=len(self._latencies),
            in_time=in_time,
            acknowledged=self._acknowledged,
            wrong=self._wrong,
            latencies=self._latencies,
            cpu=used,
        )
