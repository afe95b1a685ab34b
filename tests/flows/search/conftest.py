"""Search over the wire, with an index that this process fills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatapp.ops import runtime
from config import load
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.worker.test_process import start_worker as start_worker
from tests.people import Person
from tests.searching import Indexer


@pytest.fixture(scope="module")
def indexer(environment: dict[str, str]) -> Iterator[Indexer]:
    """Indexes what was sent to `server`."""
    runtime.build(load(environment))
    yield Indexer()
    runtime.close()


def results(person: Person, q: str = "", **params: Any) -> dict[str, Any]:
    """A page of results of the marketplace."""
    reply = person.gets("/search", q=q, **params)
    assert reply.status == 200, reply.text
    page: dict[str, Any] = reply.data
    return page


def contents(person: Person, q: str = "", **params: Any) -> list[str]:
    """The texts of a page of results."""
    return [result["message"]["content"] for result in results(person, q, **params)["results"]]
