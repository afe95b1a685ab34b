"""Latency of requests and messages at fixed rates at the same time.

Both follow a Zipf distribution over chats: few chats are busy. Requests are those of a client in use: the list, an
opened chat, the unread count, and read receipts.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import defaultdict
from contextlib import nullcontext
from typing import Any

from bench.environment import Environment
from bench.profile import profiled
from bench.social import vocabulary
from bench.social.seed_data import ChatGroup, seed
from bench.social.traffic import Answer, Request, Traffic
from bench.sockets import LoadSocket
from bench.stats import percentile, print_errors, spread

PEOPLE, PARTNERS, HISTORY = 200, 10, 50  # each user has a socket, ten chats, and fifty messages in each
RATE = 200.0  # requests a second, and as many messages
SETTLE_SECONDS = 5.0  # between connecting and the first request
WARM_UP = 3.0  # seconds of load before measuring
QUIET_SECONDS = 10.0  # after which missing responses count as lost
REQUESTS = {"open chat": 45, "list": 30, "unread count": 15, "read": 10}  # of a hundred


def requests_and_messages(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """200 requests and 200 messages a second: a row for all requests, for each kind, and for delivery.

    `cores_…` is the share of a core that each part used.
    """
    load = _Load(running)
    try:
        load.settle()
        used, began = running.cpu_seconds(), time.perf_counter()
        with profiled(running.web.pid, running.profile) if running.profile else nullcontext():
            load.run(seconds)
        taken = time.perf_counter() - began
        cores = {
            f"cores_{part}": round((after - used[part]) / taken, 2) for part, after in running.cpu_seconds().items()
        }
    finally:
        load.traffic.close()
    name = f"{RATE:g} requests and {RATE:g} messages a second"
    rows = [
        _row(name, "all requests", list(itertools.chain(*load.answered.values())), 20, load.errors),
        *(_row(name, kind, load.answered[kind], 20, []) for kind in REQUESTS),
        _row(name, "send to delivered", load.delivered, 10, []),
    ]
    return [{**row, **cores} for row in rows]


def _row(name: str, what: str, times: list[float], goal_ms: float, errors: list[str]) -> dict[str, Any]:
    return {
        "scenario": name,
        "of": what,
        "count": len(times),
        **spread(times),
        "goal": f"p95 < {goal_ms:g} ms",
        "is_met": percentile(times, 0.95) < goal_ms,
        "errors": print_errors(name, errors),
    }


def zipf(count: int) -> list[float]:
    """Cumulative Zipf weights: the n-th item is chosen 1/n times as often as the first."""
    return list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))


class _Load:
    """The users, their requests and messages, and the latencies."""

    def __init__(self, environment: Environment) -> None:
        assert environment.servers.postgres is not None
        half = PEOPLE // 2
        self._pairs = [(1 + n % half, 1 + half + (n + n // half) % half) for n in range(half * PARTNERS)]
        (self._chat_ids,) = seed(
            environment.servers.postgres.url, [ChatGroup(self._pairs, HISTORY, unread_by_seller=3)]
        )
        self._weights = zipf(len(self._pairs))
        self._random = random.Random(4)
        self.traffic = Traffic(environment.port)
        self.errors = self.traffic.lost
        self.answered: defaultdict[str, list[float]] = defaultdict(list)
        self.delivered: list[float] = []
        self._sent_at: dict[str, float] = {}
        self._unanswered = self._messages = 0
        self._sockets = {
            person: vocabulary.connect(self.traffic, environment.port, person, self._on_frame)
            for person in range(1, PEOPLE + 1)
        }

    def settle(self) -> None:
        """Wait for greetings and presence, and warm up."""
        settled_at = time.perf_counter() + SETTLE_SECONDS
        while time.perf_counter() < settled_at:
            self.traffic.poll(0.1)
        self.run(WARM_UP)
        self.answered.clear()
        self.delivered.clear()

    def run(self, seconds: float) -> None:
        """Send requests and messages at the rates, independent of responses; latency counts from the due time."""
        began, asked, written = time.perf_counter(), 0, 0
        while (now := time.perf_counter()) < began + seconds:
            while asked <= (now - began) * RATE:
                self._send_request(began + asked / RATE)
                asked += 1
            # Half a step later, so that requests and messages alternate.
            while written + 0.5 <= (now - began) * RATE:
                self._write(began + (written + 0.5) / RATE)
                written += 1
            self.traffic.poll(0.001)
        self._finish()

    def _finish(self) -> None:
        ended = time.perf_counter()
        while (self._unanswered or self._sent_at) and time.perf_counter() < ended + QUIET_SECONDS:
            self.traffic.poll(0.05)
        if self._unanswered:
            self.errors.append(f"{self._unanswered} requests were not answered")
        if self._sent_at:
            self.errors.append(f"{len(self._sent_at)} messages were not delivered")

    def _some_chat(self) -> tuple[int, tuple[int, int]]:
        (n,) = self._random.choices(range(len(self._pairs)), cum_weights=self._weights)
        return self._chat_ids[n], self._pairs[n]

    def _send_request(self, due: float) -> None:
        (kind,) = self._random.choices(list(REQUESTS), weights=list(REQUESTS.values()))
        chat_id, pair = self._some_chat()
        method, path, body = self._build_request(kind, chat_id)

        def take(answer: Answer) -> None:
            self._unanswered -= 1
            self.answered[kind].append(time.perf_counter() - due)
            if answer.status != 200:
                self.errors.append(f"{kind} returned {answer.status}: {answer.body[:200]!r}")

        self._unanswered += 1
        self.traffic.send(Request(method, path, self._random.choice(pair), take, body))

    def _build_request(self, kind: str, chat_id: int) -> vocabulary.Call:
        match kind:
            case "open chat":
                return "GET", vocabulary.messages(chat_id, 20), None
            case "list":
                return "GET", vocabulary.CONVERSATIONS, None
            case "unread count":
                return "GET", vocabulary.UNREAD_COUNT, None
            case _:
                return vocabulary.read(chat_id)

    def _write(self, due: float) -> None:
        chat_id, pair = self._some_chat()
        person = self._random.choice(pair)
        self._messages += 1
        key = f"{person}-{self._messages}"
        self._sent_at[key] = due
        self._sockets[person].send(vocabulary.message_frame(chat_id, key, "see you there"))

    def _on_frame(self, sock: LoadSocket, frame: bytes) -> None:
        if frame.startswith(vocabulary.NEW_MESSAGE):
            key = vocabulary.key_in(frame)
            if key is None or key.startswith(f"{sock.data}-"):
                return  # an own message, pushed to all devices
            sent_at = self._sent_at.pop(key, None)
            if sent_at is None:
                self.errors.append(f"{key} was received twice")
            else:
                self.delivered.append(time.perf_counter() - sent_at)
        elif frame.startswith(vocabulary.REFUSED):
            self.errors.append(f"refused: {frame[:200]!r}")
