"""`python -m bench [scenario …]`: measure, print a table, keep the figures in `.reports/bench.json`."""

from __future__ import annotations

import argparse
import math
import resource
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from bench import machine, report
from bench.environment import CHATAPP, Stage, stage
from bench.files import files
from bench.lag import lag
from bench.profile import profiled
from bench.rivals.comparison import compare
from bench.social.history import FEWEST, MANY, history
from bench.social.mixed import requests_and_messages
from bench.social.paging import paging_under_fire
from bench.social.replay import replayed_day
from bench.workload import Pairs, Result

REPORT = Path(__file__).resolve().parent.parent / ".reports" / "bench.json"
RIVALS, HISTORY = "rivals", "history"


def main() -> int:
    """Run the scenarios; exit code 1 when chatapp lost, doubled or misplaced a message. A rival may do as it likes."""
    names = [*SCENARIOS, *ON_OWN_STAGES]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(names)}; all but {HISTORY} when none is named")
    parser.add_argument("--seconds", type=_positive, default=10.0, help="length of each measurement")
    parser.add_argument("--rounds", type=_count, default=3, help="turns of each server in `rivals`; medians are shown")
    parser.add_argument("--messages", type=_many, default=MANY, help="stored in `history`; the default takes 4 GB")
    parser.add_argument("--profile", action="store_true", help="sample the worker meanwhile (.reports/profile-*.txt)")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    _raise_file_limit()
    REPORT.parent.mkdir(exist_ok=True)
    facts = machine.facts()
    rows: list[dict[str, Any]] = []
    for name in options.scenarios or [name for name in names if name != HISTORY]:
        rows += ON_OWN_STAGES[name](options) if name in ON_OWN_STAGES else _perform(name, options)
    report.keep(REPORT, facts, options.seconds, rows)
    report.print_tables(facts, rows)
    return int(any(row.get("wrong") and row.get("server", CHATAPP.name) == CHATAPP.name for row in rows))


def _perform(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    with stage() as running:
        running.profile = REPORT.with_name(f"profile-{name}.txt") if options.profile else None
        return SCENARIOS[name](running, options.seconds)


def _positive(text: str) -> float:
    number = float(text) if text.replace(".", "", 1).isdecimal() else 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return number


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return number


def _many(text: str) -> int:
    number = _count(text)
    if number < FEWEST:
        raise argparse.ArgumentTypeError(f"{text} is less than {FEWEST}: each chat needs a message")
    return number


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


def paging(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """Walks through a chat that is written into."""
    return [paging_under_fire(running)]


def day(running: Stage, seconds: float) -> list[dict[str, Any]]:
    """Visits, and what the cache spared."""
    return replayed_day(running)


SCENARIOS: dict[str, Callable[[Stage, float], list[dict[str, Any]]]] = {
    "pairs": pairs_1000,
    "open": open_loop,
    "closed": closed_loop,
    "idle": idle_sockets,
    "paging": paging,
    "mixed": requests_and_messages,
    "day": day,
}
ON_OWN_STAGES: dict[str, Callable[[argparse.Namespace], list[dict[str, Any]]]] = {
    RIVALS: lambda options: compare(options.seconds, options.rounds),
    HISTORY: lambda options: history(options.messages),
    "files": lambda options: files(options.seconds),
    "lag": lambda options: lag(options.seconds),
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
    for problem in report.problems_of(result)[:10]:
        print(f"{result.name}: {problem}", file=sys.stderr)
    return report.row_of(result)


if __name__ == "__main__":
    sys.exit(main())
