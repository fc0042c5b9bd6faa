"use strict";
const assert = require("node:assert");
const {test} = require("node:test");
const {until, standing} = require("../idle.js");

test("a page is covered in time", () => {
  const minute = 60e3, day = 24 * 60 * minute;
  for (const [name, now, there, idle, end, want] of [
    ["just looked at", 0, 0, 30 * minute, day, "open"],
    ["looked at a while ago", 28 * minute, 0, 30 * minute, day, "open"],
    ["a minute before", 29 * minute, 0, 30 * minute, day, "soon"],
    ["a key in time", 29 * minute, 28 * minute, 30 * minute, day, "open"],
    ["in time", 30 * minute, 0, 30 * minute, day, "over"],
    ["long after, where a computer slept", day, 0, 30 * minute, 2 * day, "over"],
    ["a minute idle: half of it before", 29e3, 0, minute, day, "open"],
    ["a minute idle, then", 30e3, 0, minute, day, "soon"],
    ["the end of the session is near", day - 1, day - 2, 30 * minute, day, "last"],
    ["the end of the session", day, day - 1, 30 * minute, day, "over"],
  ]) assert.equal(standing(now, there, idle, end), want, name);
  assert.equal(until(5, 10, 12), 12);
});
