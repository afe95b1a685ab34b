/** The frame: three panes on a wide screen, one at a time on a phone. A pane that fails leaves the others alone. */

import { Announcer } from "../ui/announcer.js";
import { Boundary } from "../ui/boundary.js";
import { t } from "../ui/i18n.js";
import { h, html } from "../ui/view.js";
import { ChatsPane } from "./chats/pane.js";
import { ConnectionBar } from "./connection-bar.js";
import { EmptyDrawing } from "./empty-drawing.js";
import { AssistantPane, ConversationPane, DetailsPane, SettingsPane } from "./lazy-panes.js";
import { OutdatedBar } from "./outdated-bar.js";
import { useShortcuts } from "./shortcuts.js";
import { StoppedDialog } from "./stopped-dialog.js";
import { useStore } from "./store.js";
import { Toasts } from "./toasts.js";
import { Warnings } from "./warnings.js";

export function Shell() {
  const store = useStore();
  const { screen, router } = store;
  const route = router.route.value;
  const isDetailed = route.name === "chat" && screen.details.value;
  useShortcuts(store);

  return html`
    <div class="shell" data-pane=${route.name === "list" ? "chats" : "main"} data-details=${isDetailed ? "open" : "closed"}>
      ${h(OutdatedBar, {})}
      ${h(ConnectionBar, {})}
      <main class="panes">
        <nav class="pane pane-chats" aria-label=${t("chats.title")} data-pane-name="chats">
          ${h(Boundary, { name: "chats" }, h(ChatsPane, {}))}
        </nav>
        <section class="pane pane-main" aria-label=${t("shell.content")} data-pane-name="main">
          ${h(Boundary, { name: "main", key: boundaryKey(route) }, h(MainPane, { route }))}
        </section>
        ${isDetailed && html`
          <div class="details-scrim" onClick=${() => { screen.details.value = false; }}></div>
          <section class="pane pane-details" aria-label=${t("shell.details")} data-pane-name="details">
            ${h(Boundary, { name: "details", key: route.chatId }, h(DetailsPane, { chatId: route.chatId }))}
          </section>`}
      </main>
      ${h(Toasts, {})}
      ${h(Announcer, {})}
      ${screen.dialogs.value.map((show, index) => h(Boundary, { key: index, name: "dialog" }, show()))}
      ${h(Boundary, { name: "warnings" }, h(Warnings, {}))}
      ${h(StoppedDialog, {})}
    </div>`;
}

/**
 * A failed pane is tried again when the person opens something else.
 *
 * @param {import("./router.js").Route} route
 */
const boundaryKey = (route) => (route.name === "chat" ? `chat ${route.chatId}` : route.name);

/** @param {{ route: import("./router.js").Route }} props */
function MainPane({ route }) {
  if (route.name === "chat") return h(ConversationPane, { chatId: route.chatId, anchor: route.messageId });
  if (route.name === "assistant") return h(AssistantPane, {});
  if (route.name === "settings") return h(SettingsPane, {});
  return html`
    <div class="empty">
      ${h(EmptyDrawing, {})}
      <p class="empty-text">${t("shell.pick_a_chat")}</p>
      <p class="empty-hint">${t("shell.shortcut_hint")}</p>
    </div>`;
}
