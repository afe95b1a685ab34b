"""Searches of each kind over HTTP, by users with few, many and very large chats."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import requests

from bench.environment import CHATAPP, ROOT, Environment, running_environment, token_for
from bench.search import freshness, rows, senders
from bench.search.texts import Texts
from bench.stats import print_errors, spread

MESSAGES = 1_000_000
QUERIES = 80  # of each kind and user
WARM_UP = 10
GOAL_MS, GOAL_LARGEST_MS, GOAL_CPU_MS = 50.0, 80.0, 20.0
_USERS = {rows.FEW: "10 chats", rows.MANY: "1,000 chats", rows.LARGEST: "the 100 largest"}
_SEARCH = "/api/v1/marketplace/chat/search"


def search(
    messages: int = MESSAGES,
    *,
    queries: int = QUERIES,
    rounds: int = senders.ROUNDS,
    seconds: float = 2.0,
    rate: float = freshness.RATE,
    judges_time: bool = True,
) -> list[dict[str, Any]]:
    """Fill a database, index it, search in it, and send messages beside the worker and the indexer.

    Parameters:
        messages: number of stored messages.
        queries: of each kind and user.
        rounds: of sending with and without the indexer.
        seconds: of each slice of sending with and without the indexer.
        rate: messages a second while the worker indexes them.
        judges_time: whether latencies above the goals count as errors. On a busy machine they mean nothing.
    """
    with running_environment() as running:
        assert running.servers.postgres is not None
        url = running.servers.postgres.url
        rows.make_rows(url, messages)
        table = [_index(running, messages)]
        texts = Texts()
        for user, name in _USERS.items():
            for kind, make in _kinds(texts).items():
                table.append(_measured(running, user, name, kind, [make() for _ in range(queries)], judges_time))
        table += freshness.freshness(running, rate=rate, judges_time=judges_time)
        # Last: it leaves messages that are not indexed.
        return [*table, *senders.beside_indexer(running, seconds, rounds=rounds, judges_time=judges_time)]


def _kinds(texts: Texts) -> dict[str, Callable[[], str]]:
    return {
        "rare word": lambda: texts.word(20_000, 30_000),
        "middling word": lambda: texts.word(500, 3000),
        "common word": lambda: texts.word(0, 30),
        "two common words": lambda: f"{texts.word(0, 30)} {texts.word(0, 30)}",
        "phrase": lambda: f'"{texts.phrase()}"',
        "prefix of 4": lambda: texts.word(500, 3000)[:4] + "*",
        "prefix of 5": lambda: texts.word(500, 3000)[:5] + "*",
        "Thai": texts.thai,
        "word -word": lambda: f"{texts.word(0, 300)} -{texts.word(0, 30)}",
    }


def _index(running: Environment, messages: int) -> dict[str, Any]:
    """Fill the index with the command of the operators."""
    environment = {**running.servers.services.environment(), **CHATAPP.environment}
    cpu, started = running.cpu_seconds()["postgres"], time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "chatapp.ops", "jobs", "run", "search_rebuild"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - started
    used = running.cpu_seconds()["postgres"] - cpu
    _vacuum(running)
    return {
        "scenario": "search: filling the index",
        "messages": messages,
        "messages_per_s": round(messages / seconds),
        "postgres_us": round(used / messages * 1e6),
        "errors": 0,
    }


def _vacuum(running: Environment) -> None:
    """Do now what autovacuum would do during the queries, whose CPU time is measured."""
    assert running.servers.postgres is not None
    with closing(psycopg2.connect(running.servers.postgres.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM (ANALYZE)")


def _measured(
    running: Environment, user: int, name: str, kind: str, queries: list[str], judges_time: bool
) -> dict[str, Any]:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token_for(user)}"
    seconds, errors, found = [], [], 0
    for query in queries[:WARM_UP]:
        session.get(running.url + _SEARCH, params={"q": query}, timeout=60)
    cpu = running.cpu_seconds()
    for query in queries:
        started = time.perf_counter()
        reply = session.get(running.url + _SEARCH, params={"q": query}, timeout=60)
        seconds.append(time.perf_counter() - started)
        if reply.status_code != 200:
            errors.append(f"{query}: {reply.status_code}")
        else:
            found += bool(reply.json()["data"]["results"])
    used = {part: (after - cpu[part]) / len(queries) * 1000 for part, after in running.cpu_seconds().items()}
    latencies = spread(seconds)
    goal = GOAL_LARGEST_MS if user == rows.LARGEST else GOAL_MS
    if judges_time and latencies["p95_ms"] > goal:
        errors.append(f"p95 is {latencies['p95_ms']} ms instead of {goal}")
    if judges_time and used["postgres"] > GOAL_CPU_MS:
        errors.append(f"Postgres took {used['postgres']:.1f} ms instead of {GOAL_CPU_MS}")
    return {
        "scenario": f"search: {name}",
        "kind": kind,
        "with_results": found,
        **latencies,
        "postgres_ms": round(used["postgres"], 1),
        "web_ms": round(used["web"], 1),
        "errors": print_errors(f"{name}, {kind}", errors),
    }
