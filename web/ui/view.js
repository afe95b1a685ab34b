/**
 * The view library of the browser side: Preact with hooks, htm and signals.
 *
 * Write tags in `html`…`` and components by `h(Component, { … })`: templates are not type-checked, calls of `h` are.
 */

import htm from "../vendor/htm.js";
import { h } from "../vendor/preact.js";

export { Component, Fragment, createContext, createPortal, createRef, h, render } from "../vendor/preact.js";
export {
  useCallback, useContext, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "../vendor/preact-hooks.js";
export {
  Signal, batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect,
} from "../vendor/signals.js";

/** @typedef {import("../vendor/preact.js").ComponentChildren} Children */
/** @typedef {import("../vendor/preact.js").VNode<any>} View */

/**
 * Make elements from a template. Interpolated texts become text nodes, never markup.
 *
 * @type {(strings: TemplateStringsArray, ...values: any[]) => View}
 */
export const html = /** @type {any} */ (htm.bind(h));
