"""L4: load for a long time, with samples of the memory of each process."""

from __future__ import annotations

import contextlib
import csv
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

import psutil
import requests

from chaos.cluster import SERVICE_TOKEN, Cluster
from chaos.load_process import DESCRIPTOR_SLACK, REPORTS, RSS_SLACK_MB
from chaos.scenario import TIMEOUT, Scenario

SAMPLES = REPORTS / "soak.csv"
SAMPLE_SECONDS = 5.0
LOST_SHARE = 0.05  # of the connections, each second
JUDGED_FOR = 300.0  # seconds of the last half; over less the slope is noise of the allocator
SLOPE_MB_PER_MINUTE = 0.2


@dataclass
class Samples:
    """Memory of each process over time; each sample is kept in a file at once. Parameters: file: is overwritten.

    Attributes:
        minutes: when the samples were taken.
        memory: RSS in MB of each process; of Postgres, what its processes do not share.
    """

    cluster: Cluster
    file: Path
    minutes: list[float] = field(default_factory=list)
    memory: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    descriptors: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text("seconds,process,pid,rss_mb\n", "utf-8")
        self._began = time.time()

    def take(self) -> None:
        """Take a sample of every process."""
        seconds = time.time() - self._began
        self.minutes.append(seconds / 60)
        self.descriptors.append(self.cluster.gauges()["descriptors"])
        with self.file.open("a", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            for name, process in self._processes().items():
                megabytes = process.memory_info().rss / 2**20
                self.memory[name].append(megabytes)
                lines.writerow([round(seconds, 1), name, process.pid, round(megabytes, 3)])
            private = self._private_of_postgres()
            self.memory["postgres"].append(private)
            lines.writerow([round(seconds, 1), "postgres", self.cluster.postgres.pid, round(private, 3)])

    def slopes(self) -> dict[str, float]:
        """MB a minute over the last half, by process."""
        half = len(self.minutes) // 2
        return {name: linear_regression(self.minutes[half:], found[half:]).slope for name, found in self.memory.items()}

    def _processes(self) -> dict[str, psutil.Process]:
        cluster = self.cluster
        assert cluster.ops.process is not None
        found = {"worker": psutil.Process(cluster.ops.process.pid), "redis": psutil.Process(cluster.redis.pid)}
        for number, web in enumerate(cluster.webs):
            assert web.process is not None
            found[f"web-{number}"] = psutil.Process(web.process.pid)
            found |= {f"web-{number} worker {each.pid}": each for each in web.children()}
        return found

    def _private_of_postgres(self) -> float:
        main, total = psutil.Process(self.cluster.postgres.pid), 0
        for process in [main, *main.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):  # sessions end at any time
                memory = process.memory_info()
                total += memory.rss - memory.shared
        return total / 2**20


def soak(scenario: Scenario, *, file: Path = SAMPLES) -> None:
    """L4: connections churn for a long time, and neither memory nor descriptors grow in the last half.

    Parameters: file: for the samples.
    """
    scenario.load.call("set_drop_share", share=LOST_SHARE)
    samples = Samples(scenario.cluster, file)
    ends = time.time() + scenario.seconds
    while time.time() < ends:
        time.sleep(min(SAMPLE_SECONDS, scenario.seconds / 40))
        samples.take()
    is_judged = scenario.seconds / 2 >= JUDGED_FOR
    half = len(samples.minutes) // 2
    for name, slope in samples.slopes().items():
        judged = is_judged and name.startswith(("web", "worker"))  # those of chatapp
        scenario.record(f"RSS MB a minute of {name}", slope, most=SLOPE_MB_PER_MINUTE if judged else None)
        growth = samples.memory[name][-1] - samples.memory[name][half]
        scenario.record(f"RSS growth MB of {name}", growth, most=RSS_SLACK_MB if judged else None)
    quarter = max(1, half // 2)
    growth = median(samples.descriptors[-quarter:]) - median(samples.descriptors[half : half + quarter])
    slack = DESCRIPTOR_SLACK * len(scenario.cluster.workers())
    scenario.record("descriptor growth", growth, most=slack if is_judged else None)
    scenario.report.measurements["samples"] = str(file)
    scenario.load.call("set_drop_share", share=0)
    scenario.await_normal(time.time())
    _require_served_only(scenario, scenario.load.call("snapshot")["connected"])


def _require_served_only(scenario: Scenario, connected: int) -> None:
    """The workers report exactly the open connections: none is left over from closed ones."""
    url = f"http://127.0.0.1:{scenario.cluster.webs[0].port}/api/v1/internal/chat/ws/stats"
    deadline = time.time() + TIMEOUT
    while True:
        answer = requests.get(url, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}, timeout=15)
        answer.raise_for_status()
        served = answer.json()["data"]["connections"]
        if served == connected or time.time() > deadline:
            break
        time.sleep(0.5)
    scenario.require(served == connected, f"{served} connections are served, but {connected} are open")
