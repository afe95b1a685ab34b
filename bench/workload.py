"""Pairs who write to each other, every message checked: delivered once, in order, to both sides."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import orjson
import requests

from bench.environment import Stage, token_for
from bench.sockets import Crowd, LoadSocket

BEGINNING = "a chat begins"
PADDING = b"x" * 180  # a message of about 200 bytes
SETTLE = 5.0  # seconds between connecting and measuring
QUIET = 10.0  # seconds without any message after which those that are missing are lost
BACKLOG = 40  # messages a socket that may be on their way; far less than the kernel's buffers hold
TICK = 0.001  # seconds; the finest wait of epoll

# Frames of a message are read no further than this: the load shares the cores with what it measures.
_NEW_MESSAGE, _ACK = b'{"type":"new_message"', b'{"type":"message_ack"'
_SEQ = re.compile(rb'"seq":(\d+)')
_KEY = re.compile(rb'"client_message_id":"([^"]*)"')


@dataclass(slots=True)
class _Seat:
    """One of a pair, and what it has sent and heard."""

    address: bytes  # what its messages are for, as the beginning of a frame
    prefix: bytes
    partner: LoadSocket
    partner_prefix: bytes
    sent: int = 0
    last_seq: int = 1
    is_gone: bool = False


@dataclass
class Result:
    """What became of a scenario.

    Attributes:
        seconds: how long messages were sent.
        due: to be sent in that time at the wanted rate; without one, what was delivered. `sent` is less where the
            server was too slow to take them.
        in_time: delivered before the end of the measurement; `delivered` counts stragglers, too.
        out_of_order: frames that came after one of a higher `seq` of their chat.
        latencies: seconds from the moment a message was due to the other's `new_message`.
        cpu: CPU seconds of each part.
    """

    name: str
    seconds: float
    due: int
    sent: int
    delivered: int
    in_time: int
    acknowledged: int
    out_of_order: int
    wrong: list[str]
    latencies: list[float] = field(repr=False)
    cpu: dict[str, float]

    def percentile(self, share: float) -> float:
        """The latency that this share of messages stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Pairs:
    """Sockets in pairs, each pair with a chat of its own.

    Parameters:
        ordered: whether frames out of order are wrong, or only counted.
        by_receiver: whether messages name their recipient instead of their chat.
    """

    def __init__(
        self, stage: Stage, sockets: int, first_person: int = 1, *, ordered: bool = True, by_receiver: bool = False
    ) -> None:
        self._stage = stage
        self._ordered = ordered
        self._by_receiver = by_receiver
        self._crowd = Crowd(self._lose)
        self._sent_at: dict[bytes, float] = {}
        self._latencies: list[float] = []
        self._acknowledged = self._out_of_order = 0
        self._wrong: list[str] = []
        self._until = 0.0
        for number in range(first_person, first_person + sockets, 2):
            self._seat_pair(number)
        self._settle()

    def open_loop(self, rate: float, seconds: float) -> Result:
        """Send at a steady rate, whatever comes back.

        A server that is too slow for the rate is kept at a bounded backlog, so that a run has an end. A message that
        had to wait for us counts from when it was due: what a slow server holds up must not look fast.
        """
        senders, backlog = self._crowd.sockets, BACKLOG * len(self._crowd.sockets)
        cpu, started, count = self._stage.cpu_seconds(), time.perf_counter(), 0
        while (now := time.perf_counter()) < started + seconds:
            due = int((now + TICK - started) * rate)
            while count < due and len(self._sent_at) < backlog:
                self._send(senders[count % len(senders)], min(now, started + (count + 1) / rate))
                count += 1
            self._crowd.turn(max(TICK, started + (count + 1) / rate - now) if count == due else TICK)
        return self._finish(f"open loop, {rate:g}/s, {len(senders)} sockets", started, cpu, int(rate * seconds))

    def closed_loop(self, seconds: float) -> Result:
        """One message of each socket in flight: the next is sent when the partner heard the last."""
        cpu, started = self._stage.cpu_seconds(), time.perf_counter()
        self._until = started + seconds
        for sock in self._crowd.sockets:
            self._send(sock, time.perf_counter())
        while time.perf_counter() < self._until:
            self._crowd.turn(0.05)
        return self._finish(f"closed loop, {len(self._crowd.sockets)} sockets", started, cpu)

    def close(self) -> None:
        """Hang up."""
        self._crowd.close()

    def _seat_pair(self, number: int) -> None:
        pair = [
            self._stage.program.connect(self._stage.port, f"?token={token_for(id)}", self._hear, bytes)
            for id in (number, number + 1)
        ]
        answer = requests.post(
            f"{self._stage.url}/api/v1/marketplace/chat/messages",
            json={"receiver_id": number + 1, "content": BEGINNING},
            headers={"Authorization": f"Bearer {token_for(number)}"},
            timeout=10,
        )
        answer.raise_for_status()
        chat_id = answer.json()["data"]["chat_id"]
        prefixes = [b"%d-%x-" % (sock.fileno(), id(self)) for sock in pair]
        for own, other in ((0, 1), (1, 0)):
            address = b'"receiver_id":%d' % (number + other) if self._by_receiver else b'"chat_id":%d' % chat_id
            pair[own].data = _Seat(address, prefixes[own], pair[other], prefixes[other])
            self._crowd.add(pair[own])

    def _settle(self) -> None:
        """Let greetings and presence pass, also of those who left before: absence is told after three seconds."""
        quiet_at = time.perf_counter() + SETTLE
        while time.perf_counter() < quiet_at:
            self._crowd.turn(0.1)

    def _send(self, sock: LoadSocket, at: float) -> None:
        seat: _Seat = sock.data
        if seat.is_gone:
            return
        key = b"%s%d" % (seat.prefix, seat.sent)
        self._sent_at[key] = at
        seat.sent += 1
        try:
            sock.send_text(b'{%s,"content":"%s %s","client_message_id":"%s"}' % (seat.address, key, PADDING, key))
        except ConnectionError as error:
            self._lose(sock, error)

    def _lose(self, sock: LoadSocket, error: ConnectionError) -> None:
        sock.data.is_gone = True
        self._wrong.append(f"a connection was lost: {error}")

    def _hear(self, sock: LoadSocket, text: bytes) -> None:
        if text.startswith(_NEW_MESSAGE):
            self._check(sock.data, text)
        elif text.startswith(_ACK):
            self._acknowledged += 1
        else:
            self._hear_other(orjson.loads(text))

    def _hear_other(self, frame: dict[str, object]) -> None:
        if frame["type"] == "error":
            self._wrong.append(f"refused: {frame['error']}")
        elif frame["type"] in ("new_message", "message_ack"):
            self._wrong.append("a message whose frame does not begin with its type")

    def _check(self, seat: _Seat, text: bytes) -> None:
        """Both sides hear the chat's `seq` without a hole; the partner's message is heard once."""
        numbered, keyed = _SEQ.search(text), _KEY.search(text)
        seq, key = int(numbered[1]) if numbered else 0, keyed[1] if keyed else b""
        if seq == 1:
            return  # the one that began the chat
        if seq != seat.last_seq + 1:
            self._note_disorder(seq, seat.last_seq)
        seat.last_seq = max(seat.last_seq, seq)
        if not key.startswith(seat.partner_prefix):
            return
        now, sent_at = time.perf_counter(), self._sent_at.pop(key, None)
        if sent_at is None:
            self._wrong.append(f"seq {seq} was heard twice")
            return
        self._latencies.append(now - sent_at)
        if now < self._until:
            self._send(seat.partner, now)

    def _note_disorder(self, seq: int, last: int) -> None:
        self._out_of_order += seq <= last
        if self._ordered:
            self._wrong.append(f"seq {seq} after {last}")

    def _finish(self, name: str, started: float, cpu: dict[str, float], due: int | None = None) -> Result:
        """Wait for the last messages as long as any come, and gather."""
        ended, in_time = time.perf_counter(), len(self._latencies)
        self._until = 0.0
        sent = sum(sock.data.sent for sock in self._crowd.sockets)
        heard, last_heard = 0, ended
        while (self._sent_at or self._acknowledged < sent) and time.perf_counter() < last_heard + QUIET:
            self._crowd.turn(0.05)
            if heard < len(self._latencies) + self._acknowledged:
                heard, last_heard = len(self._latencies) + self._acknowledged, time.perf_counter()
        used = {part: after - cpu[part] for part, after in self._stage.cpu_seconds().items()}
        return Result(
            name=f"{name}, by receiver_id" if self._by_receiver else name,
            seconds=ended - started,
            due=in_time if due is None else due,
            sent=sent,
            delivered=len(self._latencies),
            in_time=in_time,
            acknowledged=self._acknowledged,
            out_of_order=self._out_of_order,
            wrong=self._wrong,
            latencies=self._latencies,
            cpu=used,
        )
