"""The core knows senders, members, viewers and counterparts; only chats about items have buyers and sellers."""

from __future__ import annotations

import re

from tests.servers import ROOT

ITEM_WORDS = re.compile("buyer|seller|receiver", re.IGNORECASE)

# Files and folders of `chatapp` that may use the words, with the reason.
ALLOWED = {
    "actions/chats.py": "finds or creates the chat about an item, between its seller and a buyer",
    "actions/sending.py": "passes on whom the sender of a first message names",
    "actions/group_commit.py": "checks whom the sender named",
    "actions/group_commit_sql.py": "reads the columns of the release before, and who sells the item",
    "actions/items.py": "the catalogue: an item has a seller",
    "dialects/marketplace": "its clients know these words",
    "dialects/service": "the host says who sells an item",
    "edge/error_codes.py": "published codes",
    "events/snapshots.py": "the JSON that the release before reads",
    "events/types.py": "the JSON that the release before writes",
    "models/items.py": "the catalogue: an item has a seller",
    "ops/contract/examples.py": "examples of the marketplace's fields",
    "ops/demo": "shows chats about items",
    "queries/chats.py": "finds the chat with the seller of an item",
}


def test_words_of_the_marketplace_stay_there() -> None:
    core = ROOT / "chatapp"
    using = [str(path.relative_to(core)) for path in core.rglob("*.py") if ITEM_WORDS.search(path.read_text("utf-8"))]
    allowed = tuple(ALLOWED)
    assert sorted(name for name in using if not name.startswith(allowed)) == []
    assert [entry for entry in allowed if not any(name.startswith(entry) for name in using)] == [], "no longer needed"
