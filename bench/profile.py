"""Profile of a web worker: sampled by py-spy, summed by the innermost module of chatapp."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

RATE = 250  # samples a second
_FRAME = re.compile(r"\(((?:chatapp|simple_websocket|gevent)/[^:]+):")


@contextmanager
def profiled(web_pid: int, report: Path) -> Iterator[None]:
    """Sample the first worker of a web process during the block, and print shares; raw stacks go to `report`."""
    worker = psutil.Process(web_pid).children()[0].pid
    command = [str(Path(sys.executable).parent / "py-spy"), "record", "--pid", str(worker), "--rate", str(RATE)]
    options = ["--format", "raw", "--output", str(report)]
    sampler = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield
    sampler.send_signal(signal.SIGINT)  # makes py-spy write its report
    sampler.wait()
    for part, share in _shares(report).items():
        print(f"{share:6.1%}  {part}")


def _shares(report: Path) -> dict[str, float]:
    """The share of each module, without idle threads of gevent's pool."""
    samples: Counter[str] = Counter()
    for line in report.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        if "gevent/threadpool.py" not in stack:
            samples[_part(stack)] += int(count)
    whole = sum(samples.values()) or 1
    return {part: count / whole for part, count in samples.most_common(12)}


def _part(stack: str) -> str:
    frames: list[str] = _FRAME.findall(stack)
    ours = [frame for frame in frames if frame.startswith("chatapp/")]
    return (ours or frames or ["other"])[-1]
