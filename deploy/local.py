"""The local run, step by step: settings, servers, migrations, demo data, then the Procfile's processes."""

from __future__ import annotations

import errno
import ipaddress
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from honcho.environ import parse_procfile

from deploy import saved_environment
from deploy.embedded import DataFolder, EmbeddedServers, StartError
from deploy.embedded.privileges import dying_with_parent
from deploy.processes import ProcessGroup
from deploy.welcome import DEMO_PASSWORD, DEMO_PEOPLE, Welcome

DEFAULT_PORT = "8000"
DEFAULT_ADDRESS = "127.0.0.1"  # not reachable from the network, since the demo password is public
PROCESSES = ("web", "worker")
STEPS = (("migrate", "the migrations"), ("demo", "the demo data"))
# Enough to run every example of the documentation several times within a few minutes.
LOCAL_LIMITS = {"LIMIT_AUTH": "100/5 minutes", "LIMIT_SEND": "100/minute", "LIMIT_UPLOAD": "100/minute"}


def run(root: Path) -> int:
    """Run chatapp from its root folder until Ctrl-C or SIGTERM.

    Returns: 0 if it was asked to stop; 1, after one sentence on standard error, if something failed.
    """
    # SIGINT, too: a shell ignores it for processes that a script starts in the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return _run(root, dict(os.environ))
    except KeyboardInterrupt:
        return 0
    except StartError as error:
        print(f"chatapp: {error}", file=sys.stderr)
    except OSError as error:
        print(f"chatapp: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
    return 1


def _run(root: Path, given: Mapping[str, str]) -> int:
    address = check_address(given.get("BIND_ADDRESS") or DEFAULT_ADDRESS)
    port = check_port(given.get("PORT") or DEFAULT_PORT, address)
    folder = DataFolder(Path(given.get("DATA_DIR") or root / ".data"))
    servers = EmbeddedServers(
        folder.path,
        need_postgres=not given.get("DATABASE_URL"),
        need_redis=not given.get("REDIS_URL"),
        need_s3=not given.get("S3_ENDPOINT"),
    )
    folder.open()
    folder.lock()
    try:
        if servers.names:
            first = "" if servers.have_started_before else " for the first time, which takes a few seconds"
            print(f"chatapp: starting {' and '.join(servers.names)} in {folder.path}{first} ...", flush=True)
        servers.start()
        environment = {**settings(given, folder, port), **servers.services.environment()}
        saved_environment.write(folder, environment)
        for step, title in STEPS:
            _perform(step, title, root, environment)
        return _serve(root, environment, f"http://{_reached_at(address)}:{port}")
    finally:
        # A second Ctrl-C during shutdown must not leave servers running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        saved_environment.remove(folder)
        servers.stop()
        folder.unlock()


def check_address(text: str) -> str:
    """The address to listen on. Raises: StartError: it is not an IP address."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise StartError(f"BIND_ADDRESS is {text!r}; it must be an IP address such as {DEFAULT_ADDRESS}.") from error


def check_port(text: str, address: str = DEFAULT_ADDRESS) -> int:
    """The port as a number. Raises: StartError: it is invalid, or cannot be listened on at this address."""
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0
    if not 1 <= port <= 65535:
        raise StartError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise StartError(f"BIND_ADDRESS is {address!r}; this machine has no such address.") from error
            raise StartError(
                f"cannot listen on port {port} ({error.strerror}): stop the program that uses it, "
                f"or choose another: PORT={port + 1 if port < 65535 else 8001} make run"
            ) from error
    return port


def settings(given: Mapping[str, str], folder: DataFolder, port: int) -> dict[str, str]:
    """The environment of chatapp's processes: the given variables, and defaults.

    SECRET_KEY and SERVICE_TOKEN are kept in the data folder, so that sessions survive a restart.
    """
    environment = {key: value for key, value in given.items() if value}
    environment.setdefault("APP_ENV", "development")
    environment.setdefault("BIND_ADDRESS", DEFAULT_ADDRESS)
    environment.setdefault("AUTH_MODE", "builtin")
    if environment["AUTH_MODE"] == "builtin" and environment["APP_ENV"] != "production":
        environment.setdefault("DEMO_ACCOUNTS", ",".join(f"{name}:{DEMO_PASSWORD}" for name in DEMO_PEOPLE))
    for name, rate in LOCAL_LIMITS.items():
        environment.setdefault(name, rate)
    for name, file in (("SECRET_KEY", "secret-key"), ("SERVICE_TOKEN", "service-token")):
        if name not in environment:
            environment[name] = folder.secret(file)
    # The folder of this Python comes first, so that the Procfile runs the `python` and `gunicorn` of this environment.
    programs = str(Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join([programs, environment.get("PATH", os.defpath)])
    return {**environment, "PORT": str(port), "DATA_DIR": str(folder.path), "PYTHONUNBUFFERED": "1"}


def _perform(step: str, title: str, root: Path, environment: Mapping[str, str]) -> None:
    command = [*dying_with_parent("TERM"), sys.executable, "-m", "chatapp.ops", step]
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    if code != 0:
        raise StartError(f"{title} failed (`python -m chatapp.ops {step}`, exit code {code}); see the lines above.")


def _reached_at(address: str) -> str:
    """The host of a URL that reaches the address from this machine."""
    if address in ("0.0.0.0", "::"):
        return DEFAULT_ADDRESS if address == "0.0.0.0" else "[::1]"
    return f"[{address}]" if ":" in address else address


def _serve(root: Path, environment: dict[str, str], url: str) -> int:
    procfile = parse_procfile((root / "Procfile").read_text("utf-8"))
    group = ProcessGroup(Welcome(url, environment))
    for name in PROCESSES:
        if name not in procfile.processes:
            raise StartError(f"{root / 'Procfile'} has no line `{name}:`.")
        words = ["exec", *map(shlex.quote, dying_with_parent("TERM")), procfile.processes[name]]
        group.add_process(name, " ".join(words), env=environment, cwd=str(root))
    group.loop()
    if group.asked_to_stop:
        return 0
    raise StartError(f"{' or '.join(PROCESSES)} exited unexpectedly (exit code {group.returncode}); see above.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
