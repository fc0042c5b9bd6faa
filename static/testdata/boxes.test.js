"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const boxes = require("../boxes.js");

const of = (text, read, at = 0, end = at) => ({list: boxes.lay(text, [...read].map(c => c === "_" ? "" : c)), at, end});
const said = state => state && `${state.list.map(c => c || "_").join("")} ${state.at}`;

test("characters lie where they were read, or begin at that end", () => {
  for (const [text, read, want] of [
    ["123", "12_3", "12_3"], ["124", "12_3", "124_"], ["99", "__12", "__99"], ["99", "12__", "99__"], ["", "____", "____"], ["12345", "1234", null], ["각", "가", "각"],
  ]) {
    const list = boxes.lay(text, [...read].map(c => c === "_" ? "" : c));
    assert.equal(list && list.map(c => c || "_").join(""), want, `${text} in ${read}`);
  }
});

test("what is typed goes over what is there", () => {
  assert.equal(said(boxes.put(of("1234", "1234", 1), "9")), "1934 2");
  assert.equal(said(boxes.put(of("1234", "1234", 1), "98")), "1984 3");
  assert.equal(said(boxes.put(of("1234", "1234", 1, 4), "9")), "19__ 2");
  assert.equal(said(boxes.put(of("1234", "1234", 3), "9")), "1239 3");
  assert.equal(boxes.put(of("1234", "1234", 3), "9").full, true);
  assert.equal(said(boxes.put(of("1234", "1234", 0), " ")), "_234 1");
});

test("what divides a number that is pasted has no box", () => {
  assert.equal(said(boxes.put(of("", "______", 0), "12-34-56\n")), "123456 5");
  assert.equal(said(boxes.put(of("", "______", 0), "1-2")), "1-2___ 3");
  assert.equal(boxes.put(of("", "______", 0), "1234567"), null);
});

test("boxes are cleared backwards and forwards", () => {
  assert.equal(said(boxes.back(of("1234", "1234", 2))), "1_34 1");
  assert.equal(said(boxes.back({...of("1234", "1234", 3), full: true})), "123_ 3");
  assert.equal(said(boxes.back(of("1234", "1234", 0, 4))), "____ 0");
  assert.equal(said(boxes.back(of("1234", "1234", 0))), "_234 0");
  assert.equal(said(boxes.remove(of("1234", "1234", 2))), "12_4 2");
  assert.equal(boxes.held(boxes.remove(of("1234", "1234", 1))), "134");
});
