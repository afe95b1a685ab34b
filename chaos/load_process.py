"""Controls the load process: one command at a time; and the report of a fault."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from bench.environment import ROOT
from chaos.checker import no_leaks
from chaos.cluster import Cluster
from chaos.history import Gauge, History

REPORTS = ROOT / ".reports"
REST_SECONDS = 10.0  # until what the load used is released: idle keep-alive connections end after seconds
RSS_SHARE = 1.2
RSS_SLACK_MB = 8.0  # kept by the allocator after a peak, whatever the size of the process
DESCRIPTOR_SLACK = 5  # of each worker


class LoadEnded(Exception):
    """The load process failed; the reason is on its standard error."""


class LoadProcess:
    """Clients of a cluster, in a process of their own. Parameters: plan: fields of `chaos.load.plan.Plan`."""

    def __init__(self, cluster: Cluster, **plan: Any) -> None:
        self._plan = {"ports": cluster.ports, "database_url": cluster.postgres.url, **plan}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chaos.load.__main__"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._exchange(self._plan)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def call(self, do: str, **arguments: Any) -> Any:
        """Run a method of `chaos.load.generator.LoadGenerator` or of its `LoadStats`, and return its result.

        Raises:
            LoadEnded: it failed.
        """
        return self._exchange({"do": do, **arguments})

    def _exchange(self, line: dict[str, Any]) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(line) + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise LoadEnded("the load process ended; see its error above")
        return orjson.loads(answer)


@dataclass
class Report:
    """The outcome of a fault.

    Attributes:
        violations: violations of each invariant.
        measurements: what the fault measured.
        failures: exceeded bounds and failed requirements, as text.
    """

    fault: str
    rounds: int = 0
    sends: int = 0
    unknown: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)
    measurements: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether all invariants, bounds and requirements held."""
        return not self.failures and not any(self.violations.values())


def gather(
    report: Report,
    cluster: Cluster,
    load: LoadProcess,
    before: dict[str, float],
    *,
    drain_seconds: float,
    rest_seconds: float,
) -> Report:
    """Stop the load, read everything, and complete the report.

    Parameters:
        drain_seconds: until every device is complete, at most.
        rest_seconds: until the gauges return, at most.
    """
    report.measurements["drained"] = load.call("drain", within=drain_seconds)
    after = _gauges_at_rest(before, cluster, rest_seconds)
    outcome = load.call("judge")
    report.violations = outcome.pop("violations")
    report.sends, report.unknown = outcome["sends"], outcome["unknown"]
    report.measurements["load"] = outcome
    report.violations["J9"] += cluster.tracebacks()[:20]
    if report.violations["J9"]:
        cluster.save_logs(REPORTS / f"chaos-{report.fault}.log")
    report.violations["J10"] += no_leaks(History(gauges=_gauges(before, after, cluster)))
    return report


def _gauges_at_rest(before: dict[str, float], cluster: Cluster, seconds: float) -> dict[str, float]:
    """The gauges after they returned, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        after = cluster.gauges()
        has_returned = not list(no_leaks(History(gauges=_gauges(before, after, cluster))))
        if has_returned or time.monotonic() > deadline:
            return after
        time.sleep(0.2)


def _gauges(before: dict[str, float], after: dict[str, float], cluster: Cluster) -> list[Gauge]:
    most = {
        "descriptors": before["descriptors"] + DESCRIPTOR_SLACK * len(cluster.workers()),
        "database connections": cluster.max_connections(),
    }
    if not cluster.has_two_releases:  # they need different amounts of memory from the start
        most["largest RSS MB"] = before["largest RSS MB"] * RSS_SHARE + RSS_SLACK_MB
    return [Gauge(name, before[name], after[name], most[name]) for name in most]
