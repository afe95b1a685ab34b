/** Compares every painted frame with the one before: rows must move together, in the wanted direction, without gaps. */

export class FrameRecorder {
  /** @param {HTMLElement} scroller */
  constructor(scroller) {
    this.scroller = scroller;
    this.reset();
    this.isRunning = true;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = () => this.sample();  // runs after the frame is painted
    const frame = () => {
      port2.postMessage(0);
      if (this.isRunning) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const own = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");
    Object.defineProperty(scroller, "scrollTop", {
      get: () => own.get.call(scroller),
      set: (value) => { this.figures.writes += 1; own.set.call(scroller, value); },
    });
  }

  stop() {
    this.isRunning = false;
    this.port.close();
  }

  reset() {
    this.figures = { frames: 0, nonRigid: 0, worstNonRigid: 0, backwards: 0, worstBackwards: 0, blank: 0, writes: 0, maxRows: 0, maxNodes: 0, moved: 0, largest: 0 };
    this.top = this.scroller.scrollTop;
    this.direction = 0;  // 1: the content moves down, as when scrolling up; 0: any
    this.last = undefined;
  }

  positions() {
    const box = this.scroller.getBoundingClientRect();
    const tops = new Map();
    let covered = 0;
    for (const row of this.scroller.querySelectorAll("[data-row]")) {
      const rect = row.getBoundingClientRect();
      if (rect.bottom <= box.top || rect.top >= box.bottom) continue;
      tops.set(row.getAttribute("data-row"), rect.top);
      covered += Math.min(rect.bottom, box.bottom) - Math.max(rect.top, box.top);
    }
    return { tops, isBlank: covered < box.height - 1 };
  }

  sample() {
    const { tops, isBlank } = this.positions();
    const figures = this.figures;
    figures.frames += 1;
    if (isBlank) figures.blank += 1;
    figures.maxRows = Math.max(figures.maxRows, this.scroller.querySelectorAll("[data-row]").length);
    figures.maxNodes = Math.max(figures.maxNodes, this.scroller.querySelectorAll("*").length);
    if (this.last) {
      const moves = [...tops].filter(([key]) => this.last.has(key)).map(([key, top]) => top - this.last.get(key));
      if (moves.length) {
        const spread = Math.max(...moves) - Math.min(...moves);
        if (spread > 1) figures.nonRigid += 1;
        figures.worstNonRigid = Math.max(figures.worstNonRigid, spread);
        const back = this.direction ? Math.max(...moves.map((move) => -move * this.direction)) : 0;
        if (back > 1) figures.backwards += 1;
        figures.worstBackwards = Math.max(figures.worstBackwards, back);
        figures.moved += moves[0];
        figures.largest = Math.max(figures.largest, ...moves.map(Math.abs));
      } else {
        figures.moved += this.top - this.scroller.scrollTop;  // more than a viewport: no row to compare
      }
    }
    this.top = this.scroller.scrollTop;
    this.last = tops;
  }
}
