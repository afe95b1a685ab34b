/** What is behind the first link of a message, as the server found it. */

import { html } from "../../ui/view.js";
import { safeAddress } from "./text.js";

/**
 * @param {{ preview: import("../../sdk/types.js").LinkPreview }} props
 */
export function LinkPreviewCard({ preview }) {
  const href = safeAddress(preview.url);
  if (!href || !(preview.title || preview.description)) return null;
  return html`
    <a class="link-preview" href=${href} target="_blank" rel="noopener noreferrer nofollow ugc">
      ${preview.image_url && html`<img class="link-preview-image" src=${preview.image_url} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />`}
      <span class="link-preview-texts">
        <span class="link-preview-site">${preview.site_name || new URL(href).hostname}</span>
        <span class="link-preview-title">${preview.title}</span>
        ${preview.description && html`<span class="link-preview-description">${preview.description}</span>`}
      </span>
    </a>`;
}
