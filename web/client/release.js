/** Whether the server still has the release that this page is of: it has the files of one release only. */

import { t } from "../ui/texts.js";
import { signal } from "../ui/view.js";

/** Whether the server is known to have a newer release: then this page can load no further parts. */
export const isOutdated = signal(false);

/**
 * Find out why a part of the page could not be loaded, by asking for the script that the page began with.
 *
 * @returns {Promise<"outdated" | "unanswered" | "present">}  `present`: the release is there, so the fault is elsewhere
 */
export async function checkRelease() {
  const script = /** @type {HTMLScriptElement} */ (document.querySelector("script[type=module]"));
  try {
    const { ok, status } = await fetch(script.src, { method: "HEAD", cache: "no-store" });
    if (status === 404) isOutdated.value = true;
    return ok ? "present" : isOutdated.value ? "outdated" : "unanswered";
  } catch {
    return "unanswered";  // no network, or no server
  }
}

/**
 * Say why a part of the page could not be loaded: the release has changed, or there was no answer. Other faults are reported.
 *
 * @param {unknown} error  what `import()` or `fetch` of a part rejected with
 * @param {(text: string) => void} [show]  shows a notice that passes
 */
export async function explainFailedLoad(error, show) {
  const reason = await checkRelease();
  if (reason !== "outdated") show?.(t("shell.unanswered"));
  if (reason === "present") reportError(error);
}
