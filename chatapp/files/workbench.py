"""A child of the workshop: decodes what strangers send, one file after the other, until its worker is gone.

Started by its path, not as a module: `import chatapp` would bring the application, its drivers and 50 MB into a process
that hostile files are taken to. It knows no secrets either (`workshop` gives it an environment of its own).

Lines of JSON pass over one socket: a job `{path, into, voice}`, then one answer: `{inspected}`, `{refused: code}`,
`{unable: reason}` when the machine is at fault, `{defect, stack}`.
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
import traceback
import types
from pathlib import Path
from typing import Any

_ALARM_MARGIN = 5  # seconds after which it ends itself though its worker did not kill it


def serve(descriptor: int, memory: int, seconds: int) -> None:
    """Answer jobs until the other end of the socket is closed.

    Parameters:
        descriptor: of the socket.
        memory: bytes of address space.
        seconds: of processor time for one job; the worker keeps watch over the time on the clock.
    """
    _restrict(memory)
    from chatapp.files import limits, precedence
    from chatapp.files.inspection import inspect

    precedence.put_last(os.getpid())  # chat comes first
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.RESULT_BYTES, limits.RESULT_BYTES))
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(True)  # a worker under gevent has its sockets not block, and the flag comes along
    jobs: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(connection, jobs, busy), daemon=True).start()
    connection.sendall(b"ready\n")
    while (line := jobs.get()) is not None:
        _limit_time(seconds)
        answer = _answer(inspect, json.loads(line))
        signal.alarm(0)
        busy.clear()
        connection.sendall(json.dumps(answer).encode() + b"\n")


def _restrict(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A deploy and Ctrl-C reach all processes; the worker still finishes what it began, and then hangs up.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _listen(connection: socket.socket, jobs: queue.SimpleQueue[bytes | None], busy: threading.Event) -> None:
    """Pass jobs on. A worker that is gone, also by SIGKILL, leaves nobody behind who works for it."""
    # A worker that dies before it has read our answer resets the connection instead of closing it.
    with contextlib.suppress(ConnectionError), connection.makefile("rb") as lines:
        for line in lines:
            busy.set()
            jobs.put(line)
    if busy.is_set():
        os._exit(0)
    jobs.put(None)


def _limit_time(seconds: int) -> None:
    """Let the kernel end a job that no longer returns from its decoder."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))
    signal.alarm(seconds + _ALARM_MARGIN)


def _answer(inspect: Any, job: dict[str, Any]) -> dict[str, Any]:
    from chatapp.errors import ChatError

    try:
        return {"inspected": inspect(Path(job["path"]), into=Path(job["into"]), voice=job["voice"]).as_json()}
    except ChatError as refused:
        return {"refused": refused.code}
    except OSError as error:
        return {"unable": os.strerror(error.errno or 0)}
    except Exception as error:  # a defect of ours or of a decoder; the worker logs it and refuses the file
        return {"defect": type(error).__qualname__, "stack": "".join(traceback.format_tb(error.__traceback__))}


def _leave_the_application_out() -> None:
    """Make `chatapp.files` importable without running the wiring in `chatapp/__init__.py`."""
    package = types.ModuleType("chatapp")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["chatapp"] = package


if __name__ == "__main__":
    _leave_the_application_out()
    serve(*(int(argument) for argument in sys.argv[1:]))
