"""What tests of files share: one workshop, and a way to hand it bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatapp.files.inspected import Inspected
from chatapp.files.workshop import Workshop

Inspect = Callable[..., Inspected]


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """Child processes as in a web worker."""
    workshop = Workshop()
    yield workshop
    workshop.close()


@pytest.fixture
def inspects(workshop: Workshop, tmp_path: Path) -> Inspect:
    """Puts bytes into a file and has it inspected."""
    numbers = itertools.count()

    def inspect(content: bytes, *, voice: bool = False) -> Inspected:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        path = tmp_path / "sent"
        path.write_bytes(content)
        return workshop.inspect(path, into=folder, voice=voice)

    return inspect
