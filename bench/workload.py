"""Pairs of users who write to each other; checks that each message reaches both once, in order."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import orjson
import requests

from bench.environment import Environment, token_for
from bench.sockets import LoadSocket, SocketLoop

FIRST_MESSAGE = "first message"
PADDING = b"x" * 180  # a message of about 200 bytes
SETTLE_SECONDS = 5.0  # between connecting and measuring
QUIET_SECONDS = 10.0  # without any message, after which missing ones count as lost
BACKLOG = 40  # messages in flight per socket; much less than the kernel buffers
TICK = 0.001  # seconds; the resolution of epoll

# Frames are only searched, not parsed: the load shares the cores with the server.
_NEW_MESSAGE, _ACK = b'{"type":"new_message"', b'{"type":"message_ack"'
_SEQ = re.compile(rb'"seq":(\d+)')
_KEY = re.compile(rb'"client_message_id":"([^"]*)"')


@dataclass(slots=True)
class _Peer:
    """One side of a pair: what it sent and received."""

    address: bytes  # what its messages are for, as the beginning of a frame
    prefix: bytes
    partner: LoadSocket
    partner_prefix: bytes
    sent: int = 0
    last_seq: int = 1
    is_gone: bool = False


@dataclass
class Result:
    """The result of a scenario.

    Attributes:
        seconds: duration of sending.
        due: number of messages due at the requested rate; without one, the delivered ones. `sent` is less if the
            server was too slow.
        in_time: delivered before the end of the measurement; `delivered` includes later ones.
        out_of_order: frames received after one with a higher `seq` of their chat.
        latencies: seconds from the due time of a message to the recipient's `new_message`.
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
    errors: list[str]
    latencies: list[float] = field(repr=False)
    cpu: dict[str, float]

    def percentile(self, share: float) -> float:
        """Percentile of the latencies in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class PairWorkload:
    """Sockets in pairs, each pair with its own chat.

    Parameters:
        ordered: whether frames out of order are errors, or only counted.
        by_receiver: whether messages name their recipient instead of their chat.
    """

    def __init__(
        self,
        environment: Environment,
        sockets: int,
        first_person: int = 1,
        *,
        ordered: bool = True,
        by_receiver: bool = False,
    ) -> None:
        self._environment = environment
        self._ordered = ordered
        self._by_receiver = by_receiver
        self._loop = SocketLoop(self._on_close)
        self._sent_at: dict[bytes, float] = {}
        self._latencies: list[float] = []
        self._acknowledged = self._out_of_order = 0
        self._errors: list[str] = []
        self._until = 0.0
        for number in range(first_person, first_person + sockets, 2):
            self._connect_pair(number)
        self._wait_until_quiet()

    def open_loop(self, rate: float, seconds: float) -> Result:
        """Send at a fixed rate, independent of responses.

        The backlog of a server that is too slow is bounded, so that the run ends. Latency counts from the due time of a
        message, including the time it waited in the load generator.
        """
        senders, backlog = self._loop.sockets, BACKLOG * len(self._loop.sockets)
        cpu, started, count = self._environment.cpu_seconds(), time.perf_counter(), 0
        while (now := time.perf_counter()) < started + seconds:
            due = int((now + TICK - started) * rate)
            while count < due and len(self._sent_at) < backlog:
                self._send(senders[count % len(senders)], min(now, started + (count + 1) / rate))
                count += 1
            self._loop.poll(max(TICK, started + (count + 1) / rate - now) if count == due else TICK)
        return self._finish(f"open loop, {rate:g}/s, {len(senders)} sockets", started, cpu, int(rate * seconds))

    def closed_loop(self, seconds: float) -> Result:
        """One message of each socket in flight: the next is sent when the partner has received the last."""
        cpu, started = self._environment.cpu_seconds(), time.perf_counter()
        self._until = started + seconds
        for sock in self._loop.sockets:
            self._send(sock, time.perf_counter())
        while time.perf_counter() < self._until:
            self._loop.poll(0.05)
        return self._finish(f"closed loop, {len(self._loop.sockets)} sockets", started, cpu)

    def rest(self) -> None:
        """Handle what arrives for a moment, such as pings."""
        self._loop.poll(0.1)

    def close(self) -> None:
        """Close all sockets."""
        self._loop.close()

    def _connect_pair(self, number: int) -> None:
        pair = [
            self._environment.program.connect(self._environment.port, f"?token={token_for(id)}", self._on_frame, bytes)
            for id in (number, number + 1)
        ]
        answer = requests.post(
            f"{self._environment.url}/api/v1/marketplace/chat/messages",
            json={"receiver_id": number + 1, "content": FIRST_MESSAGE},
            headers={"Authorization": f"Bearer {token_for(number)}"},
            timeout=10,
        )
        answer.raise_for_status()
        chat_id = answer.json()["data"]["chat_id"]
        prefixes = [b"%d-%x-" % (sock.fileno(), id(self)) for sock in pair]
        for own, other in ((0, 1), (1, 0)):
            address = b'"receiver_id":%d' % (number + other) if self._by_receiver else b'"chat_id":%d' % chat_id
            pair[own].data = _Peer(address, prefixes[own], pair[other], prefixes[other])
            self._loop.add(pair[own])

    def _wait_until_quiet(self) -> None:
        """Wait for greetings and presence, also of earlier users: going offline is published after three seconds."""
        quiet_at = time.perf_counter() + SETTLE_SECONDS
        while time.perf_counter() < quiet_at:
            self._loop.poll(0.1)

    def _send(self, sock: LoadSocket, at: float) -> None:
        peer: _Peer = sock.data
        if peer.is_gone:
            return
        key = b"%s%d" % (peer.prefix, peer.sent)
        self._sent_at[key] = at
        peer.sent += 1
        try:
            sock.send_text(b'{%s,"content":"%s %s","client_message_id":"%s"}' % (peer.address, key, PADDING, key))
        except ConnectionError as error:
            self._on_close(sock, error)

    def _on_close(self, sock: LoadSocket, error: ConnectionError) -> None:
        sock.data.is_gone = True
        self._errors.append(f"a connection was lost: {error}")

    def _on_frame(self, sock: LoadSocket, text: bytes) -> None:
        if text.startswith(_NEW_MESSAGE):
            self._check(sock.data, text)
        elif text.startswith(_ACK):
            self._acknowledged += 1
        else:
            self._on_other_frame(orjson.loads(text))

    def _on_other_frame(self, frame: dict[str, object]) -> None:
        if frame["type"] == "error":
            self._errors.append(f"refused: {frame['error']}")
        elif frame["type"] in ("new_message", "message_ack"):
            self._errors.append("a message whose frame does not begin with its type")

    def _check(self, peer: _Peer, text: bytes) -> None:
        """Check that `seq` has no gaps, and that the partner's message arrives once."""
        numbered, keyed = _SEQ.search(text), _KEY.search(text)
        seq, key = int(numbered[1]) if numbered else 0, keyed[1] if keyed else b""
        if seq == 1:
            return  # the message that created the chat
        if seq != peer.last_seq + 1:
            self._record_disorder(seq, peer.last_seq)
        peer.last_seq = max(peer.last_seq, seq)
        if not key.startswith(peer.partner_prefix):
            return
        now, sent_at = time.perf_counter(), self._sent_at.pop(key, None)
        if sent_at is None:
            self._errors.append(f"seq {seq} was received twice")
            return
        self._latencies.append(now - sent_at)
        if now < self._until:
            self._send(peer.partner, now)

    def _record_disorder(self, seq: int, last: int) -> None:
        self._out_of_order += seq <= last
        if self._ordered:
            self._errors.append(f"seq {seq} after {last}")

    def _finish(self, name: str, started: float, cpu: dict[str, float], due: int | None = None) -> Result:
        """Wait for the last messages as long as any arrive, and build the result."""
        ended, in_time = time.perf_counter(), len(self._latencies)
        self._until = 0.0
        sent = sum(sock.data.sent for sock in self._loop.sockets)
        received, last_received_at = 0, ended
        while (self._sent_at or self._acknowledged < sent) and time.perf_counter() < last_received_at + QUIET_SECONDS:
            self._loop.poll(0.05)
            if received < len(self._latencies) + self._acknowledged:
                received, last_received_at = len(self._latencies) + self._acknowledged, time.perf_counter()
        used = {part: after - cpu[part] for part, after in self._environment.cpu_seconds().items()}
        return Result(
            name=f"{name}, by receiver_id" if self._by_receiver else name,
            seconds=ended - started,
            due=in_time if due is None else due,
            sent=sent,
            delivered=len(self._latencies),
            in_time=in_time,
            acknowledged=self._acknowledged,
            out_of_order=self._out_of_order,
            errors=self._errors,
            latencies=self._latencies,
            cpu=used,
        )
