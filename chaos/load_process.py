"""The load as the fault kit sees it: a process that is asked one thing at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from bench.environment import ROOT
from chaos.checker import nothing_leaks
from chaos.cluster import Cluster
from chaos.history import Gauge, History

REPORTS = ROOT / ".reports"
REST_SECONDS = 10.0
RSS_SHARE = 1.2
RSS_SLACK_MB = 8.0  # what an allocator keeps of a busy moment, whatever the size of the process
DESCRIPTOR_SLACK = 5  # of each worker


class LoadEnded(Exception):
    """The process of the clients failed; it has told why on standard error."""


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

    def ask(self, do: str, **arguments: Any) -> Any:
        """Have a method of `chaos.load.generator.Load` or of its `Figures` run, and return its result.

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
            raise LoadEnded("the load ended; its reason stands above")
        return orjson.loads(answer)


@dataclass
class Report:
    """What became of a fault.

    Attributes:
        violations: by invariant.
        numbers: what the fault measured.
        broken: numbers that are over their bound, in words.
    """

    fault: str
    rounds: int = 0
    sends: int = 0
    unknown: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every invariant and every bound held."""
        return not self.broken and not any(self.violations.values())


def gather(report: Report, cluster: Cluster, load: LoadProcess, before: dict[str, float], within: float) -> Report:
    """Settle, read everything, and complete the report."""
    report.numbers["settled"] = load.ask("settle", within=within)
    after = _at_rest(before, cluster)
    outcome = load.ask("finish")
    report.violations = outcome.pop("violations")
    report.sends, report.unknown = outcome["sends"], outcome["unknown"]
    report.numbers["load"] = outcome
    report.violations["J9"] += cluster.tracebacks()[:20]
    if report.violations["J9"]:
        cluster.keep_logs(REPORTS / f"faults-{report.fault}.log")
    report.violations["J10"] += nothing_leaks(History(gauges=_gauges(before, after, cluster)))
    return report


def _at_rest(before: dict[str, float], cluster: Cluster) -> dict[str, float]:
    """The gauges once they are back, or after a while: connections that are kept alive take seconds to end."""
    deadline = time.monotonic() + REST_SECONDS
    while True:
        after = cluster.gauges()
        back = not list(nothing_leaks(History(gauges=_gauges(before, after, cluster))))
        if back or time.monotonic() > deadline:
            return after
        time.sleep(0.2)


def _gauges(before: dict[str, float], after: dict[str, float], cluster: Cluster) -> list[Gauge]:
    most = {
        "descriptors": before["descriptors"] + DESCRIPTOR_SLACK * len(cluster.workers()),
        "largest RSS MB": before["largest RSS MB"] * RSS_SHARE + RSS_SLACK_MB,
        "database connections": cluster.most_connections(),
    }
    return [Gauge(name, before[name], after[name], most[name]) for name in most]
