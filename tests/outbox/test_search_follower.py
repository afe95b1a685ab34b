"""Every committed message is indexed, whatever other transactions, clocks and crashes do."""

from __future__ import annotations

import pytest

from chatapp.actions import sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.outbox import search_follower, search_writer
from chatapp.outbox.search_follower import Follower
from tests.database import Database
from tests.query_counter import QueryCounter
from tests.searching import expected_index, indexed

# As a sender writes it: an id from the clock, then the row.
INSERT = """
INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)
VALUES (make_id() - %s, %s, 100, 100, 1, 'late', now()) RETURNING id
"""


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


def send(actor: Actor, chat_id: int, *texts: str) -> list[int]:
    return [sending.send_message(actor, chat_id, text).id for text in texts]


def test_what_was_sent_is_indexed_once(core: Database, actors: list[Actor], chat_id: int) -> None:
    follower = Follower()
    send(actors[0], chat_id, "Продаю велосипед", "hello")
    assert follower.run() == 2
    assert follower.run() == 0
    assert indexed(core).keys() == expected_index(core)
    (tokens,) = [tokens for tokens in indexed(core).values() if "velosiped" in tokens]
    assert "'~velosiped'" in tokens
    assert f"'=c{chat_id}'" in tokens


def test_more_than_a_batch(core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_writer, "BATCH", 3)
    send(actors[0], chat_id, *map(str, range(8)))
    assert Follower().run() == 8
    assert indexed(core).keys() == expected_index(core)


def test_an_open_transaction_delays_only_its_own_messages(core: Database, actors: list[Actor], chat_id: int) -> None:
    follower = Follower()
    with core.holding(INSERT, 0, chat_id) as cursor:
        (late,) = cursor.fetchone()
        later = send(actors[0], chat_id, "later")
        assert follower.run() == 1
        assert indexed(core).keys() == {*later}
        # The progress passes it again and again while it is open.
        for text in ("a", "b", "c"):
            send(actors[0], chat_id, text)
            assert follower.run() == 1
    assert follower.run() == 1
    assert late in indexed(core)
    assert indexed(core).keys() == expected_index(core)


def test_a_crash_repeats_and_loses_nothing(core: Database, actors: list[Actor], chat_id: int) -> None:
    with core.holding(INSERT, 0, chat_id):
        send(actors[0], chat_id, "before")
        Follower().run()
    send(actors[0], chat_id, "after")
    Follower().run()
    assert indexed(core).keys() == expected_index(core)


def test_a_clock_that_was_set_back(core: Database, chat_id: int) -> None:
    follower = Follower()
    follower.run()
    # A floor of the future is what a clock leaves that was set back since.
    core.change("UPDATE search_progress SET floor_id = make_id() + (3600000::bigint << 12)")
    core.change(INSERT, 0, chat_id)
    assert follower.run() == 1


def test_an_id_from_shortly_before_the_look(core: Database, chat_id: int) -> None:
    follower = Follower()
    core.change(INSERT, 0, chat_id)
    follower.run()
    core.change(INSERT, 4000 << 12, chat_id)
    assert follower.run() == 1


def test_a_new_epoch_of_the_database(core: Database, actors: list[Actor], chat_id: int) -> None:
    follower = Follower()
    send(actors[0], chat_id, "before")
    follower.run()
    core.change("UPDATE cluster_epoch SET epoch = gen_random_uuid()")
    send(actors[0], chat_id, "after")
    follower.run()
    assert indexed(core).keys() == expected_index(core)


def test_a_look_costs_few_queries(core: Database, actors: list[Actor], chat_id: int) -> None:
    follower = Follower()
    send(actors[0], chat_id, "hello")
    follower.run()
    follower.run()  # sorts what is pending
    with QueryCounter() as asked:
        follower.run()
    assert len(asked.queries) <= 2


def test_sending_costs_no_query_more(core: Database, actors: list[Actor], chat_id: int) -> None:
    send(actors[0], chat_id, "first")
    with QueryCounter() as asked:
        send(actors[0], chat_id, "second")
    assert not any("search" in sql for sql, _ in asked.queries)
    assert not core.rows("SELECT FROM message_search")


def test_it_pauses_on_a_busy_machine(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(search_follower.Pace, "pause_after", lambda self, *of_batch: 0.5)
    monkeypatch.setattr(search_follower.gevent, "sleep", pauses.append)
    send(actors[0], chat_id, "hello")
    assert Follower().run() == 1
    assert 0.5 in pauses


def test_progress_says_until_when_everything_is_indexed(core: Database, actors: list[Actor], chat_id: int) -> None:
    send(actors[0], chat_id, "hello")
    before = core.rows("SELECT clock_timestamp()")[0][0]
    Follower().run()
    ((until, is_busy),) = core.rows("SELECT indexed_until, is_busy FROM search_progress")
    # Both are of the database's clock, one of them in milliseconds.
    assert until.timestamp() > before.timestamp() - 0.002
    assert not is_busy


def test_the_wait_list_of_the_index_is_emptied(core: Database, actors: list[Actor], chat_id: int) -> None:
    follower = Follower()
    send(actors[0], chat_id, "hello")
    follower.run()
    follower.run()
    with database_connection():
        search_writer.clean_pending()
    assert indexed(core)
