"""How the host's services refer to a user."""

from __future__ import annotations

import pytest

from chatapp.ids.snowflake import MAX_ID
from chatapp.ids.user_reference import UserReference, parse_user_reference

UUID = "1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d"


@pytest.mark.parametrize(
    ("text", "reference"),
    [("1", 1), (str(MAX_ID), MAX_ID), (UUID, UUID), (UUID.upper(), UUID)],
)
def test_integer_ids_and_uuids_are_parsed(text: str, reference: UserReference) -> None:
    assert parse_user_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "01", "1.0", " 1", str(MAX_ID + 1), "9" * 40, "١", "alice", UUID[:-1], UUID + "0", f"{{{UUID}}}",
     UUID.replace("-", ""), f"urn:uuid:{UUID}"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert parse_user_reference(text) is None
