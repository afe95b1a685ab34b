"""chatapp and a rival in turn, under the same load, on the same servers started afresh each time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.environment import CHATAPP, SECRET, Program, stage
from bench.report import problems_of, row_of
from bench.rivals.virtualenv import NotInstallableError, python_with
from bench.workload import Pairs, Result

HERE = Path(__file__).resolve().parent
FASTAPI = "FastAPI + asyncpg"
CROWDS = (50, 500)  # sockets
FIGURES = ("delivered_per_s", "p50_ms", "p99_ms", "cpu_web", "cpu_postgres", "cpu_redis", "cpu_load")
COUNTS = ("sent", "delivered", "behind", "wrong", "out_of_order")


def compare(seconds: float, rounds: int, report: Callable[[str], None] = print) -> list[dict[str, Any]]:
    """Measure both in turn, the rival first, and give the median of each with their ratio.

    Parameters:
        seconds: length of each measurement.
        rounds: how often each has its turn.
        report: told in a line why there is no comparison, when the rival cannot be installed.
    """
    try:
        rival = fastapi()
    except NotInstallableError as error:
        report(f"No comparison with {FASTAPI}: it cannot be installed here ({error}).")
        return []
    measured: dict[tuple[int, str], list[dict[str, Any]]] = {
        (sockets, program.name): [] for sockets in CROWDS for program in (rival, CHATAPP)
    }
    for _ in range(rounds):
        for program in (rival, CHATAPP):
            for sockets, row in zip(CROWDS, _turn(program, seconds), strict=True):
                measured[sockets, program.name].append(row)
    summaries = {key: _summary(rows) for key, rows in measured.items()}
    ratios = [_ratio(summaries[sockets, CHATAPP.name], summaries[sockets, rival.name]) for sockets in CROWDS]
    return [*summaries.values(), *ratios]


def fastapi() -> Program:
    """The FastAPI rival, installed.

    Raises:
        NotInstallableError: its packages cannot be had.
    """
    python = python_with(HERE / "requirements.txt")
    return Program(FASTAPI, [str(python), str(HERE / "fastapi_server.py")], environment={"JWT_SECRET": SECRET})


def _turn(program: Program, seconds: float) -> list[dict[str, Any]]:
    rows = []
    with stage(program) as running:
        for index, sockets in enumerate(CROWDS):
            # The rival gets its frames out of order as they come; only chatapp promises otherwise.
            pairs = Pairs(running, sockets, 1 + 1000 * index, ordered=program is CHATAPP)
            try:
                result = pairs.closed_loop(seconds)
            finally:
                pairs.close()
            _tell(program, result)
            rows.append(row_of(result, server=program.name))
    return rows


def _tell(program: Program, result: Result) -> None:
    for problem in problems_of(result)[:10]:
        print(f"{program.name}, {result.name}: {problem}", file=sys.stderr)


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure; counts are of all rounds together, since one lost message is one too many."""
    figures = {name: round(median(row[name] for row in rows), 3) for name in FIGURES}
    counts = {name: sum(row[name] for row in rows) for name in COUNTS}
    return {**rows[0], **counts, **figures, "each_round": [row["delivered_per_s"] for row in rows]}


def _ratio(ours: dict[str, Any], rival: dict[str, Any]) -> dict[str, Any]:
    def share(*names: str) -> float:
        return float(round(sum(ours[name] for name in names) / sum(rival[name] for name in names), 2))

    return {
        "scenario": ours["scenario"],
        "ratio": f"{ours['server']} / {rival['server']}",
        "delivered_per_s": share("delivered_per_s"),
        "p50_ms": share("p50_ms"),
        "p99_ms": share("p99_ms"),
        "cpu_of_servers": share("cpu_web", "cpu_postgres", "cpu_redis"),
        # Neighbours in time: their spread says how much the ratio of the medians is worth.
        "each_round": [
            round(own / other, 2) for own, other in zip(ours["each_round"], rival["each_round"], strict=True)
        ],
    }
