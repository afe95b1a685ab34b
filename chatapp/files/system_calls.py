"""A seccomp filter, as a classic BPF program, that denies the system calls which decoders never need.

It is a deny list, so that a harmless call by another C library, FFmpeg or kernel does not break the decoding of valid
files. Calls newer than this table fail with ENOSYS.
"""

from __future__ import annotations

import errno
import struct

# By name: the number on x86_64 and on aarch64; None where the architecture does not have the call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # Network. Reading and writing the one socket that the worker opened needs none of these.
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendmsg": (46, 211), "recvmsg": (47, 212),
    "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199), "accept4": (288, 242), "recvmmsg": (299, 243),
    "sendmmsg": (307, 269),
    # Other programs and processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    # Memory and queues that other processes share
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # Another identity, other namespaces, another view of the files
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setgroups": (116, 159),
    "setresuid": (117, 147), "setresgid": (119, 149), "capset": (126, 91), "personality": (135, 92),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41), "mount": (165, 40),
    "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    # Parts of the kernel with many past vulnerabilities; some bypass this filter
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "seccomp": (317, 277),
    # The machine
    "iopl": (172, None), "ioperm": (173, None), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "sethostname": (170, 161),
    "setdomainname": (171, 162),
}  # fmt: skip
# Allowed on the process itself: `abort` ends it by a signal, and limits are set by its own id or 0.
_OWN_ONLY: dict[str, tuple[int, int]] = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_NEWEST = 450  # the last number of Linux 5.17 on both architectures; C libraries do without newer calls

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH of the kernel

_CLONE_THREAD = 0x10000  # FFmpeg starts threads; without this flag it would be a process
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, of a little-endian machine

_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def seccomp_program(machine: str, pid: int) -> bytes | None:
    """The filter for a process, as an array of `struct sock_filter`; None for an unknown architecture.

    Parameters:
        machine: as `os.uname` names it.
        pid: of the process, which may signal itself.
    """
    if machine not in _ARCHITECTURES:
        return None
    column, architecture = _ARCHITECTURES[machine]
    denied, missing = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
    program = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),  # the calls of another architecture have other numbers
        _step(_LOAD, _NUMBER),
        # Also ends the x32 calls of x86_64, whose numbers have bit 30 set.
        *_unless(_JUMP_GREATER, _NEWEST, [_step(_RETURN, missing)]),
        # Its flags lie in memory, where the filter cannot look: the C library then uses `clone`.
        *_unless(_JUMP_EQUAL, _CLONE3[column], [_step(_RETURN, missing)]),
        *_unless(_JUMP_EQUAL, _CLONE[column], _if_argument(_JUMP_ANY_BIT, _CLONE_THREAD, denied)),
    ]
    for name, own in _OWN_ONLY.items():
        others = _if_argument(_JUMP_EQUAL, pid, denied)
        if name == "prlimit64":
            others = [_step(_LOAD, _FIRST_ARGUMENT), _step(_JUMP_EQUAL, 0, 1, 0), *others[1:]]
        program += _unless(_JUMP_EQUAL, own[column], others)
    for numbers in _DENIED.values():
        if (number := numbers[column]) is not None:
            program += _unless(_JUMP_EQUAL, number, [_step(_RETURN, denied)])
    return b"".join([*program, _step(_RETURN, _ALLOW)])


def _unless(jump: int, value: int, steps: list[bytes]) -> list[bytes]:
    """Steps that are skipped unless the number of the call matches. They must return."""
    return [_step(jump, value, 0, len(steps)), *steps]


def _if_argument(jump: int, value: int, refusal: int) -> list[bytes]:
    """Allow a call whose first argument (its lower half) matches, refuse any other."""
    return [
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(jump, value, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, refusal),
    ]


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
