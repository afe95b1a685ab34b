"""Storing in one round trip leaves the same rows as storing in two (`test_group_commit.py` compares the outcomes)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chatapp.actions import chat_settings, group_commit, one_trip
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.group_commit import Outcome
from chatapp.actions.reading import mark_read
from chatapp.auth.actor import Actor
from chatapp.events.encoding import from_json, to_json
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import MessageSent
from chatapp.ids import snowflake
from chatapp.infra.postgres import database_connection, db
from tests.actions.drafts import Commit, described, draft
from tests.database import Database
from tests.query_counter import QueryCounter

ITEMS = {"two": 7, "one": 8}  # the items of the two chats
TEXTS = ["plain", 'quotes " and \\ and \n', "Ђачки растанак 🙂 \u2028", "<b>", "https://example.org"]
PLACE = {"latitude": 44.80, "longitude": -20, "address": 'A "small" street'}

# What is stored for a chat, without what differs between two: ids become positions, and times are those of messages.
STATE = {
    "messages": "SELECT seq, version, sender_id, message_type, content, location::text, right(client_key, -3),"
    " has_links, attachments_count, changed_version, created_at = sent_at(id) FROM messages WHERE chat_id = %s"
    " ORDER BY id",
    "chat": "SELECT last_seq, last_version, last_message_sender_id, last_message_text, last_message_deleted,"
    " first_message_id = (SELECT min(id) FROM messages WHERE chat_id = c.id),"
    " last_message_id = (SELECT max(id) FROM messages WHERE chat_id = c.id),"
    " last_message_at = sent_at(last_message_id), updated_at = sent_at(last_message_id) FROM chats c WHERE id = %s",
    "members": "SELECT user_id, last_read_seq, has_unread, is_archived,"
    " active_bucket = floor(extract(epoch FROM last_message_at) / 300), m.changed_in = c.changed_in"
    " FROM chat_members m JOIN chats c ON c.id = chat_id WHERE chat_id = %s ORDER BY user_id",
    "marks": "SELECT user_id, up_to_seq, m.seq, read_at = m.created_at FROM read_marks r"
    " LEFT JOIN messages m ON m.id = message_id WHERE r.chat_id = %s ORDER BY user_id, up_to_seq",
    "keys": "SELECT k.sender_id, right(key, -3), fingerprint::text, seq FROM client_keys k"
    " JOIN messages m ON m.id = message_id WHERE k.chat_id = %s AND key NOT LIKE 'server:%%' ORDER BY 1, 2",
}
# 3,000 more chats of a user.
CROWD = """
WITH others AS (
    INSERT INTO users (subject, username) SELECT n, n FROM generate_series(1, 3000) n RETURNING id
), made AS (
    INSERT INTO chats (kind, buyer_id, seller_id) SELECT 'direct', %s, id FROM others RETURNING id, buyer_id, seller_id
)
INSERT INTO chat_members (chat_id, user_id, role)
    SELECT id, u, role FROM made, LATERAL (VALUES (buyer_id, 'buyer'), (seller_id, 'seller')) v (u, role)
"""
SENT_AT = """
CREATE FUNCTION sent_at(id bigint) RETURNS timestamptz LANGUAGE sql AS
    'SELECT to_timestamp(((id >> 12) + 1704067200000) / 1000.0)'
