"""Erasing a user leaves nothing of what they wrote in reports, warnings, bans and the log."""

from __future__ import annotations

from chatapp.actions import sending
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.moderation import bans, erasure, filters
from chatapp.auth.actor import Actor
from chatapp.errors import Forbidden
from chatapp.text.content_rules import Rule
from chatapp.transaction import unit_of_work
from tests.actions.attachments.conftest import Storage
from tests.actions.attachments.conftest import inspectors as inspectors
from tests.actions.attachments.conftest import rebind as rebind
from tests.actions.attachments.conftest import storage as storage
from tests.actions.moderation.words import decided, open_reports, refusal, reported, said, stored
from tests.database import Database
from tests.files.corpus import JPEG

CANARY = "canary"
TABLES = ("reports", "warnings", "bans", "moderation_log", "shadow_messages", "shadow_edits")


def found(core: Database, word: str = CANARY) -> dict[str, int]:
    """The tables with rows that contain a word, and how many."""
    counts = {
        table: core.rows(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", f"%{word}%") for table in TABLES
    }
    return {table: rows[0][0] for table, rows in counts.items() if rows[0][0]}


def test_nothing_of_the_user_is_left(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    filters.put_rules([Rule("word", "hold", "hold"), Rule("word", "canary bird", "report")])
    his = said(bob, chat_id, "words of bob")
    hers = said(alice, chat_id, f"{CANARY} one")
    said(alice, chat_id, "canary bird")
    reported(alice, his, text=f"{CANARY} two")
    decided(reported(bob, hers), "warn", reason=f"{CANARY} three")
    with refusal(Forbidden, "content_held"):
        said(alice, chat_id, f"{CANARY} four, hold")
    bans.ban(alice.id, reason=f"{CANARY} five", is_shadow=True)
    said(alice, chat_id, f"{CANARY} six")
    assert set(found(core)) == {"reports", "warnings", "bans", "moderation_log", "shadow_messages"}

    erase_person(alice.id)
    assert found(core) == {}
    assert found(core, "words of bob") == {"reports": 3}
    assert found(core, "alice") == {}
    assert len(open_reports()) == 2, "hers about bob, and that of the filter; what was held is discarded"


def test_others_keep_theirs(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, carol = actors
    report = reported(bob, said(alice, chat_id, "her words"), text="his words")
    erase_person(bob.id)
    assert [message["content"] for message in stored(report).evidence] == ["her words"]
    assert (stored(report).text, stored(report).reporter_id) == ("", bob.id)
    with unit_of_work():
        assert erasure.erase(carol.id) == 0


def test_a_decision_works_after_an_erasure(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    report = reported(bob, said(alice, chat_id))
    erase_person(alice.id)
    assert decided(report, "remove_message").state == "decided"


def test_files_that_reports_keep_are_erased(storage: Storage) -> None:
    alice, bob, _ = storage.actors
    message = storage.sends(ids=storage.uploads(JPEG))
    sending.send_message(bob, storage.chat_id, "beside it")
    report = reported(bob, message)
    erase_person(alice.id)
    assert storage.is_empty()
    assert [one["attachments"] for one in stored(report).evidence] == [[], []]


def test_kept_evidence_stays_until_the_report_goes(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    report = reported(bob, said(alice, chat_id, "her words"))
    with unit_of_work():
        assert erasure.erase(alice.id, keeps_evidence=True) == 1
    assert [message["content"] for message in stored(report).evidence] == ["her words"]
