"""`python -m bench retention`: old months of session messages are dropped while users send."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench.assistant.paced_senders import PacedSenders
from bench.assistant.session_months import make_months, remaining_months
from bench.environment import CHATAPP, ROOT, Environment, running_environment
from bench.stats import percentile, print_errors

MONTHS, MESSAGES, ROUNDS = 12, 1_000_000, 3
ALONE_SECONDS = 3.0  # of sending before each drop
AFTER = 0.2  # seconds after the drop that count, too: who waited for its locks
DROP_SECONDS, SEND_P99_MS = 1.0, 50.0  # the goals
_SETTINGS: dict[str, Any] = {
    "SESSION_RETENTION": "1s",
    **{f"LIMIT_{name}": "1000000/minute" for name in ("SESSIONS", "SESSIONS_DAY", "QUESTIONS", "QUESTIONS_ADDRESS")},
}
# What `worker` does when the job is due, once for each line; imported before, as in `worker`.
_JOB = """
import os, sys, time
from chatapp.infra import gevent_psycopg
from chatapp.ops import runtime
from chatapp.ops.upkeep.jobs import JOBS_BY_NAME, run_job
from config import load
settings = load(os.environ)
gevent_psycopg.patch_psycopg(60)
runtime.build(settings)
print("ready", flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    run_job(JOBS_BY_NAME["session_retention"], settings)
    print(time.perf_counter() - started, flush=True)
"""


def retention(
    *,
    months: int = MONTHS,
    messages: int = MESSAGES,
    rounds: int = ROUNDS,
    alone: float = ALONE_SECONDS,
    judges_time: bool = True,
) -> list[dict[str, Any]]:
    """Fill past months and drop them with the job, several times, beside senders.

    Parameters:
        messages: in all months together.
        alone: seconds of sending before each drop, to compare with.
        judges_time: whether times above the goals count as errors. On a busy machine they mean nothing.
    """
    drops: list[float] = []
    before: list[float] = []
    meanwhile: list[float] = []
    errors: list[str] = []
    with running_environment(**_SETTINGS) as running, _job(running) as job:
        assert running.servers.postgres is not None
        url = running.servers.postgres.url
        for _ in range(rounds):
            make_months(url, months=months, messages=messages)
            with PacedSenders(running) as senders:
                started = time.monotonic()
                time.sleep(alone)
                dropping = time.monotonic()
                drops.append(_drop(job))
                ended = time.monotonic() + AFTER
                time.sleep(2 * AFTER)
            before += senders.seconds(started, dropping)
            meanwhile += senders.seconds(dropping, ended)
            errors += senders.errors
            if left := remaining_months(url):
                errors.append(f"{left} partitions were not dropped")
    if not meanwhile:
        errors.append("nothing was sent meanwhile")
    if judges_time and max(drops) >= DROP_SECONDS:
        errors.append(f"a drop took {max(drops):.2f} s instead of {DROP_SECONDS:g}")
    if judges_time and percentile(meanwhile, 0.99) >= SEND_P99_MS:
        errors.append(f"p99 of sends is {percentile(meanwhile, 0.99)} ms instead of {SEND_P99_MS:g}")
    return [
        {
            "scenario": "retention",
            "months": months,
            "messages": messages,
            "rounds": rounds,
            "drop_s": round(median(drops), 3),
            "longest_drop_s": round(max(drops), 3),
            "sent_alone": len(before),
            "alone_p99_ms": percentile(before, 0.99),
            "sent_meanwhile": len(meanwhile),
            "p50_ms": percentile(meanwhile, 0.5),
            "p99_ms": percentile(meanwhile, 0.99),
            "longest_ms": percentile(meanwhile, 1.0),
            "errors": print_errors("retention", errors),
        }
    ]


def _drop(job: subprocess.Popen[str]) -> float:
    """Run the job; returns its seconds."""
    assert job.stdin is not None and job.stdout is not None
    job.stdin.write("\n")
    job.stdin.flush()
    return float(_line(job))


@contextmanager
def _job(running: Environment) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **running.servers.services.environment(), **CHATAPP.environment, **_SETTINGS}
    with subprocess.Popen(
        [sys.executable, "-c", _JOB],
        cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        while _line(process) != "ready":
            pass
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    """The next line that is no log entry.

    Raises:
        EOFError: the process has ended.
    """
    assert process.stdout is not None
    while line := process.stdout.readline():
        if not line.startswith("{"):
            return line.strip()
    raise EOFError("the job has failed; see above")
