"""The process of a load: JSON lines on standard input say what to do, and are answered on standard output."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Obey until standard input ends."""
    # Before anything else: what is imported from here on must find a standard library that waits through gevent.
    from gevent import monkey

    monkey.patch_all()
    # What everybody saw is kept until the end. Looking through all of it for cycles would stop all clients for seconds.
    gc.disable()
    import orjson
    from gevent.fileobject import FileObjectPosix

    from chaos.load.generator import Load
    from chaos.load.plan import Plan

    commands, answers = FileObjectPosix(os.dup(sys.stdin.fileno()), "rb"), sys.stdout.buffer
    load = Load(Plan(**orjson.loads(commands.readline())))
    answers.write(b"{}\n")
    answers.flush()
    for line in commands:
        command = orjson.loads(line)
        result = load.command(command.pop("do"))(**command)
        answers.write(orjson.dumps(result) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
