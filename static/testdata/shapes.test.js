"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const shapes = require("../shapes.js");
const tables = require("../tables.js");

let made = 0;
const newID = () => "id" + ++made, name = t => "열 " + (t.columns.length + 1);

// grid returns a table of so many columns and rows of 20 × 10 px at (100, 50).
function grid(columns, rows, header = 1) {
  const t = {id: "t", name: "내역", box: [100, 50, 20 * columns, 10 * rows], header, rows: rows - header, columns: [], cells: [], columnIds: [], rowIds: []};
  for (let c = 0; c < columns; c++) {
    t.columns.push("c" + c);
    t.columnIds.push("cid" + c);
  }
  for (let r = header; r < rows; r++) t.rowIds.push("rid" + r);
  t.cells = Array.from({length: rows}, (_, r) => Array.from({length: columns}, (_, c) => [100 + 20 * c, 50 + 10 * r, 20, 10]));
  return t;
}

// sound fails where lists that belong together are not of the same length.
function sound(t) {
  assert.equal(t.cells.length, t.header + t.rows);
  assert.equal(t.rowIds.length, t.rows);
  assert.equal(new Set(t.rowIds).size, t.rows);
  for (const row of t.cells) assert.equal(row.length, t.columns.length);
  assert.equal(t.columnIds.length, t.columns.length);
  assert.equal(new Set(t.columns).size, t.columns.length);
}

test("resized keeps the other sides, and an area", () => {
  for (const [handle, dx, dy, want] of [
    ["e", 5, 9, [10, 10, 25, 30]], ["nw", 5, 5, [15, 15, 15, 25]], ["w", 100, 0, [28, 10, 2, 30]], ["s", 0, -100, [10, 10, 20, 2]], ["se", 1, 2, [10, 10, 21, 32]],
  ]) assert.deepEqual(shapes.resized([10, 10, 20, 30], handle, dx, dy), want, handle);
});

test("fit brings all parts of a thing along", () => {
  const field = {box: [10, 10, 20, 10], boxes: [[10, 10, 10, 10], [20, 10, 10, 10]], ignore: [[15, 12, 2, 2]]};
  shapes.fit(field, [100, 100, 40, 20]);
  assert.deepEqual(field, {box: [100, 100, 40, 20], boxes: [[100, 100, 20, 20], [120, 100, 20, 20]], ignore: [[110, 104, 4, 4]]});
});

test("within keeps boxes in the picture", () => {
  assert.deepEqual(shapes.within([-5, 95, 20, 10], 100, 100), [0, 90, 20, 10]);
  assert.deepEqual(shapes.within([50, 50, 200, 10], 100, 100), [0, 50, 100, 10]);
});

test("align and distribute", () => {
  const boxes = [[0, 0, 10, 10], [30, 5, 20, 10], [90, 9, 10, 20]];
  assert.deepEqual(shapes.align(boxes, "left").map(b => b[0]), [0, 0, 0]);
  assert.deepEqual(shapes.align(boxes, "right").map(shapes.right), [100, 100, 100]);
  assert.deepEqual(shapes.align(boxes, "bottom").map(shapes.bottom), [29, 29, 29]);
  assert.deepEqual(shapes.align(boxes, "middle").map(b => shapes.middle(b)[1]), [14.5, 14.5, 14.5]);
  assert.deepEqual(shapes.distribute(boxes, 0), [[0, 0, 10, 10], [40, 5, 20, 10], [90, 9, 10, 20]]);
  assert.deepEqual(shapes.sized(boxes, 1).map(b => b[3]), [10, 10, 10]);
});

test("row puts 13 boxes with a gap after the 6th", () => {
  const boxes = shapes.row([100, 10, 280, 20], 13, 0, [6], 20);
  assert.equal(boxes.length, 13);
  assert.deepEqual(boxes[0], [100, 10, 20, 20]);
  assert.deepEqual(boxes[5], [200, 10, 20, 20]);
  assert.deepEqual(boxes[6], [240, 10, 20, 20]);
  assert.equal(shapes.right(boxes[12]), 380);
  assert.deepEqual(shapes.row([0, 0, 10, 5], 1, 3, [1, 7], 4), [[0, 0, 10, 5]]);
});

test("tiles fill a box, steps copy it", () => {
  assert.deepEqual(shapes.tiles([0, 0, 100, 40], 2, 2, 10, 0), [[0, 0, 45, 20], [55, 0, 45, 20], [0, 20, 45, 20], [55, 20, 45, 20]]);
  assert.deepEqual(shapes.steps([5, 5, 10, 10], 2, 2, 20, 30), [[25, 5, 10, 10], [5, 35, 10, 10], [25, 35, 10, 10]]);
});

test("boxes snap to the inner sides of printed lines, and to each other", () => {
  const lines = {x: [[98, 101, 0, 500]], y: [[200, 203, 0, 500]]};
  const list = shapes.targets(lines, [[300, 300, 50, 50]]);
  const found = shapes.snap([103, 150, 50, 47], "nsew", list, 5);
  assert.equal(found.dx, -2); // begins where the line ends
  assert.equal(found.dy, 3);  // ends where the line begins
  assert.equal(found.guides.length, 2);
  assert.equal(shapes.snap([348, 10, 20, 20], "nsew", list, 5).dx, 2);
  assert.equal(shapes.snap([103, 600, 50, 10], "nsew", list, 5).dx, 0, "the line ends far above");
  assert.equal(shapes.snap([103, 150, 50, 47], "e", list, 5).dx, 0, "the left side does not move");
});

