"""The item whose page the visitor of a host is on: claim `item` of the host's token, an object with `kind` and `id`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatapp.ids.snowflake import MAX_ID

KINDS = ("listing", "storefront_product")


def item_of(claims: Mapping[str, Any]) -> tuple[str, int] | None:
    """Kind and id of the item that a token names; None if it names none. An invalid claim is ignored, like others."""
    item = claims.get("item")
    if not isinstance(item, dict):
        return None
    kind, item_id = item.get("kind"), item.get("id")
    if not isinstance(item_id, int) or isinstance(item_id, bool) or not 0 < item_id <= MAX_ID:
        return None
    return (kind, item_id) if isinstance(kind, str) and kind in KINDS else None
