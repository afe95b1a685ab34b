"""Isolated processes run at the lowest priority, with all their threads."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from bench import isolated
from chatapp.files.priority import NICE


def niceness() -> tuple[bool, set[int], str]:
    """Of a process with lowered priority: whether it leads a session, and the niceness of its threads and session."""
    isolated.lower_own_priority()
    threads = {os.getpriority(os.PRIO_PROCESS, int(thread.name)) for thread in Path("/proc/self/task").iterdir()}
    autogroup = Path("/proc/self/autogroup")
    session_nice = autogroup.read_text().split()[-1] if autogroup.exists() else str(NICE)
    return os.getsid(0) == os.getpid(), threads, session_nice


def test_lowered_priority_covers_threads_and_session() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(niceness) == (True, {NICE}, str(NICE))


def test_isolated_folder_is_removed() -> None:
    with isolated.isolated_folder() as folder:
        (folder / "file").write_bytes(b"x")
    assert not folder.exists()
