"""What a search finds: by words, operators, order and page; and what it must not find."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.actions import blocking, editing, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.membership import add_members, leave_group
from chatapp.actions.groups.people import Named
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.ids.public import encode_chat
from chatapp.ids.snowflake import moment_of
from chatapp.infra.postgres import database_connection
from chatapp.queries import search, search_index
from chatapp.search.query import parse
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.query_counter import QueryCounter
from tests.searching import Indexer, find, messages_found, texts_found

Send = Callable[..., int]


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


@pytest.fixture
def indexer(core: Database) -> Indexer:
    return Indexer()


@pytest.fixture
def sends(actors: list[Actor], chat_id: int, indexer: Indexer) -> Send:
    """Sends texts of the first actor, and indexes them; returns the id of the last."""

    def send(*texts: str, actor: Actor = actors[0], to: int = chat_id) -> int:
        ids = [sending.send_message(actor, to, text).id for text in texts]
        indexer.run()
        return ids[-1]

    return send


@pytest.fixture(params=[True, False], ids=["few", "many"])
def by_both_strategies(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few messages, which are compared, and with many, whose words are looked up."""
    if not request.param:
        monkeypatch.setattr(search_index, "FEW", -1)


@pytest.mark.usefixtures("by_both_strategies")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("velosiped", ["Продаю велосипеды"]),
        ("велосипеды", ["Продаю велосипеды"]),
        ("bicikl", ["Продајем бицикл"]),
        ("kozna", ["Кожна фотеља"]),
        ("จักรยาน", ["ขายจักรยานมือสอง"]),
        ("จักรยานเก่า", []),
        ('"good book"', ["A good book"]),
        ("good books -old", ["A good book"]),
        ("book", ["The book is good, but old", "A good book"]),
        ("prod*", ["Продајем бицикл", "Продаю велосипеды"]),
        ("PROD* -велосипеды", ["Продајем бицикл"]),
        ("nothing", []),
    ],
)
def test_words(sends: Send, actors: list[Actor], query: str, found: list[str]) -> None:
    sends("Продаю велосипеды", "Продајем бицикл", "Кожна фотеља", "ขายจักรยานมือสอง", "A good book")
    sends("The book is good, but old")
    assert [texts_found(actor, query) for actor in actors] == [found, found, []]


@pytest.mark.usefixtures("by_both_strategies")
def test_the_best_first(sends: Send, actors: list[Actor]) -> None:
    sends("a good book", "good, this book", "goods and books", "another good book", "books, good ones")
    assert texts_found(actors[0], "good book", by_time=False) == [
        "another good book",
        "a good book",
        "good, this book",
        "books, good ones",
        "goods and books",
    ]
    assert texts_found(actors[0], "book", by_time=False, limit=2) == [
        "another good book",
        "good, this book",
        "a good book",
        "books, good ones",
        "goods and books",
    ]


