"""The items of the shop as adapters see them."""

from __future__ import annotations

from decimal import Decimal

from chatapp.actions import items
from chatapp.assistant.item_catalogue import ItemCatalogue
from chatapp.assistant.port import Catalogue, Found, ItemCard, ItemRef
from tests.database import Database

CATALOGUE: Catalogue = ItemCatalogue()


def test_a_search_by_text_category_and_price(core: Database) -> None:
    for item_id, title, price in ((1, "Grey sofa", 300), (2, "Grey lamp", 20), (3, "Grey sofa Lagom", 100)):
        items.put_item("listing", item_id, {"title": title, "price": price, "currency": "EUR"})

    def ids(text: str, **options: object) -> list[int]:
        return [item.id for item in CATALOGUE.search(text, **options).items]  # type: ignore[arg-type]

    assert ids("серый диван") == [3, 1]
    assert ids("grey", category="sofas") == [3, 1]
    assert ids("grey sofa", max_price=Decimal(150)) == [3]
    assert ids("grey sofa", min_price=Decimal(150)) == [1]
    assert ids("grey sofa", limit=1) == [3]
    assert CATALOGUE.search("hello") == Found((), 0)
    assert not CATALOGUE.search("red sofa").is_exact


def test_cards(core: Database) -> None:
    fields = {"price": 9.5, "currency": "EUR", "url": "https://shop.example/1", "description": "Round."}
    items.put_item("listing", 1, {"title": "Lamp", **fields})
    items.put_item("storefront_product", 1, {"title": "Table", "price": 5})
    items.delete_item("storefront_product", 1)
    refs = [ItemRef("storefront_product", 1), ItemRef("listing", 2), ItemRef("listing", 1)]
    assert CATALOGUE.get(refs) == (
        ItemCard("storefront_product", 1, "Table", is_deleted=True),
        ItemCard("listing", 1, "Lamp", Decimal("9.50"), "EUR", None, "https://shop.example/1", False, "Round."),
    )
