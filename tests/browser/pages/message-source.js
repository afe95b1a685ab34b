/** Made messages of varied height, in pages with delays, as a server would give them. The same for every run. */

const PAGE = 50;
const WORDS = "the bicycle is still there and I can bring it to the old bridge tomorrow after five if you like".split(" ");

/** @param {number} seed */
function random(seed) {
  let state = (seed * 2_654_435_761) >>> 0;
  state ^= state >>> 15;
  state = Math.imul(state, 0x2c1b3c6d) >>> 0;
  return (state >>> 8) / 2 ** 24;
}

/** @param {number} id */
export function makeMessage(id) {
  const words = 1 + Math.floor(random(id) ** 4 * 60);
  const text = Array.from({ length: words }, (_, index) => WORDS[(id + index) % WORDS.length]).join(" ");
  return { id, text: `${id} ${text}`, isOwn: random(id + 7) > 0.5, picture: id % 15 === 0 ? 120 + Math.floor(random(id) * 220) : 0, extra: 0 };
}

/** A chat of `count` messages; the last page is there from the start. */
export class MessageSource {
  /** @param {number} count */
  constructor(count) {
    this.count = count;
    this.rows = this.range(count - PAGE + 1, count);
    this.requests = 0;
    /** Changes the wait of a request: milliseconds by its number. */
    this.delay = (/** @type {number} */ number) => 10 + random(number) * 110;
    this.changed = () => {};
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  range(from, to) {
    const first = Math.max(1, from);
    return Array.from({ length: Math.max(0, to - first + 1) }, (_, index) => makeMessage(first + index));
  }

  get hasOlder() {
    return this.rows[0].id > 1;
  }

  get hasNewer() {
    return this.rows[this.rows.length - 1].id < this.count;
  }

  async wait() {
    this.requests += 1;
    await new Promise((resolve) => { setTimeout(resolve, this.delay(this.requests)); });
  }

  loadOlder = async () => {
    const first = this.rows[0].id;
    await this.wait();
    if (this.rows[0].id !== first) return;
    this.rows = [...this.range(first - PAGE, first - 1), ...this.rows];
    this.changed();
  };

  loadNewer = async () => {
    const last = this.rows[this.rows.length - 1].id;
    await this.wait();
    if (this.rows[this.rows.length - 1].id !== last) return;
    this.rows = [...this.rows, ...this.range(last + 1, Math.min(this.count, last + PAGE))];
    this.changed();
  };

  loadNewest = async () => {
    await this.wait();
    this.rows = this.range(this.count - PAGE + 1, this.count);
    this.changed();
  };

  /** @param {number} id */
  loadAround = async (id) => {
    await this.wait();
    this.rows = this.range(id - PAGE / 2, Math.min(this.count, id + PAGE / 2));
    this.changed();
  };

  /** @param {number} count */
  append(count) {
    const isComplete = !this.hasNewer;
    this.count += count;
    if (isComplete) this.rows = [...this.rows, ...this.range(this.count - count + 1, this.count)];
    this.changed();
  }

  /**
   * @param {number} id
   * @param {Record<string, unknown>} change
   */
  change(id, change) {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...change } : row));
    this.changed();
  }
}
