"""Groups of the first three actors."""

from __future__ import annotations

import pytest

from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.people import Named
from chatapp.auth.actor import Actor


@pytest.fixture
def group_id(actors: list[Actor]) -> int:
    """A group that alice owns, with bob and carol."""
    alice, bob, carol = actors[:3]
    return create_group(alice, "Neighbours", Named(ids=[bob.id, carol.id]))
