/** What the visitor asks for beside messages: if it fails, the conversation says so for a while. */

import { html, useEffect, useReducer } from "../view.js";
import { RefusedError, UnansweredError } from "../../sdk/errors.js";
import { t } from "../texts.js";

/** Long enough to read a sentence, in ms. */
const SHOWN = 6_000;

/** @type {WeakMap<object, { text: string, listeners: Set<() => void> }>} */
const failures = new WeakMap();

/** @param {object} client */
function failuresOf(client) {
  const known = failures.get(client) ?? { text: "", listeners: new Set() };
  failures.set(client, known);
  return known;
}

/** @param {object} client @param {string} text */
function show(client, text) {
  const failure = failuresOf(client);
  failure.text = text;
  for (const listener of failure.listeners) listener();
}

/**
 * Wait for something; if it fails, the notice of the client says why. Other errors are faults, and reported as such.
 *
 * @param {object} client
 * @param {Promise<unknown>} promise
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function attempt(client, promise) {
  try {
    await promise;
    show(client, "");
    return true;
  } catch (error) {
    if (error instanceof RefusedError) show(client, error.message);
    else if (error instanceof UnansweredError) show(client, t("assistant.unanswered"));
    else reportError(error);
    return false;
  }
}

/** @param {{ client: object }} props */
export function FailureNotice({ client }) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  const failure = failuresOf(client);
  useEffect(() => {
    const listener = () => render(undefined);
    failure.listeners.add(listener);
    return () => { failure.listeners.delete(listener); };
  }, [failure]);
  const { text } = failure;
  useEffect(() => {
    if (!text) return undefined;
    const timer = setTimeout(() => show(client, ""), SHOWN);
    return () => clearTimeout(timer);
  }, [client, text]);
  return text && html`<p class="assistant-failure" role="alert">${text}</p>`;
}
