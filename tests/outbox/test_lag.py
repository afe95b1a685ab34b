"""Every web process reports how far each consumer is behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.database import Database
from tests.servers import ChatServer, await_true

HOUR = 3600
NAME = "of_another_release"


@pytest.fixture
def consumer(database: Database) -> Iterator[str]:
    """A registered consumer that no process of this release runs, up to date."""
    database.change("INSERT INTO outbox_consumers SELECT %s, coalesce(max(id), 0) FROM outbox", NAME)
    yield NAME
    database.change("DELETE FROM outbox_consumers WHERE name = %s", NAME)


def value(server: ChatServer, metric: str, consumer: str) -> float | None:
    """What the server itself exposes, without the other processes."""
    families = text_string_to_metric_families(server.get("/metrics?scope=process").text)
    samples = [sample for family in families for sample in family.samples if sample.name == metric]
    return next((sample.value for sample in samples if sample.labels["consumer"] == consumer), None)


def test_the_lag_is_the_age_of_the_oldest_row_ahead(server: ChatServer, database: Database, consumer: str) -> None:
    database.change("INSERT INTO outbox (events, created_at) VALUES ('[]', now() - interval '1 hour')")
    await_true(lambda: HOUR <= (value(server, "chat_outbox_lag_seconds", consumer) or 0) < 2 * HOUR)
    database.change("UPDATE outbox_consumers SET position = (SELECT max(id) FROM outbox) WHERE name = %s", consumer)
    await_true(lambda: value(server, "chat_outbox_lag_seconds", consumer) == 0)


def test_events_that_are_set_aside_are_counted(server: ChatServer, database: Database, consumer: str) -> None:
    await_true(lambda: value(server, "chat_outbox_set_aside", consumer) == 0)
    database.change(
        "INSERT INTO outbox_failures (consumer, outbox_id, ordinal, reason, next_attempt_at)"
        " VALUES (%s, 1, 0, 'ValueError', now())",
        consumer,
    )
    await_true(lambda: value(server, "chat_outbox_set_aside", consumer) == 1)


def test_the_consumers_of_this_release_are_reported(server: ChatServer) -> None:
    await_true(lambda: value(server, "chat_outbox_lag_seconds", "relay") is not None)
    await_true(lambda: value(server, "chat_outbox_lag_seconds", "redis_export") is not None)
