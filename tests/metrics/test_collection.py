"""Counts of a process reach the shared files: in time, and when it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from tests.servers import ROOT

CREATED, GROUP, READ = "chat_messages_created_total", "chat_commit_group_size_sum", "chat_messages_read_total"
COUNTING = ["from chatapp import metrics", "metrics.group_committed(2, 3)", "metrics.messages_read(7)"]


def counted_by(folder: Path, lines: Sequence[str]) -> list[float]:
    """What a process that runs these lines of Python leaves in the shared files."""
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, env=environment, check=True, timeout=60)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return [registry.get_sample_value(name) or 0.0 for name in (CREATED, GROUP, READ)]


def test_a_process_that_exits_has_written_all_counts(tmp_path: Path) -> None:
    assert counted_by(tmp_path, COUNTING) == [5, 5, 7]


def test_counts_are_in_the_files_once_written(tmp_path: Path) -> None:
    lines = [*COUNTING, "from chatapp.metrics.collection import write_counts", "write_counts()", "write_counts()"]
    assert counted_by(tmp_path, [*lines, "import os", "os._exit(0)"]) == [5, 5, 7]


def test_a_killed_process_loses_what_it_had_not_written(tmp_path: Path) -> None:
    assert counted_by(tmp_path, [*COUNTING, "import os", "os._exit(0)"]) == [0, 0, 0]


def test_the_exposition_of_a_process_has_all_that_it_counted(tmp_path: Path) -> None:
    lines = [
        *COUNTING,
        "from chatapp.metrics.collection import expose",
        "text = expose()[0].decode()",
        f"assert '{CREATED} 5.0' in text and '{READ} 7.0' in text, text",
    ]
    assert counted_by(tmp_path, lines) == [5, 5, 7]


def test_gauges_rise_and_fall(tmp_path: Path) -> None:
    lines = [
        "from chatapp import metrics",
        "from chatapp.metrics.collection import expose",
        "for _ in range(3): metrics.socket_opened()",
        "expose()",
        "metrics.socket_closed()",
        "assert 'chat_websocket_connections_total 2.0' in expose()[0].decode()",
    ]
    assert counted_by(tmp_path, lines) == [0, 0, 0]
