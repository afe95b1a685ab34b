/** The token that the host of the page signed for its visitor: where it comes from, and what it says. */

/** @typedef {import("../sdk/assistant.js").AssistantItem} AssistantItem */

/**
 * The claims of a token. The server verifies them; here they only say what to show.
 *
 * @param {string} token
 * @returns {Record<string, any>}
 */
export function claimsOf(token) {
  const body = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/");
  if (!body) return {};
  try {
    const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return claims !== null && typeof claims === "object" ? claims : {};
  } catch {
    return {};
  }
}

/**
 * An item, if a value names one.
 *
 * @param {any} value
 * @returns {AssistantItem | null}
 */
export function itemOf(value) {
  const isKind = value?.kind === "listing" || value?.kind === "storefront_product";
  return isKind && Number.isSafeInteger(value.id) && value.id > 0 ? { kind: value.kind, id: value.id } : null;
}

/**
 * Where an element's token comes from; null if it names no source: then the visitor is anonymous.
 *
 * @param {HTMLElement & { getToken?: (() => string | null | Promise<string | null>) | null }} host
 */
export function tokenSource(host) {
  if (host.getToken) return host.getToken;
  const token = host.getAttribute("token");
  if (token) return () => token;
  const address = host.getAttribute("token-url");
  return address ? () => fetchToken(address) : null;
}

/**
 * Ask the host. Its answer is JSON with `token`; 204, 401 and 403 mean a visitor without an account.
 *
 * @param {string} address
 */
async function fetchToken(address) {
  const response = await fetch(new URL(address, document.baseURI), {
    credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store",
  });
  if ([204, 401, 403].includes(response.status)) return null;
  if (!response.ok) throw new Error(`token-url: ${response.status}`);
  const answer = await response.json();
  return typeof answer?.token === "string" ? answer.token : null;
}
