/**
 * The loader of the widget: `<script type="module" src="https://CHAT/widget.js" data-chat="assistant"></script>`. It defines
 * `<chatapp-widget>`, which shows a button, and loads everything else when the button is pressed. It imports nothing, and
 * runs under a strict content security policy with Trusted Types. docs/widget.md has attributes, methods and events.
 */

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {() => string | null | Promise<string | null>} GetToken */

/** Attributes of the element; the script tag has them with `data-` before. */
const ATTRIBUTES = [
  "chat", "item-kind", "item-id", "token", "token-url", "server", "lang", "theme", "position", "label", "subtitle", "open",
];

/** Of what is shown before the texts are loaded: open, loading has failed. @type {Record<string, readonly [string, string]>} */
const TEXTS = {
  en: ["Open the chat", "The chat could not be loaded. Press to try again."],
  ru: ["Открыть чат", "Чат не загрузился. Нажмите, чтобы повторить."],
  sr: ["Otvori ćaskanje", "Ćaskanje nije učitano. Pritisnite da pokušate ponovo."],
  th: ["เปิดแชต", "โหลดแชตไม่สำเร็จ กดเพื่อลองอีกครั้ง"],
};

const STYLE = `
:host { display: block; color-scheme: inherit; }
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
.launcher {
  position: fixed; inset: auto var(--chat-offset, 20px) calc(var(--chat-offset, 20px) + env(safe-area-inset-bottom)) auto;
  z-index: var(--chat-layer, 2147483000); display: grid; place-items: center; box-sizing: border-box; width: 56px; height: 56px;
  margin: 0; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
  background: var(--chat-accent, light-dark(#1f6f5c, #63c7ab)); color: var(--chat-accent-ink, light-dark(#fff, #07241c));
  box-shadow: 0 8px 28px rgb(0 0 0 / 22%); transition: scale 120ms;
}
:host([position="left"]) .launcher { inset-inline: var(--chat-offset, 20px) auto; }
.launcher:hover { scale: 1.05; }
.launcher:focus-visible { outline: 2px solid var(--chat-accent, light-dark(#1f6f5c, #63c7ab)); outline-offset: 3px; }
.launcher[aria-expanded="true"] { visibility: hidden; }
.launcher[aria-busy="true"] svg { animation: busy 900ms infinite alternate; }
@keyframes busy { to { opacity: .35; } }
.badge {
  position: absolute; inset: -3px -3px auto auto; min-width: 22px; height: 22px; box-sizing: border-box; padding: 0 6px;
  border: 2px solid #fff; border-radius: 11px; background: #b3261e; color: #fff; font: 700 12px/18px system-ui, sans-serif;
}
.badge:empty { display: none; }
.failed {
  position: absolute; inset: auto 0 64px auto; width: max-content; max-width: min(260px, 70vw); padding: 10px 14px; border-radius: 12px;
  background: light-dark(#fff, #232725); color: light-dark(#1c1f1c, #e9ece8); box-shadow: 0 8px 28px rgb(0 0 0 / 22%);
  font: 14px/1.4 system-ui, sans-serif; text-align: start;
}
.failed:empty { display: none; }
:host([position="left"]) .failed { inset-inline: 0 auto; }
@media (prefers-reduced-motion: reduce) { .launcher, .launcher svg { transition: none; animation: none; } }
`;
const BUBBLES = "M5 4h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9.5L6 17v-3H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2";

