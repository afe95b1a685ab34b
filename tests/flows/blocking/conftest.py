"""After every test of blocks, chats, memberships and blocks must be consistent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.database import Database

CONTRADICTIONS = """
SELECT c.id FROM chats c
CROSS JOIN LATERAL (SELECT
    EXISTS (SELECT 1 FROM blocks WHERE blocker_id = c.buyer_id AND blocked_id = c.seller_id),
    EXISTS (SELECT 1 FROM blocks WHERE blocker_id = c.seller_id AND blocked_id = c.buyer_id)
) b (by_buyer, by_seller)
JOIN chat_members m ON m.chat_id = c.id
WHERE c.id >= %s AND ((c.buyer_blocks, c.seller_blocks) <> (by_buyer, by_seller)
    OR (m.receipts_to IS NOT NULL) <> (by_buyer OR by_seller)
    OR m.active_bucket <> floor(extract(epoch FROM coalesce(c.last_message_at, c.created_at)) / 300)
        AND (c.last_seq > 0 OR m.active_bucket > 0))
"""


@pytest.fixture
def consistent(database: Database) -> Iterator[Database]:
    """The server's database; asserts at the end that the chats of the test match the blocks."""
    ((first_id,),) = database.rows("SELECT make_id()")
    yield database
    assert database.rows(CONTRADICTIONS, first_id) == []
