"""Reports: who may report what, and how often."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.actions import editing, removal
from chatapp.actions.moderation import reporting
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, NotFound
from config import load
from tests.actions.moderation.words import decided, open_reports, refusal, reported, said, stored
from tests.database import Database


def test_a_report_names_the_message_and_its_author(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    report = reported(bob, message, "fraud", " he asks for\x07 money ")
    assert (report.source, report.state) == ("user", "open")
    assert (report.reporter_id, report.author_id) == (bob.id, alice.id)
    assert (report.chat_id, report.message_id) == (chat_id, message.id)
    assert (report.reason, report.text) == ("fraud", "he asks for money")
    assert open_reports() == [report]


def test_repeating_an_open_report_returns_it(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    first = reported(bob, message)
    assert reported(bob, message, "other", "again") == first
    editing.delete_message(alice, message.id)
    assert reported(bob, message) == first, "also after the message was deleted"
    decided(first, "dismiss")
    with refusal(Conflict, "message_deleted"):
        reported(bob, message)


def test_a_decided_message_can_be_reported_again(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    first = reported(bob, message)
    decided(first, "dismiss")
    assert reported(bob, message).id > first.id


def test_only_members_report_and_not_themselves(actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    message = said(alice, chat_id)
    with refusal(NotFound, "message_not_found"):
        reported(carol, message)
    with refusal(NotFound, "message_not_found"):
        reporting.report_message(carol, 0, "spam")
    with refusal(Invalid, "cannot_report_self"):
        reported(alice, message)
    assert open_reports() == []


def test_open_reports_of_a_user_are_bounded(
    actors: list[Actor], chat_id: int, core: Database, environment: dict[str, str]
) -> None:
    reporting.max_open_reports.bind(load({**environment, "DATABASE_URL": core.url, "MAX_OPEN_REPORTS": "2"}))
    alice, bob, _ = actors
    first, second, third = (said(alice, chat_id) for _ in range(3))
    report = reported(bob, first)
    reported(bob, second)
    with refusal(Conflict, "too_many_reports"):
        reported(bob, third)
    decided(report, "dismiss")
    reported(bob, third)


def test_a_filter_reports_a_message_once(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    for _ in range(2):
        reporting.report_by_filter(alice, message.id, "hello")
    reported(bob, message)
    first, second = open_reports()
    assert (first.source, first.reporter_id, first.text) == ("filter", None, "hello")
    assert (second.source, second.reporter_id) == ("user", bob.id)
    assert stored(first).people == [alice.id]


def test_a_filter_does_not_report_a_deleted_message(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    message = said(alice, chat_id)
    editing.delete_message(alice, message.id)
    reporting.report_by_filter(alice, message.id, "hello")
    removal.delete_chat(alice, chat_id)
    with refusal(NotFound, "message_not_found"):
        reporting.report_by_filter(alice, message.id, "hello")
    assert open_reports() == []


Change = Callable[[Actor, int, int], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda alice, message_id, chat_id: editing.edit_message(alice, message_id, "harmless"),
        lambda alice, message_id, chat_id: editing.delete_message(alice, message_id),
        lambda alice, message_id, chat_id: removal.delete_chat(alice, chat_id),
    ],
    ids=["edit", "delete", "delete chat"],
)
@pytest.mark.parametrize("action", ["dismiss", "remove_message", "warn", "ban", "shadow_ban"])
def test_a_report_outlives_what_happens_to_the_message(
    actors: list[Actor], chat_id: int, change: Change, action: str
) -> None:
    alice, bob, _ = actors
    report = reported(bob, said(alice, chat_id, "the very words"))
    change(alice, report.message_id or 0, chat_id)
    assert [message["content"] for message in stored(report).evidence] == ["the very words"]
    assert decided(report, action).state == "decided"
    assert open_reports() == []
