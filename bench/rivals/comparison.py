"""Measures chatapp and rivals alternately, under the same loads, on newly started servers each time."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.environment import CHATAPP, SECRET, Program, running_environment
from bench.report import problems_of, row_of
from bench.rivals.installing import NotInstallableError, node_modules_with, python_with
from bench.rivals.socketio import SocketIoLoadSocket
from bench.workload import PairWorkload, Result

HERE = Path(__file__).resolve().parent
ROWS = HERE.parent.parent / ".reports" / "rivals.jsonl"  # so that an aborted run keeps its rows
FIGURES = ("delivered_per_s", "p50_ms", "p99_ms", "cpu_web", "cpu_postgres", "cpu_redis", "cpu_load")
COUNTS = ("sent", "delivered", "behind", "errors", "out_of_order")


@dataclass(frozen=True)
class Load:
    """A load for all servers.

    Attributes:
        sockets: number of sockets, connected in workload.
        rate: messages a second; None for a closed loop, one message of each socket in flight.
        by_receiver: whether messages name their recipient instead of their chat.
    """

    sockets: int
    rate: float | None
    by_receiver: bool

    def measure(self, workload: PairWorkload, seconds: float) -> Result:
        """Apply the load for some seconds."""
        return workload.closed_loop(seconds) if self.rate is None else workload.open_loop(self.rate, seconds)


LOADS = [
    Load(sockets, rate, by_receiver)
    for by_receiver in (False, True)
    for sockets, rate in ((500, 200.0), (500, 1000.0), (2, None), (50, None), (500, None))
]


def compare(
    seconds: float, rounds: int, report: Callable[[str], None] = print, rows_file: Path = ROWS
) -> list[dict[str, Any]]:
    """Measure all servers alternately; returns the medians of each, and chatapp's ratio to each rival.

    Parameters:
        seconds: duration of each measurement.
        rounds: how often each server is measured under each load.
        report: called with one line for each rival that cannot be installed.
        rows_file: gets each row as soon as it is measured; is overwritten.
    """
    rivals = _installed(report)
    if not rivals:
        return []
    measured: dict[tuple[Load, str], list[dict[str, Any]]] = {}
    rows_file.parent.mkdir(exist_ok=True)
    with rows_file.open("w", encoding="utf-8", buffering=1) as file:
        for number in range(1, rounds + 1):
            for program in (*rivals, CHATAPP):
                for load, row in _measure(program, seconds):
                    file.write(json.dumps({"round": number, **row}) + "\n")
                    measured.setdefault((load, program.name), []).append(row)
    summaries = {key: _summary(rows) for key, rows in measured.items()}
    ratios = [_ratio(summaries[load, CHATAPP.name], summaries[load, rival.name]) for rival in rivals for load in LOADS]
    return [*(summaries[load, program.name] for load in LOADS for program in (*rivals, CHATAPP)), *ratios]


def _installed(report: Callable[[str], None]) -> list[Program]:
    programs = []
    for name, install in RIVALS.items():
        try:
            programs.append(install())
        except NotInstallableError as error:
            report(f"No comparison with {name}: it cannot be installed here ({error}).")
    return programs


def fastapi() -> Program:
    """The FastAPI rival, installed.

    Raises:
        NotInstallableError: its packages are not available.
    """
    python = python_with(HERE / "requirements.txt")
    return Program(FASTAPI, [str(python), str(HERE / "fastapi_server.py")], environment={"JWT_SECRET": SECRET})


def socketio() -> Program:
    """The Socket.IO rival on Node.js, installed.

    Raises:
        NotInstallableError: Node.js, npm or the packages are not available.
    """
    folder = node_modules_with(HERE / "javascript")
    environment = {"JWT_SECRET": SECRET, "NODE_ENV": "production"}
    return Program(
        SOCKETIO,
        ["node", str(folder / "socketio_server.js")],
        environment=environment,
        connect=SocketIoLoadSocket,
    )


def bun() -> Program:
    """The Bun rival, installed.

    Raises:
        NotInstallableError: npm or the packages are not available.
    """
    folder = node_modules_with(HERE / "javascript")
    command = [str(folder / "node_modules" / ".bin" / "bun"), str(folder / "bun_server.js")]
    return Program(BUN, command, environment={"JWT_SECRET": SECRET})


FASTAPI, SOCKETIO, BUN = "FastAPI + asyncpg", "Socket.IO + node-postgres", "Bun"
RIVALS: dict[str, Callable[[], Program]] = {FASTAPI: fastapi, SOCKETIO: socketio, BUN: bun}


def _measure(program: Program, seconds: float) -> Iterator[tuple[Load, dict[str, Any]]]:
    with running_environment(program) as running:
        for index, load in enumerate(LOADS):
            # Only chatapp guarantees the order of frames.
            workload = PairWorkload(
                running, load.sockets, 1 + 1000 * index, ordered=program is CHATAPP, by_receiver=load.by_receiver
            )
            try:
                result = load.measure(workload, seconds)
            finally:
                workload.close()
            for problem in problems_of(result)[:10]:
                print(f"{program.name}, {result.name}: {problem}", file=sys.stderr)
            yield load, row_of(result, server=program.name)


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the measurements; counts are summed, since one lost message is one too many."""
    figures = {name: round(median(row[name] for row in rows), 3) for name in FIGURES}
    counts = {name: sum(row[name] for row in rows) for name in COUNTS}
    return {**rows[0], **counts, **figures, "each_round": [row["delivered_per_s"] for row in rows]}


def _ratio(ours: dict[str, Any], rival: dict[str, Any]) -> dict[str, Any]:
    def ratio(*names: str) -> float:
        own, other = (sum(float(figures[name]) for name in names) for figures in (ours, rival))
        return round(own / other, 2)

    return {
        "scenario": ours["scenario"],
        "ratio": f"{ours['server']} / {rival['server']}",
        "delivered_per_s": ratio("delivered_per_s"),
        "p50_ms": ratio("p50_ms"),
        "p99_ms": ratio("p99_ms"),
        "cpu_of_servers": ratio("cpu_web", "cpu_postgres", "cpu_redis"),
        # The spread over the rounds shows how reliable the ratio of the medians is.
        "each_round": [
            round(own / other, 2) for own, other in zip(ours["each_round"], rival["each_round"], strict=True)
        ],
    }
