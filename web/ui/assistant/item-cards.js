/** Cards of the items that an answer is about. */

import { h, html, useState } from "../view.js";
import { formatPrice } from "../format.js";
import { Icon } from "../icon.js";
import { t } from "../texts.js";

/**
 * A card as the server sends it; fields of a newer server are ignored.
 *
 * @typedef {{ kind: string, id: number, title: string, [field: string]: any }} Card
 */
/** @typedef {(card: Card) => void} OpenItem */

/**
 * What a `data-items` part holds; fields that a newer server adds are ignored.
 *
 * @param {readonly { type: string, [field: string]: any }[]} parts
 * @returns {{ items: Card[], more: number }}  `more`: how many other items fit
 */
export function itemsOf(parts) {
  const data = parts.find((part) => part.type === "data-items")?.["data"];
  const items = Array.isArray(data?.items) ? data.items.filter(isCard) : [];
  return { items, more: Math.max(0, Number(data?.found ?? 0) - items.length) };
}

/** @param {any} card */
function isCard(card) {
  return typeof card?.title === "string" && typeof card.kind === "string" && Number.isSafeInteger(card.id);
}

/**
 * The address of an item, if it is one of the web: never `javascript:` or `data:`.
 *
 * @param {unknown} url
 */
function webAddress(url) {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/** A picture may also stand in the URL itself: as an image, nothing in it runs. @param {unknown} url */
function pictureAddress(url) {
  return typeof url === "string" && url.startsWith("data:image/") ? url : webAddress(url);
}

/** @param {{ url: unknown }} props */
function Picture({ url }) {
  const [isBroken, setBroken] = useState(false);
  const address = pictureAddress(url);
  if (address === null || isBroken) return html`<span class="item-card-picture">${h(Icon, { name: "tag", size: 22 })}</span>`;
  return html`<img class="item-card-picture" src=${address} alt="" loading="lazy" width="56" height="56"
    referrerpolicy="no-referrer" onError=${() => setBroken(true)} />`;
}

/** @param {{ card: Card, onOpen?: OpenItem | undefined }} props */
function ItemCard({ card, onOpen }) {
  const price = card["price"] === null || card["price"] === undefined ? NaN : Number(card["price"]);
  const content = html`
    ${h(Picture, { url: card["image_url"] })}
    <span class="item-card-text">
      <span class="item-card-title" dir="auto">${card.title}</span>
      ${card["is_deleted"]
        ? html`<span class="item-card-gone">${t("assistant.item_gone")}</span>`
        : Number.isFinite(price) && html`<span class="item-card-price">${formatPrice(price, String(card["currency"] ?? ""))}</span>`}
    </span>`;
  const address = card["is_deleted"] ? null : webAddress(card["url"]);
  if (address !== null) {
    return html`<a class="item-card" part="item" href=${address} target="_blank" rel="noopener noreferrer"
      onClick=${() => onOpen?.(card)}>${content}</a>`;
  }
  if (onOpen && !card["is_deleted"]) {
    return html`<button type="button" class="item-card" part="item" onClick=${() => onOpen(card)}>${content}</button>`;
  }
  return html`<div class="item-card" part="item">${content}</div>`;
}

/** @param {{ items: readonly Card[], more: number, onOpen?: OpenItem | undefined }} props */
export function ItemCards({ items, more, onOpen }) {
  return html`
    <ul class="item-cards" data-testid="item-cards">
      ${items.map((card) => html`<li key=${`${card.kind} ${card.id}`}>${h(ItemCard, { card, onOpen })}</li>`)}
    </ul>
    ${more > 0 && html`<p class="item-cards-more">${t("assistant.more_found", { count: more })}</p>`}`;
}
