/** The client at /chat: who is logged in, their chats, and the frame that shows them. */

import { ChatClient, UnauthorizedError } from "../sdk/index.js";
import { language } from "../ui/i18n.js";
import { h, html, render } from "../ui/view.js";
import { ConversationPane } from "./lazy-panes.js";
import { Notifications, NotificationsContext } from "./notifications.js";
import { applyPreferences } from "./preferences.js";
import { Router } from "./router.js";
import { Screen } from "./screen.js";
import { Shell } from "./shell.js";
import { Store, StoreContext } from "./store.js";

/** Lets the browser paint and take input between two long steps. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** @param {string} path  where to go on after the log-in */
function logIn(path) {
  location.replace(`/login?next=${encodeURIComponent(path)}`);
}

/**
 * Read the account, in the background: what is on the screen does not wait for it.
 *
 * @param {Store} store
 */
async function readAccount(store) {
  try {
    store.session.value = await store.client.auth.me();
  } catch (error) {
    if (error instanceof UnauthorizedError) logIn(location.pathname + location.hash);
    else store.showError(error);
  }
}

async function start() {
  await applyPreferences();
  const client = new ChatClient({ language: () => language.value });
  const store = new Store(client, new Router(window), new Screen(window));
  const notifications = new Notifications(store);
  client.on("signedOut", ({ reason }) => {
    if (reason === "logout") location.replace("/login");
  });
  client.connect();
  void readAccount(store);
  await breathe();
  const root = /** @type {HTMLElement} */ (document.getElementById("app"));
  root.replaceChildren();
  render(html`
    <${StoreContext.Provider} value=${store}>
      <${NotificationsContext.Provider} value=${notifications}>${h(Shell, {})}<//>
    <//>`, root);
  await breathe();
  await ConversationPane.preload();
}

start().catch((error) => {
  reportError(error);
  const notice = document.getElementById("start-error");
  if (notice) notice.hidden = false;
});
