"""A day of use, replayed as fast as it goes: how often a read finds its page in the worker's cache.

People come to chats by Zipf. A visit is the list, the opened chat, now and then an older page, and in one visit of ten
an answer that is written. A message makes the chat's first page a new one, so the share of writing is what the rate
hangs on: for each message ten visits, of whom one reads it, is what chats of a marketplace see.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Any

import requests

from bench.environment import Stage
from bench.social import vocabulary
from bench.social.mixed import zipf
from bench.social.seed_data import Group, fill
from bench.social.traffic import Answer, Request, Traffic
from bench.stats import spread, tell_wrongs

PEOPLE, CHATS, HISTORY = 400, 1000, 60
VISITS = 15_000
PAGE = 20
VISITORS = 4  # at the same time
WRITES, LOOKS_BACK = 0.1, 0.2  # shares of visits
GOAL = 0.8
_RESULTS = ("hit", "miss")
_COUNTED = re.compile(r'^chat_cache_requests_total\{cache="(\w+)",result="(hit|miss)"\} ([0-9.e+]+)$', re.MULTILINE)


def replayed_day(running: Stage, visits: int = VISITS) -> list[dict[str, Any]]:
    """So many visits; a row for each cache, and one for all."""
    day = _Day(running, visits)
    before = _cache_requests(running)
    day.pass_by()
    wrong = tell_wrongs("a replayed day", day.wrong)
    after = _cache_requests(running)
    counts = {key: after[key] - before.get(key, 0.0) for key in after}
    names = sorted({cache for cache, _ in counts})
    rows = [_row(name, counts.get((name, "hit"), 0), counts.get((name, "miss"), 0)) for name in names]
    rows.append(_row("all", *(sum(n for (_, found), n in counts.items() if found == wanted) for wanted in _RESULTS)))
    return [
        {
            "scenario": f"a replayed day: {visits:,} visits to {CHATS:,} chats",
            **row,
            **spread(day.seconds),
            "wrong": wrong,
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


def _cache_requests(running: Stage) -> dict[tuple[str, str], float]:
    answer = requests.get(f"{running.url}/metrics?scope=process", timeout=10)
    answer.raise_for_status()
    return {(cache, result): float(count) for cache, result, count in _COUNTED.findall(answer.text)}


class _Day:
    """The people, their chats, and the visits that are still to come."""

    def __init__(self, stage: Stage, visits: int) -> None:
        assert stage.servers.postgres is not None
        half = PEOPLE // 2
        self._pairs = [(1 + n % half, 1 + half + (n + n // half) % half) for n in range(CHATS)]
        (self._chat_ids,) = fill(stage.servers.postgres.url, [Group(self._pairs, HISTORY, unread_by_seller=1)])
        self._weights = zipf(CHATS)
        self._visits_left, self._visitors = visits, VISITORS
        self.random = random.Random(5)
        self.traffic = Traffic(stage.port)
        self.seconds: list[float] = []
        self.wrong = self.traffic.lost

    def pass_by(self) -> None:
        """Let all visits happen."""
        for _ in range(VISITORS):
            self.next_visit()
        while self._visitors and not self.wrong:
            self.traffic.turn(1.0)
        self.traffic.close()

    def next_visit(self) -> None:
        """Let a visitor come to the next chat, or go home."""
        if not self._visits_left:
            self._visitors -= 1
            return
        self._visits_left -= 1
        (n,) = self.random.choices(range(CHATS), cum_weights=self._weights)
        _Visit(self, self.random.choice(self._pairs[n]), self._chat_ids[n]).begin()


class _Visit:
    """One person at one chat: each request follows the answer to the one before."""

    def __init__(self, day: _Day, person: int, chat_id: int) -> None:
        self._day = day
        self._person = person
        self._chat_id = chat_id

    def begin(self) -> None:
        self._ask(("GET", vocabulary.CONVERSATIONS, None), lambda _: self._open())

    def _open(self) -> None:
        self._ask(("GET", vocabulary.messages(self._chat_id, PAGE), None), self._look_back)

    def _look_back(self, newest: Answer) -> None:
        _, cursor = vocabulary.page(newest.data)
        if cursor and self._day.random.random() < LOOKS_BACK:
            path = vocabulary.messages(self._chat_id, PAGE, cursor)
            self._ask(("GET", path, None), lambda _: self._write())
        else:
            self._write()

    def _write(self) -> None:
        if self._day.random.random() < WRITES:
            self._ask(vocabulary.post(self._chat_id, "so be it"), lambda _: self._day.next_visit())
        else:
            self._day.next_visit()

    def _ask(self, call: vocabulary.Call, then: Callable[[Answer], None]) -> None:
        method, path, body = call
        asked_at = time.perf_counter()

        def take(answer: Answer) -> None:
            self._day.seconds.append(time.perf_counter() - asked_at)
            if answer.status >= 300:
                self._day.wrong.append(f"{method} {path} was answered with {answer.status}: {answer.body[:200]!r}")
            else:
                then(answer)

        self._day.traffic.ask(Request(method, path, self._person, take, body))
