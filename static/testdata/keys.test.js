"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const keys = require("../keys.js");

const press = (key, code, held = "") => ({
  key, code, ctrlKey: held.includes("c"), altKey: held.includes("a"), shiftKey: held.includes("s"), metaKey: false,
});

test("keys have one name, whatever the layout and the input method", () => {
  for (const [event, want] of [
    [press("Enter", "Enter"), "Enter"],
    [press("Enter", "NumpadEnter", "s"), "Shift+Enter"],
    [press("F8", "F8", "s"), "Shift+F8"],
    [press("ㄱ", "KeyR", "a"), "Alt+R"],
    [press("®", "KeyR", "a"), "Alt+R"],
    [press("!", "Digit1", "cs"), "Ctrl+Shift+1"],
    [press("1", "Digit1", "c"), "Ctrl+1"],
    [press("+", "Equal", "cs"), "Ctrl+Shift++"],
    [press("_", "Minus", "cs"), "Ctrl+Shift+-"],
    [press("-", "NumpadSubtract", "c"), "Ctrl+-"],
    [press("?", "Slash", "s"), "?"],
    [press(" ", "Space"), "Space"],
  ]) assert.equal(keys.nameOf(event), want);
});

test("a range of digits is so many keys", () => {
  assert.deepEqual(keys.expand("Ctrl+1–3"), ["Ctrl+1", "Ctrl+2", "Ctrl+3"]);
  assert.deepEqual(keys.expand("F8"), ["F8"]);
});

test("no two parts take one key", () => {
  keys.add("Ctrl+1–9", "test.digits", () => {});
  assert.throws(() => keys.add("F4 Ctrl+3", "test.other", () => {}), /Ctrl\+3 is test.digits already/);
  assert.throws(() => keys.add("F9", "test.digits", () => {}), /there already/);
});
