import { html } from "../ui/view.js";

/** Two speech bubbles as a line drawing, above a sentence about what is not there. */
export function EmptyDrawing() {
  return html`
    <svg class="empty-drawing" width="132" height="96" viewBox="0 0 132 96" fill="none" stroke="currentColor" stroke-width="2"
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d="M22 8h52a14 14 0 0 1 14 14v16a14 14 0 0 1-14 14H38L22 64V52a14 14 0 0 1-14-14V22A14 14 0 0 1 22 8" />
      <path d="M98 32h12a14 14 0 0 1 14 14v14a14 14 0 0 1-14 14v12L96 74H70a14 14 0 0 1-13-9" />
      <path d="M30 24h36M30 36h22" class="empty-drawing-text" />
    </svg>`;
}
