"""Whether the tests of `test_lessons` notice the faults that they are about.

`python -m tests.flows.assistant.old_behaviour` makes each fault of the earlier system in a copy of the tree. The test
that is about it must fail there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.servers import ROOT

LESSONS = "tests/flows/assistant/test_lessons.py"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".data", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
PATIENCE = ("TIMEOUT = 180.0", "TIMEOUT = 20.0")  # what never comes is awaited for so many seconds


class Fault(NamedTuple):
    """A fault, made by replacing a text that a file contains once. Parameters: test: a part of the name of its test."""

    test: str
    file: str
    text: str
    replacement: str


FAULTS = (
    Fault("devices_on_different_workers", "chatapp/events/bus.py", "if others > 0:", "if False:"),
    Fault(
        "survives_the_loss_of_redis",
        "chatapp/actions/assistant/history.py",
        "    with database_connection():\n        if before_id is not None:",
        "    from chatapp.infra.redis_client import redis\n"
        "    is_known = getattr(read_history, 'known', set())\n"
        "    if visit.chat_id in is_known and not redis().exists(f'history:{visit.chat_id}'):\n"
        "        return _EMPTY\n"
        "    read_history.known = is_known | {visit.chat_id}\n"
        "    redis().set(f'history:{visit.chat_id}', 1)\n"
        "    with database_connection():\n        if before_id is not None:",
    ),
    Fault(
        "gets_what_it_missed",
        "chatapp/actions/assistant/history.py",
        "        return _after(visit, last_id, limit)",
        "        return _EMPTY",
    ),
    Fault(
        "opening_sessions_is_limited",
        "chatapp/dialects/assistant/session_routes.py",
        '@bp.post("")\n@limit("sessions")',
        '@bp.post("")\n@limit("default")',
    ),
    Fault("limited_per_address", "chatapp/dialects/assistant/chat_routes.py", "if account() is None:", "if False:"),
    Fault(
        "expired_sessions_are_deleted",
        "chatapp/ops/upkeep/jobs.py",
        'lambda _: f"{deletion.delete_expired()} sessions deleted"',
        'lambda _: "nothing deleted"',
    ),
    Fault("is_counted", "chatapp/metrics/__init__.py", "_refusals_of(limit).inc()", "pass"),
    Fault(
        "cannot_be_taken_over",
        "chatapp/actions/assistant/visits.py",
        "    if given.user_uuid is not None or not session.is_anonymous:",
        "    return Actor(session.visitor_id, '', '')\n    if given.user_uuid is not None or not session.is_anonymous:",
    ),
    Fault(
        "changed_in_postgres",
        "chatapp/queries/pages.py",
        "_Key(chat.id, chat.last_version, chat.last_message_id,",
        "_Key(chat.id, 0, chat.last_message_id,",
    ),
    Fault(
        "authenticated_once",
        "chatapp/dialects/assistant/socket.py",
        "    found = _visit(context, fields)\n    if is_visitor",
        "    if 'token' not in fields:\n        raise Invalid({'token': [Reason('missing')]})\n"
        "    found = _visit(context, fields)\n    if is_visitor",
    ),
    Fault(
        "from_two_devices",
        "chatapp/dialects/assistant/chat_routes.py",
        'idempotency_key=args["client_message_id"] or idempotency_key(),',
        "idempotency_key=None,",
    ),
    Fault(
        "one_order",
        "chatapp/dialects/assistant/replies.py",
        "reversed(found.messages)",
        "sorted(found.messages, key=lambda one: one.content)",
    ),
    Fault(
        "quiet_client_is_noticed",
        "chatapp/realtime/heartbeat.py",
        "connection.close(Close.HEARTBEAT_TIMEOUT)",
        "pass",
    ),
)


def make(fault: Fault, tree: Path) -> None:
    """Make a fault in a copy of the tree.

    Raises:
        LookupError: the text is not in the file, or more than once.
    """
    path = tree / fault.file
    source = path.read_text("utf-8")
    if source.count(fault.text) != 1:
        raise LookupError(f"{fault.file} contains {fault.text!r} {source.count(fault.text)} times")
    path.write_text(source.replace(fault.text, fault.replacement), "utf-8")


def outcome(tree: Path, test: str) -> tuple[int, str]:
    """Run a lesson in a tree: how many of its tests failed, and why."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", LESSONS, "-k", test]
    ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+) failed", ran.stdout)
    if not found and "1 passed" not in ran.stdout:
        raise RuntimeError(ran.stdout + ran.stderr)
    reason = next((line for line in ran.stdout.splitlines() if ": " in line and ".py:" in line), "")
    return int(found[1]) if found else 0, reason.rpartition("/")[2][:100]


def main() -> int:
    """Make every fault; returns 1 if a test did not notice its own."""
    unnoticed = []
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "chatapp"
            shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
            (tree / ".venv").symlink_to(ROOT / ".venv")
            make(Fault("", "tests/servers.py", *PATIENCE), tree)
            make(fault, tree)
            failed, reason = outcome(tree, fault.test)
        print(f"{'noticed' if failed else 'NOT NOTICED':12} {fault.test:32} {reason}", flush=True)
        unnoticed += [] if failed else [fault.test]
    print(f"{len(FAULTS) - len(unnoticed)} of {len(FAULTS)} faults noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
