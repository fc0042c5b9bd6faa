"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const words = require("../words.js");

const box = (x, y, w, h) => `${x},${y} ${x + w},${y} ${x + w},${y + h} ${x},${y + h}`;
const word = (text, x, y) => ({text, outline: box(x, y, 40, 20)});

test("the nearest words have numbers, in the order of reading", () => {
  const list = [word("c", 100, 102), word("far", 100, 900), word("below", 20, 140), word("b", 50, 98), word("a", 0, 100)];
  assert.deepEqual(words.nearest(list, box(0, 95, 90, 30)).map(w => w.text), ["a", "b", "c", "below", "far"]);
  const many = Array.from({length: 12}, (_, i) => word(String(i), 50 * i, 100));
  assert.deepEqual(words.nearest(many, box(0, 95, 90, 30)).map(w => w.text), ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
});

test("a point is in a word or in none", () => {
  const list = [word("a", 0, 0), word("b", 50, 0)];
  assert.equal(words.at(list, 60, 10).text, "b");
  assert.equal(words.at(list, 45, 10), null);
});

test("words are added with a space between them", () => {
  assert.equal(words.add("", "가"), "가");
  assert.equal(words.add("가", "나"), "가 나");
  assert.equal(words.add("가 ", "나"), "가 나");
});
