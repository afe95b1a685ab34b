"""What history costs: the same reads with ten thousand and with ten million stored messages, and with many chats.

Both databases stand at the same time and are asked in turns, so that what the machine does besides falls on both alike.
Pages come from Postgres each time: a cache would hide what is measured.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bench.environment import Stage, stage
from bench.social import vocabulary
from bench.social.seed_data import Group, fill
from bench.social.traffic import Answer, Request, Traffic
from bench.stats import percentile, spread, tell_wrongs

FEW, MANY = 10_000, 10_000_000
ROUNDS = 400  # of each read
TOLERANCE = 0.2  # by which the medians may differ
SELLER_GOAL_MS = 20.0
SELLER, SELLERS_CHATS = 500, 10_000
PUSHES = 20
PUSH_WAIT = 5.0  # seconds; counts are told at most once a second
_BUYERS, _SELLERS = range(1, 26), range(101, 121)
_PROBES = len(_BUYERS) * len(_SELLERS)
_FIRST_BUYER = 10_001  # of the seller's
_OTHERS = 50_000  # chats, the seller's among them
FEWEST = 2 * _OTHERS


def history(many: int = MANY) -> list[dict[str, Any]]:
    """Opening a chat, listing chats and counting unread ones, with few messages and with so many.

    Parameters:
        many: from `FEWEST` on; half of them in the chats that are read, half in fifty thousand others.
    """
    with stage(PAGE_CACHE_BYTES="0") as small, stage(PAGE_CACHE_BYTES="0") as large:
        (probes,) = _fill(small, [_probes(FEW // _PROBES)])
        deep, _, sellers = _fill(
            large, [_probes(many // 2 // _PROBES), _crowd(many // 2 // _OTHERS), _sellers(many // 2 // _OTHERS)]
        )
        reads = _Reads()
        few, lots = Traffic(small.port), Traffic(large.port)
        rows = reads.compared((few, probes), (lots, deep), many)
        rows += reads.of_seller(lots, sellers)
        rows.append(_pushed(large, lots, sellers))
        few.close()
        lots.close()
    return rows


def _fill(running: Stage, groups: Sequence[Group]) -> list[list[int]]:
    assert running.servers.postgres is not None
    return fill(running.servers.postgres.url, groups)


def _probes(messages: int) -> Group:
    pairs = [(buyer, seller) for buyer in _BUYERS for seller in _SELLERS]
    return Group(pairs, messages, unread_by_seller=3)


def _crowd(messages: int) -> Group:
    return Group([(1001 + n % 1000, 2001 + n // 1000) for n in range(_OTHERS - SELLERS_CHATS)], messages)


def _sellers(messages: int) -> Group:
    return Group([(_FIRST_BUYER + n, SELLER) for n in range(SELLERS_CHATS)], messages, unread_by_seller=1)


class _Reads:
    """The three reads, each timed from asking to the whole answer."""

    def __init__(self) -> None:
        self._random = random.Random(6)

    def compared(
        self, few: tuple[Traffic, list[int]], lots: tuple[Traffic, list[int]], many: int
    ) -> list[dict[str, Any]]:
        """The reads of people with twenty-five chats each, in both databases in turns."""
        times: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for turn in range(ROUNDS + 20):
            n = self._random.randrange(_PROBES)
            seller = _SELLERS[n % len(_SELLERS)]
            for side, (traffic, chat_ids) in enumerate((few, lots)):
                for name, path in self._paths(chat_ids[n]).items():
                    seconds = _timed(traffic, "GET", path, seller)
                    if turn >= 20:  # the first ones find nothing in memory
                        times[name][side].append(seconds)
        return [_comparison(name, *both, many) for name, both in times.items()]

    def of_seller(self, traffic: Traffic, chat_ids: list[int]) -> list[dict[str, Any]]:
        """The reads of somebody with ten thousand chats, all with something unread."""
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
        RuntimeError: it is refused, or its connection lost.
    """
    answers: list[Answer] = []
    began = time.perf_counter()
    traffic.ask(Request(method, path, person, answers.append, body))
    while not answers and not traffic.lost:
        traffic.turn(1.0)
    if not answers or answers[0].status >= 300:
        raise RuntimeError(f"{method} {path}: {answers or traffic.lost}")
    return time.perf_counter() - began


def _pushed(running: Stage, traffic: Traffic, chat_ids: list[int]) -> dict[str, Any]:
    """Buyers write to the seller, one after the other: how soon the seller's device is told the new count."""
    counts: list[int | None] = []
    vocabulary.connected(traffic, running.port, SELLER, lambda _, frame: counts.append(vocabulary.unread_in(frame)))
    unread = len(chat_ids)
    delays, wrong = [], []
    for n in range(1, PUSHES + 1):
        method, path, body = vocabulary.post(chat_ids[n], "still there?")
        _timed(traffic, method, path, _FIRST_BUYER + n, body)
        began = time.perf_counter()
        while unread + n not in counts and time.perf_counter() < began + PUSH_WAIT:
            traffic.turn(0.01)
        delays.append(time.perf_counter() - began)
        if unread + n not in counts:
            wrong.append(f"{unread + n} unread were not told within {PUSH_WAIT:g} s")
    return {
        "scenario": f"a seller with {SELLERS_CHATS:,} chats",
        "of": "unread count pushed",
        **spread(delays),
        "goal": "all told",
        "is_met": not wrong,
        "wrong": tell_wrongs("unread count pushed", wrong),
    }
