"""Ids as UUIDs: reversible, of one kind, and not to be made up."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from chatapp.ids import snowflake
from chatapp.ids.public import (
    encode_chat,
    encode_file,
    encode_message,
    parse_chat_uuid,
    parse_file_uuid,
    parse_message_uuid,
)

any_id = st.integers(1, snowflake.MAX_ID)


@given(any_id)
def test_an_id_comes_back(id: int) -> None:
    assert (
        parse_chat_uuid(encode_chat(id))
        == parse_message_uuid(encode_message(id))
        == parse_file_uuid(encode_file(id))
        == id
    )


@given(any_id)
def test_an_id_of_the_other_kind_is_none(id: int) -> None:
    assert parse_message_uuid(encode_chat(id)) is None
    assert parse_chat_uuid(encode_message(id)) is None
    assert parse_message_uuid(encode_file(id)) is None


@given(any_id, st.integers(0, 127))
def test_a_flipped_bit_is_refused(id: int, bit: int) -> None:
    for encode, decode in (
        (encode_chat, parse_chat_uuid),
        (encode_message, parse_message_uuid),
        (encode_file, parse_file_uuid),
    ):
        assert decode(str(uuid.UUID(int=uuid.UUID(encode(id)).int ^ 1 << bit))) is None


@given(any_id, any_id)
def test_uuids_sort_as_the_ids_do(one: int, other: int) -> None:
    assert (encode_message(one) < encode_message(other)) == (one < other)


@given(any_id)
def test_they_are_uuids_of_version_8(id: int) -> None:
    parsed = uuid.UUID(encode_chat(id))
    assert (parsed.version, parsed.variant, str(parsed)) == (8, uuid.RFC_4122, encode_chat(id))


@given(st.uuids())
def test_other_uuids_are_nobody_s(other: uuid.UUID) -> None:
    assert parse_chat_uuid(str(other)) is None
    assert parse_message_uuid(str(other)) is None


@given(st.text(max_size=50))
def test_any_text_is_looked_at_calmly(text: str) -> None:
    assert parse_chat_uuid(text) is None


def test_only_the_canonical_form_is_taken_in_any_case() -> None:
    right = encode_chat(373_213_345_038_336)
    assert parse_chat_uuid(right.upper()) == 373_213_345_038_336
    for wrong in (right.replace("-", ""), f"{{{right}}}", f"urn:uuid:{right}", f" {right}", f"{right}\n", right[:-1]):
        assert parse_chat_uuid(wrong) is None


def test_they_never_change() -> None:
    """Clients keep them: a release that computes others would lose what they kept."""
    assert encode_chat(373_213_345_038_336) == "0a9b7c06-da00-8053-aae6-256dee626a68"
    assert encode_message(373_215_428_124_701) == "0a9b7fe8-2500-8ef2-8e89-c4b079a09df9"


def test_the_number_before_the_first_id_is_none() -> None:
    assert parse_chat_uuid(encode_chat(0)) is None
