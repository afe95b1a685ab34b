"""The load process: reads commands as JSON lines from standard input and answers on standard output."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Execute commands until standard input ends."""
    # Before the other imports: they must see the patched standard library.
    from gevent import monkey

    monkey.patch_all()
    # The history is kept until the end; a collection over all of it would stop every client for seconds.
    gc.disable()
    import orjson
    from gevent.fileobject import FileObjectPosix

    from chaos.load.generator import LoadGenerator
    from chaos.load.plan import Plan

    commands, answers = FileObjectPosix(os.dup(sys.stdin.fileno()), "rb"), sys.stdout.buffer
    load = LoadGenerator(Plan(**orjson.loads(commands.readline())))
    answers.write(b"{}\n")
    answers.flush()
    for line in commands:
        command = orjson.loads(line)
        result = load.command(command.pop("do"))(**command)
        answers.write(orjson.dumps(result) + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
