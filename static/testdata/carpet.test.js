"use strict";
const assert = require("node:assert/strict");
const {test} = require("node:test");
const {verdictOf} = require("../carpet.js");

const tile = of => ({read: "7", mark: false, odd: false, typed: "", empty: false, before: undefined, ...of});

test("what is said of a tile", () => {
  for (const [of, want] of [
    [{}, {text: "7"}],
    [{odd: true}, null],
    [{odd: true, typed: "1"}, {text: "1"}],
    [{odd: true, empty: true}, {text: ""}],
    [{before: "7"}, null],
    [{before: "1"}, {text: "7"}],
    [{odd: true, typed: "1", before: "1"}, null],
    [{odd: true, before: "7"}, {open: true}],
    [{mark: true, read: "1"}, {text: "1"}],
    [{mark: true, read: "1", odd: true}, {text: "0"}],
    [{mark: true, read: "0", odd: true, before: "1"}, null],
    [{read: ""}, {text: ""}],
  ]) assert.deepEqual(verdictOf(tile(of)), want, JSON.stringify(of));
});
