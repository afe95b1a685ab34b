"""State equals events: for every action, the old state and its events make what a fresh read shows.

In both dialects, for all members, over the sockets and by a catch-up from the cursor of the old state.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

from chatapp import actions
from tests.database import Database
from tests.flows.state.cases import CASES, WITHOUT_CASE, Case
from tests.flows.state.world import World
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.servers import ChatServer

ALL = [
    (case, is_larger)
    for case in CASES
    for is_larger in (False, True)
    if (case.in_larger if is_larger else case.in_pair)
]


@pytest.fixture(scope="module")
def people(server: ChatServer) -> Iterator[tuple[Person, Person, Person]]:
    """Three users, with a new chat for each test."""
    maker = PersonMaker(server)
    yield maker("alice"), maker("bob"), maker("carol")
    maker.close_sockets()


@pytest.mark.parametrize(
    ("case", "is_larger"), ALL, ids=[f"{case}{' in a larger chat' if larger else ''}" for case, larger in ALL]
)
def test_old_state_and_events_make_the_fresh_state(
    people: tuple[Person, Person, Person], host: Host, database: Database, case: Case, is_larger: bool
) -> None:
    world = World(people, host, database, is_larger=is_larger)
    case.prepare(world)
    viewers = world.viewers()
    try:
        case.act(world)
        for viewer in viewers:
            viewer.assert_events_equal_state()
    finally:
        world.alice.social.unblocks(world.bob)
        for viewer in viewers:
            viewer.closes()


def test_every_action_has_a_case() -> None:
    with_case = {case.action for case in CASES}
    assert not with_case & set(WITHOUT_CASE)
    assert set(_actions()) == with_case | set(WITHOUT_CASE)


def _actions() -> Iterator[str]:
    """What a user can do: the public functions of `chatapp.actions` whose first parameter is the actor."""
    for found in pkgutil.walk_packages(actions.__path__, "chatapp.actions."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            is_public = function.__module__ == found.name and not name.startswith("_")
            if is_public and parameters[:1] == ["actor"]:
                yield f"{found.name.removeprefix('chatapp.actions.')}.{name}"
