"""Rows, tables and the JSON document of measurements, with facts about the machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import machine, report
from bench.rivals.installing import NotInstallableError, node_modules_with, python_with
from bench.workload import Result


def _result(**changed: object) -> Result:
    figures: dict[str, object] = {
        "name": "open loop",
        "seconds": 2.0,
        "due": 12,
        "sent": 10,
        "delivered": 10,
        "in_time": 8,
        "acknowledged": 10,
        "out_of_order": 0,
        "errors": [],
        "latencies": [number / 1000 for number in range(1, 11)],
        "cpu": dict.fromkeys(report.CPU_PARTS, 0.02),
    }
    return Result(**(figures | changed))  # type: ignore[arg-type]


def test_late_messages_count_as_behind() -> None:
    row = report.row_of(_result())
    assert (row["delivered"], row["behind"], row["delivered_per_s"], row["errors"]) == (10, 4, 4, 0)
    assert (row["p50_ms"], row["p99_ms"], row["cpu_load"]) == (6.0, 10.0, 2.0)


def test_lost_and_unacknowledged_messages_are_errors() -> None:
    assert report.problems_of(_result(delivered=9, acknowledged=7)) == ["1 not delivered", "3 not acknowledged"]


def test_row_without_deliveries_has_no_latency(capsys: pytest.CaptureFixture[str]) -> None:
    row = report.row_of(_result(delivered=0, in_time=0, latencies=[]))
    assert row["p50_ms"] is None
    report.print_tables(machine.facts(), [row])
    assert "nan" not in capsys.readouterr().out


def test_document_describes_the_machine(tmp_path: Path) -> None:
    report.keep(tmp_path / "new" / "bench.json", machine.facts(), 3.0, [report.row_of(_result())])
    document = json.loads((tmp_path / "new" / "bench.json").read_text())
    assert set(document) == {"format", "taken_at", "machine", "seconds", "rows"}
    assert document["machine"]["cores"] > 0 and document["machine"]["postgres"].startswith("18")
    assert 0 < document["machine"]["fsync_ms"]["p50"] <= document["machine"]["fsync_ms"]["max"]


def test_failed_installation_leaves_no_files(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("./no-such-package\n")
    with pytest.raises(NotInstallableError, match="pip install"):
        python_with(requirements, tmp_path / "rivals")
    assert list((tmp_path / "rivals").iterdir()) == []


def test_javascript_that_cannot_be_installed_leaves_nothing(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "package.json").write_text("{}")  # without a lock file nothing is installed
    with pytest.raises(NotInstallableError, match="npm"):
        node_modules_with(package, tmp_path / "rivals")
    assert list((tmp_path / "rivals").iterdir()) == []
