"""What storing a lone message costs Postgres and its client: no sockets, no answers, all guarantees.

Two checkouts are measured alternately, message by message, so that other load on the machine falls on both:
`git worktree add ../before REVISION`, then `python -m bench storing --against ../before`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from bench.environment import ROOT, SETTINGS
from deploy.embedded import EmbeddedServers

MESSAGES = 3_000  # of each checkout
WARM_UP = 500
CHATS = 3_000
_MAKE = f"""
INSERT INTO users (id, subject, username, name) SELECT n, n, 'person-' || n, 'Person ' || n
    FROM generate_series(1, {CHATS} + 1) n;
INSERT INTO chats (kind, buyer_id, seller_id) SELECT 'direct', n, n + 1 FROM generate_series(1, {CHATS}) n;
INSERT INTO chat_members (chat_id, user_id, role) SELECT id, buyer_id, 'buyer' FROM chats
    UNION ALL SELECT id, seller_id, 'seller' FROM chats;
ANALYZE;
"""


def storing(against: list[Path]) -> list[dict[str, Any]]:
    """Measure this checkout and others.

    Parameters:
        against: the roots of the others, with the same dependencies.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chatapp-bench-"))
        servers = stack.enter_context(EmbeddedServers(Path(folder)))
        senders = [stack.enter_context(_sender(root, index, servers)) for index, root in enumerate([ROOT, *against])]
        costs: list[list[list[int]]] = [[] for _ in senders]
        for number in range(WARM_UP + MESSAGES):
            for sender, of_sender in zip(senders, costs, strict=True):
                assert sender.stdin is not None and sender.stdout is not None
                sender.stdin.write("\n")
                sender.stdin.flush()
                cost = [int(word) for word in sender.stdout.readline().split()]
                if number >= WARM_UP:
                    of_sender.append(cost)
    return [_row(root, of_sender) for root, of_sender in zip([ROOT, *against], costs, strict=True)]


@contextmanager
def _sender(root: Path, index: int, servers: EmbeddedServers) -> Iterator[subprocess.Popen[str]]:
    """A process of a checkout, with a database of its own, that sends a message for each line of its input."""
    base, _, _ = servers.services.environment()["DATABASE_URL"].rpartition("/")
    with closing(psycopg2.connect(f"{base}/postgres")) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE storing_{index}")
    url = f"{base}/storing_{index}"
    environment = {**os.environ, **servers.services.environment(), **SETTINGS, "DATABASE_URL": url}
    migrate = [sys.executable, "-m", "chatapp.ops", "migrate"]
    subprocess.run(migrate, cwd=root, env=environment, check=True, capture_output=True)
    with closing(psycopg2.connect(url)) as connection, connection:
        connection.cursor().execute(_MAKE)
    program = Path(__file__).with_name("storing_sender.py").read_text()
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        yield process


def _row(root: Path, costs: list[list[int]]) -> dict[str, Any]:
    row: dict[str, Any] = {"scenario": "storing", "checkout": root.name}
    for index, name in enumerate(("postgres", "client")):
        microseconds = [cost[index] / 1000 for cost in costs]
        quartile, median, _ = statistics.quantiles(microseconds, n=4)
        row |= {
            f"{name}_us_p25": round(quartile),
            f"{name}_us_p50": round(median),
            f"{name}_us_mean": round(statistics.mean(microseconds)),
        }
    return row
