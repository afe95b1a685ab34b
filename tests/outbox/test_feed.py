"""Each consumer receives every event, those of a chat in order, whatever happens to it and to others."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.infra.postgres import database_connection
from chatapp.ops.upkeep import sweeps
from chatapp.outbox import feed, positions
from chatapp.outbox.feed import Feed, TooManyFailures
from tests.database import Database
from tests.outbox.conftest import Place, Recorder, happened, write

A_DAY = "UPDATE outbox SET created_at = created_at - interval '1 day'"


@pytest.fixture
def recorder(core: Database) -> Recorder:
    """A consumer that is registered, and has handled everything."""
    recorder = Recorder()
    Feed(recorder).run()
    return recorder


def position(core: Database, name: str = "recorder") -> int:
    ((found,),) = core.rows("SELECT position FROM outbox_consumers WHERE name = %s", name)
    return int(found)


def of_chat(chat_id: int, places: list[Place]) -> list[int]:
    return [version for chat, version in places if chat == chat_id]


def sweep() -> int:
    with database_connection():
        return sweeps.sweep_outbox()


def pass_others(core: Database, *names: str) -> None:
    """Consumers that this test does not run are up to date."""
    core.change("UPDATE outbox_consumers SET position = (SELECT max(id) FROM outbox) WHERE name = ANY(%s)", list(names))


def test_a_new_consumer_starts_at_the_present(core: Database) -> None:
    write((1, 1))
    new = Recorder("new")
    assert Feed(new).run() == 0
    write((1, 2))
    assert Feed(new).run() == 1
    assert new.handled == [(1, 2)]


def test_events_arrive_once_and_in_order(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "ROWS_PER_BATCH", 2)
    for version in range(1, 6):
        write((1, version), (2, version))
    assert Feed(recorder).run() == 5
    assert Feed(recorder).run() == 0
    assert recorder.handled == [(chat, version) for version in range(1, 6) for chat in (1, 2)]


def test_a_run_is_bounded(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "ROWS_PER_BATCH", 2)
    monkeypatch.setattr(Recorder, "rows_per_run", 3)
    for version in range(1, 8):
        write((1, version))
    assert [Feed(recorder).run() for _ in range(4)] == [3, 3, 1, 0]
    assert of_chat(1, recorder.handled) == list(range(1, 8))


def test_batches_are_bounded_in_bytes(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    handle = recorder.handle
    monkeypatch.setattr(recorder, "handle", lambda events: (sizes.append(len(events)), handle(events)))
    monkeypatch.setattr(positions, "BYTES_PER_BATCH", 200)
    for version in range(1, 8):
        write((1, version))
    assert Feed(recorder).run() == 7
    assert of_chat(1, recorder.handled) == list(range(1, 8))
    assert max(sizes) < 7


def test_a_row_that_commits_late_is_not_skipped(recorder: Recorder, core: Database) -> None:
    late = "INSERT INTO outbox (events) SELECT events FROM outbox WHERE id = (SELECT max(id) FROM outbox)"
    write((1, 1))
    running = Feed(recorder)
    running.run()
    with core.holding(late):
        write((2, 1))
        running.run()
        assert recorder.handled == [(1, 1)], "the row behind it waits, too"
    running.run()
    assert recorder.handled == [(1, 1), (1, 1), (2, 1)]


def test_a_consumer_that_is_away_for_a_day_loses_nothing_and_holds_up_no_other(
    recorder: Recorder, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "ROWS_PER_BATCH", 3)
    away = Recorder("away")
    Feed(away).run()
    away.is_away = True
    for version in range(1, 6):
        write((1, version), (2, version))
        with pytest.raises(ConnectionRefusedError):
            Feed(away).run()
        Feed(recorder).run()
    core.change(A_DAY)
    pass_others(core, "relay", "redis_export", "search")
    assert sweep() == 0, "its rows are kept"
    write((1, 6))
    Feed(recorder).run()
    assert [of_chat(1, recorder.handled), of_chat(2, recorder.handled)] == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5]]

    away.is_away = False
    Feed(away).run()
    assert away.handled == recorder.handled
    pass_others(core, "relay", "redis_export", "search")
    assert sweep() == 5
    assert core.rows("SELECT count(*) FROM outbox") == [(1,)], "the newest is not an hour old"


def test_the_sweep_waits_for_every_registered_consumer(recorder: Recorder, core: Database) -> None:
    write((1, 1))
    core.change(A_DAY)
    for name in ("recorder", "relay", "redis_export", "search"):
        assert sweep() == 0
        pass_others(core, name)
    assert sweep() == 1


def test_without_any_consumer_nothing_is_swept(core: Database) -> None:
    write((1, 1))
    core.change(A_DAY)
    core.change("DELETE FROM outbox_consumers")
    assert sweep() == 0


def test_a_poisonous_event_is_set_aside_and_the_others_are_handled(recorder: Recorder, core: Database) -> None:
    recorder.poison = {(1, 2)}
    write((1, 1), (1, 2), (2, 1))
    write((1, 3), (2, 2))
    Feed(recorder).run()
    assert set(recorder.handled) == {(1, 1), (1, 3), (2, 1), (2, 2)}
    assert recorder.handled[-4:] == [(1, 1), (2, 1), (1, 3), (2, 2)]
    ((row, *failure),) = core.rows("SELECT outbox_id, ordinal, reason, attempts FROM outbox_failures")
    assert failure == [1, "ZeroDivisionError", 1]
    core.change(A_DAY)
    pass_others(core, "relay", "redis_export", "search")
    assert sweep() == 1, "the row of the event that is set aside is kept"
    assert core.rows("SELECT id FROM outbox") == [(row,)]


def make_due(core: Database) -> None:
    core.change("UPDATE outbox_failures SET next_attempt_at = now()")


def waits(core: Database) -> list[Any]:
    sql = "SELECT attempts, round(extract(epoch FROM next_attempt_at - now()) / 60)::int FROM outbox_failures"
    return core.rows(sql)


def test_what_is_set_aside_is_tried_again(recorder: Recorder, core: Database) -> None:
    recorder.poison = {(1, 1)}
    write((1, 1))
    Feed(recorder).run()
    Feed(recorder).run()
    assert waits(core) == [(1, 1)]
    make_due(core)
    Feed(recorder).run()
    assert waits(core) == [(2, 2)]
    make_due(core)
    recorder.is_away = True
    Feed(recorder).run()
    assert waits(core) == [(3, 4)], "other events do not wait for the target of this one"
    recorder.is_away, recorder.poison = False, set()
    make_due(core)
    Feed(recorder).run()
    assert recorder.handled == [(1, 1)]
    assert core.rows("SELECT 1 FROM outbox_failures") == []


def test_what_is_set_aside_is_given_up_after_a_week(recorder: Recorder, core: Database) -> None:
    recorder.poison = {(1, 1)}
    write((1, 1))
    Feed(recorder).run()
    core.change(A_DAY)
    pass_others(core, "relay", "redis_export", "search")
    core.change("UPDATE outbox_failures SET failed_at = now() - interval '6 days'")
    assert sweep() == 0
    core.change("UPDATE outbox_failures SET failed_at = now() - interval '8 days'")
    assert sweep() == 1
    assert core.rows("SELECT 1 FROM outbox_failures") == []


def test_a_broken_consumer_waits_instead_of_setting_everything_aside(
    recorder: Recorder, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_SET_ASIDE", 2)
    write((1, 1))
    for version in range(2, 6):
        write((1, version))
    recorder.poison = {(1, version) for version in range(2, 6)}
    for _ in range(2):
        with pytest.raises(TooManyFailures):
            Feed(recorder).run()
        assert core.rows("SELECT count(*) FROM outbox_failures") == [(2,)]
    recorder.poison = set()
    make_due(core)
    Feed(recorder).run()
    assert sorted(set(recorder.handled)) == [(1, version) for version in range(1, 6)]
    assert recorder.handled.count((1, 1)) <= 2, "what was handled is not handled at every attempt"
    assert core.rows("SELECT count(*) FROM outbox_failures") == [(0,)]


@pytest.mark.parametrize("text", ["no JSON", '[["chat_deleted", {}]]'])
def test_a_row_that_cannot_be_read_is_set_aside(recorder: Recorder, core: Database, text: str) -> None:
    write((1, 1))
    core.change("INSERT INTO outbox (events) VALUES (%s)", text)
    write((1, 2))
    Feed(recorder).run()
    assert recorder.handled == [(1, 1), (1, 2)]
    assert core.rows("SELECT count(*) FROM outbox_failures") == [(1,)]
    make_due(core)
    Feed(recorder).run()
    assert waits(core) == [(2, 2)]


def test_a_leader_that_is_replaced_in_the_middle_of_a_batch_skips_nothing(recorder: Recorder, core: Database) -> None:
    write((1, 1), (2, 1))
    successor = Recorder()
    recorder.before = Feed(successor).run
    Feed(recorder).run()
    write((1, 2))
    Feed(successor).run()
    Feed(recorder).run()
    assert successor.handled == [(1, 1), (2, 1), (1, 2)]
    assert recorder.handled == [(1, 1), (2, 1)]


def test_a_leader_that_dies_in_the_middle_of_a_batch_leaves_it_to_the_next(recorder: Recorder) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    write((1, 1))
    recorder.before = die
    with pytest.raises(Killed):
        Feed(recorder).run()
    successor = Recorder()
    Feed(successor).run()
    assert successor.handled == [(1, 1)]


def test_what_overwrites_values_is_handled_again_when_another_leader_overtook(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "overwrites", True)
    write((1, 1))
    successor = Recorder()
    recorder.before = Feed(successor).run
    Feed(recorder).run()
    assert (successor.handled, recorder.handled) == ([(1, 1)], [(1, 1), (1, 1)])


def test_two_processes_of_different_progress_never_move_a_position_back(recorder: Recorder, core: Database) -> None:
    slow = Feed(recorder)
    write((1, 1))
    with core.holding("SELECT nextval('outbox_id_seq')"):
        slow.run()
    write((1, 2))
    Feed(recorder).run()
    reached = position(core)
    slow.run()
    assert position(core) >= reached
    assert recorder.handled == [(1, 1), (1, 2)]


def test_erased_data_is_removed_before_a_consumer_receives_it(recorder: Recorder, core: Database) -> None:
    from chatapp.events.snapshots import MessageSnapshot, Person
    from chatapp.events.types import MessageSent
    from chatapp.transaction import unit_of_work

    alice, bob = Person(1, "a", "alice", "Alice", None), Person(2, "b", "bob", "Bob", None)
    message = MessageSnapshot(7, 1, 1, 1, alice, bob, "text", "secret", None, None, "", "")
    with unit_of_work() as work:
        work.publish_after_commit(MessageSent(recipients=(1, 2), chat_id=1, version=1, message=message))
    core.change("INSERT INTO redactions (kind, subject_id) VALUES ('message', 7)")
    Feed(recorder).run()
    (event,) = recorder.events
    assert isinstance(event, MessageSent)
    assert (event.message.content, event.message.is_deleted) == ("", True)


def test_the_event_of_a_test_is_what_is_stored(recorder: Recorder) -> None:
    write((1, 1))
    Feed(recorder).run()
    assert recorder.events == [happened(1, 1)]
