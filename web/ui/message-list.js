/**
 * A list of rows that grows at both ends without ever jumping: messages of a chat.
 *
 * The scroller is `column-reverse` around one child, so that it counts from its lower edge: what is added or grows above
 * the viewport moves nothing. What changes below is corrected before it is painted. Rows must have no outer margin.
 */

import { ListPill } from "./list-pill.js";
import { RowWindow } from "./row-window.js";
import { Component, createRef, h, html } from "./view.js";

const MARGIN = 600;  // pixels of rows kept ready above and below the viewport
const PREFETCH = 12;  // rows that are loaded and not shown yet; with fewer, the next page is loaded
const AT_END = 4;  // pixels from the end that still count as its place
const FLASH = 1_200;  // milliseconds

/** @typedef {import("./row-window.js").RowKey} RowKey */

/**
 * What a person sees of the list.
 *
 * @typedef {object} ListView
 * @property {RowKey | undefined} first  the first row in sight
 * @property {RowKey | undefined} last
 * @property {boolean} stuck  whether the list stays at its end when rows are added
 * @property {number} unseen  rows after the last one that was in sight
 */

/**
 * @template T
 * @typedef {object} ListProps
 * @property {readonly T[]} rows  oldest first; a row that changes is a new object
 * @property {(row: T) => RowKey} keyOf
 * @property {(row: T) => import("./view.js").Children} renderRow  called only when its row or this function changes
 * @property {(row: T) => Record<string, unknown>} [attributesOf]  attributes of the list item, as `aria-posinset`
 * @property {(row: T) => boolean} [isCounted]  whether a row is counted in the button of new rows
 * @property {string} label  name of the list
 * @property {(unseen: number) => string} pillLabel  name of the button that goes to the end
 * @property {boolean} [hasOlder]
 * @property {boolean} [hasNewer]
 * @property {() => Promise<unknown> | void} [loadOlder]  called again only after it has settled
 * @property {() => Promise<unknown> | void} [loadNewer]
 * @property {() => Promise<unknown> | void} [loadNewest]  called to go to the end while `hasNewer`
 * @property {(view: ListView) => void} [onView]  called when what is in sight has changed
 * @property {(row: T, event: KeyboardEvent) => void} [onRowKey]  keys on a row that the list does not use
 * @property {{ key: RowKey, align?: Align }} [initial]  the row to begin at, instead of the end
 * @property {import("./view.js").Children} [header]  before the first row
 * @property {import("./view.js").Children} [footer]  after the last row
 * @property {(list: MessageList<any> | null) => void} [listRef]  receives the list, for `scrollTo` and `scrollToEnd`
 */

/** @typedef {"start" | "center" | "end"} Align */
/** @typedef {{ key: RowKey, align: Align, flash: boolean, focus: boolean }} Target */

/**
 * @template T
 * @extends {Component<{ row: T, renderRow: (row: T) => import("./view.js").Children }>}
 */
class RowContent extends Component {
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
 * @template T
 * @extends {Component<ListProps<T>, { flashed: RowKey | undefined, unseen: number, isAway: boolean }>}
 */
export class MessageList extends Component {
  /** @override */
  state = { flashed: /** @type {RowKey | undefined} */ (undefined), unseen: 0, isAway: false };

  #window = new RowWindow();
  /** @type {readonly T[]} */
  #rows = [];
  #scroller = /** @type {{ current: HTMLElement | null }} */ (createRef());
  #body = /** @type {{ current: HTMLElement | null }} */ (createRef());
  #footer = /** @type {{ current: HTMLElement | null }} */ (createRef());
  #stuck = true;
  /** The row whose lower edge keeps its place, and where it was. @type {{ key: RowKey, bottom: number } | undefined} */
  #anchor;
  /** @type {Target | undefined} */
  #target;
  /** @type {RowKey | undefined} */
  #seen;
  #width = 0;
  #footerHeight = 0;
  /** @type {Set<"older" | "newer">} */
  #loading = new Set();
  /** @type {ListView | undefined} */
  #view;
  #frame = 0;
  #flashTimer = 0;
  /** @type {Set<Element>} */
  #observed = new Set();
  #observer = new ResizeObserver(() => this.#afterResize());

