"use strict";
const assert = require("node:assert/strict");
const {test} = require("node:test");
const {makeStorage} = require("../storage.js");

function memory() {
  const map = new Map();
  return {
    full: false,
    get length() { return map.size; },
    key: i => [...map.keys()][i],
    getItem: k => map.get(k) ?? null,
    setItem(k, v) {
      if (this.full) throw new Error("full");
      map.set(k, String(v));
    },
    removeItem: k => map.delete(k),
    clear: () => map.clear(),
  };
}

test("what is kept lasts", () => {
  const real = memory(), s = makeStorage(() => real);
  s.setItem("a", 1);
  assert.equal(real.getItem("a"), "1");
  assert.deepEqual([s.getItem("a"), s.getItem("b"), s.keys(), s.lasts], ["1", null, ["a"], true]);
  s.removeItem("a");
  assert.equal(s.getItem("a"), null);
});

test("where storage is forbidden, it is kept meanwhile", () => {
  const s = makeStorage(() => { throw new Error("SecurityError"); });
  assert.equal(s.lasts, false, "and says so at once");
  s.setItem("a", "x");
  assert.deepEqual([s.getItem("a"), s.keys()], ["x", ["a"]]);
  s.removeItem("a");
  s.clear();
  assert.deepEqual([s.getItem("a"), s.keys()], [null, []]);
});

test("where storage is full, the newest counts, and lasts once there is room", () => {
  const real = memory(), s = makeStorage(() => real);
  s.setItem("a", "old");
  real.full = true;
  s.setItem("a", "new");
  assert.deepEqual([s.getItem("a"), s.keys(), s.lasts], ["new", ["a"], false]);
  real.full = false;
  s.setItem("a", "newer");
  assert.deepEqual([s.getItem("a"), real.getItem("a"), s.lasts], ["newer", "newer", true]);
});