def test_operators(sends: Send, actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    sends("from alice")
    sends("from bob", actor=bob)
    other = find_or_create_chat(alice, other_id=carol.id)
    sends("to carol", to=other)
    assert texts_found(alice, "from:me") == ["to carol", "from alice"]
    assert texts_found(alice, "from:BOB") == texts_found(alice, f"from:{bob.uuid}") == ["from bob"]
    assert texts_found(alice, f"from:{bob.id}") == texts_found(alice, "from -from:alice") == ["from bob"]
    assert texts_found(alice, f"in:{other}") == texts_found(alice, f"in:{encode_chat(other)}") == ["to carol"]
    assert texts_found(alice, "in:@carol") == ["to carol"]
    assert texts_found(bob, f"in:{other}") == texts_found(alice, "in:unknown from:me") == []
    assert texts_found(alice, "from:unknown") == texts_found(alice, "in:99999999999999999") == []


def test_dates(sends: Send, actors: list[Actor], core: Database) -> None:
    sends("old", "new")
    first, second = sorted(core.rows("SELECT message_id FROM message_search"))
    moment = moment_of(second[0]).isoformat()
    assert first < second
    assert texts_found(actors[0], f'from:me after:"{moment}"') == ["new"]
    assert "new" not in texts_found(actors[0], f"from:me before:{moment}")
    assert texts_found(actors[0], "from:me before:2020") == texts_found(actors[0], "from:me after:2050") == []
    assert len(texts_found(actors[0], "from:me after:2020 before:2050")) == 2


def test_one_chat(sends: Send, actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    sends("here")
    other = find_or_create_chat(alice, other_id=carol.id)
    sends("here, too", to=other)
    assert texts_found(alice, "here", chat_id=other) == ["here, too"]
    with pytest.raises(NotFound):
        find(carol, "here", chat_id=chat_id)


def test_without_anything_positive_nothing_is_found(sends: Send, actors: list[Actor]) -> None:
    sends("hello")
    for query in ("", "-hello", "* - 😀", "before:2050", "-from:bob -x"):
        assert texts_found(actors[0], query) == []


def test_short_prefixes_need_few_messages(sends: Send, actors: list[Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    sends("velvet")
    assert texts_found(actors[0], "ve*") == ["velvet"]
    monkeypatch.setattr(search_index, "FEW", -1)
    with database_connection():
        page = search.search(actors[0], parse("ve* velvet"), chat_id=None, by_time=True, limit=5, after=None)
    assert page.ignored == ("ve*",)
    assert [found.message.content for found in page.found] == ["velvet"]


def test_hidden_messages(sends: Send, actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    sends("first", "second", "third")
    core.change("UPDATE chat_members SET cleared_seq = 1 WHERE user_id = %s", bob.id)
    assert texts_found(bob, "from:alice") == ["third", "second"]
    core.change("UPDATE chat_members SET joined_seq = 2 WHERE user_id = %s", bob.id)
    assert texts_found(bob, "from:alice") == ["third"]
    assert len(texts_found(alice, "from:me")) == 3


def test_larger_chats(core: Database, sends: Send, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    larger = make_larger_chat(core, [alice.id, bob.id, carol.id])
    sends("hello group", to=larger)
    sends("hello from bob", to=larger, actor=bob)
    assert texts_found(carol, "hello") == ["hello from bob", "hello group"]
    blocking.block(carol, bob.username)
    assert texts_found(carol, "hello") == texts_found(carol, "hello", chat_id=larger) == ["hello group"]
    assert len(texts_found(alice, "hello")) == 2
    core.change("DELETE FROM chat_members WHERE user_id = %s", carol.id)
    assert texts_found(carol, "hello") == texts_found(carol, f"hello in:{larger}") == []


def test_what_is_written_in_a_blocked_chat_of_two_stays_findable(sends: Send, actors: list[Actor]) -> None:
    sends("hello")
    blocking.block(actors[1], actors[0].username)
    assert [texts_found(actor, "hello") for actor in actors] == [["hello"], ["hello"], []]


def test_pages_have_no_gaps_and_no_doubles(sends: Send, actors: list[Actor]) -> None:
    sends(*(f"word {number} {'book' if number % 3 else 'books'}" for number in range(20)))
    for by_time in (True, False):
        whole = [message.id for message in messages_found(actors[0], "book", by_time=by_time)]
        assert len(set(whole)) == len(whole) == 20
        for limit in (1, 3, 7):
            found = messages_found(actors[0], "book", by_time=by_time, limit=limit)
            assert [message.id for message in found] == whole


def test_a_page_examines_a_bounded_number(
    sends: Send, actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, _ = actors
    sends(*(f"word {number}" for number in range(12)))
    core.change("UPDATE chat_members SET joined_seq = 12 WHERE user_id = %s", bob.id)
    monkeypatch.setattr(search, "MOST_EXAMINED", 5)
    with database_connection():
        page = search.search(bob, parse("word"), chat_id=None, by_time=True, limit=5, after=None)
    assert page.found == []
    assert page.position is not None
    assert texts_found(bob, "word") == []
    monkeypatch.setattr(search, "MOST_TEXT", 12)
    assert len(texts_found(alice, "word")) == 12


def test_the_newest_of_each_tier_are_ranked(sends: Send, actors: list[Actor], monkeypatch: pytest.MonkeyPatch) -> None:
    sends(*["book"] * 5, *["books"] * 5)
    monkeypatch.setattr(search, "TIER_SIZE", 3)
    assert texts_found(actors[0], "book", by_time=False, limit=2) == ["book"] * 3 + ["books"] * 3
    assert len(texts_found(actors[0], "book")) == 10


def test_long_texts_are_found(sends: Send, actors: list[Actor]) -> None:
    sends("needle " + "hay " * 2000)
    (found,) = find(actors[0], "needle")
    assert found.fragments[0].is_hit


def test_an_older_index_finds_nothing_that_is_gone(sends: Send, actors: list[Actor], core: Database) -> None:
    id = sends("old words")
    editing.edit_message(actors[0], id, "new words")
    for query in ("old", "old words", "new -words", '"old words"'):
        assert texts_found(actors[1], query) == []
    assert texts_found(actors[1], "words") == ["new words"]


def test_partitions_are_read_in_windows(
    sends: Send, actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "FEW", -1)
    sends("word")
    texts_found(actors[0], "word")
    with QueryCounter() as asked:
        texts_found(actors[0], "word", limit=1)
    looked_up = [sql for sql, _ in asked.queries if "enable_bitmapscan" in sql]
    assert 1 <= len(looked_up) <= 4, "future months, this one, and everything before"


def test_what_a_search_costs(sends: Send, actors: list[Actor]) -> None:
    sends("word", "word")
    texts_found(actors[0], "word")
    with QueryCounter() as asked:
        texts_found(actors[0], "word")
    # Larger chats, the state, the index and the messages; then that nothing more is in the index.
    assert len(asked.queries) <= 6


def test_members_of_a_group_find_what_was_written_while_they_were_in_it(actors: list[Actor], sends: Send) -> None:
    alice, bob, carol = actors[:3]
    group = create_group(alice, "Bicycle tours", Named(ids=[bob.id]))
    sends("an early bicycle", to=group)
    add_members(alice, group, Named(ids=[carol.id]))
    sends("a late bicycle", to=group)
    assert texts_found(bob, "bicycle") == ["a late bicycle", "an early bicycle"]
    assert texts_found(carol, "bicycle") == ["a late bicycle"]
    leave_group(bob, group)
    assert texts_found(bob, "bicycle") == []
