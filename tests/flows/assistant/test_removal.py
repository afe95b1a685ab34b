"""What ends with a session, an account, or the time that sessions are kept."""

from __future__ import annotations

from chatapp.actions.assistant import deletion, handover
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.sessions import open_session
from chatapp.actions.assistant.visits import visit_own
from chatapp.actions.erasure import requests
from chatapp.auth.actor import Actor
from tests.database import Database

_ROWS = """
SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages WHERE retention = 1),
    (SELECT count(*) FROM chats WHERE kind = 'assistant'), (SELECT count(*) FROM users WHERE issuer = ':visitor')
"""


def rows(core: Database) -> tuple[int, ...]:
    """The numbers of sessions, their messages, their chats, and of visitors without an account."""
    return core.rows(_ROWS)[0]


def said(actor: Actor | None, content: str) -> int:
    """Open a session and say something; returns the chat."""
    visit = open_session(actor, language="en")
    ask(visit, content, language=None, fallback_language="en")
    return visit.chat_id


def test_expired_sessions_go_with_their_visitors(core: Database, actors: list[Actor]) -> None:
    expired, kept = said(None, "one"), said(None, "two")
    said(actors[0], "three")
    assert rows(core) == (3, 3, 3, 2)
    core.change("UPDATE sessions SET expires_at = now() WHERE chat_id <> %s", kept)
    assert deletion.delete_expired() == 2
    assert rows(core) == (1, 1, 1, 1)
    assert core.rows("SELECT chat_id FROM sessions") == [(kept,)]
    assert core.rows("SELECT user_id, chat_id <> %s FROM chat_tombstones", expired) == [(actors[0].id, True)]
    assert deletion.delete_expired() == 0


def test_a_session_that_a_human_answers_does_not_expire(core: Database) -> None:
    said(None, "one")
    core.change("UPDATE sessions SET expires_at = now(), responder = 'human'")
    assert deletion.delete_expired() == 0


def test_an_erasure_deletes_the_sessions_of_the_user(core: Database, actors: list[Actor]) -> None:
    said(actors[0], "mine")
    said(actors[1], "another's")
    erasure = requests.erase_person(actors[0].id)
    assert erasure.report["sessions"] == 1
    assert rows(core) == (1, 1, 1, 0)
    assert core.rows("SELECT content FROM messages") == [("another's",)]


def test_a_visitor_that_moderators_have_to_do_with_stays(core: Database) -> None:
    said(None, "one")
    core.change("INSERT INTO bans (user_id, is_shadow, reason) SELECT max(id), false, '' FROM users")
    core.change("UPDATE sessions SET expires_at = now()")
    assert deletion.delete_expired() == 1
    assert rows(core) == (0, 0, 0, 1)


def test_an_erased_human_leaves_the_sessions_of_others(core: Database, actors: list[Actor]) -> None:
    chat_id = said(actors[0], "about her lamp")
    core.change("INSERT INTO items (kind, id, title, seller_id) VALUES ('listing', 7, 'Lamp', %s)", actors[1].id)
    core.change("UPDATE sessions SET item_kind = 'listing', item_id = 7")
    handover.hand_over(visit_own(actors[0], chat_id), "a question")
    members = "SELECT user_id FROM chat_members ORDER BY user_id"
    assert core.rows(members) == [(actors[0].id,), (actors[1].id,)]
    requests.erase_person(actors[1].id)
    assert core.rows(members) == [(actors[0].id,)]
    assert core.rows("SELECT responder FROM sessions") == [("human",)]
