"""Whoever a bench keeps out of the way is last in line for the processor, all threads of it."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from bench import isolated
from chatapp.files.priority import NICE


def niceness() -> tuple[bool, set[int], str]:
    """Of a process that stepped back: whether it leads a session, its threads' niceness, and its session's."""
    isolated.step_back()
    threads = {os.getpriority(os.PRIO_PROCESS, int(thread.name)) for thread in Path("/proc/self/task").iterdir()}
    autogroup = Path("/proc/self/autogroup")
    told = autogroup.read_text().split()[-1] if autogroup.exists() else str(NICE)
    return os.getsid(0) == os.getpid(), threads, told


def test_who_steps_back_leaves_the_processor_to_others() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(niceness) == (True, {NICE}, str(NICE))


def test_a_folder_apart_is_gone_afterwards() -> None:
    with isolated.folder_apart() as folder:
        (folder / "file").write_bytes(b"x")
    assert not folder.exists()
