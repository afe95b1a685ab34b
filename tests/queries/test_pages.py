"""First pages out of memory are what Postgres would say: whatever happened before, and for both members."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chatapp.access import access_chat
from chatapp.actions import blocking, editing, reading, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.people import sync_person
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, NotFound
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import messages, pages
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.query_counter import QueryCounter

SIZES = {"ci": (15, 25), "full": (200, 50)}
EXAMPLES, STEPS = SIZES[os.environ.get("HYPOTHESIS_PROFILE", "ci")]
LIMITS = (1, 3, 20)

members = st.integers(0, 1)
some = st.integers(0, 1000)
texts = st.text("abc .", min_size=1, max_size=9).filter(str.strip)


@pytest.fixture
def people(actors: list[Actor]) -> list[Actor]:
    """Two people."""
    return actors[:2]


class TwoReaders(RuleBasedStateMachine):
    """Both change what they can, and both look at every state of the chat."""

    people: list[Actor]

    def __init__(self) -> None:
        super().__init__()
        alice, bob = self.people
        self.chat_id = find_or_create_chat(alice, other_id=bob.id)
        self.sent = [sending.send_message(alice, self.chat_id, "first").id]

    @rule(who=members, text=texts)
    def send(self, who: int, text: str) -> None:
        try:
            self.sent.append(sending.send_message(self.people[who], self.chat_id, text).id)
        except Forbidden as refusal:
            assert refusal.code == "blocked"

    @rule(who=members, which=some, text=texts)
    def edit(self, who: int, which: int, text: str) -> None:
        try:
            editing.edit_message(self.people[who], self.sent[which % len(self.sent)], text)
        except (Forbidden, Conflict) as refusal:
            assert refusal.code in ("blocked", "not_author", "message_deleted")

    @rule(who=members, which=some)
    def delete(self, who: int, which: int) -> None:
        try:
            editing.delete_message(self.people[who], self.sent[which % len(self.sent)])
        except Forbidden as refusal:
            assert refusal.code == "not_author"

    @rule(who=members, which=some)
    def read(self, who: int, which: int) -> None:
        reading.mark_read(self.people[who], self.chat_id, [self.sent[which % len(self.sent)]])

    @rule(who=members)
    def block(self, who: int) -> None:
        blocking.block(self.people[who], self.people[1 - who].username)

    @rule(who=members)
    def unblock(self, who: int) -> None:
        try:
            blocking.unblock(self.people[who], self.people[1 - who].username)
        except NotFound as refusal:
            assert refusal.code == "block_not_found"

    @rule(who=members, name=texts)
    def change_profile(self, who: int, name: str) -> None:
        sync_person(self.people[who].id, {"name": name, "picture_url": f"https://pictures.example/{len(name)}"})

    @invariant()
    def known_is_fresh(self) -> None:
        for person in self.people:
            for limit in LIMITS:
                with database_connection():
                    membership = access_chat(person, self.chat_id)
                    fresh = messages.page(membership, limit=limit)
                    pages.read_page(membership, limit=limit)
                    # Known by now, by the other member or by this one.
                    assert pages.read_page(membership, limit=limit) == fresh

    def teardown(self) -> None:
        for who in (0, 1):
            self.unblock(who)


def test_a_known_first_page_is_what_a_fresh_read_says(people: list[Actor]) -> None:
    class Machine(TwoReaders):
        pass

    Machine.people = people
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_a_page_costs_one_query_known_or_not(people: list[Actor]) -> None:
    alice, bob = people
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    sending.send_message(alice, chat_id, "hello")
    with database_connection():
        membership = access_chat(bob, chat_id)
        for _ in range(2):
            with QueryCounter() as asked:
                pages.read_page(membership, limit=2)
            assert len(asked.queries) == 1
        assert len(pages.first_pages()) == 1
        with QueryCounter() as asked:
            pages.read_page(membership, limit=2, before_id=membership.chat.last_message_id + 1)
        assert len(asked.queries) == 1
        assert len(pages.first_pages()) == 1


def test_a_page_that_is_newer_than_its_version_is_not_kept(people: list[Actor]) -> None:
    alice, bob = people
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    sent = sending.send_message(alice, chat_id, "before")
    with database_connection():
        early = access_chat(bob, chat_id)
    editing.edit_message(alice, sent.id, "after")
    with database_connection():
        for _ in range(2):
            assert [message.content for message in pages.read_page(early, limit=5).messages] == ["after"]
    assert len(pages.first_pages()) == 0


def test_a_chat_that_is_gone_while_its_page_is_known_is_empty(people: list[Actor]) -> None:
    alice, bob = people
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    sending.send_message(alice, chat_id, "not for long")
    with database_connection():
        membership = access_chat(bob, chat_id)
        assert len(pages.read_page(membership, limit=5).messages) == 1
        db.execute_sql("DELETE FROM chats WHERE id = %s", (chat_id,))
        assert pages.read_page(membership, limit=5).messages == []


def test_pages_of_a_larger_chat_are_those_of_each_member(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    chat_id = make_larger_chat(core, [actor.id for actor in actors])
    first, _, last = (sending.send_message(sender, chat_id, "hi") for sender in (alice, bob, carol))
    core.change("DELETE FROM chat_members WHERE user_id = %s", carol.id)  # she has left
    for read_by_bob in (first, last):
        reading.mark_read(bob, chat_id, [read_by_bob.id])
        for viewer in (alice, bob, alice, bob):
            with database_connection():
                membership = access_chat(viewer, chat_id)
                page = pages.read_page(membership, limit=5)
                assert page == messages.page(membership, limit=5)
            if viewer is bob:
                read = [(message.sender.id, message.is_read) for message in page.messages]
                assert read == [(carol.id, read_by_bob is last), (bob.id, False), (alice.id, True)]
    assert len(pages.first_pages()) == 1, "one for all members"
