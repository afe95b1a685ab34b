"""What the tests of files share: a message to add them to, and a bucket to look into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from minio import Minio

from tests.database import Database
from tests.flows.marketplace.conftest import clean_log as clean_log
from tests.people import Person

Message = dict[str, Any]


@pytest.fixture
def message(alice: Person, bob: Person) -> Message:
    """A message of alice's to bob."""
    return alice.sends("look", to=bob)


class Bucket:
    """The bucket, looked into past the application."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.name = environment.get("S3_BUCKET") or "chat-files"
        self._store = Minio(
            environment["S3_ENDPOINT"].partition("://")[2],
            access_key=environment["S3_ACCESS_KEY"],
            secret_key=environment["S3_SECRET_KEY"],
            secure=False,
        )

    def names(self) -> set[str]:
        """Of all objects."""
        return {str(item.object_name) for item in self._store.list_objects(self.name, recursive=True)}

    def bytes_of(self, name: str) -> bytes:
        """An object."""
        answer = self._store.get_object(self.name, name)
        try:
            return bytes(answer.read())
        finally:
            answer.close()
            answer.release_conn()


@pytest.fixture(scope="session")
def bucket(environment: dict[str, str]) -> Bucket:
    """Where the servers of this run keep files."""
    return Bucket(environment)


def objects_of(database: Database, attachment_id: int) -> list[str]:
    """Names of the objects of an attachment."""
    rows = database.rows("SELECT object_name, thumbnail_name FROM attachments WHERE id = %s", attachment_id)
    return [name for row in rows for name in row if name]


@pytest.fixture
def nothing_left(database: Database) -> Iterator[None]:
    """What a test does leaves no attachment, and no object but such as are being removed already."""

    def standing() -> tuple[Any, ...]:
        sql = "SELECT (SELECT count(*) FROM attachments), (SELECT count(*) FROM objects WHERE state <> 'doomed')"
        return database.rows(sql)[0]

    before = standing()
    yield
    assert standing() == before
