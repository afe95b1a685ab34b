"""The worker fills the index; it is killed again and again, and the index equals a rebuilt one."""

from __future__ import annotations

import signal
from collections.abc import Callable

from chatapp.actions import editing, sending
from chatapp.actions.chats import find_or_create_chat
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.ops import runtime
from chatapp.ops.upkeep import search_rebuild
from config import load
from tests.database import Database
from tests.ops.worker.test_process import WorkerProcess
from tests.searching import expected_index, indexed
from tests.servers import await_true

KILLS = 10


def test_the_index_survives_kills(
    core: Database, actors: list[Actor], environment: dict[str, str], start_worker: Callable[..., WorkerProcess]
) -> None:
    alice, bob, _ = actors
    chat_id = find_or_create_chat(alice, other_id=bob.id)
    for number in range(KILLS):
        worker = start_worker(DATABASE_URL=core.url)
        sent = [sending.send_message(alice, chat_id, f"message {number} {each}").id for each in range(20)]
        worker.says("leading")
        editing.edit_message(alice, sent[0], f"edited {number}")
        editing.delete_message(alice, sent[1])
        worker.ends(signal.SIGKILL)
    start_worker(DATABASE_URL=core.url)
    await_true(lambda: indexed(core).keys() == expected_index(core))
    await_true(lambda: sum("'edited'" in tokens for tokens in indexed(core).values()) == KILLS)
    before = indexed(core)
    runtime.build(load({**environment, "DATABASE_URL": core.url}))
    with database_connection():
        await_true(lambda: search_rebuild.rebuild_all() != "another rebuild is running")
    assert indexed(core) == before
