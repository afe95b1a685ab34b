"""The sandbox of inspector processes: no network, no other processes, and only a few folders of the file system.

The layers are independent. If the kernel or container lacks one, files are still inspected, and the worker reports the
missing layer in its log and metrics. Linux only; elsewhere there is no sandbox.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from chatapp.files.system_calls import seccomp_program

LAYERS = ("capabilities", "privileges", "landlock", "seccomp")
"""No capabilities of root; no new privileges by executing a program; file access; system calls."""

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 22, 38, 24
_SECCOMP_MODE_FILTER = 2
_CAPABILITIES = 64  # more than the kernel has; the surplus is refused
_CAPABILITY_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
_LANDLOCK_PATH_BENEATH = 1
# Access rights by the version of Landlock that knows them first (include/uapi/linux/landlock.h).
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_FILE, _MAKE_REG, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 8, 1 << 14
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE, 5: 1 << 15}
_NETWORK_RIGHTS = {4: 0b11}  # bind and connect by TCP
_SCOPES = {6: 0b11}  # abstract sockets of others, signals to others
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE
# Not all of /usr, where applications and their settings may be installed.
_SYSTEM_FOLDERS = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/sys/devices/system/cpu",
)
_PYTHON_FOLDERS = ("stdlib", "platstdlib", "purelib", "platlib")  # by the names of `sysconfig`


def confine(*, readable: Iterable[Path], writable: Iterable[Path]) -> list[str]:
    """Drop, irrevocably, everything that decoding does not need; returns the `LAYERS` that are in force.

    Call it while the process has one thread: seccomp and Landlock apply to the calling thread and those it starts.

    Parameters:
        readable: folders that stay readable, besides Python's own and the system's libraries.
        writable: folders in which files may be read, created, changed and removed.
    """
    if sys.platform != "linux":
        return []
    library = ctypes.CDLL(None, use_errno=True)
    machine = os.uname().machine
    done = {
        "capabilities": _drop_capabilities(library, machine),
        "privileges": library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0,
        "landlock": _limit_files(library, [*_own_folders(), *readable], list(writable)),
        "seccomp": _filter_calls(library, machine),  # last: it denies the calls that the other layers need
    }
    return [name for name in LAYERS if done[name]]


def _drop_capabilities(library: ctypes.CDLL, machine: str) -> bool:
    """Drop the capabilities of root, without which it cannot inspect other processes of root either."""
    if machine not in _CAPSET:
        return False
    for number in range(_CAPABILITIES):
        library.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # only root can, and only root needs to
    header, nothing = struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24)
    return bool(library.syscall(_CAPSET[machine], header, nothing) == 0)


def _own_folders() -> list[Path]:
    """Python, its packages and the libraries that they load."""
    python = {sysconfig.get_path(name) for name in _PYTHON_FOLDERS}
    return [Path(folder) for folder in {*python, *_SYSTEM_FOLDERS}]


def _limit_files(library: ctypes.CDLL, readable: list[Path], writable: list[Path]) -> bool:
    version = library.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 1:
        return False
    rights = _known(_FILE_RIGHTS, version)
    attributes = struct.pack("=QQQ", rights, _known(_NETWORK_RIGHTS, version), _known(_SCOPES, version))
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = library.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for folders, access in ((readable, _READ), (writable, _WRITE)):
            for folder in folders:
                _allow(library, ruleset, folder, access & rights)
        return bool(library.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _known(by_version: dict[int, int], version: int) -> int:
    return sum(bits for since, bits in by_version.items() if since <= version)


def _allow(library: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this system
        return
    try:
        if not path.is_dir():
            access &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", access, descriptor)
        library.syscall(_LANDLOCK_ADD, ruleset, _LANDLOCK_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _filter_calls(library: ctypes.CDLL, machine: str) -> bool:
    program = seccomp_program(machine, os.getpid())
    if program is None:
        return False
    steps = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of steps, and where they are.
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    return bool(library.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described, 0, 0) == 0)
