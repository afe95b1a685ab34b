/** Components that render again when something of a session changes, and only then. */

import { useEffect, useReducer } from "../view.js";

/** @typedef {import("../../sdk/assistant.js").AssistantClient} AssistantClient */
/** @typedef {import("../../sdk/index.js").ConnectionInfo} ConnectionInfo */
/** @typedef {{ connection: ConnectionInfo, on(name: "connection", listener: () => void, options?: { signal?: AbortSignal }): () => void }} Connected */
/** @typedef {"session" | "messages" | "answer" | "pending" | "typing"} ChangeKind */

/**
 * Render the component again when one of these kinds of things changes.
 *
 * @param {AssistantClient} client
 * @param {readonly ChangeKind[]} kinds  the same array at each rendering
 */
export function useChanges(client, kinds) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  useEffect(() => {
    const end = client.on("change", (change) => {
      if (kinds.some((kind) => change.kinds.has(kind))) render(undefined);
    });
    render(undefined);  // what has changed between the rendering and this effect
    return end;
  }, [client, kinds]);
}

/**
 * Render the component again when the connection changes; returns it.
 *
 * @param {Connected} client
 */
export function useConnection(client) {
  const [, render] = useReducer((/** @type {number} */ count) => count + 1, 0);
  useEffect(() => {
    const listening = new AbortController();
    const options = { signal: listening.signal };
    client.on("connection", () => render(undefined), options);
    for (const name of ["online", "offline"]) globalThis.addEventListener(name, () => render(undefined), options);
    render(undefined);
    return () => listening.abort();
  }, [client]);
  return client.connection;
}
