"""`python -m bench [scenario …]`: measure, print tables, write `.reports/bench.json`."""

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
from bench.assistant import questions as assistant_questions
from bench.assistant import retention as assistant_retention
from bench.assistant import scenario as assistant_scenario
from bench.assistant.streams import streams
from bench.assistant.wire_visitors import VISITORS
from bench.environment import CHATAPP, Environment, running_environment
from bench.files import files
from bench.lag import lag
from bench.members.scenario import members
from bench.profile import profiled
from bench.rivals.comparison import compare
from bench.search import scenario as search_scenario
from bench.social.history import MANY, MIN_MESSAGES, history
from bench.social.mixed import requests_and_messages
from bench.social.paging import paging_under_load
from bench.social.replay import replayed_day
from bench.storing import storing
from bench.workload import PairWorkload, Result

REPORT = Path(__file__).resolve().parent.parent / ".reports" / "bench.json"
RIVALS, HISTORY, MEMBERS, SEARCH, ASSISTANT = "rivals", "history", "members", "search", "assistant"
QUESTIONS, RETENTION = "questions", "retention"
STREAMS = "streams"
ON_REQUEST = (HISTORY, MEMBERS, SEARCH, RETENTION, STREAMS)  # they take minutes
SECONDS, MEMBER_SECONDS = 10.0, 60.0


def main() -> int:
    """Run the scenarios; exit code 1 if messages were lost, duplicated or reordered, or goals of `members` missed."""
    names = [*SCENARIOS, *SELF_CONTAINED]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", help=f"any of {', '.join(names)}; default: all but {' and '.join(ON_REQUEST)}"
    )
    parser.add_argument(
        "--seconds",
        type=_positive,
        help=f"duration of each measurement; default: {SECONDS:g}, in {MEMBERS} {MEMBER_SECONDS:g}",
    )
    parser.add_argument(
        "--rounds",
        type=_count,
        default=3,
        help="measurements of each server in `rivals`, and drops in `retention`; the medians are shown",
    )
    parser.add_argument(
        "--messages",
        type=_count,
        help=f"number of stored messages: {MANY:,} in `history`, 4 GB, {search_scenario.MESSAGES:,} in `search`, and"
        f" {assistant_retention.MESSAGES:,} in `retention`",
    )
    parser.add_argument(
        "--items", type=_count, default=assistant_scenario.ITEMS, help="number of wares in `assistant`, such as 100000"
    )
    parser.add_argument(
        "--questions",
        type=Path,
        action="append",
        help="a folder with a shop and questions, for `questions`; default: those of the tests",
    )
    parser.add_argument("--via", choices=list(VISITORS), help="how `questions` asks; default: both ways")
    parser.add_argument("--against", type=Path, action="append", default=[], help="another checkout, for `storing`")
    parser.add_argument("--profile", action="store_true", help="profile the worker (.reports/profile-*.txt)")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(names)}")
    if HISTORY in options.scenarios and (options.messages or MANY) < MIN_MESSAGES:
        parser.error(f"{options.messages} is less than {MIN_MESSAGES}: each chat of `history` needs a message")
    options.member_seconds = options.seconds or MEMBER_SECONDS
    options.seconds = options.seconds or SECONDS
    _raise_file_limit()
    REPORT.parent.mkdir(exist_ok=True)
    facts = machine.facts()
    rows: list[dict[str, Any]] = []
    for name in options.scenarios or [name for name in names if name not in ON_REQUEST]:
        rows += SELF_CONTAINED[name](options) if name in SELF_CONTAINED else _run(name, options)
    report.keep(REPORT, facts, options.seconds, rows)
    report.print_tables(facts, rows)
    return int(any(row.get("errors") and row.get("server", CHATAPP.name) == CHATAPP.name for row in rows))


def _run(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    with running_environment() as running:
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
        raise argparse.ArgumentTypeError(f"{text} is not a positive integer")
    return number


def _raise_file_limit() -> None:
    """Allow thousands of sockets; the usual soft limit is 1,024 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pairs_1000(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """500 sockets in 250 pairs, 1,000 messages a second."""
    return [_row(_measured(running, 500, lambda workload: workload.open_loop(1000, seconds)))]


def open_loop(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """Latency at increasing rates."""
    rows = []
    for index, rate in enumerate((200, 1000, 2000, 5000)):
        rows.append(_row(_measured(running, 500, partial(_open_loop, rate, seconds), 1 + 1000 * index)))
    return rows


def closed_loop(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """Maximum throughput with one message of each socket in flight."""
    return [
        _row(_measured(running, sockets, lambda workload: workload.closed_loop(seconds), 1 + 1000 * index))
        for index, sockets in enumerate((50, 500))
    ]


def idle_sockets(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """Memory of an idle socket."""
    before = running.worker_rss()
    workload = PairWorkload(running, 5000)
    used = running.worker_rss() - before
    workload.close()
    return [{"scenario": "5,000 idle sockets", "KB per socket": round(used / 5000 / 1024, 1)}]


def paging(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """Page through a chat during writes."""
    return [paging_under_load(running)]


def replay(running: Environment, seconds: float) -> list[dict[str, Any]]:
    """Replay visits, and report the hit rate of the cache."""
    return replayed_day(running)


SCENARIOS: dict[str, Callable[[Environment, float], list[dict[str, Any]]]] = {
    "pairs": pairs_1000,
    "open": open_loop,
    "closed": closed_loop,
    "idle": idle_sockets,
    "paging": paging,
    "mixed": requests_and_messages,
    "replay": replay,
}
SELF_CONTAINED: dict[str, Callable[[argparse.Namespace], list[dict[str, Any]]]] = {
    RIVALS: lambda options: compare(options.seconds, options.rounds),
    HISTORY: lambda options: history(options.messages or MANY),
    "files": lambda options: files(options.seconds),
    "lag": lambda options: lag(options.seconds),
    MEMBERS: lambda options: members(options.member_seconds),
    ASSISTANT: lambda options: assistant_scenario.assistant(options.items),
    STREAMS: lambda options: streams(options.seconds),
    QUESTIONS: lambda options: assistant_questions.questions(
        options.questions or assistant_questions.FOLDERS, [options.via] if options.via else tuple(VISITORS)
    ),
    RETENTION: lambda options: assistant_retention.retention(
        messages=options.messages or assistant_retention.MESSAGES, rounds=options.rounds
    ),
    SEARCH: lambda options: search_scenario.search(options.messages or search_scenario.MESSAGES),
    "storing": lambda options: storing(options.against),
}


def _open_loop(rate: float, seconds: float, workload: PairWorkload) -> Result:
    return workload.open_loop(rate, seconds)


def _measured(
    running: Environment, sockets: int, measure: Callable[[PairWorkload], Result], first_person: int = 1
) -> Result:
    workload = PairWorkload(running, sockets, first_person)
    sampling = profiled(running.web.pid, running.profile) if running.profile else nullcontext()
    try:
        with sampling:
            return measure(workload)
    finally:
        workload.close()


def _row(result: Result) -> dict[str, Any]:
    for problem in report.problems_of(result)[:10]:
        print(f"{result.name}: {problem}", file=sys.stderr)
    return report.row_of(result)


if __name__ == "__main__":
    sys.exit(main())
