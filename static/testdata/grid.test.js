"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const amount = require("../amount.js");
const cells = require("../cells.js");

test("amounts are those of the rules", () => {
  const pairs = JSON.parse(fs.readFileSync(path.join(__dirname, "../../internal/form/testdata/amounts.json")));
  for (const [text, want] of pairs) {
    const value = amount.parse(text);
    assert.equal(value === null ? "" : amount.format(value), want, text);
  }
});

test("a sum leaves out what is blank, and says what is no amount", () => {
  assert.deepEqual(amount.sum(["1,000원", "", "-", "△500"]), {value: 500_000_000n, filled: 2, odd: false});
  assert.deepEqual(amount.sum(["0.1", "0.2", "x"]), {value: 300_000n, filled: 3, odd: true});
});

test("a range of a spreadsheet is read cell by cell", () => {
  for (const [text, want] of [
    ["a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]],
    ["a\t\n\tb", [["a", ""], ["", "b"]]],
    ['"1\n2"\t"say ""so"""\n', [["1\n2", 'say "so"']]],
    ['5" pipe\t2', [['5" pipe', "2"]]],
    ['"half\tb', [['"half', "b"]]],
    ["a\n\nb", [["a"], [""], ["b"]]],
  ]) assert.deepEqual(cells.parse(text), want, JSON.stringify(text));
  assert.equal(cells.isRange("one\n"), false);
  assert.equal(cells.isRange("one\ttwo"), true);
});

// of returns a grid whose cells are where they stand, and what they hold.
function of(texts) {
  const held = new Map();
  const grid = texts.map((row, r) => row.map((text, c) => {
    held.set(`${r},${c}`, text);
    return `${r},${c}`;
  }));
  return {grid, textOf: cell => held.get(cell)};
}

const said = changes => changes && changes.map(c => `${c.cell}=${c.text}`).join(" ");

test("a range fills cells, says what it overwrites and what has no place", () => {
  const {grid, textOf} = of([["a", ""], ["b", "c"]]);
  const {changes, over, left} = cells.fill(grid, 0, 1, [["x", "y"], ["c", ""], ["z", ""]], textOf);
  assert.equal(said(changes), "0,1=x");
  assert.equal(said(over), "");
  assert.equal(left, 2);
  assert.equal(said(cells.fill(grid, 0, 0, [["x"], ["b"]], textOf).over), "0,0=x");
});

test("a line comes between two only where the last one is free", () => {
  const {grid, textOf} = of([["a", "1"], ["b", "2"], ["", ""]]);
  assert.equal(said(cells.insert(grid, 1, textOf)), "1,0= 1,1= 2,0=b 2,1=2");
  assert.equal(said(cells.insert(grid, 0, textOf)), "0,0= 0,1= 1,0=a 1,1=1 2,0=b 2,1=2");
  assert.equal(said(cells.remove(grid, 0, textOf)), "0,0=b 0,1=2 1,0= 1,1=");
  assert.equal(said(cells.remove(grid, 2, textOf)), "");
  const full = of([["a"], ["b"]]);
  assert.equal(cells.insert(full.grid, 0, full.textOf), null);
});

test("lines with cells that are one do not move", () => {
  const {grid, textOf} = of([["a", "1"], ["b", "2"], ["", ""]]);
  grid[2][0] = grid[1][0];
  assert.equal(cells.insert(grid, 0, textOf), null);
  assert.equal(cells.remove(grid, 2, textOf), null);
  grid[2] = ["x", "x"];
  assert.equal(cells.remove(grid, 2, () => ""), null);
});

test("arrows lead from cell to cell, over those that are one", () => {
  const {grid} = of([["a", "b"], ["c", "d"], ["e", "f"]]);
  grid[1][0] = grid[0][0];
  for (const [r, c, key, want] of [
    [0, 0, "ArrowDown", "2,0"], [1, 1, "ArrowLeft", "0,0"], [0, 1, "ArrowRight", "0,0"], [2, 0, "ArrowLeft", "1,1"],
    [2, 1, "ArrowRight", null], [0, 0, "ArrowUp", null], [2, 1, "ArrowUp", "1,1"],
  ]) assert.equal(cells.step(grid, r, c, key), want, `${r},${c} ${key}`);
});
