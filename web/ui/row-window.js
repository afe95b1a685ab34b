/**
 * Which rows of a long list are in the document, by exact arithmetic.
 *
 * Rows that have been shown have a measured height; rows that have not have none, and take no room. So nothing is ever
 * estimated: rows that left the document are replaced by a spacer of exactly their height, and the list grows at its ends
 * as rows are shown for the first time. Distances are pixels from the end of the last known row, upwards.
 *
 *     unknown | known, above | in the document | known, below | unknown
 *             knownStart     start             end            knownEnd
 */

/** How many rows are shown for the first time at once. */
const CHUNK = 16;
/** The most rows in the document. */
export const MAX_ROWS = 80;

/** @typedef {string | number} RowKey */

/**
 * How far rows that were shown together still stand together. A row that has moved away, as the line of a day does when older
 * messages of that day are loaded, is left where it is now.
 *
 * @param {readonly number[]} indexes  new indexes of the rows on one side of the base, the next one first
 * @param {number} base
 * @param {1 | -1} direction
 */
function reach(indexes, base, direction) {
  let last = base;
  for (const index of indexes) {
    const step = (index - last) * direction;
    if (step > 0 && step <= CHUNK) last = index;
  }
  return last;
}

export class RowWindow {
  /** @type {readonly RowKey[]} */
  keys = [];
  start = 0;
  end = 0;
  knownStart = 0;
  knownEnd = 0;
  /** Height of the known rows above those in the document. */
  above = 0;
  /** Height of the known rows below those in the document. */
  below = 0;
  /** @type {Map<RowKey, number>} */
  #heights = new Map();
  /** @type {Map<RowKey, number>} */
  #indexes = new Map();

  /** @param {RowKey} key */
  indexOf(key) {
    return this.#indexes.get(key) ?? -1;
  }

  /** @param {number} index */
  #height(index) {
    return this.#heights.get(/** @type {RowKey} */ (this.keys[index])) ?? 0;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #sum(from, to) {
    let sum = 0;
    for (let index = from; index < to; index += 1) sum += this.#height(index);
    return sum;
  }

  /** Height of all known rows. */
  get height() {
    return this.above + this.#sum(this.start, this.end) + this.below;
  }

  /**
   * Take a changed list of rows. The rows in the document stay there; if none of them is in the list, the end is shown.
   *
   * @param {readonly RowKey[]} keys  in order, each once
   */
  setKeys(keys) {
    const shown = this.keys.slice(this.start, this.end);
    this.keys = keys;
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
    const indexes = shown.map((key) => this.indexOf(key)).filter((index) => index >= 0);
    const middle = indexes.length >> 1;
    const base = indexes[middle];
    if (base === undefined) {
      this.showEnd();
      return;
    }
    this.start = reach(indexes.slice(0, middle).reverse(), base, -1);
    this.end = reach(indexes.slice(middle + 1), base, 1) + 1;
    this.#findKnown();
  }

  /** Known are the rows next to those in the document, up to the first without a height. */
  #findKnown() {
    this.knownStart = this.start;
    this.knownEnd = this.end;
    while (this.knownStart > 0 && this.#isKnown(this.knownStart - 1)) this.knownStart -= 1;
    while (this.knownEnd < this.keys.length && this.#isKnown(this.knownEnd)) this.knownEnd += 1;
    this.above = this.#sum(this.knownStart, this.start);
    this.below = this.#sum(this.end, this.knownEnd);
  }

  /** @param {number} index */
  #isKnown(index) {
    return this.#heights.has(/** @type {RowKey} */ (this.keys[index]));
  }

  /** Forget the heights of rows that are not in the document: they were measured at another width. */
  forget() {
    const shown = this.keys.slice(this.start, this.end);
    this.#heights = new Map(shown.map((key) => [key, this.#heights.get(key) ?? 0]));
    this.#findKnown();
  }

  /** Show the last rows. */
  showEnd() {
    this.#show(this.keys.length - CHUNK, this.keys.length);
  }

  /**
   * Show the rows around one.
   *
   * @param {number} index
   */
  showAround(index) {
    this.#show(index - CHUNK / 2, index + CHUNK / 2);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #show(start, end) {
    this.start = Math.max(0, start);
    this.end = Math.min(this.keys.length, end);
    this.#findKnown();
  }

  /**
   * Record the height of a row in the document.
   *
   * @param {number} index
   * @param {number} height
   */
  measure(index, height) {
    this.#heights.set(/** @type {RowKey} */ (this.keys[index]), height);
  }

  /**
   * Distance of the lower edge of a known row.
   *
   * @param {number} index
   */
  bottomOf(index) {
    if (index >= this.end) return this.#sum(index + 1, this.knownEnd);
    return this.below + this.#sum(index + 1, this.end);
  }

  /**
   * The known row whose lower edge is the first at or above a distance; the one that spans it if there is none.
   *
   * @param {number} distance
   */
  rowAt(distance) {
    let index = this.end - 1;
    let bottom = this.below;
    while (index > this.start && bottom < distance) {
      bottom += this.#height(index);
      index -= 1;
    }
    return Math.max(index, this.start);
  }

  /**
   * Change the rows in the document so that they cover a viewport and a margin on both sides. Does nothing while half of
   * the margin is still covered.
   *
   * @param {number} distance  of the lower edge of the viewport
   * @param {number} viewport  its height
   * @param {number} margin
   * @returns {boolean} whether the rows have changed
   */
  fit(distance, viewport, margin) {
    const top = distance + viewport;
    const covered = this.below + this.#sum(this.start, this.end);
    const isLowTop = this.start > 0 && covered < top + margin / 2;
    const isLowBottom = this.end < this.keys.length && this.below > distance - margin / 2;
    if (!isLowTop && !isLowBottom && this.end - this.start <= MAX_ROWS) return false;
    const { start, end } = this;
    let used = margin;
    let reached = this.#cover(distance - used, top + used);
    while (this.end - this.start > MAX_ROWS && used > 20) {
      used *= 0.7;
      reached = this.#cover(distance - used, top + used);
    }
    this.#grow(distance - used, top + used, reached, reached < top || this.below > distance);
    return this.start !== start || this.end !== end;
  }

  /**
   * Choose the known rows between two distances.
   *
   * @param {number} low
   * @param {number} high
   * @returns {number} the distance of their upper edge
   */
  #cover(low, high) {
    const total = this.height;
    let { end, below } = this;
    while (end < this.knownEnd && below > low) {
      below -= this.#height(end);
      end += 1;
    }
    while (end > this.knownStart + 1 && below + this.#height(end - 1) <= low) {
      end -= 1;
      below += this.#height(end);
    }
    let start = end;
    let reached = below;
    while (start > this.knownStart && reached < high) {
      start -= 1;
      reached += this.#height(start);
    }
    this.start = start;
    this.end = end;
    this.above = start === this.knownStart ? 0 : total - reached;
    this.below = end === this.knownEnd ? 0 : below;
    return reached;
  }

  /**
   * Add rows that were never shown where the known ones end before a distance.
   *
   * @param {number} low
   * @param {number} high
   * @param {number} reached  distance of the upper edge of the rows in the document
   * @param {boolean} isBare  whether they do not cover the viewport
   */
  #grow(low, high, reached, isBare) {
    if (!isBare && this.end - this.start + CHUNK > MAX_ROWS) return;
    if (this.start === this.knownStart && reached < high) {
      this.start = this.knownStart = Math.max(0, this.start - CHUNK);
    }
    if (this.end === this.knownEnd && this.below > low) {
      this.end = this.knownEnd = Math.min(this.keys.length, this.end + CHUNK);
    }
  }
}
