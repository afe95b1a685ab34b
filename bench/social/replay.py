"""A day of use, replayed at full speed: the hit rate of the worker's page cache.

Chats are visited by a Zipf distribution. A visit requests the list, the chat, sometimes an older page, and in one of
ten visits sends a message. A message invalidates the first page of its chat, so the hit rate depends on the share of
writes: ten visits per message is typical of a marketplace.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Any

import requests

from bench.environment import Environment
from bench.social import vocabulary
from bench.social.mixed import zipf
from bench.social.seed_data import ChatGroup, seed
from bench.social.traffic import Answer, Request, Traffic
from bench.stats import print_errors, spread

PEOPLE, CHATS, HISTORY = 400, 1000, 60
VISITS = 15_000
PAGE = 20
VISITORS = 4  # concurrent
WRITES, OLDER_PAGES = 0.1, 0.2  # shares of visits
GOAL = 0.8
_RESULTS = ("hit", "miss")
_COUNTED = re.compile(r'^chat_cache_requests_total\{cache="(\w+)",result="(hit|miss)"\} ([0-9.e+]+)$', re.MULTILINE)


def replayed_day(running: Environment, visits: int = VISITS) -> list[dict[str, Any]]:
    """Replay visits; returns a row for each cache, and one for all."""
    replay = _Replay(running, visits)
    before = _cache_requests(running)
    replay.run()
    errors = print_errors("a replayed day", replay.errors)
    after = _cache_requests(running)
    counts = {key: after[key] - before.get(key, 0.0) for key in after}
    names = sorted({cache for cache, _ in counts})
    rows = [_row(name, counts.get((name, "hit"), 0), counts.get((name, "miss"), 0)) for name in names]
    rows.append(_row("all", *(sum(n for (_, found), n in counts.items() if found == wanted) for wanted in _RESULTS)))
    return [
        {
            "scenario": f"a replayed day: {visits:,} visits to {CHATS:,} chats",
            **row,
            **spread(replay.seconds),
            "errors": errors,
        }
        for row in rows
    ]


def _row(cache: str, hits: float, misses: float) -> dict[str, Any]:
    rate = hits / (hits + misses) if hits + misses else 0.0
    return {
        "cache": cache,
        "hits": int(hits),
        "misses": int(misses),
        "hit_rate": round(rate, 3),
        "goal": f"> {GOAL:.0%}",
        "is_met": rate > GOAL,
    }


def _cache_requests(running: Environment) -> dict[tuple[str, str], float]:
    answer = requests.get(f"{running.url}/metrics?scope=process", timeout=10)
    answer.raise_for_status()
    return {(cache, result): float(count) for cache, result, count in _COUNTED.findall(answer.text)}


class _Replay:
    """The users, their chats, and the remaining visits."""

    def __init__(self, environment: Environment, visits: int) -> None:
        assert environment.servers.postgres is not None
        half = PEOPLE // 2
        self._pairs = [(1 + n % half, 1 + half + (n + n // half) % half) for n in range(CHATS)]
        (self._chat_ids,) = seed(
            environment.servers.postgres.url, [ChatGroup(self._pairs, HISTORY, unread_by_seller=1)]
        )
        self._weights = zipf(CHATS)
        self._visits_left, self._visitors = visits, VISITORS
        self.random = random.Random(5)
        self.traffic = Traffic(environment.port)
        self.seconds: list[float] = []
        self.errors = self.traffic.lost

    def run(self) -> None:
        """Run all visits."""
        for _ in range(VISITORS):
            self.next_visit()
        while self._visitors and not self.errors:
            self.traffic.poll(1.0)
        self.traffic.close()

    def next_visit(self) -> None:
        """Start the next visit, or stop this visitor."""
        if not self._visits_left:
            self._visitors -= 1
            return
        self._visits_left -= 1
        (n,) = self.random.choices(range(CHATS), cum_weights=self._weights)
        _Visit(self, self.random.choice(self._pairs[n]), self._chat_ids[n]).begin()


class _Visit:
    """One user at one chat: each request follows the response to the previous one."""

    def __init__(self, replay: _Replay, person: int, chat_id: int) -> None:
        self._replay = replay
        self._person = person
        self._chat_id = chat_id

    def begin(self) -> None:
        self._request(("GET", vocabulary.CONVERSATIONS, None), lambda _: self._open())

    def _open(self) -> None:
        self._request(("GET", vocabulary.messages(self._chat_id, PAGE), None), self._open_older_page)

    def _open_older_page(self, newest: Answer) -> None:
        _, cursor = vocabulary.page(newest.data)
        if cursor and self._replay.random.random() < OLDER_PAGES:
            path = vocabulary.messages(self._chat_id, PAGE, cursor)
            self._request(("GET", path, None), lambda _: self._write())
        else:
            self._write()

    def _write(self) -> None:
        if self._replay.random.random() < WRITES:
            self._request(vocabulary.post(self._chat_id, "all right"), lambda _: self._replay.next_visit())
        else:
            self._replay.next_visit()

    def _request(self, call: vocabulary.Call, then: Callable[[Answer], None]) -> None:
        method, path, body = call
        asked_at = time.perf_counter()

        def take(answer: Answer) -> None:
            self._replay.seconds.append(time.perf_counter() - asked_at)
            if answer.status >= 300:
                self._replay.errors.append(f"{method} {path} returned {answer.status}: {answer.body[:200]!r}")
            else:
                then(answer)

        self._replay.traffic.send(Request(method, path, self._person, take, body))
