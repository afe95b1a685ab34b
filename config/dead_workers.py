"""Counts of web workers that ended, merged into one file: a scrape costs the same however many have died.

Counters and histograms of a dead worker must go on counting, or every sum would fall. prometheus_client keeps a file
for each process and never merges them.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import multiprocess
from prometheus_client.mmap_dict import MmapedDict

MERGED = "0"  # stands where a process id stands in the names of the files; no process has it
_LOCK = "lock"


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Hold off merging while the files are read: a file must not be counted beside the sum that it went into."""
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def merge(folder: Path, pid: int) -> None:
    """Take the files of a worker that ended, and of any before it that could not be merged then, into the merged ones.

    Where a scrape is under way they are left for the next time: the caller, gunicorn's master, must not wait for it.
    """
    multiprocess.mark_process_dead(pid, str(folder))
    (folder / f"dead.{pid}").touch()
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for mark in folder.glob("dead.*"):
            for kind in ("counter", "histogram"):
                _merge_file(folder, kind, mark.suffix[1:])
            mark.unlink()


def _merge_file(folder: Path, kind: str, pid: str) -> None:
    dead, merged = folder / f"{kind}_{pid}.db", folder / f"{kind}_{MERGED}.db"
    if not dead.exists():
        return
    if not merged.exists():
        dead.rename(merged)
        return
    draft = merged.with_suffix(".new")  # renamed when it is whole: a crash in between loses no more than this worker
    shutil.copyfile(merged, draft)
    sums = MmapedDict(str(draft))
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(dead)):
        sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    sums.close()
    draft.replace(merged)
    dead.unlink()
