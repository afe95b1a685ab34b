"""A short soak keeps samples of every process."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chaos.catalogue import FAULTS
from chaos.cluster import Cluster
from chaos.faults.soak import soak
from chaos.scenario import run_on


@pytest.mark.long
def test_soak_keeps_samples_of_every_process(tmp_path: Path) -> None:
    file = tmp_path / "soak.csv"
    fault = replace(FAULTS["L4"], run=partial(soak, file=file))
    with Cluster(workers=1) as cluster:
        (worker,) = cluster.workers()
        report = run_on(cluster, fault, rounds=1, seconds=4, judges_time=False, chats=5)
    assert report.is_clean, (report.failures, report.violations, report.measurements)
    with file.open() as lines:
        samples = list(csv.DictReader(lines))
    processes = {sample["process"] for sample in samples}
    assert processes == {"web-0", f"web-0 worker {worker.pid}", "worker", "redis", "postgres"}
    assert all(float(sample["rss_mb"]) > 0 for sample in samples)
    assert all(f"RSS MB a minute of {name}" in report.measurements for name in processes)
