"""The tools of a model: searching the catalogue, and calling a human. It can ask nothing that a visitor could not ask.

Arguments come from a model that reads texts of strangers, so they are checked like those of a request. What is wrong
with them is answered in a sentence from which the model can correct itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from chatapp.assistant.completion_stream import Call
from chatapp.assistant.model_text import line_for_model
from chatapp.assistant.port import Found, ItemCard

MAX_ITEMS = 8
MAX_QUERY = 200  # characters
_MAX_CATEGORY = 100
_MAX_REASON = 200
_MAX_TITLE, _MAX_DESCRIPTION = 120, 200  # characters of an item that a model reads
_MAX_PRICE = Decimal(10**12)

SEARCH, HAND_OVER = "search_items", "hand_over"

DESCRIPTIONS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": SEARCH,
            "description": "Search the items of this shop. What it returns is shown to the visitor as cards.",
            "parameters": {
                "type": "object",
                "properties": {
                    "query": {
                        "type": "string",
                        "maxLength": MAX_QUERY,
                        "description": "What the visitor wants, in the visitor's words, with all wishes but the price.",
                    },
                    "category": {"type": "string", "maxLength": _MAX_CATEGORY, "description": "Kind of item."},
                    "max_price": {"type": "number", "minimum": 0, "description": "In the currency of the shop."},
                    "min_price": {"type": "number", "minimum": 0, "description": "In the currency of the shop."},
                    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_ITEMS},
                },
                "required": ["query"],
                "additionalProperties": False,
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": HAND_OVER,
            "description": "Call a human: if the visitor asks for one, or has a problem with an order.",
            "parameters": {
                "type": "object",
                "properties": {
                    "reason": {"type": "string", "maxLength": _MAX_REASON, "description": "Why, in one sentence."}
                },
                "required": ["reason"],
                "additionalProperties": False,
            },
        },
    },
]


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A search that the model wants."""

    query: str
    category: str | None = None
    max_price: Decimal | None = None
    min_price: Decimal | None = None
    limit: int = MAX_ITEMS


@dataclass(frozen=True, slots=True)
class HandOverCall:
    """A human is called."""

    reason: str


class BadCall(Exception):
    """A call that is refused; the message is for the model."""


def read_call(call: Call) -> SearchCall | HandOverCall:
    """What a call of a tool wants.

    Raises:
        BadCall: there is no such tool, or its arguments are wrong.
    """
    if call.name == SEARCH:
        arguments = _arguments(call, {"query", "category", "max_price", "min_price", "limit"})
        return SearchCall(
            query=_text(arguments, "query", MAX_QUERY) or _missing("query"),
            category=_text(arguments, "category", _MAX_CATEGORY),
            max_price=_price(arguments, "max_price"),
            min_price=_price(arguments, "min_price"),
            limit=_limit(arguments),
        )
    if call.name == HAND_OVER:
        return HandOverCall(_text(_arguments(call, {"reason"}), "reason", _MAX_REASON) or _missing("reason"))
    raise BadCall(f"There is no such tool. The tools are {SEARCH} and {HAND_OVER}.")


def describe(found: Found) -> str:
    """The result of a search for the model, in JSON. Texts of items are cut: they are for choosing, not for showing."""
    items = [_item(item) for item in found.items]
    return orjson.dumps({"found": found.found, "fits_all_wishes": found.is_exact, "items": items}).decode()


def _item(item: ItemCard) -> dict[str, str]:
    described = {"id": f"{item.kind}:{item.id}", "title": line_for_model(item.title, _MAX_TITLE)}
    if item.description:
        described["description"] = line_for_model(item.description, _MAX_DESCRIPTION)
    if item.price is not None:
        described["price"] = f"{item.price} {item.currency or ''}".strip()
    return described


def _arguments(call: Call, known: set[str]) -> Mapping[str, Any]:
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError as error:
        raise BadCall("The arguments are not valid JSON.") from error
    if not isinstance(arguments, dict):
        raise BadCall("The arguments must be a JSON object.")
    if arguments.keys() - known:
        raise BadCall(f"Unknown argument. The arguments of {call.name} are {', '.join(sorted(known))}.")
    return arguments


def _text(arguments: Mapping[str, Any], name: str, length: int) -> str | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadCall(f"{name} must be a text.")
    if len(value) > length:
        raise BadCall(f"{name} must have at most {length} characters.")
    return line_for_model(value, length) or None


def _price(arguments: Mapping[str, Any], name: str) -> Decimal | None:
    value = arguments.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 30:
        raise BadCall(f"{name} must be a number.")
    try:
        price = Decimal(str(value))
    except InvalidOperation as error:
        raise BadCall(f"{name} must be a number, without a currency.") from error
    if not price.is_finite() or not 0 <= price <= _MAX_PRICE:
        raise BadCall(f"{name} must be a number from 0 to {_MAX_PRICE}.")
    return price.quantize(Decimal("0.01"))


def _limit(arguments: Mapping[str, Any]) -> int:
    value = arguments.get("limit")
    if value is None:
        return MAX_ITEMS
    if isinstance(value, bool) or value not in range(1, MAX_ITEMS + 1):
        raise BadCall(f"limit must be a whole number from 1 to {MAX_ITEMS}.")
    return int(value)


def _missing(name: str) -> str:
    raise BadCall(f"{name} is missing.")
