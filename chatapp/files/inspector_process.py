"""The program of an inspector process: decodes untrusted files, one after another, until its web worker exits.

It is started by its path, not as a module: `import chatapp` would load the application, its drivers and 50 MB into a
process that decodes hostile files. It has no secrets (`children` passes it a minimal environment), and it confines
itself before the first file (`sandbox`).

Messages are lines of JSON over one socket. The first is `{layers}`, those of the sandbox in force. Then each job
`{voice, processor, seconds}`, whose file is in the `handover`, gets one answer: `{inspected}`, `{refused: code}`,
`{unable: reason}` when the machine is at fault, or `{defect, stack}`; each with `used`, seconds of CPU time.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
import traceback
import types
from pathlib import Path
from typing import Any

_CLOCK_MARGIN = 5.0  # seconds past the limit, after which the process ends even if its worker did not kill it


def serve(descriptor: int, memory: int, folder: Path) -> None:
    """Answer jobs until the worker closes its end of the socket.

    Parameters:
        descriptor: of the socket.
        memory: bytes of address space.
        folder: of the `Handover` that files are exchanged through.
    """
    _restrict(memory)
    from chatapp.files import limits, priority
    from chatapp.files.handover import given_file, made_folder
    from chatapp.files.inspection import inspect, load_decoders

    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.RESULT_BYTES, limits.RESULT_BYTES))
    load_decoders()  # before the sandbox restricts what can be read
    # Chat comes first. At that priority a start (0.4 s of CPU) would take a busy machine longer than uploads wait.
    priority.lower_priority(os.getpid())
    given, made = given_file(folder), made_folder(folder)
    layers = _confine(given.parent, made)
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)  # gevent makes sockets non-blocking, and the child inherits the flag
    jobs: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(connection, jobs, busy), daemon=True).start()
    _send(connection, {"layers": layers})
    while (line := jobs.get()) is not None:
        job = json.loads(line)
        used = time.process_time()
        _limit_time(job["processor"], job["seconds"])
        answer = _answer(inspect, given, made, job["voice"])
        _limit_time(0, 0)
        busy.clear()
        _send(connection, {**answer, "used": time.process_time() - used})


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def _confine(given: Path, made: Path) -> list[str]:
    from chatapp.files import sandbox

    package = Path(__file__).parents[1]  # stack traces read the sources
    # Where coverage.py writes its data when this process ends.
    measured = [Path.cwd()] if any(name.startswith("COVERAGE_") for name in os.environ) else []
    return sandbox.confine(readable=[given, package], writable=[made, *measured])


def _restrict(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A deploy and Ctrl-C signal all processes; the worker finishes its requests first and then closes the socket.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _listen(connection: socket.socket, jobs: queue.SimpleQueue[bytes | None], busy: threading.Event) -> None:
    """Queue jobs, and exit when the worker is gone, even by SIGKILL and in the middle of a job."""
    # A worker that dies before it reads our answer resets the connection instead of closing it.
    with contextlib.suppress(ConnectionError), connection.makefile("rb") as lines:
        for line in lines:
            busy.set()
            jobs.put(line)
    if busy.is_set():
        os._exit(0)
    jobs.put(None)


def _limit_time(processor: float, seconds: float) -> None:
    """Have the kernel kill this process if a decoder does not return in time; 0 lifts the limits."""
    signal.setitimer(signal.ITIMER_PROF, processor)
    signal.setitimer(signal.ITIMER_REAL, seconds + _CLOCK_MARGIN if seconds else 0)


def _answer(inspect: Any, given: Path, made: Path, voice: bool) -> dict[str, Any]:
    from chatapp.errors import ChatError

    try:
        return {"inspected": inspect(given, into=made, voice=voice).as_json()}
    except ChatError as refused:
        return {"refused": refused.code}
    except OSError as error:
        return {"unable": os.strerror(error.errno or 0)}
    except Exception as error:  # a bug here or in a decoder; the worker logs it and refuses the file
        return {"defect": type(error).__qualname__, "stack": "".join(traceback.format_tb(error.__traceback__))}


def _leave_the_application_out() -> None:
    """Make `chatapp.files` importable without running the wiring in `chatapp/__init__.py`."""
    package = types.ModuleType("chatapp")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["chatapp"] = package


if __name__ == "__main__":
    _leave_the_application_out()
    serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