/** @param {string} name @param {Record<string, string>} attributes @param {string} [space] */
function make(name, attributes, space = "http://www.w3.org/1999/xhtml") {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export class ChatappWidget extends HTMLElement {
  static observedAttributes = ["open", "lang"];

  /**
   * Returns the visitor's token, signed by the host, or null for a visitor without an account. Instead of the attributes
   * `token` and `token-url`.
   *
   * @type {GetToken | null}
   */
  getToken = null;

  #button = make("button", { class: "launcher", part: "launcher", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" });
  #badge = make("span", { class: "badge", part: "badge" });
  #failure = make("span", { class: "failed", role: "alert" });
  /** @type {Promise<Panel> | null} */
  #loading = null;
  /** @type {Panel | null} */
  #panel = null;
  #isReady = false;
  #unread = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const space = "http://www.w3.org/2000/svg";
    const icon = make("svg", {
      viewBox: "0 0 20 20", width: "26", height: "26", fill: "none", stroke: "currentColor", "stroke-width": "1.6",
      "stroke-linejoin": "round", "aria-hidden": "true",
    }, space);
    icon.append(make("path", { d: BUBBLES }, space));
    this.#button.append(icon, this.#badge, this.#failure);
    this.#button.addEventListener("click", () => { void this.open(); });
    root.append(this.#button);
  }

  connectedCallback() {
    this.#describe();
    if (this.#isReady) return;
    this.#isReady = true;
    this.#announce("ready");
    if (this.hasAttribute("open")) void this.open();
  }

  disconnectedCallback() {
    this.#panel?.dispose();
    this.#panel = this.#loading = null;
    this.#isReady = false;
    this.#showUnread(0);
    this.#button.setAttribute("aria-expanded", "false");
  }

  /** @param {string} name @param {string | null} before @param {string | null} value */
  attributeChangedCallback(name, before, value) {
    if (!this.#isReady || before === value) return;
    if (name === "lang") {
      this.#describe();
      this.#panel?.changeLanguage(this.#language);
    } else if (value !== null) void this.open();
    else this.close();
  }

  /** Messages that came while the chat was closed. */
  get unread() {
    return this.#unread;
  }

  /** Where chatapp is: where this script came from, unless the attribute `server` says otherwise. */
  get server() {
    return this.getAttribute("server") || new URL(import.meta.url).origin;
  }

  get #language() {
    return this.getAttribute("lang") || document.documentElement.lang || navigator.language;
  }

  /** Load what is missing, and show the chat. Resolves when it is shown, or could not be loaded. */
  async open() {
    if (this.#panel?.isOpen) return;
    this.#failure.textContent = "";
    this.#button.setAttribute("aria-busy", "true");
    try {
      const panel = await (this.#loading ??= this.#load());
      if (!this.isConnected) return panel.dispose();
      this.#panel = panel;
      panel.show();
      this.#button.setAttribute("aria-expanded", "true");
      this.setAttribute("open", "");
      this.#announce("open");
    } catch (error) {
      this.#loading = null;
      this.removeAttribute("open");
      this.#failure.textContent = this.#texts()[1];
      reportError(error);
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  /** Hide the chat. It stays connected, and counts what arrives. */
  close() {
    if (!this.#panel?.isOpen) return;
    this.#panel.hide();
    this.#button.setAttribute("aria-expanded", "false");
    this.removeAttribute("open");
    if (this.#button instanceof HTMLElement) this.#button.focus();
    this.#announce("close");
  }

  async #load() {
    /** @type {import("./panel.js").PanelOptions} */
    const options = {
      host: this,
      root: /** @type {ShadowRoot} */ (this.shadowRoot),
      language: this.#language,
      onClose: () => this.close(),
      onUnread: (count) => this.#showUnread(count),
      onItem: (item) => this.#announce("item", item),
    };
    try {
      return await loadPanel(options);
    } catch (error) {
      // The page may be older than the server, which has the files of one release: ask it for its present loader.
      const { ok, url } = await fetch(new URL("/widget.js", import.meta.url), { cache: "reload", credentials: "omit" });
      if (!ok || url === import.meta.url) throw error;
      return (await import(url)).loadPanel(options);
    }
  }

  /** @param {number} count */
  #showUnread(count) {
    if (count === this.#unread) return;
    this.#unread = count;
    this.#badge.textContent = count > 99 ? "99+" : count > 0 ? String(count) : "";
    this.#describe();
    this.#announce("unread", { count });
  }

  #texts() {
    const language = this.#language.split("-")[0]?.toLowerCase() ?? "en";
    return TEXTS[language] ?? /** @type {readonly [string, string]} */ (TEXTS["en"]);
  }

  #describe() {
    const label = this.getAttribute("label");
    const parts = [this.#texts()[0], label, this.#unread > 0 ? String(this.#unread) : null];
    this.#button.setAttribute("aria-label", parts.filter(Boolean).join(" · "));
  }

  /** @param {string} name @param {unknown} [detail] */
  #announce(name, detail) {
    this.dispatchEvent(new CustomEvent(`chatapp:${name}`, { bubbles: true, composed: true, detail }));
  }
}

/**
 * Load the panel, of the release that this loader is of.
 *
 * @param {import("./panel.js").PanelOptions} options
 * @returns {Promise<Panel>}
 */
export async function loadPanel(options) {
  return (await import("./panel.js")).createPanel(options);
}

/** Make the element that a script tag describes, unless the page has one. */
function makeFromScript() {
  if (document.querySelector("chatapp-widget")) return;
  const { origin } = new URL(import.meta.url);
  const scripts = [...document.querySelectorAll("script")];
  // `document.currentScript` is null in modules, and the address of this module may be that of a redirect.
  const script = scripts.find(({ src }) => src.startsWith(`${origin}/`) && /\/widget\.js(\?|$)/.test(src));
  if (!script) return;
  const element = document.createElement("chatapp-widget");
  for (const name of ATTRIBUTES) {
    const value = script.getAttribute(`data-${name}`);
    if (value !== null) element.setAttribute(name, value);
  }
  document.body.append(element);
}

if (!customElements.get("chatapp-widget")) {
  customElements.define("chatapp-widget", ChatappWidget);
  makeFromScript();
}
