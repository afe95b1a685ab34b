/** Parts of the interface that are loaded when they are first shown, with the style sheets that belong to them. */

import { t } from "./texts.js";
import { h, html, useEffect, useState } from "./view.js";

/**
 * A component that loads what it shows. It says if that fails, and offers to try again.
 *
 * @template {object} P
 * @param {() => Promise<(props: P) => import("./view.js").View | null>} load
 * @param {(error: unknown) => Promise<void>} explain  called when it could not be loaded
 */
export function lazy(load, explain) {
  /** @type {((props: P) => import("./view.js").View | null) | null} */
  let Part = null;
  const loadOnce = async () => { Part ??= await load(); };

  /** @param {P} props */
  function Lazy(props) {
    const [phase, setPhase] = useState(/** @type {"loading" | "loaded" | "failed"} */ (Part ? "loaded" : "loading"));
    const attempt = (/** @type {(error: unknown) => void} */ giveUp) => loadOnce().then(() => setPhase("loaded"), giveUp);
    useEffect(() => {
      // Even if it has been loaded since the first rendering: only a new phase renders again.
      void attempt(async (error) => {
        await explain(error);
        setPhase("failed");
      });
    }, []);
    if (Part) return h(Part, props);
    if (phase === "loading") return html`<div class="pane-loading" aria-busy="true"></div>`;
    // A browser may remember that a module failed, and a new release has other files: only a new page helps then.
    const reload = () => attempt(() => { if (navigator.onLine) location.reload(); });
    return html`
      <section class="pane-error" role="alert" data-testid="pane-error">
        <p>${t("ui.pane_not_loaded")}</p>
        <button type="button" class="button" onClick=${reload}>${t("ui.pane_reload")}</button>
      </section>`;
  }

  /** Load it before it is shown. A failure is shown and explained when the part is to be shown. */
  Lazy.preload = () => loadOnce().catch(() => undefined);
  return Lazy;
}

/**
 * Wait for a module and for its style sheets: without them, it would be shown bare.
 *
 * @template T
 * @param {Promise<T>} module
 * @param {readonly string[]} names  of sheets in `web/css`
 */
export async function withStyles(module, ...names) {
  const [loaded] = await Promise.all([module, ...names.map(loadStyles)]);
  return loaded;
}

/** @param {string} name */
async function loadStyles(name) {
  const href = new URL(`../css/${name}.css`, import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  const loaded = new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => reject(new Error(`${href} cannot be loaded`));
  });
  document.head.append(link);
  try {
    await loaded;
  } catch (error) {
    link.remove();
    throw error;
  }
}
