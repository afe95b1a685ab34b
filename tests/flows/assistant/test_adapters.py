"""What adapters get of the application: the budget of tokens, and the parts that a bot sends later."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest

from chatapp.actions.assistant import mailbox, turns
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.budget import Caps, UsageBudget, sweep_usage
from chatapp.actions.assistant.context import load
from chatapp.actions.assistant.mailbox import PartsMailbox
from chatapp.actions.assistant.sessions import open_session
from chatapp.assistant.bot_answers import BotPart
from chatapp.assistant.port import ItemRef, Turn
from chatapp.errors import Conflict, NotFound
from chatapp.infra.postgres import database_connection
from tests.database import Database
from tests.flows.assistant.visitors import Visitor
from tests.host import Host
from tests.people import PersonMaker
from tests.servers import SERVICE_TOKEN, ChatServer, await_true

ANSWERS = "/api/v1/internal/assistant/answers"


def asked() -> Turn:
    """A question that this process answers."""
    visit = open_session(None, language="en")
    ask(visit, "hello", language=None, fallback_language="en")
    (claim,) = turns.claim("test", 1)
    found = load(claim)
    assert found is not None
    return found.turn


@pytest.fixture
def turn(core: Database) -> Iterator[Turn]:
    yield asked()


def used(core: Database) -> dict[str, tuple[int, int]]:
    rows = core.rows("SELECT split_part(scope, ':', 1), reserved, used FROM assistant_usage ORDER BY scope")
    return {scope: (reserved, spent) for scope, reserved, spent in rows}


def test_tokens_are_reserved_then_settled_in_all_budgets(turn: Turn, core: Database) -> None:
    budget = UsageBudget(Caps(1000, 500, 100))
    reservation = budget.reserve(turn, 60)
    assert reservation is not None
    assert used(core) == dict.fromkeys(("all", "session", "visitor"), (60, 0))
    assert budget.reserve(turn, 41) is None, "the session has not as many left"
    budget.settle(reservation, 10)
    assert used(core) == dict.fromkeys(("all", "session", "visitor"), (0, 10))
    assert budget.reserve(turn, 90) is not None
    assert budget.reserve(turn, 1) is None


def test_a_spent_budget_leaves_the_others_as_they_were(turn: Turn, core: Database) -> None:
    assert UsageBudget(Caps(0, 500, 100)).reserve(turn, 1) is None
    assert UsageBudget(Caps(1000, 500, 0)).reserve(turn, 1) is None
    assert used(core) == {}
    budget = UsageBudget(Caps(100, 100, 100))
    assert budget.reserve(turn, 100) is not None
    assert budget.reserve(asked(), 1) is None, "of all sessions together"


def test_usage_is_forgotten_in_the_end(turn: Turn, core: Database) -> None:
    UsageBudget(Caps(100, 100, 100)).reserve(turn, 1)
    core.change("UPDATE assistant_usage SET day = day - 100")
    with database_connection():
        assert sweep_usage(90 * 86400.0) == 3


def test_parts_arrive_in_their_order_and_once(turn: Turn) -> None:
    sent = [
        BotPart("one", index=0),
        BotPart("two", (ItemRef("listing", 7),), ("yes",), 1, {"a": 1}, "reason", is_done=True),
    ]
    with PartsMailbox().open(turn) as inbox:
        assert inbox.next(0) is None
        waiting = gevent.spawn(inbox.next, 30.0)
        gevent.sleep(0)
        for part in sent:
            mailbox.deliver(turn.id, part)
        assert [waiting.get(), inbox.next(0)] == sent
        assert inbox.next(0) is None


def test_no_part_of_a_closed_turn_is_taken(turn: Turn, core: Database) -> None:
    with pytest.raises(NotFound, match="turn_not_found"):
        mailbox.deliver(1, BotPart("late"))
    core.change("UPDATE assistant_turns SET state = 'done'")
    with pytest.raises(Conflict, match="turn_closed"):
        mailbox.deliver(turn.id, BotPart("late"))


def test_a_bot_is_told_when_nobody_waits(server: ChatServer) -> None:
    body = {"turn_id": 42, "text": "hello", "done": True}
    reply = server.post(ANSWERS, token=SERVICE_TOKEN, json=body)
    assert (reply.status, reply.error) == (404, "internal.turn_not_found")
    assert server.post(ANSWERS, json=body).status == 401
    assert server.post(ANSWERS, token=SERVICE_TOKEN, json={**body, "item_ids": [{"kind": "x"}]}).status == 422
    assert server.post(ANSWERS, token=SERVICE_TOKEN, json={**body, "wish": {"a": "x" * 5000}}).status == 422


def test_the_catalogue_answers_by_default(server: ChatServer, host: Host, make_person: PersonMaker) -> None:
    item = host.lists("Grey corner sofa", seller=make_person("seller"))
    visitor = Visitor(server)
    visitor.says("a grey corner sofa")
    await_true(lambda: len(visitor.history()) == 2)
    answer = visitor.history()[1]
    cards = [card["id"] for part in answer["parts"] if part["type"] == "data-items" for card in part["data"]["items"]]
    assert (answer["status"], item in cards) == ("complete", True)


def test_an_answer_says_that_nothing_fits(server: ChatServer, host: Host) -> None:
    host.lists("Grey corner sofa")
    visitor = Visitor(server)
    visitor.says("a helicopter")
    await_true(lambda: len(visitor.history()) == 2)
    (items,) = [part["data"] for part in visitor.history()[1]["parts"] if part["type"] == "data-items"]
    assert items == {"items": [], "found": 0, "exact": False}
