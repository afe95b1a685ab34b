"""A decoder that was taken over: what it tries from inside of the sandbox, and what the kernel says to it."""

from __future__ import annotations

import errno
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from chatapp.files import sandbox, system_calls
from chatapp.files.inspector_pool import InspectorPool
from chatapp.files.system_calls import seccomp_program
from tests.files.processes import children_of, new_children

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")

# Run as the worker's own user, and if that is root, also unprivileged. `os.fork` gives the stand-in a parent of its own
# user which holds a secret and can be looked into, as any other process of that user; without the sandbox it succeeds.
STAND_IN = r"""
import ctypes, json, os, resource, signal, socket, subprocess, sys, sysconfig, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from chatapp.files import sandbox

sysconfig.get_paths()  # reads files of Python that other users may not be able to read
made, outside, confined, user = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] == "1", int(sys.argv[5])
library = ctypes.CDLL(None, use_errno=True)
if user:
    os.setgroups([]), os.setresgid(user, user, user), os.setresuid(user, user, user)
library.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, which a change of the user has taken away

def in_thread():
    ran = []
    thread = threading.Thread(target=lambda: ran.append(1))
    thread.start()
    thread.join()
    assert ran

def native(name, *arguments):
    ctypes.set_errno(0)
    if getattr(library, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)

def child(parent):
    layers = sandbox.confine(readable=[], writable=[made]) if confined else []
    tries = {
        "environ": lambda: Path(f"/proc/{parent}/environ").read_bytes().index(b"SECRET_KEY"),
        "memory": lambda: open(f"/proc/{parent}/mem", "rb").close(),
        "read": lambda: (outside / "of-another").read_bytes(),
        "write": lambda: (outside / "new").write_bytes(b""),
        "symlink": lambda: (made / "link").symlink_to(outside),
        "socket": lambda: socket.socket().close(),
        "unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "signal": lambda: os.kill(parent, 0),
        "limits": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
        "fork": lambda: os.fork() or os._exit(0),
        "program": lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
        "namespace": lambda: native("unshare", 0x10000000),
        "ptrace": lambda: native("ptrace", 0, 0, 0, 0),
        "own file": lambda: (made / "result").write_bytes(b"1") and (made / "result").unlink(),
        "thread": in_thread,
        "own signal": lambda: os.kill(os.getpid(), 0),
        "own limits": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    }
    outcome = {}
    for name, attempt in tries.items():
        try:
            attempt()
            outcome[name] = True
        except Exception:
            outcome[name] = False
    print(json.dumps({"layers": layers, "possible": outcome}), flush=True)

parent = os.getpid()
pid = os.fork()
if not pid:
    try:
        child(parent)
    finally:
        os._exit(0)
os.waitpid(pid, 0)
"""
OWN = {"own file", "thread", "own signal", "own limits"}
BY_SECCOMP = {"socket", "unix socket", "signal", "limits", "fork", "program", "namespace", "ptrace"}
BY_LANDLOCK = {"environ", "memory", "read", "write", "symlink"}
UNPRIVILEGED = 65_534
USERS = [0, UNPRIVILEGED] if os.geteuid() == 0 else [0]  # 0: the user who runs the tests


