"""Merges metrics of web workers that have exited into one file, so that a scrape costs the same however many exited.

Counters and histograms of exited workers must be kept, or every sum would fall. prometheus_client keeps a file per
process and never merges them.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import multiprocess
from prometheus_client.mmap_dict import MmapedDict

MERGED = "0"  # replaces the process id in the file names; no process has this id
_LOCK = "lock"


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Prevent merging while the files are read: a file must not be counted in addition to the sum that contains it."""
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def merge(folder: Path, pid: int) -> None:
    """Merge the files of a worker that has exited, and of earlier ones that could not be merged then.

    During a scrape they are left for the next call, since the caller, gunicorn's master, must not wait.
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
    draft = merged.with_suffix(".new")  # renamed when complete: a crash loses the counts of this worker at most
    shutil.copyfile(merged, draft)
    sums = MmapedDict(str(draft))
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(dead)):
        sums.write_value(key, sums.read_value(key)[0] + value, timestamp)
    sums.close()
    draft.replace(merged)
    dead.unlink()