test("the printed box around a place", () => {
  const lines = {x: [[10, 12, 0, 100], [80, 82, 0, 100]], y: [[5, 6, 0, 100], [40, 41, 0, 100]]};
  assert.deepEqual(shapes.cellAt(lines, [50, 20]), [12, 6, 68, 34]);
  assert.equal(shapes.cellAt(lines, [50, 60]), null);
  assert.equal(shapes.cellAt({x: [], y: []}, [1, 1]), null);
});

test("single boxes that are printed, without the space of a dash", () => {
  const lines = {x: [], y: [[10, 12, 0, 300], [40, 42, 0, 300]]};
  for (const x of [0, 20, 40, 48, 68, 88]) lines.x.push([x, x + 2, 10, 42]);
  assert.deepEqual(shapes.singles(lines, [0, 11, 91, 30]), [[2, 12, 18, 28], [22, 12, 18, 28], [50, 12, 18, 28], [70, 12, 18, 28]]);
  assert.deepEqual(shapes.singles({x: [], y: []}, [0, 0, 10, 10]), []);
});

test("a divider moves as far as its cells allow", () => {
  const t = grid(3, 3);
  assert.deepEqual(tables.dividers(t, 0), [120, 140]);
  assert.deepEqual(tables.dividers(t, 1), [60, 70]);
  tables.moveDivider(t, 0, 0, 125);
  assert.deepEqual(t.cells[2].map(b => [b[0], b[2]]), [[100, 25], [125, 15], [140, 20]]);
  tables.moveDivider(t, 0, 0, 500);
  assert.deepEqual(tables.dividers(t, 0), [137, 140]);
  tables.moveDivider(t, 1, 1, 66);
  assert.deepEqual(t.cells.map(r => [r[0][1], r[0][3]]), [[50, 10], [60, 6], [66, 14]]);
});

test("dividers are added and removed, with names, ids and rules", () => {
  const t = grid(2, 3);
  t.valueTypes = ["ALL", "NUMERIC"];
  t.rules = [{}, {required: true}];
  assert.ok(tables.addDivider(t, 0, 130, newID, name));
  sound(t);
  assert.deepEqual(t.columns, ["c0", "c1", "열 3"]);
  assert.deepEqual(t.valueTypes, ["ALL", "NUMERIC", "NUMERIC"]);
  assert.deepEqual(t.cells[0].map(b => b[2]), [20, 10, 10]);
  assert.equal(tables.addDivider(t, 0, 131, newID, name), false, "too near to another");
  assert.ok(tables.addDivider(t, 1, 65, newID, name));
  sound(t);
  assert.equal(t.rows, 3);
  assert.equal(t.rowIds[0], "rid1");
  assert.equal(t.rowIds[2], "rid2");
  assert.ok(tables.removeDivider(t, 0, 1));
  assert.ok(tables.removeDivider(t, 1, 1));
  sound(t);
  assert.deepEqual(t.cells, grid(2, 3).cells);
  assert.deepEqual(t.rowIds, ["rid1", "rid2"]);
  assert.ok(tables.removeDivider(t, 1, 1));
  assert.equal(tables.removeDivider(t, 1, 0), false, "one row stays below the header");
  sound(t);
});

test("cells merge and separate; dividers leave merged cells whole", () => {
  const t = grid(3, 4);
  assert.ok(tables.merge(t, {r0: 1, r1: 2, c0: 0, c1: 1}));
  assert.deepEqual(tables.span(t, 2, 1), {r0: 1, r1: 2, c0: 0, c1: 1});
  assert.equal(tables.merge(t, {r0: 0, r1: 1, c0: 2, c1: 2}), false, "the header stays apart");
  tables.moveDivider(t, 0, 0, 110);
  assert.deepEqual(t.cells[1][0], [100, 60, 40, 20]);
  assert.deepEqual(t.cells[3][0], [100, 80, 10, 10]);
  assert.ok(tables.addDivider(t, 1, 85, newID, name));
  sound(t);
  assert.deepEqual(tables.span(t, 1, 0), {r0: 1, r1: 2, c0: 0, c1: 1});
  assert.ok(tables.separate(t, 1, 0));
  assert.deepEqual(t.cells[1][0], [100, 60, 10, 10]);
  assert.deepEqual(t.cells[2][1], [110, 70, 30, 10]);
  assert.equal(tables.separate(t, 0, 0), false);
});

test("header rows", () => {
  const t = grid(2, 4);
  tables.setHeader(t, 2, newID);
  sound(t);
  assert.deepEqual(t.rowIds, ["rid2", "rid3"]);
  tables.setHeader(t, 0, newID);
  sound(t);
  assert.equal(t.rowIds[3], "rid3");
  tables.setHeader(t, 9, newID);
  assert.equal(t.rows, 1);
});

test("a table is found in what is printed, with its merged cells", () => {
  const t = grid(2, 3);
  t.box = [95, 45, 210, 110];
  const x = at => [at, at + 2, 50, 152], y = at => [at, at + 2, 100, 302];
  const lines = {x: [x(100), x(150), [220, 222, 50, 120], x(300)], y: [y(50), y(80), [120, 122, 150, 302], y(150)]};
  assert.ok(tables.find(t, lines, newID, name));
  sound(t);
  assert.deepEqual([t.columns.length, t.cells.length], [3, 3]);
  assert.deepEqual(t.cells[0][0], [102, 52, 48, 28]);
  assert.deepEqual(tables.span(t, 2, 1), {r0: 2, r1: 2, c0: 1, c1: 2}, "no line between them");
  assert.deepEqual(tables.span(t, 1, 0), {r0: 1, r1: 2, c0: 0, c1: 0});
  assert.deepEqual(t.box, [102, 52, 198, 98]);
  assert.equal(tables.find(grid(2, 2), {x: [], y: []}, newID, name), false);
});
