"""Log-ins end once."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

import pytest

from chatapp.actions import accounts, log_ins
from chatapp.auth import tickets
from chatapp.auth.actor import Actor
from chatapp.errors import Unauthorised
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


def test_a_log_in_is_ended_by_its_own_tokens_only(core: Database, actors: list[Actor]) -> None:
    with database_connection():
        log_in = log_ins.begin(User.get_by_id(actors[0].id), None)
    family_id, _, secret = log_in.refresh_token.partition(".")
    for unknown in (f"{uuid.uuid4()}.{secret}", f"{family_id}.another"):
        with pytest.raises(Unauthorised, match="token_invalid"):
            log_ins.end(unknown)
    assert core.rows("SELECT revoked_at FROM token_families") == [(None,)]
    log_ins.end(log_in.refresh_token)
    assert core.rows("SELECT 1 FROM token_families WHERE revoked_at IS NULL") == []


def test_an_address_is_known_after_a_log_in_from_it(core: Database, actors: list[Actor]) -> None:
    user_id = actors[0].id
    with database_connection():
        log_ins.begin(User.get_by_id(user_id), "192.0.2.1")
        assert accounts.has_logged_in_from(user_id, "192.0.2.1")
        assert not accounts.has_logged_in_from(user_id, "192.0.2.2")


def test_a_ticket_opens_nothing_after_the_end_of_its_token(core: Database, actors: list[Actor]) -> None:
    expired = tickets.issue(replace(actors[0], expires_at=time.time() - 1))
    with pytest.raises(Unauthorised, match="token_expired"):
        accounts.actor_of_ticket(expired)
