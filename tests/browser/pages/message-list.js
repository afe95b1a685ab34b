/** A message list over made messages. `probe` is what the tests use. */

import { MessageList } from "/ui/message-list.js";
import { h, html, render } from "/ui/view.js";
import { FrameRecorder } from "./frame-recorder.js";
import { MessageSource } from "./message-source.js";

const parameters = new URLSearchParams(location.search);
const app = document.getElementById("app");
const frame = document.createElement("div");
Object.assign(app.style, { height: "100dvh", display: "flex", flexDirection: "column" });
Object.assign(frame.style, { display: "flex", flex: "1", minHeight: "0" });
app.append(frame);

const picture = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 6"><path fill="#9bb" d="M0 0h8v6H0z"/></svg>')}`;

const renderRow = (row) => html`
  <div style=${{ padding: "4px 16px", textAlign: row.isOwn ? "right" : "left" }}>
    <span style=${{ display: "inline-block", maxWidth: "60%", padding: "8px 12px", borderRadius: "18px", background: "var(--chat-other)" }}>
      ${row.text}
      ${row.picture > 0 && html`<img alt="" src=${picture} width="240" height=${row.picture} style=${{ display: "block" }} />`}
      ${row.extra > 0 && html`<div style=${{ height: `${row.extra}px` }}></div>`}
      ${row.hasButton && html`<button type="button">button</button>`}
    </span>
  </div>`;

export class Probe {
  views = [];
  /** Ids of the rows in the order in which they were rendered. */
  rendered = [];
  list = null;

  constructor() {
    this.open(Number(parameters.get("count") ?? 10_000));
  }

  /** Show a chat of `count` messages, as after switching to it. */
  open(count, initial) {
    this.source = new MessageSource(count);
    this.source.changed = () => this.render();
    this.initial = initial;
    this.key = (this.key ?? 0) + 1;
    this.render();
    const scroller = frame.querySelector(".message-list-scroller");
    this.recorder?.stop();
    this.recorder = new FrameRecorder(scroller);
  }

  render() {
    const { source } = this;
    render(h(MessageList, {
      key: this.key, rows: source.rows, keyOf: (row) => row.id, renderRow: this.renderRow, label: "Messages",
      pillLabel: (unseen) => (unseen ? `${unseen} new` : "To the newest"),
      attributesOf: this.attributesOf, hasOlder: source.hasOlder, hasNewer: source.hasNewer, loadOlder: source.loadOlder,
      loadNewer: source.loadNewer, loadNewest: source.loadNewest, initial: this.initial,
      onView: (view) => this.views.push(view), footer: this.footer,
      listRef: (list) => { this.list = list; },
    }), frame);
  }

  renderRow = (row) => {
    this.rendered.push(row.id);
    return renderRow(row);
  };

  attributesOf = (row) => ({ "aria-posinset": row.id, "aria-setsize": this.source.count });

  /** Distance of a row's upper edge from the lower edge of the list. */
  offset(id) {
    const row = frame.querySelector(`[data-row="${id}"]`);
    const box = frame.querySelector(".message-list-scroller").getBoundingClientRect();
    return row ? box.bottom - row.getBoundingClientRect().top : null;
  }

  get figures() {
    return this.recorder.figures;
  }

  /** Two frames, after which what was asked for is painted. */
  painted() {
    return new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))); });
  }
}

globalThis.probe = new Probe();
