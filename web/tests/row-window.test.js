import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_ROWS, RowWindow } from "../ui/row-window.js";

/** Numbers from 0 to 1, the same for every run. */
function* randomNumbers(seed) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);
const heightOf = (key) => 20 + (Math.abs(key * 7919) % 180);

function measureAll(list) {
  for (let index = list.start; index < list.end; index += 1) list.measure(index, heightOf(list.keys[index]));
}

function fitted(list, distance, viewport = 800, margin = 600) {
  measureAll(list);
  let rounds = 0;
  while (list.fit(distance, viewport, margin)) {
    measureAll(list);
    rounds += 1;
    assert.ok(rounds < 100, "it comes to an end");
  }
}

/** What must hold for every window. */
function check(list) {
  const { start, end, knownStart, knownEnd, keys } = list;
  assert.ok(knownStart >= 0 && knownStart <= start && start <= end && end <= knownEnd && knownEnd <= keys.length);
  const sum = (from, to) => range(from, to).reduce((total, index) => total + heightOf(keys[index]), 0);
  assert.equal(list.above, sum(knownStart, start));
  assert.equal(list.below, sum(end, knownEnd));
  assert.equal(list.height, sum(knownStart, knownEnd));
}

test("begins at the end, and covers the viewport", () => {
  const list = new RowWindow();
  list.setKeys(range(0, 1_000));
  fitted(list, 0);
  check(list);
  assert.equal(list.end, 1_000);
  assert.ok(list.height >= 800 + 300);
  assert.ok(list.end - list.start <= MAX_ROWS);
});

test("an empty list has no rows", () => {
  const list = new RowWindow();
  list.setKeys([]);
  assert.equal(list.fit(0, 800, 600), false);
  assert.deepEqual([list.start, list.end, list.height], [0, 0, 0]);
});

test("rows that are added at the end while the end is far stay out", () => {
  const list = new RowWindow();
  list.setKeys(range(0, 200));
  for (let distance = 0; distance <= 3_000; distance += 200) fitted(list, distance);
  const { height } = list;
  list.setKeys(range(0, 205));
  fitted(list, 3_000);
  assert.equal(list.height, height);
  assert.equal(list.knownEnd, 200);
});

test("rows far away are shown without the rows between", () => {
  const list = new RowWindow();
  list.setKeys(range(0, 1_000));
  fitted(list, 0);
  list.showAround(300);
  measureAll(list);
  fitted(list, list.bottomOf(300));
  check(list);
  assert.ok(list.start <= 300 && list.end > 300 && list.end - list.start <= MAX_ROWS);
  assert.ok(list.knownEnd < 900);
});

test("a line of a day that moves up takes no other row along", () => {
  const list = new RowWindow();
  list.setKeys([-1, ...range(100, 108)]);
  fitted(list, 0);
  assert.equal(list.start, 0);
  list.setKeys([-1, ...range(50, 108)]);
  assert.deepEqual([list.start, list.end], [51, 59]);
  assert.equal(list.knownStart, 51);
  fitted(list, 0);
  check(list);
});

test("another chat begins at its end", () => {
  const list = new RowWindow();
  list.setKeys(range(0, 100));
  fitted(list, 0);
  list.setKeys(range(5_000, 5_100));
  fitted(list, 0);
  check(list);
  assert.equal(list.end, 100);
});

test("any scrolling, loading, jumping and removing keeps the sums exact", () => {
  const random = randomNumbers(7);
  const next = () => random.next().value;
  for (let run = 0; run < 40; run += 1) {
    const list = new RowWindow();
    let [first, last] = [0, 60];
    let removed = new Set();
    let distance = 0;
    const update = () => list.setKeys(range(first, last).filter((key) => !removed.has(key)));
    update();
    fitted(list, 0);
    for (let step = 0; step < 60; step += 1) {
      const choice = next();
      if (choice < 0.6) distance += (next() - 0.4) * 900;
      else if (choice < 0.7) first -= 50;
      else if (choice < 0.8) last += Math.ceil(next() * 5);
      else if (choice < 0.85) removed = new Set([...removed, list.keys[Math.floor(next() * list.keys.length)]]);
      else if (choice < 0.9) list.showAround(Math.floor(next() * list.keys.length));
      else if (choice < 0.95) list.forget();
      else list.showEnd();
      update();
      measureAll(list);
      distance = Math.min(Math.max(distance, 0), Math.max(0, list.height - 800));
      fitted(list, distance);
      check(list);
      const isCovered = list.below <= distance && list.height - list.above >= Math.min(distance + 800, list.height);
      assert.ok(isCovered, "the viewport is covered by rows in the document");
      assert.equal(list.bottomOf(list.rowAt(distance)) >= distance || list.rowAt(distance) === list.start, true);
    }
  }
});
