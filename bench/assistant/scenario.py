"""Questions to the adapter `catalog` in this process, over wares in Postgres."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from bench.assistant.wares import RATES, Wares
from bench.environment import ROOT
from bench.stats import print_errors, spread
from chatapp.actions import item_index
from chatapp.assistant.catalog import CatalogAdapter
from chatapp.assistant.item_catalogue import ItemCatalogue
from chatapp.assistant.port import Cards, Done, Line, Turn
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Item
from chatapp.ops import runtime
from chatapp.queries.shop import shop
from chatapp.transaction import unit_of_work
from config import load
from deploy.embedded import EmbeddedServers

ITEMS = 500
QUESTIONS = 400
WARM_UP = 20
BATCH = 200
GOAL_MS, GOAL_LARGE_MS = 50.0, 100.0
_LARGE = 10_000  # items from which the second goal holds
_ENVIRONMENT = {"APP_ENV": "test", "AUTH_MODE": "builtin", "SECRET_KEY": "x" * 32, "ASSISTANT_RATES": RATES}


def assistant(items: int = ITEMS, *, questions: int = QUESTIONS, judges_time: bool = True) -> list[dict[str, Any]]:
    """Index wares, and ask questions.

    Parameters:
        items: number of wares.
        judges_time: whether a latency above the goal counts as an error. On a busy machine it means nothing.
    """
    with tempfile.TemporaryDirectory(prefix="chatapp-bench-") as folder, EmbeddedServers(Path(folder)) as servers:
        environment = {**servers.services.environment(), **_ENVIRONMENT}
        subprocess.run(
            [sys.executable, "-m", "chatapp.ops", "migrate"],
            cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True,
        )  # fmt: skip
        runtime.build(load(environment))
        try:
            wares = Wares(shop().reader.lexicon)
            return [_index(wares, items), _ask(wares, items, questions, judges_time)]
        finally:
            runtime.close()


def _index(wares: Wares, count: int) -> dict[str, Any]:
    rows = wares.rows(count)
    started, cpu = time.perf_counter(), time.process_time()
    while batch := list(islice(rows, BATCH)):
        with unit_of_work():
            Item.insert_many(batch).execute()
            item_index.write(list(Item.select().where(Item.id.between(batch[0]["id"], batch[-1]["id"]))))
    seconds = time.perf_counter() - started
    used = time.process_time() - cpu
    with database_connection():
        db.execute_sql("ANALYZE")
        ((size,),) = db.execute_sql("SELECT pg_total_relation_size('item_search')").fetchall()
    return {
        "scenario": "assistant: indexing",
        "items": count,
        "items_per_s": round(count / seconds),
        "python_us": round(used / count * 1e6),
        "bytes": round(size / count),
        "errors": 0,
    }


def _ask(wares: Wares, items: int, count: int, judges_time: bool) -> dict[str, Any]:
    errors: list[str] = []
    found = 0
    for _ in range(WARM_UP):
        _answer(wares.question(), errors)
    seconds = []
    cpu = time.process_time()
    for _ in range(count):
        question = wares.question()
        started = time.perf_counter()
        found += _answer(question, errors)
        seconds.append(time.perf_counter() - started)
    latencies = spread(seconds)
    goal = GOAL_LARGE_MS if items >= _LARGE else GOAL_MS
    if judges_time and latencies["p95_ms"] > goal:
        errors.append(f"p95 is {latencies['p95_ms']} ms instead of {goal}")
    print_errors(f"assistant, {items:,} items", errors)
    return {
        "scenario": "assistant: answers",
        "items": items,
        "questions": count,
        "with_cards": found,
        **latencies,
        "python_ms": round((time.process_time() - cpu) / count * 1000, 2),
        "errors": len(errors),
    }


def _answer(question: str, errors: list[str]) -> bool:
    """Ask a question; returns whether items were shown."""
    history = (Line("visitor", question),)
    turn = Turn(1, "bench", "en", history, None, (), None, time.monotonic() + 60, ItemCatalogue())
    steps = list(CatalogAdapter().answer(turn))
    if not isinstance(steps[-1], Done) or steps[-1].reason != "stop":
        errors.append(f"{question}: {steps[-1]}")
    return any(isinstance(step, Cards) and step.items for step in steps)