"""


@pytest.fixture
def both_chats(core: Database, actors: list[Actor]) -> dict[str, int]:
    """Two chats of the first two actors, in which the same happens; one is stored in two trips, one in one."""
    core.change(SENT_AT)
    core.change("UPDATE users SET name = 'A. \"Al\" \\ Ice', picture_url = 'https://x/é' WHERE id = %s", actors[0].id)
    core.change(
        "INSERT INTO items (kind, id, seller_id) VALUES ('listing', 7, %s), ('listing', 8, %s)", *[actors[1].id] * 2
    )
    return {way: find_or_create_chat(actors[0], listing_id=item) for way, item in ITEMS.items()}


@pytest.fixture
def same_in_both(core: Database, both_chats: dict[str, int]) -> Callable[[Callable[[int, str, Commit], Any]], None]:
    """Does the same in both chats, and compares the results, the rows and the events."""

    def compare(act: Callable[[int, str, Commit], Any]) -> None:
        ways = {"two": group_commit.commit, "one": one_trip.commit}
        results = {way: act(both_chats[way], way, commit) for way, commit in ways.items()}
        assert _plain(results["one"]) == _plain(results["two"])
        for name, sql in STATE.items():
            rows = {way: core.rows(sql, chat_id) for way, chat_id in both_chats.items()}
            assert rows["one"] == rows["two"], name
        for (text,) in core.rows("SELECT events FROM outbox"):
            assert text == to_json(from_json(text)).decode(), "redactions find rows by this format"
        stored = {way: _events(core, chat_id) for way, chat_id in both_chats.items()}
        assert _plain([event.message for event in stored["one"]]) == _plain([event.message for event in stored["two"]])
        for way, result in results.items() if isinstance(results["one"], list) else ():
            for message in (found for found in result if type(found) is MessageSnapshot):  # not repeated ones
                (event,) = [event for event in stored[way] if event.message.seq == message.seq]
                assert event.message == message, "what is stored is what is published"
                assert (event.chat_id, event.version) == (both_chats[way], message.version)
                assert sorted(event.recipients) == sorted((message.sender.id, message.counterpart.id))

    return compare


def _events(core: Database, chat_id: int) -> list[MessageSent]:
    events = [event for (row,) in core.rows("SELECT events FROM outbox ORDER BY id") for event in from_json(row)]
    return [event for event in events if isinstance(event, MessageSent) and event.chat_id == chat_id]


def _plain(result: Any) -> Any:
    """A result without ids and times."""
    if isinstance(result, MessageSnapshot):
        key = result.client_key and result.client_key[3:]
        return replace(result, id=0, chat_id=0, created_at="", updated_at="", client_key=key)
    return [_plain(found) for found in result] if isinstance(result, list) else getattr(result, "code", result)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_rows_and_events_are_the_same(
    core: Database, actors: list[Actor], same_in_both: Any, both_chats: dict[str, int], size: int
) -> None:
    alice, bob, carol = actors

    def send(*contents: tuple[Actor, str], has_keys: bool = False, **fields: Any) -> None:
        def act(chat_id: int, way: str, commit: Commit) -> list[Outcome]:
            drafts = [
                draft(sender, chat_id, text, key=f"{way}{text}" if has_keys else None, **fields)
                for sender, text in contents
            ]
            return [
                outcome for start in range(0, len(drafts), size) for outcome in commit(drafts[start : start + size])
            ]

        same_in_both(act)

    send(*[(alice, text) for text in TEXTS], has_keys=True, origin="socket")
    send((bob, "a"), (alice, "b"), (bob, "c"), (bob, "d"), (alice, "e"), has_links=True)
    same_in_both(lambda chat_id, way, commit: mark_read(alice, chat_id))
    send((alice, "f"), (alice, "place"), location=PLACE, message_type="location")
    same_in_both(lambda chat_id, way, commit: chat_settings.set_archived(bob, chat_id, True))
    send((alice, "g"), (bob, "h"), (carol, "not a member"))
    send(*[(alice, text) for text in TEXTS], has_keys=True)  # the same keys again: the messages as they are
    core.change("UPDATE chat_members SET active_bucket = active_bucket - 7")
    send((bob, "i"))


def test_ids_rise_when_the_clock_goes_back(core: Database, actors: list[Actor], both_chats: dict[str, int]) -> None:
    ahead = 3_600_000 << snowflake.SEQUENCE_BITS
    chat_id = both_chats["one"]
    for size in (1, 3):
        core.change("UPDATE chats SET last_message_id = %s", _last_id(core, chat_id) + ahead)
        last = core.rows("SELECT last_message_id FROM chats WHERE id = %s", chat_id)[0][0]
        sent = one_trip.commit([draft(actors[0], chat_id) for _ in range(size)])
        ids = [message.id for message in sent if isinstance(message, MessageSnapshot)]
        millisecond = last >> snowflake.SEQUENCE_BITS
        assert [id >> snowflake.SEQUENCE_BITS for id in ids] == [millisecond + n + 1 for n in range(size)]
        times = "SELECT last_message_id, last_message_at = sent_at(last_message_id) FROM chats WHERE id = %s"
        assert core.rows(times, chat_id) == [(ids[-1], True)]


def _last_id(core: Database, chat_id: int) -> int:
    ((id,),) = core.rows("SELECT greatest(last_message_id, make_id()) FROM chats WHERE id = %s", chat_id)
    return int(id)


@pytest.mark.parametrize("size", [1, 100])
def test_usual_messages_take_one_round_trip(actors: list[Actor], both_chats: dict[str, int], size: int) -> None:
    alice, bob, _ = actors
    targets = [Target(other_id=bob.id, listing_id=ITEMS["two"]), Target(listing_id=ITEMS["two"])]
    batch = [draft(alice, both_chats["two"], str(number), target=targets[number % 2]) for number in range(size - 1)]
    batch.append(draft(bob, both_chats["one"], "by its id"))
    one_trip.commit(batch)  # prepares the statement
    again = [replace(found, key=f"{found.key} again") for found in batch]
    with QueryCounter() as counter:
        outcomes = one_trip.commit(again)
    assert all(isinstance(outcome, MessageSnapshot) for outcome in outcomes)
    assert len(counter.queries) == 1, counter.queries


def test_the_rest_of_a_batch_is_stored_whatever_a_message_needs(
    core: Database, actors: list[Actor], both_chats: dict[str, int]
) -> None:
    alice, bob, carol = actors
    chat_id, other_chat = both_chats.values()
    with_carol = find_or_create_chat(alice, other_id=carol.id)
    core.change("UPDATE users SET banned_at = now() WHERE id = %s", carol.id)
    core.change("INSERT INTO items (kind, id, seller_id) VALUES ('storefront_product', 7, %s)", bob.id)
    batch = [
        draft(alice, other_chat, "usual"),
        draft(alice, chat_id, "files", attachment_ids=(1,)),
        draft(alice, chat_id, "after them"),
        draft(alice, with_carol, "found", target=Target(other_id=carol.id)),
        draft(alice, with_carol, "by id"),
        draft(bob, other_chat, "resold", target=Target(listing_id=ITEMS["one"])),
        draft(alice, other_chat, "product", target=Target(other_chat, storefront_product_id=7)),
        draft(alice, other_chat, "item", target=Target(other_chat, other_id=bob.id, listing_id=ITEMS["one"])),
    ]
    expected = [
        ("usual", 1),
        "attachment_not_found",
        ("after them", 1),
        "receiver_not_found",
        ("by id", 1),
        "receiver_not_found",
        "contradictory_targets",
        ("item", 2),
    ]
    assert [described(outcome) for outcome in one_trip.commit(batch)] == expected


def test_sales_of_others_are_found_no_more(core: Database, actors: list[Actor], both_chats: dict[str, int]) -> None:
    alice, bob, carol = actors
    core.change("UPDATE items SET seller_id = %s", carol.id)
    found = Target(other_id=bob.id, listing_id=ITEMS["one"])
    for others in ([], [draft(alice, both_chats["two"])]):
        outcomes = one_trip.commit([draft(alice, both_chats["one"], target=found), *others])
        assert described(outcomes[0]) == "receiver_not_found"


def test_no_call_reads_more_rows_than_its_messages_need(
    core: Database, actors: list[Actor], both_chats: dict[str, int]
) -> None:
    alice = actors[0]
    core.change(CROWD, alice.id)
    core.change("ANALYZE")
    tables = "chats", "chat_members", "users", "messages", "client_keys"
    for size in (1, 2, 20):
        with database_connection(), db.atomic():
            one_trip._call([draft(alice, chat_id) for chat_id in [*both_chats.values()] * 10][:size])
            read = db.execute_sql(
                "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)",
                (list(tables),),
            ).fetchone()[0]
        assert read <= 50 * size


@pytest.mark.parametrize("size", [1, 3])
def test_chats_and_members_are_updated_in_place(
    core: Database, actors: list[Actor], both_chats: dict[str, int], size: int
) -> None:
    """Heap-only: no index gets an entry."""
    chat_id = both_chats["one"]
    # The next ids are in the middle of an activity bucket, whatever the clock shows.
    core.change(
        "UPDATE chats SET last_message_id = ((extract(epoch FROM now()) / 300)::bigint * 300000 + 450000 - %s) << %s",
        snowflake.EPOCH_MS,
        snowflake.SEQUENCE_BITS,
    )
    one_trip.commit([draft(actors[0], chat_id)])  # its members have other values in indexed columns from now on
    with database_connection(), db.atomic():
        before = _updates()
        one_trip._call([draft(actors[0], chat_id) for _ in range(size)])
        after = _updates()
    for table in ("chats", "chat_members"):
        assert [now - then for now, then in zip(after[table], before[table], strict=True)] == [1, 1]


def _updates() -> dict[str, tuple[int, int]]:
    """Updated rows by table, and how many of them were updated in place, as this session has counted."""
    rows = db.execute_sql("SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables").fetchall()
    return {table: (updated, in_place) for table, updated, in_place in rows}


def test_without_the_functions_messages_take_two_round_trips(
    core: Database, actors: list[Actor], both_chats: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    core.change("DROP FUNCTION store_message_v2, store_messages_v2")
    with caplog.at_level(logging.WARNING, logger="chatapp.actions.one_trip"):
        sent = one_trip.commit([draft(actors[0], both_chats["one"])])
    assert [described(outcome) for outcome in sent] == [("hi", 1)]
    assert [record.message for record in caplog.records] == ["messages not stored in one round trip"]
