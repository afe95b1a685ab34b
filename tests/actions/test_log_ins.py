"""Log-ins end once."""

from __future__ import annotations

from chatapp.actions import log_ins
from chatapp.auth.actor import Actor
from chatapp.events.types import AccessRevoked
from chatapp.infra.postgres import database_connection
from chatapp.models import User
from chatapp.transaction import unit_of_work
from tests.database import Database


def test_a_log_in_that_has_ended_is_not_ended_again(core: Database, actors: list[Actor]) -> None:
    user_id = actors[0].id
    with database_connection():
        log_in = log_ins.begin(User.get_by_id(user_id), None)
    family_id = str(core.rows("SELECT id FROM token_families")[0][0])
    with unit_of_work() as work:
        log_ins.revoke(work, user_id, family_id)
        assert work.events == [AccessRevoked(recipients=(user_id,), family_id=family_id)]
    with unit_of_work() as work:
        log_ins.revoke(work, user_id, family_id)
        assert work.events == []
    assert log_in.refresh_token
