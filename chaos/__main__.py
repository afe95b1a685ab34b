"""`python -m chaos [name …]`: inject faults under load, print a table, write `.reports/chaos.json`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import Any

from chaos.catalogue import FAULTS, GROUPS, IN_BENCH, SLOW_READERS
from chaos.load_process import REPORTS, LoadEnded, Report
from chaos.scenario import Fault, run_fault
from deploy.embedded import StartError

ROUNDS, SECONDS = 3, 10.0  # of the short form
SDK_CHATS = 15  # at most, with clients of the SDK: all of them share one thread of Node


def main() -> int:
    """Run the faults; exit code 1 if an invariant or a bound was violated."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"one of {', '.join([*FAULTS, *GROUPS])}; default: all"
    )
    parser.add_argument("--rounds", type=int, help=f"repetitions of each fault; default: {ROUNDS}")
    parser.add_argument(
        "--seconds", type=float, help=f"duration of each repetition, where the fault allows one; default: {SECONDS:g}"
    )
    parser.add_argument("--rate", type=float, help="messages a second; default: that of the fault")
    parser.add_argument("--client", choices=("load", "sdk"), default="load", help="sdk: the JavaScript SDK in Node")
    parser.add_argument("--revision", help="of the release before, for the faults with two releases")
    parser.add_argument("--full", action="store_true", help="use the long rounds and seconds of each fault as defaults")
    options = parser.parse_args()
    possible = [name for name in FAULTS if options.client == "load" or name not in SLOW_READERS]
    names = [fault for name in options.names or possible for fault in GROUPS.get(name, (name,))]
    for name in names:
        if name not in FAULTS:
            parser.error(IN_BENCH.get(name, f"unknown fault: {name}"))
        if name not in possible:
            parser.error(f"the clients of {name} read slowly, which the SDK cannot")
    if (options.rounds or 1) < 1 or (options.seconds or 1) < 0 or (options.rate or 1) <= 0:
        parser.error("rounds, seconds and rate must be positive")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all started processes are stopped
    reports: list[Report] = []
    try:
        for name in names:
            fault = with_revision(FAULTS[name], options.revision)
            rounds, seconds = fault.full if options.full else (ROUNDS, SECONDS)
            rounds, seconds = options.rounds or rounds, options.seconds or seconds or SECONDS
            plan = plan_for(fault, options.client)
            try:
                reports.append(run_fault(fault, rounds=rounds, seconds=seconds, rate=options.rate, **plan))
            except LoadEnded as error:
                reports.append(Report(name, rounds=rounds, failures=[str(error)]))
            print_report(reports[-1])
    except StartError as error:
        sys.exit(f"chaos: {error}")
    finally:
        keep(reports, REPORTS / "chaos.json")
        print_table(reports)
    return int(not all(report.is_clean for report in reports))


def plan_for(fault: Fault, client: str) -> dict[str, Any]:
    """What of the plan of a load differs for a kind of client."""
    if client == "load":
        return {}
    return {"client": client, "chats": min(SDK_CHATS, fault.plan.get("chats", SDK_CHATS))}


def with_revision(fault: Fault, revision: str | None) -> Fault:
    """A fault with another revision of the release before, if it has two releases."""
    if revision is None or "revision" not in fault.cluster:
        return fault
    return dataclasses.replace(fault, cluster={**fault.cluster, "revision": revision})


def print_report(report: Report) -> None:
    """Print the measurements, failures and violations of one fault."""
    print(f"\n{report.fault}: {FAULTS[report.fault].what}")
    for name, value in report.measurements.items():
        if not isinstance(value, dict):
            print(f"  {name}: {value}")
    for problem in report.failures:
        print(f"  FAILED {problem}")
    for invariant, found in report.violations.items():
        for violation in found[:5]:
            print(f"  {invariant} {violation[:400]}")
    sys.stdout.flush()


def print_table(reports: list[Report]) -> None:
    """Print one row for each fault."""
    invariants = [f"J{number}" for number in range(1, 11)]
    head = ["fault", "rounds", "sends", "unknown", *invariants, "failures"]
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for report in reports:
        counts = [len(report.violations.get(invariant, ())) for invariant in invariants]
        row = [report.fault, report.rounds, report.sends, report.unknown, *counts, len(report.failures)]
        print("| " + " | ".join(map(str, row)) + " |")


def keep(reports: list[Report], path: Path) -> None:
    """Write all reports as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([dataclasses.asdict(report) for report in reports], indent=2))


if __name__ == "__main__":
    sys.exit(main())
