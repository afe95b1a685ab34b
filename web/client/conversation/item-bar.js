/** What a conversation is about: picture, title and price of the item. */

import { formatPrice } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useState } from "../../ui/view.js";

/**
 * @param {{ item: import("../../sdk/types.js").Item, kind: import("../../sdk/types.js").ChatKind }} props
 */
export function ItemBar({ item, kind }) {
  const [failed, setFailed] = useState("");
  const isPicture = item.image_url && failed !== item.image_url;
  return html`
    <div class=${item.is_deleted ? "item-bar is-gone" : "item-bar"} data-testid="item-bar">
      <span class="item-picture">
        ${isPicture
          ? html`<img src=${item.image_url} alt="" decoding="async" referrerpolicy="no-referrer" onError=${() => setFailed(item.image_url)} />`
          : h(Icon, { name: "tag", size: 20 })}
      </span>
      <span class="item-texts">
        <span class="item-title" dir="auto">${item.title || t("conversation.item")}</span>
        <span class="item-kind">${item.is_deleted ? t("conversation.item_gone") : t(kind === "storefront_product" ? "conversation.product" : "conversation.listing")}</span>
      </span>
      ${item.price !== null && !item.is_deleted && html`<span class="item-price">${formatPrice(Number(item.price), item.currency)}</span>`}
    </div>`;
}
