/**
 * A list of messages that stays at its end, for conversations of a few hundred messages: all rows that are loaded are in the
 * document. The scroller is `column-reverse` around one child, so that it counts from its lower edge, and older messages
 * move nothing. The chats of the client have a list of their own, which keeps few rows (`ui/message-list.js`).
 */

import { Component, createRef, h, html } from "../view.js";

/** Load the next page when there are fewer pixels above what is shown. */
const NEAR = 400;

/** @typedef {{ key: string, pending: unknown }} ListedRow */

/**
 * Renders again only for another row.
 *
 * @template {ListedRow} T
 * @extends {Component<{ row: T, renderRow: (row: T) => import("../view.js").Children }>}
 */
class Row extends Component {
  /**
   * @override
   * @param {{ row: T, renderRow: unknown }} next
   */
  shouldComponentUpdate(next) {
    return next.row !== this.props.row || next.renderRow !== this.props.renderRow;
  }

  /** @override */
  render() {
    return this.props.renderRow(this.props.row);
  }
}

/**
 * @template {ListedRow} T
 * @typedef {object} PlainListProps
 * @property {readonly T[]} rows  oldest first; a row that changes is a new object
 * @property {(row: T) => import("../view.js").Children} renderRow
 * @property {() => Promise<unknown> | undefined} loadOlder
 * @property {boolean} hasOlder
 * @property {string} label
 * @property {import("../view.js").Children} [footer]  after the last row
 */

/**
 * @template {ListedRow} T
 * @extends {Component<PlainListProps<T>>}
 */
export class PlainList extends Component {
  #scroller = /** @type {{ current: HTMLElement | null }} */ (createRef());
  #isLoading = false;

  /** @override */
  componentDidMount() {
    this.#fill();
  }

  /**
   * @override
   * @param {PlainListProps<T>} before
   */
  componentDidUpdate(before) {
    const last = this.props.rows.at(-1);
    // What I send is shown, wherever I was reading.
    if (last?.pending && last.key !== before.rows.at(-1)?.key && this.#scroller.current) this.#scroller.current.scrollTop = 0;
    this.#fill();
  }

  #fill = () => {
    const scroller = this.#scroller.current;
    if (!scroller || !this.props.hasOlder || this.#isLoading) return;
    if (scroller.scrollHeight - scroller.clientHeight + scroller.scrollTop > NEAR) return;
    this.#isLoading = true;
    // A failure is tried again with the next scrolling.
    Promise.resolve(this.props.loadOlder()).catch(() => {}).finally(() => { this.#isLoading = false; });
  };

  /** @override */
  render() {
    const { rows, renderRow, label, footer } = this.props;
    return html`
      <div class="thread-scroller" ref=${this.#scroller} tabindex="0" role="region" aria-label=${label} data-testid="message-list" onScroll=${this.#fill}>
        <div class="thread-content">
          <ol class="thread-rows">
            ${rows.map((row) => html`<li key=${row.key}>${h(/** @type {any} */ (Row), { row, renderRow })}</li>`)}
          </ol>
          ${footer}
        </div>
      </div>`;
  }
}