def attempts(folder: Path, *, confined: bool, user: int) -> tuple[set[str], set[str]]:
    """The layers that are in force, and what the stand-in can do."""
    made, outside = folder / "made", folder / "outside"
    for each in (folder, made, outside):
        each.mkdir(exist_ok=True)
        each.chmod(0o777)
    (outside / "of-another").write_bytes(b"private")
    result = subprocess.run(
        [sys.executable, "-c", STAND_IN, str(ROOT), str(made), str(outside), str(int(confined)), str(user)],
        env={**os.environ, "SECRET_KEY": "secret"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    report = json.loads(result.stdout.splitlines()[-1]) if result.stdout else pytest.fail(result.stderr)
    return set(report["layers"]), {name for name, is_possible in report["possible"].items() if is_possible}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may use; pytest's are in one that they may not enter."""
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("user", USERS)
def test_what_a_taken_over_decoder_can_do(user: int, open_folder: Path) -> None:
    _, before = attempts(open_folder / "free", confined=False, user=user)
    assert before >= OWN | {"environ", "read", "write", "socket", "signal", "fork", "program"}, "nothing is proven"
    layers, possible = attempts(open_folder / "confined", confined=True, user=user)
    denied = set()
    if "seccomp" in layers:
        denied |= BY_SECCOMP
    if "landlock" in layers:
        denied |= BY_LANDLOCK
    assert possible & denied == set()
    assert possible >= OWN
    assert "privileges" in layers and "capabilities" in layers


def kernel_verdict(program: bytes, architecture: int, number: int, argument: int = 0) -> int:
    """What the kernel does with a call, by the filter: a reading of classic BPF as far as the filter uses it."""
    data = struct.pack("<iIQQ", number, architecture, 0, argument)
    steps = list(struct.iter_unpack("=HBBI", program))
    position = value = 0
    while True:
        code, then, otherwise, operand = steps[position]
        position += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x25: value > operand, 0x45: bool(value & operand)}[code]
            position += then if holds else otherwise


ALLOWED, KILLED, FORBIDDEN, UNKNOWN = 0x7FFF0000, 0x80000000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
PID = 4711


@pytest.mark.parametrize(("machine", "column", "architecture"), [("x86_64", 0, 0xC000003E), ("aarch64", 1, 0xC00000B7)])
def test_the_filter_on_either_architecture(machine: str, column: int, architecture: int) -> None:
    program = seccomp_program(machine, PID)
    assert program is not None

    def verdict(number: int, argument: int = 0) -> int:
        return kernel_verdict(program, architecture, number, argument)

    for name, numbers in system_calls._DENIED.items():
        if (number := numbers[column]) is not None:
            assert verdict(number) == FORBIDDEN, name
    read, write, open_at, exit_group = ((0, 1, 257, 231), (63, 64, 56, 94))[column]
    assert {verdict(number) for number in (read, write, open_at, exit_group)} == {ALLOWED}
    for name, numbers in system_calls._OWN_ONLY.items():
        assert (verdict(numbers[column], PID), verdict(numbers[column], PID + 1)) == (ALLOWED, FORBIDDEN), name
    assert verdict(system_calls._OWN_ONLY["prlimit64"][column], 0) == ALLOWED
    assert verdict(system_calls._OWN_ONLY["kill"][column], 0) == FORBIDDEN  # its group
    clone = system_calls._CLONE[column]
    assert (verdict(clone, 0x3D0F00), verdict(clone, 17)) == (ALLOWED, FORBIDDEN)
    assert verdict(435) == verdict(463) == verdict(0x40000000) == UNKNOWN
    assert kernel_verdict(program, 0x40000003, read) == KILLED


def test_an_unknown_architecture_has_no_filter() -> None:
    assert seccomp_program("riscv64", PID) is None


class BareKernel:
    """A kernel, or a container around it, that refuses to take anything away."""

    def prctl(self, *_: object) -> int:
        return -1

    def syscall(self, *_: object) -> int:
        return -1


@pytest.mark.parametrize("layer", [sandbox._drop_capabilities, sandbox._filter_calls])
def test_a_kernel_without_a_layer_is_noticed(layer: Callable[[BareKernel, str], bool], tmp_path: Path) -> None:
    assert not layer(BareKernel(), os.uname().machine)
    assert not layer(BareKernel(), "riscv64")
    assert not sandbox._limit_files(BareKernel(), [], [tmp_path])  # type: ignore[arg-type]


def test_inspector_processes_are_confined(
    open_inspectors: Callable[..., InspectorPool], small: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing: list[Sequence[str]] = []
    inspectors = open_inspectors(children=1, on_start=missing.append)
    before = {child.pid for child in children_of(os.getpid())}
    inspectors.inspect(small, into=tmp_path)
    (child,) = new_children(before)
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{child.pid}/status").read_text().splitlines())
    assert (status["NoNewPrivs"], int(status["CapEff"], 16), int(status["CapPrm"], 16)) == ("1", 0, 0)
    assert (status["Seccomp"] == "2") == ("seccomp" not in missing[0])
    assert ("sandbox layers are missing" in caplog.text) == bool(missing[0])
