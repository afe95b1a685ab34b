"""Counts of this process on their way to one exposition of all processes, in the text format of Prometheus.

All workers write into one folder (PROMETHEUS_MULTIPROC_DIR, set by gunicorn.conf.py before this module is imported), so
each of them can expose the counts of all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Self, TypeVar

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

if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    # This module is imported after the fork, so the process id is constant. Asking the system for it at each count, as
    # by default, took a twentieth of a worker's time.
    _PID = os.getpid()
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _PID)

M = TypeVar("M", Counter, Histogram)

# Counts of the hot path until `write_tallies`: writing to the shared files costs as much as parsing a frame, and each
# message has five of them.
_tallies: dict[Counter, float] = {}

samplers: dict[str, Callable[[], None]] = {}  # by name; called by `write_tallies` to set gauges


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


def tally(counter: Counter, count: float) -> None:
    """Add to a counter with the next `write_tallies`."""
    _tallies[counter] = _tallies.get(counter, 0) + count


def write_tallies() -> None:
    """Write what was tallied, and sample gauges."""
    for counter, count in _tallies.items():
        counter.inc(count)
    _tallies.clear()
    for sample in samplers.values():
        sample()


def expose() -> tuple[bytes, str]:
    """The metrics of all workers in the text format of Prometheus, and its content type.

    Tallies of other workers may be half a second old.
    """
    write_tallies()
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