  /** @override */
  componentDidMount() {
    const { initial } = this.props;
    this.props.listRef?.(this);
    if (initial) this.#target = { key: initial.key, align: initial.align ?? "start", flash: false, focus: false };
    for (const element of [this.#scroller.current, this.#footer.current]) if (element) this.#observer.observe(element);
    this.#width = this.#scroller.current?.clientWidth ?? 0;
    if (this.#prepareTarget()) this.forceUpdate();
    else this.#settle(0);
  }

  /** Where the scroller is before the document changes, which may limit it. @override */
  getSnapshotBeforeUpdate() {
    return this.#distance();
  }

  /**
   * @override
   * @param {unknown} _props
   * @param {unknown} _state
   * @param {number} distance
   */
  componentDidUpdate(_props, _state, distance) {
    this.#settle(distance);
  }

  /** @override */
  componentWillUnmount() {
    this.props.listRef?.(null);
    this.#observer.disconnect();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#flashTimer);
  }

  /**
   * Show a row. If it is not among the rows yet, it is shown as soon as it is.
   *
   * @param {RowKey} key
   * @param {{ align?: Align, flash?: boolean, focus?: boolean }} [options]  `flash` marks the row for a moment
   */
  scrollTo(key, { align = "center", flash = false, focus = false } = {}) {
    this.#target = { key, align, flash, focus };
    this.#prepareTarget();
    this.forceUpdate();
  }

  /** Show the last row, and stay at the end. */
  async scrollToEnd() {
    this.#target = undefined;
    if (this.props.hasNewer) await this.props.loadNewest?.();
    this.#stuck = true;
    this.#window.showEnd();
    this.#scroll(0);
    this.forceUpdate();
  }

  /** Whether the list stays at its end when rows are added. */
  get stuck() {
    return this.#stuck;
  }

  #distance() {
    return -(this.#scroller.current?.scrollTop ?? 0);
  }

  #viewport() {
    return this.#scroller.current?.clientHeight ?? 0;
  }

  /** @param {number} distance */
  #scroll(distance) {
    if (this.#scroller.current) this.#scroller.current.scrollTop = -distance;
  }

  /** Put the rows around the target into the document. */
  #prepareTarget() {
    if (!this.#target) return false;
    const index = this.#window.indexOf(this.#target.key);
    if (index < 0) return false;
    if (index < this.#window.start || index >= this.#window.end) this.#window.showAround(index);
    this.#stuck = false;
    this.#anchor = undefined;
    return true;
  }

  /**
   * Measure what was rendered, keep the position, and complete the rows.
   *
   * @param {number} distance  where the scroller was before
   */
  #settle(distance) {
    if (!this.#scroller.current) return;
    this.#measure();
    if (this.#reachTarget()) this.#readPosition();
    else this.#keepPosition(distance);
    this.#complete();
  }

  #measure() {
    const rows = this.#body.current?.children ?? [];
    for (const element of this.#observed) {
      if (element.parentElement !== this.#body.current) {
        this.#observer.unobserve(element);
        this.#observed.delete(element);
      }
    }
    for (let offset = 0; offset < rows.length; offset += 1) {
      const row = /** @type {Element} */ (rows[offset]);
      this.#window.measure(this.#window.start + offset, row.getBoundingClientRect().height);
      if (!this.#observed.has(row)) {
        this.#observed.add(row);
        this.#observer.observe(row);
      }
    }
    this.#footerHeight = this.#footer.current?.getBoundingClientRect().height ?? 0;
  }

  /**
   * Undo what changed below the anchor. A part of a pixel is left, and corrected together with the next change.
   *
   * @param {number} before  where the scroller was before the change
   */
  #keepPosition(before) {
    if (this.#stuck) return;
    const index = this.#anchor ? this.#window.indexOf(this.#anchor.key) : -1;
    if (!this.#anchor || index < this.#window.knownStart || index >= this.#window.knownEnd) {
      this.#readPosition();
      return;
    }
    const shift = this.#window.bottomOf(index) + this.#footerHeight - this.#anchor.bottom;
    if (Math.abs(before + shift - this.#distance()) < 0.5) return;
    this.#scroll(before + shift);
    this.#anchor.bottom += shift;
  }

  /** Read where the person is: at the end, or at a row. */
  #readPosition() {
    const distance = this.#distance();
    const isLast = this.#window.end === this.#window.keys.length && !this.props.hasNewer;
    this.#stuck = distance <= AT_END && isLast && !this.#target;
    const index = this.#window.rowAt(distance - this.#footerHeight);
    const key = this.#window.keys[index];
    this.#anchor = key === undefined
      ? undefined
      : { key, bottom: this.#window.bottomOf(index) + this.#footerHeight };
  }

  /** Scroll to the target, if its row has been rendered. */
  #reachTarget() {
    const target = this.#target;
    const index = target ? this.#window.indexOf(target.key) : -1;
    if (!target || index < this.#window.start || index >= this.#window.end) return false;
    const row = this.#body.current?.children[index - this.#window.start];
    if (!row) return false;
    const height = row.getBoundingClientRect().height;
    const viewport = this.#viewport();
    const bottom = this.#window.bottomOf(index) + this.#footerHeight;
    const room = Math.max(0, viewport - height);
    const part = { start: 1, center: 0.5, end: 0 }[target.align];
    const wanted = bottom - room * part + Math.max(0, height - viewport);
    this.#scroll(Math.max(0, wanted));
    // Rows that are missing on one side limit the scroller: then the target is kept until they are there.
    const missing = wanted - this.#distance();
    const isLimited = missing < -1 ? this.#window.end < this.#window.keys.length : missing > 1 && this.#window.start > 0;
    if (!isLimited) this.#finishTarget(target, row);
    return true;
  }

  /**
   * @param {Target} target
   * @param {Element} row
   */
  #finishTarget(target, row) {
    this.#target = undefined;
    if (target.focus && row instanceof HTMLElement) row.focus({ preventScroll: true });
    if (!target.flash) return;
    clearTimeout(this.#flashTimer);
    this.setState({ flashed: target.key });
    this.#flashTimer = window.setTimeout(() => this.setState({ flashed: undefined }), FLASH);
  }

  /** Render more rows if the viewport needs them, load more if few are left, and report what is in sight. */
  #complete() {
    const distance = this.#distance() - this.#footerHeight;
    if (this.#window.fit(distance, this.#viewport(), MARGIN)) {
      this.#releaseFocus();
      this.forceUpdate();
      return;
    }
    if (this.props.hasOlder && this.#window.start < PREFETCH) this.#load("older", this.props.loadOlder);
    if (this.props.hasNewer && this.#window.keys.length - this.#window.end < PREFETCH) {
      this.#load("newer", this.props.loadNewer);
    }
    this.#report(distance);
  }

  /**
   * @param {"older" | "newer"} side
   * @param {(() => Promise<unknown> | void) | undefined} load
   */
  #load(side, load) {
    if (!load || this.#loading.has(side)) return;
    this.#loading.add(side);
    // A failure is shown by the owner of the rows; the next scrolling tries again.
    const end = () => this.#loading.delete(side);
    Promise.resolve(load()).then(() => {
      end();
      if (this.#scroller.current) this.#complete();
    }, end);
  }

  /** @param {number} distance */
  #report(distance) {
    const { keys } = this.#window;
    const last = this.#window.rowAt(distance);
    const first = this.#window.rowAt(distance + this.#viewport());
    const seen = this.#seen === undefined ? -1 : this.#window.indexOf(this.#seen);
    if (last > seen) this.#seen = keys[last];
    const counted = this.props.isCounted;
    let unseen = 0;
    for (let index = Math.max(last, seen) + 1; index < keys.length; index += 1) {
      if (!counted || counted(/** @type {T} */ (this.#rows[index]))) unseen += 1;
    }
    const isAway = !this.#stuck && (Boolean(this.props.hasNewer) || unseen > 0 || distance > this.#viewport() / 2);
    if (unseen !== this.state.unseen || isAway !== this.state.isAway) this.setState({ unseen, isAway });
    const view = { first: keys[first], last: keys[last], stuck: this.#stuck, unseen };
    const old = this.#view;
    if (old && old.first === view.first && old.last === view.last && old.stuck === view.stuck && old.unseen === unseen) {
      return;
    }
    this.#view = view;
    this.props.onView?.(view);
  }

  /** A row with the focus leaves the document: the scroller takes the focus, so that the keyboard goes on from there. */
  #releaseFocus() {
    const row = this.#focusedRow();
    if (row === undefined || (row >= this.#window.start && row < this.#window.end)) return;
    this.#scroller.current?.focus({ preventScroll: true });
  }

  /** Index of the row with the focus. */
  #focusedRow() {
    const focused = /** @type {Element | null} */ (/** @type {ShadowRoot | Document | undefined} */ (
      this.#scroller.current?.getRootNode())?.activeElement ?? null);
    const row = focused?.closest("[data-row]");
    const key = [...this.#body.current?.children ?? []].find((element) => element === row)?.getAttribute("data-row");
    if (key === undefined || key === null) return undefined;
    return this.#window.keys.findIndex((known) => String(known) === key);
  }

  #onScroll = () => {
    // While the target is not reached, the scroller moves because of this list, not of the person.
    if (!this.#target) this.#readPosition();
    this.#complete();
  };

  #onInput = () => {
    this.#target = undefined;
  };

  /** Heights have changed after the rendering: correct at once, before it is painted; render in the next frame. */
  #afterResize() {
    const scroller = this.#scroller.current;
    if (!scroller) return;
    if (scroller.clientWidth !== this.#width) {
      this.#width = scroller.clientWidth;
      this.#window.forget();
      this.forceUpdate();
      return;
    }
    const distance = this.#distance();
    this.#measure();
    if (!this.#reachTarget()) this.#keepPosition(distance);
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#complete());
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown = (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const isRow = event.target instanceof Element && event.target.hasAttribute("data-row");
    if (!isRow && event.target !== this.#scroller.current) return;
    const { keys } = this.#window;
    const current = this.#focusedRow() ?? this.#window.rowAt(this.#distance() - this.#footerHeight) + 1;
    const moves = { ArrowUp: current - 1, ArrowDown: current + 1, Home: 0, End: keys.length - 1 };
    const next = event.key in moves ? moves[/** @type {keyof typeof moves} */ (event.key)] : undefined;
    if (next !== undefined) {
      event.preventDefault();
      this.#focusRow(Math.min(Math.max(next, 0), keys.length - 1));
    } else if (isRow) {
      this.props.onRowKey?.(/** @type {T} */ (this.#rows[current]), event);
    }
  };

  /** @param {number} index */
  #focusRow(index) {
    const row = this.#body.current?.children[index - this.#window.start];
    if (row instanceof HTMLElement) {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
      return;
    }
    const key = this.#window.keys[index];
    if (key !== undefined) this.scrollTo(key, { focus: true, align: "center" });
  }

  /** @override */
  render() {
    const { rows, keyOf, renderRow, attributesOf, label, pillLabel, header, footer } = this.props;
    if (rows !== this.#rows) {
      this.#rows = rows;
      this.#window.setKeys(rows.map(keyOf));
      if (this.#target) this.#prepareTarget();
    }
    const { start, end, above, below, keys } = this.#window;
    const { flashed, unseen, isAway } = this.state;
    return html`
      <div class="message-list">
        <div class="message-list-scroller" ref=${this.#scroller} role="group" aria-label=${label} tabindex="0"
          data-testid="message-list" onScroll=${this.#onScroll} onWheel=${this.#onInput} onTouchMove=${this.#onInput}
          onKeyDown=${this.#onKeyDown}>
          <div class="message-list-content">
            ${header}
            <div style=${{ height: `${above}px` }}></div>
            <div ref=${this.#body} role="list">
              ${rows.slice(start, end).map((row, offset) => html`
                <div key=${keys[start + offset]} role="listitem" tabindex="-1" data-row=${keys[start + offset]}
                  class=${keys[start + offset] === flashed ? "list-row is-flashed" : "list-row"}
                  ...${attributesOf?.(row)}>${h(/** @type {any} */ (RowContent), { row, renderRow })}</div>`)}
            </div>
            <div style=${{ height: `${below}px` }}></div>
            <div ref=${this.#footer}>${footer}</div>
          </div>
        </div>
        ${isAway && h(ListPill, { unseen, label: pillLabel(unseen), onClick: () => void this.scrollToEnd() })}
      </div>`;
  }
}
