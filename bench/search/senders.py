"""What senders that saturate the machine lose to the indexer: slices with it and without it, in random order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.environment import CHATAPP, ROOT, Environment
from bench.stats import print_errors
from bench.workload import PairWorkload

ROUNDS = 24  # each has a slice with the indexer and one without
SOCKETS = 50
FIRST_PERSON = 1_000_001
GOAL = 0.9  # of the rate without it
# The indexer alone, which is behind and believes that the machine is busy.
_INDEXER = """
from chatapp.infra import gevent_psycopg
from chatapp.ops import runtime
from chatapp.outbox import search_follower
from chatapp.outbox.search_pace import Pace
from config import load
import os, time
gevent_psycopg.patch_psycopg(60)
runtime.build(load(os.environ))
class Busy(Pace):
    def pause_after(self, messages, seconds, behind):
        super().pause_after(messages, seconds, behind)
        self.is_busy = True
        return 9 * seconds
search_follower.Pace = Busy
follower = search_follower.Follower()
print("ready", flush=True)
while True:
    if not follower.run():
        time.sleep(0.1)
"""


def beside_indexer(
    running: Environment, seconds: float, *, rounds: int, judges_time: bool = True
) -> list[dict[str, Any]]:
    """Send as fast as possible in slices of `seconds`, half of them beside the indexer on a busy machine."""
    workload = PairWorkload(running, SOCKETS, FIRST_PERSON)
    delivered = {True: 0, False: 0}
    before = 0
    choose = random.Random(3)
    try:
        with _indexer(running) as process:
            for _ in range(rounds):
                for is_beside in choose.sample([True, False], 2):
                    process.send_signal(signal.SIGCONT if is_beside else signal.SIGSTOP)
                    result = workload.closed_loop(seconds)
                    delivered[is_beside] += result.in_time - before
                    before = result.delivered
            process.send_signal(signal.SIGCONT)
    finally:
        workload.close()
    share = delivered[True] / max(1, delivered[False])
    errors = list(result.errors)
    if judges_time and share < GOAL:
        errors.append(f"senders keep {share:.1%} of their rate instead of {GOAL:.0%}")
    return [
        {
            "scenario": "search: senders beside the indexer",
            "rounds": rounds,
            "per_s_alone": round(delivered[False] / rounds / seconds),
            "per_s_beside": round(delivered[True] / rounds / seconds),
            "share": round(share, 3),
            "errors": print_errors("senders", errors),
        }
    ]


@contextmanager
def _indexer(running: Environment) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **running.servers.services.environment(), **CHATAPP.environment}
    with subprocess.Popen(
        [sys.executable, "-c", _INDEXER], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()
