"""What tests of files share: inspector pools, and a way to hand them bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from chatapp.files.budget import Budget
from chatapp.files.inspected import Inspected
from chatapp.files.inspector_pool import InspectorPool
from tests.files.making_pictures import saved, scene
from tests.files.processes import TIMEOUT

Inspect = Callable[..., Inspected]


@pytest.fixture(scope="session")
def inspectors() -> Iterator[InspectorPool]:
    """Child processes as in a web worker."""
    inspectors = InspectorPool()
    yield inspectors
    inspectors.close()


@pytest.fixture
def inspects(inspectors: InspectorPool, tmp_path: Path) -> Inspect:
    """Puts bytes into a file and has it inspected."""
    numbers = itertools.count()

    def inspect(content: bytes, *, voice: bool = False) -> Inspected:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        path = tmp_path / "sent"
        path.write_bytes(content)
        return inspectors.inspect(path, into=folder, voice=voice, budget=Budget(seconds=TIMEOUT))

    return inspect


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of 24 megapixels and 10 MB: most of a second's work."""
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    Image.effect_noise((6000, 4000), 25).convert("RGB").save(path, quality=85)
    assert path.stat().st_size > 10_000_000
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    path.write_bytes(saved(scene(), "PNG"))
    return path


@pytest.fixture
def open_inspectors() -> Iterator[Callable[..., InspectorPool]]:
    """Inspector pools with some bounds changed, closed at the end."""
    opened: list[InspectorPool] = []

    def open_one(**changed: float) -> InspectorPool:
        opened.append(InspectorPool(**changed))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for inspectors in opened:
        inspectors.close()
