"""The cost of history: the same reads with ten thousand and ten million messages, and with many chats.

Both databases run at the same time and are queried alternately, so that other load affects both alike. The page cache
is off.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bench.environment import Environment, running_environment
from bench.social import vocabulary
from bench.social.seed_data import ChatGroup, seed
from bench.social.traffic import Answer, Request, Traffic
from bench.stats import percentile, print_errors, spread

FEW, MANY = 10_000, 10_000_000
ROUNDS = 400  # of each read
TOLERANCE = 0.2  # allowed difference of the medians
SELLER_GOAL_MS = 20.0
SELLER, SELLERS_CHATS = 500, 10_000
PUSHES = 20
PUSH_WAIT = 5.0  # seconds; counts are pushed at most once a second
_BUYERS, _SELLERS = range(1, 26), range(101, 121)
_PROBES = len(_BUYERS) * len(_SELLERS)
_FIRST_BUYER = 10_001  # of the seller's
_OTHERS = 50_000  # chats, the seller's among them
MIN_MESSAGES = 2 * _OTHERS


def history(many: int = MANY) -> list[dict[str, Any]]:
    """Measure opening a chat, listing chats and counting unread messages, with few and many stored messages.

    Parameters:
        many: at least `MIN_MESSAGES`; half of them in the chats that are read, half in fifty thousand others.
    """
    with running_environment(PAGE_CACHE_BYTES="0") as small, running_environment(PAGE_CACHE_BYTES="0") as large:
        (probes,) = _fill(small, [_probes(FEW // _PROBES)])
        deep, _, sellers = _fill(
            large, [_probes(many // 2 // _PROBES), _loop(many // 2 // _OTHERS), _sellers(many // 2 // _OTHERS)]
        )
        reads = _Reads()
        few, lots = Traffic(small.port), Traffic(large.port)
        rows = reads.compared((few, probes), (lots, deep), many)
        rows += reads.of_seller(lots, sellers)
        rows.append(_pushed(large, lots, sellers))
        few.close()
        lots.close()
    return rows


def _fill(running: Environment, groups: Sequence[ChatGroup]) -> list[list[int]]:
    assert running.servers.postgres is not None
    return seed(running.servers.postgres.url, groups)


def _probes(messages: int) -> ChatGroup:
    pairs = [(buyer, seller) for buyer in _BUYERS for seller in _SELLERS]
    return ChatGroup(pairs, messages, unread_by_seller=3)


def _loop(messages: int) -> ChatGroup:
    return ChatGroup([(1001 + n % 1000, 2001 + n // 1000) for n in range(_OTHERS - SELLERS_CHATS)], messages)


def _sellers(messages: int) -> ChatGroup:
    return ChatGroup([(_FIRST_BUYER + n, SELLER) for n in range(SELLERS_CHATS)], messages, unread_by_seller=1)


class _Reads:
    """The three reads, each timed from the request to the complete response."""

    def __init__(self) -> None:
        self._random = random.Random(6)

    def compared(
        self, few: tuple[Traffic, list[int]], lots: tuple[Traffic, list[int]], many: int
    ) -> list[dict[str, Any]]:
        """Reads of users with twenty-five chats each, alternating between the databases."""
        times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for index in range(ROUNDS + 20):
            n = self._random.randrange(_PROBES)
            seller = _SELLERS[n % len(_SELLERS)]
            for side, (traffic, chat_ids) in enumerate((few, lots)):
                for name, path in self._paths(chat_ids[n]).items():
                    seconds = _timed(traffic, "GET", path, seller)
                    if index >= 20:  # skip the warm-up
                        times[name][side].append(seconds)
        return [_comparison(name, *both, many) for name, both in times.items()]

    def of_seller(self, traffic: Traffic, chat_ids: list[int]) -> list[dict[str, Any]]:
        """Reads of a user with ten thousand chats, all with unread messages."""
        times: dict[str, list[float]] = defaultdict(list)
        for _ in range(ROUNDS):
            for name, path in self._paths(self._random.choice(chat_ids)).items():
                times[name].append(_timed(traffic, "GET", path, SELLER))
        return [
            {
                "scenario": f"a seller with {SELLERS_CHATS:,} chats",
                "of": name,
                **spread(seconds),
                "goal": f"p95 < {SELLER_GOAL_MS:g} ms",
                "is_met": percentile(seconds, 0.95) < SELLER_GOAL_MS,
            }
            for name, seconds in times.items()
        ]

    def _paths(self, chat_id: int) -> dict[str, str]:
        return {
            "open chat": vocabulary.messages(chat_id, 20),
            "list": vocabulary.CONVERSATIONS,
            "unread count": vocabulary.UNREAD_COUNT,
        }


def _comparison(name: str, few: list[float], lots: list[float], many: int) -> dict[str, Any]:
    ratio = percentile(lots, 0.5) / percentile(few, 0.5)
    return {
        "scenario": f"{FEW:,} and {many:,} messages",
        "of": name,
        "few_p50_ms": percentile(few, 0.5),
        "many_p50_ms": percentile(lots, 0.5),
        "few_p95_ms": percentile(few, 0.95),
        "many_p95_ms": percentile(lots, 0.95),
        "ratio": round(ratio, 2),
        "goal": f"at most {1 + TOLERANCE:g}",
        "is_met": ratio <= 1 + TOLERANCE,
    }


def _timed(traffic: Traffic, method: str, path: str, person: int, body: dict[str, Any] | None = None) -> float:
    """The seconds that a request takes.

    Raises:
        RuntimeError: it failed, or its connection was lost.
    """
    answers: list[Answer] = []
    began = time.perf_counter()
    traffic.send(Request(method, path, person, answers.append, body))
    while not answers and not traffic.lost:
        traffic.poll(1.0)
    if not answers or answers[0].status >= 300:
        raise RuntimeError(f"{method} {path}: {answers or traffic.lost}")
    return time.perf_counter() - began


def _pushed(running: Environment, traffic: Traffic, chat_ids: list[int]) -> dict[str, Any]:
    """Buyers write to the seller one after the other: the delay until the seller receives the new count."""
    counts: list[int | None] = []
    vocabulary.connect(traffic, running.port, SELLER, lambda _, frame: counts.append(vocabulary.unread_in(frame)))
    unread = len(chat_ids)
    delays, errors = [], []
    for n in range(1, PUSHES + 1):
        method, path, body = vocabulary.post(chat_ids[n], "still there?")
        _timed(traffic, method, path, _FIRST_BUYER + n, body)
        began = time.perf_counter()
        while unread + n not in counts and time.perf_counter() < began + PUSH_WAIT:
            traffic.poll(0.01)
        delays.append(time.perf_counter() - began)
        if unread + n not in counts:
            errors.append(f"{unread + n} unread were not pushed within {PUSH_WAIT:g} s")
    return {
        "scenario": f"a seller with {SELLERS_CHATS:,} chats",
        "of": "unread count pushed",
        **spread(delays),
        "goal": "all pushed",
        "is_met": not errors,
        "errors": print_errors("unread count pushed", errors),
    }
