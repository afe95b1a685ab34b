/** What was shared in a chat: pictures and videos, files, links. */

import { formatBrief, formatBytes } from "../../ui/format.js";
import { t } from "../../ui/texts.js";
import { Icon } from "../../ui/icons.js";
import { h, html, useEffect, useState } from "../../ui/view.js";
import { useSource } from "../conversation/attachments.js";
import { safeAddress } from "../conversation/text.js";
import { useStore } from "../store.js";

/** @typedef {import("../../sdk/index.js").Shared} SharedPart */
/** @typedef {import("../../sdk/types.js").Attachment & SharedPart} SharedFile */
/** @typedef {SharedPart & { url: string, title: string }} SharedLink */
/** @typedef {"media" | "files" | "links"} Tab */

const TABS = /** @type {const} */ (["media", "files", "links"]);
const PAGE = 30;

/**
 * @param {import("../../sdk/index.js").ChatClient} client
 * @param {Tab} tab
 * @param {number} chatId
 * @param {string | undefined} cursor
 * @param {AbortSignal} signal
 * @returns {Promise<import("../../sdk/index.js").GalleryPage<SharedFile | SharedLink>>}
 */
function readPage(client, tab, chatId, cursor, signal) {
  const query = { cursor, limit: PAGE, signal };
  if (tab === "media") return client.listMedia(chatId, query);
  return tab === "files" ? client.listFiles(chatId, query) : client.listLinks(chatId, query);
}

/** @param {{ attachment: SharedFile, onOpen: () => void }} props */
function SharedPicture({ attachment, onOpen }) {
  const { client } = useStore();
  const { src, onError } = useSource(client, attachment, attachment.thumbnail_url);
  const isPicture = attachment.file_type === "image" || attachment.thumbnail_url;
  return html`
    <li>
      <button type="button" class="shared-picture" onClick=${onOpen} aria-label=${t(attachment.file_type === "video" ? "message.open_video" : "message.open_photo", { name: attachment.file_name })}>
        ${isPicture ? html`<img src=${src} onError=${onError} alt="" loading="lazy" decoding="async" />` : h(Icon, { name: "mic" })}
        ${attachment.file_type === "video" && html`<span class="shared-play">${h(Icon, { name: "play", size: 18 })}</span>`}
      </button>
    </li>`;
}

/** @param {{ tab: Tab, entries: readonly (SharedFile | SharedLink)[], chatId: number }} props */
function Entries({ tab, entries, chatId }) {
  const store = useStore();
  if (tab === "media") {
    const files = /** @type {readonly SharedFile[]} */ (entries);
    const media = files.filter(({ file_type: type }) => type !== "audio");
    /** @param {SharedFile} file */
    const open = async (file) => {
      if (file.file_type === "audio") return store.select(chatId, file.message_id);
      const loaded = await store.loadPart(import("../lazy/gallery.js"));
      const sender = file.sender_id === store.me ? t("message.you") : store.client.state.person(file.sender_id)?.name ?? "";
      loaded?.openMedia(store, media, file, { sender, at: file.created_at });
      return undefined;
    };
    return html`<ul class="shared-pictures">${files.map((file) => h(SharedPicture, { key: file.id, attachment: file, onOpen: () => void open(file) }))}</ul>`;
  }
  if (tab === "files") {
    return html`
      <ul class="shared-list">
        ${/** @type {readonly SharedFile[]} */ (entries).map((file) => html`
          <li key=${file.id}>
            <a class="shared-row" href=${store.client.downloadUrl(file.id)} download=${file.file_name}>
              <span class="file-icon">${h(Icon, { name: "file" })}</span>
              <span class="person-texts"><span class="person-name" dir="auto">${file.file_name}</span><span class="person-detail">${formatBytes(file.file_size)} · ${formatBrief(file.created_at)}</span></span>
            </a>
          </li>`)}
      </ul>`;
  }
  return html`
    <ul class="shared-list">
      ${/** @type {readonly SharedLink[]} */ (entries).map((link, place) => {
        const href = safeAddress(link.url);
        return href && html`
          <li key=${`${link.message_id} ${place}`}>
            <a class="shared-row" href=${href} target="_blank" rel="noopener noreferrer nofollow ugc">
              <span class="file-icon">${h(Icon, { name: "link" })}</span>
              <span class="person-texts"><span class="person-name" dir="auto">${link.title || link.url}</span><span class="person-detail" dir="ltr">${new URL(href).hostname}</span></span>
            </a>
          </li>`;
      })}
    </ul>`;
}

/** @param {{ chatId: number }} props */
export function Shared({ chatId }) {
  const store = useStore();
  const [tab, setTab] = useState(/** @type {Tab} */ ("media"));
  const [page, setPage] = useState(/** @type {{ tab: Tab, entries: readonly (SharedFile | SharedLink)[], cursor: string | null } | null} */ (null));

  /** @param {Tab} wanted @param {string | undefined} cursor @param {AbortSignal} signal */
  async function read(wanted, cursor, signal) {
    const answer = await store.attempt(readPage(store.client, wanted, chatId, cursor, signal));
    if (!answer || signal.aborted) return;
    setPage((old) => ({
      tab: wanted, entries: [...(cursor && old?.tab === wanted ? old.entries : []), ...answer.entries], cursor: answer.has_more ? answer.next_cursor : null,
    }));
  }

  useEffect(() => {
    const ended = new AbortController();
    void read(tab, undefined, ended.signal);
    return () => ended.abort();
  }, [chatId, tab]);

  const shown = page?.tab === tab ? page : null;
  return html`
    <section class="details-section" aria-label=${t("details.shared")}>
      <div class="tabs" role="tablist" aria-label=${t("details.shared")}>
        ${TABS.map((name) => html`
          <button key=${name} type="button" role="tab" class="tab" aria-selected=${tab === name} data-testid=${`shared-${name}`} onClick=${() => setTab(name)}>${t(`details.${name}`)}</button>`)}
      </div>
      <div role="tabpanel" aria-label=${t(`details.${tab}`)} aria-busy=${!shown}>
        ${shown && (shown.entries.length ? h(Entries, { tab, entries: shown.entries, chatId }) : html`<p class="details-none">${t(`details.no_${tab}`)}</p>`)}
        ${shown?.cursor && html`<button type="button" class="link-button" onClick=${() => void read(tab, shown.cursor ?? undefined, new AbortController().signal)}>${t("details.more")}</button>`}
      </div>
    </section>`;
}
