"""Counts of this process on their way to one exposition of all processes, in the text format of Prometheus.

All workers write into one folder (PROMETHEUS_MULTIPROC_DIR, set by gunicorn.conf.py before this module is imported), so
each of them can expose the counts of all.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import gevent
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from config import dead_workers

M = TypeVar("M", Counter, Histogram)

samplers: dict[str, Callable[[], None]] = {}  # by name; called by `write_counts` to set gauges

_unwritten: list[_BufferedValue] = []


if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    # This module is imported after the fork, so the process id is constant. Asking the system for it at each count, as
    # by default, took a twentieth of a worker's time.
    _PID = os.getpid()
    _SharedValue: Any = values.MultiProcessValue(process_identifier=lambda: _PID)

    class _BufferedValue(_SharedValue):  # type: ignore[misc]
        """A number in the shared files, which counts in memory until `write_counts`.

        Writing to the files costs as much as parsing a frame, and each message counts a dozen times. Only the thread of
        the event loop may count: others would need a lock.
        """

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._unwritten = 0.0

        def inc(self, amount: float) -> None:
            """Add in memory."""
            if not self._unwritten:
                _unwritten.append(self)
            self._unwritten += amount

        def set(self, value: float, timestamp: float | None = None) -> None:
            """Write the number at once."""
            self._unwritten = 0.0
            super().set(value, timestamp)

        def get(self) -> float:
            """The number as this process sees it."""
            return float(super().get() + self._unwritten)

        def write(self) -> None:
            """Add to the file what was counted in memory."""
            unwritten, self._unwritten = self._unwritten, 0.0
            super().inc(unwritten)

    values.ValueClass = _BufferedValue


class Labelled(Generic[M]):
    """A metric that remembers its children: `labels()` costs more than counting."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._children: dict[tuple[str, ...], M] = {}

    def __call__(self, *labels: str) -> M:
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._metric.labels(*labels)
        return child

    def start_at_zero(self, *label_sets: tuple[str, ...]) -> Self:
        """Expose these children from the start: for Prometheus, a series that begins at 3 has not grown by 3."""
        for labels in label_sets:
            self(*labels)
        return self


def write_counts() -> None:
    """Write what was counted since the last call, and sample gauges."""
    for sample in samplers.values():
        sample()
    _write_buffered()


def _write_buffered() -> None:
    for value in _unwritten:
        value.write()
    _unwritten.clear()


atexit.register(_write_buffered)


def expose() -> tuple[bytes, str]:
    """The metrics of all workers in the text format of Prometheus, and its content type.

    Counts of other workers may be half a second old.
    """
    write_counts()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    # In a thread, since it takes longer than a message.
    return gevent.get_hub().threadpool.apply(_merged_exposition, (folder,)), CONTENT_TYPE_LATEST


def _merged_exposition(folder: str) -> bytes:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)
    with dead_workers.reading(Path(folder)):
        return generate_latest(registry)
