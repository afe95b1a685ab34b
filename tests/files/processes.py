"""Processes of the inspectors, looked at from outside."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import psutil

TIMEOUT = 120.0  # seconds until a test is taken to hang; children come last on a busy machine


def children_of(pid: int) -> list[psutil.Process]:
    """Its processes that inspect files."""
    return [child for child in psutil.Process(pid).children() if "inspector_process" in " ".join(child.cmdline())]


def await_that(condition: Callable[[], object]) -> None:
    """Poll a condition of other processes until it holds."""
    until = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < until, "it never came true"
        threading.Event().wait(0.01)


def is_reading(child: psutil.Process) -> bool:
    """Whether a child has its file open: it is at work on it."""
    return any(file.path.endswith("/given/file") for file in child.open_files())


def new_children(before: set[int]) -> list[psutil.Process]:
    return [child for child in children_of(os.getpid()) if child.pid not in before]
