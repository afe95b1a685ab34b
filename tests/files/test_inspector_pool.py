"""Children of the inspectors: bounded in time and memory, replaced when they die, gone with their worker."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from chatapp.errors import ChatError, Unavailable
from chatapp.files import inspector_pool
from chatapp.files.budget import Budget
from chatapp.files.handover import Handover
from chatapp.files.inspector_pool import InspectorPool
from tests.files.processes import TIMEOUT, await_that, children_of, is_reading, new_children


def test_too_costly_is_refused_and_the_next_is_served(
    open_inspectors: Callable[..., InspectorPool], large: Path, small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=1)
    with pytest.raises(ChatError, match="file_too_complex"):
        inspectors.inspect(large, into=tmp_path, budget=Budget(processor=0.05))
    assert inspectors.inspect(small, into=tmp_path).content_type == "image/png"


def test_too_much_memory_is_refused(open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path) -> None:
    inspectors = open_inspectors(memory=280 << 20, children=1)
    path = tmp_path / "large.png"
    Image.new("RGB", (6300, 6300)).save(path, compress_level=1)
    with pytest.raises(ChatError, match="file_too_complex"):
        inspectors.inspect(path, into=tmp_path)
    assert inspectors.inspect(small, into=tmp_path).metadata["width"] == 64


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGSEGV, "file_damaged"), (signal.SIGABRT, "file_damaged"), (signal.SIGPROF, "file_too_complex")],
)
def test_a_file_that_ends_its_child_is_refused(
    number: signal.Signals,
    code: str,
    open_inspectors: Callable[..., InspectorPool],
    large: Path,
    small: Path,
    tmp_path: Path,
) -> None:
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(inspectors.inspect, large, into=tmp_path)
        await_that(lambda: is_reading(child))
        child.send_signal(number)
        with pytest.raises(ChatError, match=code):
            refused.result(TIMEOUT)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert inspectors.inspect(small, into=tmp_path).content_type == "image/png"


def test_a_child_killed_from_outside_is_replaced_unnoticed(
    open_inspectors: Callable[..., InspectorPool], large: Path, small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(inspectors.inspect, large, into=tmp_path)
        await_that(lambda: is_reading(child))
        child.kill()
        assert result.result(TIMEOUT).metadata["width"] == 6000


def test_a_child_killed_while_idle_is_replaced_unnoticed(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    child.kill()
    await_that(lambda: child.status() == psutil.STATUS_ZOMBIE)
    assert inspectors.inspect(small, into=tmp_path).content_type == "image/png"


def test_children_are_replaced_after_some_files(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=1, jobs_per_child=2)
    before = {child.pid for child in children_of(os.getpid())}
    seen = set()
    for _ in range(4):
        inspectors.inspect(small, into=tmp_path)
        seen |= {child.pid for child in new_children(before)}
    assert len(seen) <= 2 and not new_children(before)


def test_no_more_children_than_allowed(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=2)
    before = {child.pid for child in children_of(os.getpid())}
    folders = [tmp_path / str(number) for number in range(8)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(lambda folder: inspectors.inspect(small, into=folder, person=int(folder.name)), folders)
        )
    assert len(results) == 8 and 1 <= len(new_children(before)) <= 2


def test_a_child_knows_no_secret_and_not_the_application(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a-secret-of-this-test")
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # it would bring gevent into the child
    inspectors = open_inspectors(children=1)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    assert "SECRET_KEY" not in child.environ() and "DATABASE_URL" not in child.environ()
    mapped = {Path(region.path).name for region in child.memory_maps()}
    assert not any(name.startswith(("_psycopg", "_gevent")) for name in mapped)
    assert child.num_fds() < 20 and not child.net_connections("inet")


def test_a_child_leaves_the_processor_to_others(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    inspectors = open_inspectors(children=2)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    assert child.nice() == 19
    assert os.getsid(child.pid) == child.pid
    autogroup = Path(f"/proc/{child.pid}/autogroup")
    assert not autogroup.exists() or autogroup.read_text().strip().endswith(" nice 19")


def test_a_full_disk_is_not_the_files_fault(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="files_unavailable"):
        open_inspectors().inspect(small, into=tmp_path / "missing")


UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, json, os, sys, tempfile, time
from pathlib import Path
from chatapp.files import inspector_pool
from chatapp.files.budget import Budget
from chatapp.files.handover import Handover
from chatapp.files.inspector_pool import InspectorPool

inspectors, path = InspectorPool(), Path(sys.argv[1])
ticks = []

def tick():
    while True:
        ticks.append(time.thread_time())
        gevent.sleep(0.002)

def inspect(person):
    with tempfile.TemporaryDirectory() as folder:
        found = inspectors.inspect(path, into=Path(folder), person=person, budget=Budget(seconds=float(sys.argv[2])))
        return found.metadata["width"]

ticking = gevent.spawn(tick)
jobs = [gevent.spawn(inspect, person) for person in range(4)]
gevent.joinall(jobs, raise_error=True)
ticking.kill()
held = max(later - earlier for earlier, later in zip(ticks, ticks[1:]))
print(json.dumps({
    "widths": [job.value for job in jobs], "held": held,
}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def worker(large: Path) -> Iterator[subprocess.Popen[str]]:
    """A patched process that inspected four large pictures, and then waits with its children."""
    process = subprocess.Popen(
        [sys.executable, "-c", UNDER_GEVENT, str(large), str(TIMEOUT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_the_loop_goes_on_meanwhile(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    report = json.loads(worker.stdout.readline())
    assert report["widths"] == [6000] * 4
    # In processor time, since what else the machine does must not decide. One of these pictures takes 300 ms of it; no
    # stretch between two turns of the loop is near that.
    assert report["held"] < 0.1


def test_children_end_with_a_worker_that_is_killed(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    worker.stdout.readline()
    children = children_of(worker.pid)
    assert len(children) == 2
    worker.kill()
    _, alive = psutil.wait_procs(children, TIMEOUT)
    assert not alive


def test_a_child_ends_with_a_worker_that_has_not_read_its_answer() -> None:
    """Its connection is then reset, not closed."""
    ours, theirs = socket.socketpair()
    handover = Handover()
    with theirs:
        arguments = [str(theirs.fileno()), str(inspector_pool.MEMORY), str(handover.path)]
        program = str(Path(inspector_pool.__file__).with_name("inspector_process.py"))
        child = subprocess.Popen([sys.executable, "-I", program, *arguments], pass_fds=(theirs.fileno(),))
    try:
        assert select.select([ours], [], [], TIMEOUT)[0], "it never became ready"
        ours.close()
        assert child.wait(TIMEOUT) == 0
    finally:
        child.kill()
        handover.remove()


def test_a_busy_child_ends_with_a_worker_that_is_killed(worker: subprocess.Popen[str], large: Path) -> None:
    await_that(lambda: any(is_reading(child) for child in children_of(worker.pid)))
    children = children_of(worker.pid)
    worker.kill()
    _, alive = psutil.wait_procs(children, TIMEOUT)
    assert not alive
