/** The style sheets of the panel. They are adopted by the shadow root, which no content security policy of a host refuses. */

const SHEETS = ["../css/tokens.css", "../css/assistant.css", "../css/widget.css"];

/** @returns {Promise<CSSStyleSheet[]>} */
export async function loadStyles() {
  return Promise.all(SHEETS.map(async (path) => {
    const response = await fetch(new URL(path, import.meta.url), { credentials: "omit" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new CSSStyleSheet().replace(await response.text());
  }));
}
