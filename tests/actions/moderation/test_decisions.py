"""Decisions: what each does, and that only one of several moderators makes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from chatapp import clock
from chatapp.access import access_chat, is_shadow_banned
from chatapp.actions import editing
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.moderation import bans, decisions, filters, warnings
from chatapp.actions.moderation.decisions import Decision
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound
from chatapp.events.moderation import WarningChanged
from chatapp.events.types import MessageDeleted
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries
from chatapp.queries import moderation as moderation_queries
from chatapp.queries.people import account_status_of_id
from chatapp.text.content_rules import Rule
from tests.actions.moderation.words import decided, open_reports, published, refusal, reported, said
from tests.database import Database


def is_deleted(message_id: int) -> bool:
    """Whether a message is deleted."""
    with database_connection():
        return message_queries.snapshots_by_id([message_id])[0].is_deleted


def is_revoked(actor: Actor) -> bool:
    """Whether a user is refused."""
    status = account_status_of_id(actor.id, None)
    return status is None or status.is_revoked


def test_dismissing_changes_nothing_but_the_report(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    report = decided(reported(bob, message), "dismiss", moderator="ana")
    assert (report.state, report.action, report.decided_by) == ("decided", "dismiss", "ana")
    assert report.decided_at is not None
    assert not is_deleted(message.id)
    with database_connection():
        assert moderation_queries.reports(is_open=False, limit=5) == ([report], False)


def test_removing_deletes_the_message_for_all(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    decided(reported(bob, message), "remove_message")
    assert is_deleted(message.id)
    (event,) = published(core, MessageDeleted)
    assert isinstance(event, MessageDeleted)
    assert (event.message_id, event.version, event.recipients) == (message.id, 2, (alice.id, bob.id))


def test_a_warning_reaches_the_author(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    decided(reported(bob, message), "warn", reason="Be kind.")
    (event,) = published(core, WarningChanged)
    assert isinstance(event, WarningChanged)
    assert (event.recipients, event.message_id, event.reason) == ((alice.id,), message.id, "Be kind.")
    with database_connection():
        (warning,) = moderation_queries.warnings(alice)
        assert moderation_queries.warnings(bob) == []
    assert warnings.acknowledge(alice, warning.id).acknowledged_at is not None


def test_bans_end_access_and_shadow_bans_do_not(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    until = clock.now() + dt.timedelta(days=1)
    decided(reported(bob, said(alice, chat_id)), "ban", reason="fraud", until=until)
    decided(reported(alice, said(bob, chat_id)), "shadow_ban", reason="spam")
    assert (is_revoked(alice), is_revoked(bob)) == (True, False)
    assert (is_shadow_banned(alice.id), is_shadow_banned(bob.id)) == (False, True)
    with database_connection():
        ban = moderation_queries.ban_of(alice.id)
    assert ban is not None
    assert (ban.reason, ban.until, ban.is_shadow) == ("fraud", until, False)


def test_a_decision_closes_all_reports_of_the_message(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    message, other = said(alice, chat_id), said(alice, chat_id)
    filters.put_rules([Rule("word", "greetings", "report")])
    editing.edit_message(alice, message.id, "greetings")  # reported by the filter
    report, untouched = reported(bob, message), reported(bob, other)
    decided(report, "remove_message", moderator="ana")
    assert open_reports() == [untouched]
    assert core.rows("SELECT DISTINCT action, decided_by FROM reports WHERE message_id = %s", message.id) == [
        ("remove_message", "ana")
    ]
    (entry,) = core.rows("SELECT action, report_id, detail->'closed' FROM moderation_log WHERE message_id IS NOT NULL")
    assert entry == ("remove_message", report.id, [report.id - 1])


def test_an_unknown_report_is_not_found(core: Database) -> None:
    with refusal(NotFound, "report_not_found"):
        decisions.decide(1, Decision("dismiss"))


@pytest.mark.parametrize("action", decisions.ACTIONS)
def test_a_decided_report_is_not_decided_again(actors: list[Actor], chat_id: int, action: str) -> None:
    alice, bob, _ = actors
    report = decided(reported(bob, said(alice, chat_id)), "dismiss")
    with refusal(Conflict, "report_decided"):
        decided(report, action)
    assert not is_revoked(alice)
    assert not is_shadow_banned(alice.id)


def test_a_refused_decision_changes_nothing(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    report = reported(bob, said(alice, chat_id))
    with pytest.raises(Invalid):
        decided(report, "ban", until=clock.now())
    erase_person(alice.id)
    with refusal(Conflict, "user_erased"):
        decided(report, "ban")
    assert [one.id for one in open_reports()] == [report.id]
    assert core.rows("SELECT 1 FROM bans") == core.rows("SELECT 1 FROM moderation_log") == []


def test_decided_reports_are_swept_after_their_time(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    old, recent, undecided = (reported(bob, said(alice, chat_id)) for _ in range(3))
    decided(old, "dismiss")
    decided(recent, "dismiss")
    core.change("UPDATE reports SET decided_at = now() - interval '2 hours' WHERE id = %s", old.id)
    core.change("UPDATE reports SET created_at = now() - interval '9 years'")
    with database_connection():
        assert decisions.sweep(3600.0) == 1
    assert core.rows("SELECT id FROM reports ORDER BY id") == [(recent.id,), (undecided.id,)]


Held = Callable[[], object]


@pytest.fixture
def held(actors: list[Actor], chat_id: int) -> Held:
    """Bob sends what a filter holds back."""
    filters.put_rules([Rule("word", "hold me", "hold")])
    return lambda: said(actors[1], chat_id, "please hold me")


def history(actor: Actor, chat_id: int) -> list[str]:
    """The texts of a chat, oldest first."""
    with database_connection():
        page = message_queries.page(access_chat(actor, chat_id), limit=50)
    return [message.content for message in page.messages][::-1]


def test_dismissing_sends_a_held_message(actors: list[Actor], chat_id: int, held: Held) -> None:
    with refusal(Forbidden, "content_held"):
        held()
    (report,) = open_reports()
    assert (report.source, report.author_id, report.chat_id, report.text) == ("held", actors[1].id, chat_id, "hold me")
    assert history(actors[0], chat_id) == []
    assert decided(report, "dismiss").state == "decided"
    assert history(actors[0], chat_id) == ["please hold me"]
    with refusal(Conflict, "report_decided"):
        decided(report, "dismiss")
    assert len(history(actors[0], chat_id)) == 1


@pytest.mark.parametrize("action", ["remove_message", "warn", "ban", "shadow_ban"])
def test_every_other_decision_discards_it(actors: list[Actor], chat_id: int, held: Held, action: str) -> None:
    with refusal(Forbidden, "content_held"):
        held()
    (report,) = open_reports()
    decided(report, action)
    assert history(actors[0], chat_id) == []
    assert (is_revoked(actors[1]), is_shadow_banned(actors[1].id)) == (action == "ban", action == "shadow_ban")


def test_a_held_message_that_cannot_be_sent_stays_in_the_queue(actors: list[Actor], held: Held) -> None:
    with refusal(Forbidden, "content_held"):
        held()
    (report,) = open_reports()
    bans.ban(actors[1].id)
    with refusal(Forbidden, "account_suspended"):
        decided(report, "dismiss")
    assert [one.id for one in open_reports()] == [report.id]
    bans.unban(actors[1].id)
    decided(report, "dismiss")


def test_a_release_that_was_interrupted_is_continued(
    actors: list[Actor], chat_id: int, held: Held, core: Database
) -> None:
    with refusal(Forbidden, "content_held"):
        held()
    (report,) = open_reports()
    core.change("UPDATE reports SET state = 'releasing'")
    with refusal(Conflict, "report_decided"):
        decided(report, "remove_message")
    decided(report, "dismiss")
    assert history(actors[0], chat_id) == ["please hold me"]
