"""The core knows senders, members, viewers and counterparts; only chats about items have buyers and sellers."""

from __future__ import annotations

import re
from pathlib import Path

from tests.servers import ROOT

ITEM_WORDS = re.compile("buyer|seller|receiver", re.IGNORECASE)

# Published error codes, and the field of the request that they are about.
PUBLISHED = re.compile('"(?:receiver_id|receiver_not_found|receiver_required|choose_receiver|receiver_not_in_chat)"')

# Files and folders of `chatapp` that may use the words, with the reason.
ALLOWED = {
    "actions/chats.py": "finds or creates the chat about an item, between its seller and a buyer",
    "actions/erasure/traces.py": "erases what the catalogue says of a seller's items",
    "actions/item_index.py": "the index of the catalogue: the items of a seller leave it",
    "actions/items.py": "the catalogue: an item has a seller",
    "dialects/marketplace": "its clients know these words",
    "dialects/service": "the host says who sells an item",
    "edge/error_codes.py": "published codes and their texts",
    "events/snapshots.py": "the JSON that the release before reads",
    "events/encoding.py": "the JSON that the release before writes",
    "models/items.py": "the catalogue: an item has a seller",
    "queries/items.py": "reads who sells an item",
    "ops/contract/examples.py": "examples of the marketplace's fields",
    "ops/demo": "shows chats about items",
}


def has_item_words(path: Path) -> bool:
    return ITEM_WORDS.search(PUBLISHED.sub("", path.read_text("utf-8"))) is not None


def test_words_of_the_marketplace_stay_there() -> None:
    core = ROOT / "chatapp"
    using = [str(path.relative_to(core)) for path in core.rglob("*.py") if has_item_words(path)]
    allowed = tuple(ALLOWED)
    assert sorted(name for name in using if not name.startswith(allowed)) == []
    assert [entry for entry in allowed if not any(name.startswith(entry) for name in using)] == [], "no longer needed"
