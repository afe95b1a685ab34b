"""Rows of results, printed as tables and written as JSON.

A row is a flat dict of strings, numbers and lists of numbers. Tables show shorter names for some keys.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from bench.workload import Result

FORMAT = 2  # raised when a key is renamed, removed or changes its meaning
CPU_PARTS = ("web", "postgres", "redis", "load")
HEADS = {
    "delivered_per_s": "delivered/s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "lag_p50_ms": "load late by p50 ms",
    "lag_p99_ms": "p99 ms of that",
    "out_of_order": "out of order",
    **{f"cpu_{part}": part for part in CPU_PARTS},
    "cpu_of_servers": "web + postgres + redis",
    "each_round": "delivered/s in each round",
    "is_met": "met",
    **{f"cores_{part}": f"cores of {part}" for part in CPU_PARTS},
}
LEGEND = """
web, postgres, redis, load: CPU seconds per 1,000 messages; load is the load generator, which shares the cores.
behind: due but not delivered during the measurement; thousands mean that the rate was too high.
errors: lost, duplicated, refused or, where order is guaranteed, out of order; in `members` missed goals, too."""


def row_of(result: Result, **more: Any) -> dict[str, Any]:
    """The row of one measurement.

    Parameters:
        more: further keys, placed after the name.
    """
    return {
        "scenario": result.name,
        **more,
        "sent": result.sent,
        "delivered": result.delivered,
        "behind": result.due - result.in_time,
        "errors": len(problems_of(result)),
        "out_of_order": result.out_of_order,
        "delivered_per_s": round(result.in_time / result.seconds),
        "p50_ms": round(result.percentile(0.5) * 1000, 1) if result.latencies else None,
        "p99_ms": round(result.percentile(0.99) * 1000, 1) if result.latencies else None,
        **{f"cpu_{part}": round(result.cpu[part] / max(1, result.delivered) * 1000, 3) for part in CPU_PARTS},
    }


def problems_of(result: Result) -> list[str]:
    """Each error of a measurement, as text."""
    problems = list(result.errors)
    if lost := result.sent - result.delivered:
        problems.append(f"{lost} not delivered")
    if unacknowledged := result.sent - result.acknowledged:
        problems.append(f"{unacknowledged} not acknowledged")
    return problems


def keep(path: Path, machine: dict[str, Any], seconds: float, rows: list[dict[str, Any]]) -> None:
    """Write the results as JSON: `format`, `taken_at` (UTC), `machine`, `seconds` (of each measurement), `rows`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    document = {"format": FORMAT, "taken_at": taken_at, "machine": machine, "seconds": seconds, "rows": rows}
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def print_tables(machine: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Print the machine, then a table for each run of rows with the same keys."""
    flush = machine["fsync_ms"]
    print(f"\n{machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']} GB, {machine['system']}")
    print(
        f"Python {machine['python']}, PostgreSQL {machine['postgres']}; the disk flushes a page in {flush['p50']} ms "
        f"(p99 {flush['p99']}, longest {flush['max']})"
    )
    head: list[str] = []
    for row in rows:
        if list(row) != head:
            head = list(row)
            print("\n| " + " | ".join(HEADS.get(key, key) for key in head) + " |\n|" + "---|" * len(head))
        print("| " + " | ".join(_cell(value) for value in row.values()) + " |")
    print(LEGEND)
