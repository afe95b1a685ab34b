"""chatapp's commands: in this process, which spares the second of CPU that the imports take, or as processes."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass

from chatapp.ops.__main__ import main
from tests.servers import ROOT

# Nothing else of our own environment may decide what a command does; the second is how coverage follows it.
PASSED_ON = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}

# What `python -m chatapp.ops worker` becomes, once it has imported everything and found nothing patched.
WORKER = [sys.executable, "-m", "gevent.monkey", "--module", "chatapp.ops", "worker"]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


def ops_here(environment: Mapping[str, str], *arguments: str) -> Outcome:
    """Run a command of `chatapp.ops` in this process, whose runtime has the settings of the command from then on.

    Not for `worker`, which replaces its process, nor with APP_ENV=production, which hides it from debuggers; and one at
    a time, since standard output and the environment are those of the whole process.
    """
    assert arguments[0] != "worker"
    assert environment["APP_ENV"] == "test"
    out, err = io.StringIO(), io.StringIO()
    with _environment_of(environment), _own_logs(), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as exit:  # of argparse
            code = int(exit.code or 0)
    return Outcome(code, out.getvalue(), err.getvalue())


def ops_process(environment: Mapping[str, str], *arguments: str) -> Outcome:
    """Run `python -m chatapp.ops ...` until it ends."""
    return run_process([sys.executable, "-m", "chatapp.ops", *arguments], environment)


def run_process(command: list[str], environment: Mapping[str, str]) -> Outcome:
    """Run a process until it ends."""
    done = subprocess.run(
        command, cwd=ROOT, env={**PASSED_ON, **environment}, capture_output=True, text=True, timeout=60
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def _environment_of(environment: Mapping[str, str]) -> Iterator[None]:
    """This process has the environment of a command for the block."""
    ours = dict(os.environ)
    _replace_environment({**PASSED_ON, **environment})
    try:
        yield
    finally:
        _replace_environment(ours)


def _replace_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


@contextmanager
def _own_logs() -> Iterator[None]:
    """Keep the handlers of pytest, which a command would replace and close."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    root.handlers = []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
