"""Values that a process reads once, and again when it is asked to."""

from __future__ import annotations

import gevent
import pytest

from chatapp.errors import Unavailable
from chatapp.infra import refreshed_value
from chatapp.infra.refreshed_value import RefreshedValue, keep_refreshing, refresh_soon
from config import load
from tests.database import Database
from tests.servers import await_true


class Source:
    """What is read: how many times it was read before, or an error."""

    def __init__(self) -> None:
        self.reads = 0
        self.error: Exception | None = None

    def read(self) -> int:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.reads


@pytest.fixture
def source(core: Database) -> Source:
    return Source()


@pytest.fixture
def value(source: Source) -> RefreshedValue[int]:
    return RefreshedValue("A number", source.read)


def test_it_is_read_with_the_first_use_only(value: RefreshedValue[int], source: Source) -> None:
    assert source.reads == 0
    assert (value(), value(), source.reads) == (1, 1, 1)


def test_it_changes_when_it_is_read_again(value: RefreshedValue[int]) -> None:
    assert (value(), value.refresh(), value()) == (1, 2, 2)


def test_it_stays_while_postgres_is_away(value: RefreshedValue[int], source: Source) -> None:
    source.error = Unavailable("database")
    with pytest.raises(Unavailable):
        value()
    source.error = None
    assert value() == 2
    for source.error in (Unavailable("database"), ValueError()):
        value.refresh_or_log()
        assert value() == 2


def test_another_database_has_another_value(
    value: RefreshedValue[int], core: Database, environment: dict[str, str]
) -> None:
    assert value() == 1
    value.bind(load({**environment, "DATABASE_URL": core.url}))
    assert value() == 2


def test_values_are_read_in_the_background(value: RefreshedValue[int]) -> None:
    assert value() == 1
    refresh_soon([value])

    def is_read() -> bool:
        gevent.sleep(0)
        return value() == 2

    await_true(is_read)


@pytest.mark.parametrize("receives_events", [True, False])
def test_values_are_read_from_time_to_time(
    value: RefreshedValue[int], monkeypatch: pytest.MonkeyPatch, receives_events: bool
) -> None:
    monkeypatch.setattr(refreshed_value, "PERIOD", 0.02 if receives_events else 1e9)
    monkeypatch.setattr(refreshed_value, "DISCONNECTED_PERIOD", 0.01)
    assert value() == 1
    refreshing = keep_refreshing([value], lambda: receives_events)

    def is_read_again() -> bool:
        gevent.sleep(0.01)
        return value() > 2

    await_true(is_read_again)
    refreshing.kill()
