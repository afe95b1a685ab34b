"""Rows of figures: shown as a table, kept as JSON.

A row is a flat dict of texts, numbers and lists of numbers. Its keys are the same in both; the table has shorter words.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from bench.workload import Result

FORMAT = 1  # raised when a key changes its meaning or goes
CPU_PARTS = ("web", "postgres", "redis", "load")
HEADS = {
    "delivered_per_s": "delivered/s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "out_of_order": "out of order",
    **{f"cpu_{part}": part for part in CPU_PARTS},
    "cpu_of_servers": "web + postgres + redis",
    "each_round": "delivered/s in each round",
    "is_met": "met",
    **{f"cores_{part}": f"cores of {part}" for part in CPU_PARTS},
}
LEGEND = """
web, postgres, redis, load: CPU seconds per 1,000 messages; load is the load generator, which shares the cores.
behind: due in the time of the measurement and not delivered in it; thousands mean that the rate was too much.
wrong: lost, doubled, refused or, where order is promised, out of order."""


def row_of(result: Result, **more: Any) -> dict[str, Any]:
    """The figures of one measurement.

    Parameters:
        more: further keys, set behind the name.
    """
    return {
        "scenario": result.name,
        **more,
        "sent": result.sent,
        "delivered": result.delivered,
        "behind": result.due - result.in_time,
        "wrong": len(problems_of(result)),
        "out_of_order": result.out_of_order,
        "delivered_per_s": round(result.in_time / result.seconds),
        "p50_ms": round(result.percentile(0.5) * 1000, 1) if result.latencies else None,
        "p99_ms": round(result.percentile(0.99) * 1000, 1) if result.latencies else None,
        **{f"cpu_{part}": round(result.cpu[part] / max(1, result.delivered) * 1000, 3) for part in CPU_PARTS},
    }


def problems_of(result: Result) -> list[str]:
    """Each thing that must not happen and did, in words."""
    problems = list(result.wrong)
    if lost := result.sent - result.delivered:
        problems.append(f"{lost} not delivered")
    if unacknowledged := result.sent - result.acknowledged:
        problems.append(f"{unacknowledged} not acknowledged")
    return problems


def keep(path: Path, machine: dict[str, Any], seconds: float, rows: list[dict[str, Any]]) -> None:
    """Write all as JSON: `format`, `taken_at` (UTC), `machine`, `seconds` (of each measurement), `rows`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    document = {"format": FORMAT, "taken_at": taken_at, "machine": machine, "seconds": seconds, "rows": rows}
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def print_tables(machine: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """The machine in two lines, then rows of equal columns under one head."""
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
