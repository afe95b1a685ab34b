"""The command `moderation`: what the service routes do, from a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chatapp.actions.moderation import reporting
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from tests.actions.conftest import chat_id as chat_id
from tests.commands import Command
from tests.database import Database

Moderation = Callable[..., Any]


@pytest.fixture
def ops_environment(environment: dict[str, str], core: Database) -> dict[str, str]:
    """The commands use the database that this process is bound to."""
    return {**environment, "DATABASE_URL": core.url}


@pytest.fixture
def command(ops: Command) -> Moderation:
    """Runs `moderation --as ana ...`; returns what it prints."""
    return partial(_printed, ops)


def _printed(ops: Command, *arguments: str) -> Any:
    done = ops("moderation", "--as", "ana", *arguments)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_reports_are_listed_shown_and_decided(
    command: Moderation, ops_process: Command, actors: list[Actor], chat_id: int
) -> None:
    alice, bob, _ = actors
    report = reporting.report_message(bob, send_message(alice, chat_id, "hello").id, "spam")
    (listed,) = command("reports")
    assert (listed["id"], listed["author_id"]) == (report.id, alice.id)
    shown = command("show", str(report.id))
    assert [message["content"] for message in shown["evidence"]] == ["hello"]
    decided = _printed(ops_process, "decide", str(report.id), "warn", "--reason", "Be kind.")
    assert (decided["state"], decided["action"], decided["decided_by"]) == ("decided", "warn", "ana")
    assert command("reports") == []
    assert len(command("reports", "--state", "decided")) == 1
    log = command("log", "--user", alice.uuid)
    assert [(entry["action"], entry["moderator"], entry["reason"]) for entry in log] == [("warn", "ana", "Be kind.")]


def test_users_are_banned_and_unbanned(command: Moderation, actors: list[Actor], core: Database) -> None:
    until = "2090-01-31T12:00:00Z"
    banned = command("ban", str(actors[0].id), "--reason", "fraud", "--until", until)
    assert (banned["reason"], banned["is_shadow"]) == ("fraud", False)
    command("ban", actors[1].uuid, "--shadow")
    found = core.rows("SELECT user_id, is_shadow FROM bans ORDER BY user_id")
    assert found == [
        (actors[0].id, False), (actors[1].id, True),
    ]  # fmt: skip
    assert command("unban", str(actors[0].id)) is None
    assert core.rows("SELECT count(*) FROM users WHERE banned_at IS NOT NULL") == [(0,)]
    assert len(command("log")) == 3


def test_filters_are_printed_and_replaced(command: Moderation, tmp_path: Path) -> None:
    rules = [{"kind": "word", "pattern": "spam", "action": "mask"}]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules))
    assert command("filters") == []
    assert command("filters", str(file)) == rules == command("filters")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["show", "1"], "report_not_found"),
        (["decide", "1", "dismiss"], "report_not_found"),
        (["ban", "9007199254740991"], "user_not_found"),
        (["ban", "no-such-user"], "user_not_found"),
        (["filters", "/no/such/file"], "validation_failed"),
    ],
)
def test_what_is_refused_is_named(ops: Command, arguments: list[str], problem: str) -> None:
    done = ops("moderation", *arguments)
    assert (done.code, done.err.splitlines()[-1]) == (1, f"chatapp: Failed: {problem}.")


@pytest.mark.parametrize("content", ["{", "{}", '[{"kind": "word"}]', '[{"kind": "a", "pattern": "b", "action": "c"}]'])
def test_invalid_rules_change_nothing(ops: Command, core: Database, tmp_path: Path, content: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(content)
    done = ops("moderation", "filters", str(file))
    assert (done.code, done.err.splitlines()[-1]) == (1, "chatapp: Failed: validation_failed.")
    assert core.rows("SELECT 1 FROM moderation_filters") == []


def test_moderators_are_added_listed_and_removed(command: Moderation, actors: list[Actor]) -> None:
    bob = actors[1]
    shown = {"id": bob.id, "username": "bob", "is_moderator": True}
    assert command("add-moderator", bob.uuid) == shown
    assert command("moderators") == [shown]
    assert command("remove-moderator", str(bob.id)) == {**shown, "is_moderator": False}
    assert command("moderators") == []
    assert [(entry["action"], entry["moderator"]) for entry in command("log")] == [
        ("moderator_removed", "ana"),
        ("moderator_added", "ana"),
    ]
