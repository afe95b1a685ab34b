"""`python -m bench [scenario …]`: measure, print a table, keep the figures in `.reports/bench.json`."""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from bench.pairs import Pairs, Result
from bench.profile import profiled
from bench.stage import Stage, stage

REPORT = Path(__file__).resolve().parent.parent / ".reports" / "bench.json"
COLUMNS = ("scenario", "sent", "delivered", "wrong", "delivered/s", "p50 ms", "p99 ms", "web", "postgres", "redis")


def main() -> int:
    """Run the scenarios; exit code 1 when a message was lost, doubled or out of order."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS), help=f"of {', '.join(SCENARIOS)}")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measurement")
    parser.add_argument("--profile", action="store_true", help="sample the worker meanwhile (.reports/profile-*.txt)")
    options = parser.parse_args()
    _raise_file_limit()
    REPORT.parent.mkdir(exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name in options.scenarios:
        with stage() as running:
            running.profile = REPORT.with_name(f"profile-{name}.txt") if options.profile else None
            rows += SCENARIOS[name](running, options.seconds)
    REPORT.write_text(json.dumps(rows, indent=2))
    print_table(rows)
    return int(any(row.get("wrong") for row in rows))


def _raise_file_limit() -> None:
    """Thousands of sockets are as many files; the usual soft limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pairs_1000(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """500 sockets in 250 pairs, 1,000 messages a second."""
    return [_row(_measured(running, 500, lambda pairs: pairs.open_loop(1000, seconds)))]


def open_loop(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """The latency at rising rates."""
    rows = []
    for index, rate in enumerate((200, 1000, 2000, 5000)):
        rows.append(_row(_measured(running, 500, partial(_open_loop, rate, seconds), 1 + 1000 * index)))
    return rows


def closed_loop(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """As many as go, one message of each socket in flight."""
    return [
        _row(_measured(running, sockets, lambda pairs: pairs.closed_loop(seconds), 1 + 1000 * index))
        for index, sockets in enumerate((50, 500))
    ]


def idle_sockets(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """Memory of a socket that says nothing."""
    before = running.worker_rss()
    pairs = Pairs(running, 5000)
    used = running.worker_rss() - before
    pairs.close()
    return [{"scenario": "5,000 idle sockets", "KB per socket": round(used / 5000 / 1024, 1)}]


SCENARIOS: dict[str, Callable[[Stage, float], list[dict[str, Any]]]] = {
    "pairs": pairs_1000,
    "open": open_loop,
    "closed": closed_loop,
    "idle": idle_sockets,
}


def _open_loop(rate: float, seconds: float, pairs: Pairs) -> Result:
    return pairs.open_loop(rate, seconds)


def _measured(running: Stage, sockets: int, measure: Callable[[Pairs], Result], first_person: int = 1) -> Result:
    pairs = Pairs(running, sockets, first_person)
    sampling = profiled(running.web.pid, running.profile) if running.profile else nullcontext()
    try:
        with sampling:
            return measure(pairs)
    finally:
        pairs.close()


def _row(result: Result) -> dict[str, Any]:
    lost = result.sent - result.delivered
    unacknowledged = result.sent - result.acknowledged
    wrong = list(result.wrong)
    if lost:
        wrong.append(f"{lost} not delivered")
    if unacknowledged:
        wrong.append(f"{unacknowledged} not acknowledged")
    for problem in wrong[:10]:
        print(f"{result.name}: {problem}", file=sys.stderr)
    return {
        "scenario": result.name,
        "sent": result.sent,
        "delivered": result.delivered,
        "wrong": len(wrong),
        "delivered/s": round(result.in_time / result.seconds),
        "p50 ms": round(result.percentile(0.5) * 1000, 1),
        "p99 ms": round(result.percentile(0.99) * 1000, 1),
        **{part: round(seconds / max(1, result.delivered) * 1000, 3) for part, seconds in result.cpu.items()},
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    """Rows of equal columns under one head; CPU columns are seconds per 1,000 messages."""
    head: list[str] = []
    for row in rows:
        if list(row) != head:
            head = list(row)
            print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        print("| " + " | ".join(str(value) for value in row.values()) + " |")
    print("\nweb, postgres, redis: CPU seconds per 1,000 messages.")


if __name__ == "__main__":
    sys.exit(main())
