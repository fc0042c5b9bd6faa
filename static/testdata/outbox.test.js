"use strict";

const test = require("node:test");
const assert = require("node:assert");
const nacl = require("tweetnacl");
const {makeStore, makeLock, makePast, outcomeOf, waitAfter, sawNow, without} = require("../outbox.js");

function memory() {
  const map = new Map();
  return {
    keys: () => [...map.keys()], getItem: k => map.has(k) ? map.get(k) : null,
    setItem: (k, v) => map.set(k, String(v)), removeItem: k => map.delete(k), map,
  };
}
const key = n => Buffer.alloc(32, n).toString("base64");
const storeOf = (storage, user, n = Number(user)) => {
  const lock = makeLock(nacl, key(n));
  return makeStore(storage, user, lock.seal, lock.open);
};

test("what is kept is there again, in order, and nobody else's", () => {
  const storage = memory(), now = Date.now(), kim = storeOf(storage, "1"), lee = storeOf(storage, "2");
  const second = {id: "said.1.2", body: "text=김철수", at: now + 1}, first = {id: "typed.1.1", body: "text=주소", at: now};
  kim.put(second);
  kim.put(first);
  assert.deepStrictEqual(kim.load(now).map(i => i.body), ["text=주소", "text=김철수"]);
  assert.deepStrictEqual(lee.load(now), []);
  assert.strictEqual(kim.load(now).length, 2, "it stays for who comes back");
  assert.ok(![...storage.map.values()].some(v => v.includes("김") || v.includes("text")), "it is locked");
  kim.drop(second);
  assert.deepStrictEqual(kim.load(now).map(i => i.id), ["typed.1.1"]);
  lee.put({id: "x", at: now});
  kim.clear();
  assert.strictEqual(kim.load(now).length, 0);
  assert.strictEqual(lee.load(now).length, 1);
});

test("what nobody can open, and what is a week old, goes", () => {
  const storage = memory(), now = Date.now();
  storeOf(storage, "1", 1).put({id: "a", at: now});
  assert.deepStrictEqual(storeOf(storage, "1", 7).load(now), []);
  assert.strictEqual(storage.map.size, 0);
  storeOf(storage, "1").put({id: "a", at: now - 8 * 24 * 3600e3});
  storeOf(storage, "2").load(now);
  assert.strictEqual(storage.map.size, 0);
});

test("who says something twice without an answer has seen what was said first", () => {
  const one = "field=3&run=1&seen=0&text=a", many = "run=1&field=2&seen=7&text=x&field=3&seen=0&text=y";
  assert.strictEqual(sawNow(one, "3", "0", "12"), "field=3&run=1&text=a&seen=12");
  assert.strictEqual(sawNow(one, "3", "5", "12"), one, "somebody else was there before");
  assert.strictEqual(sawNow(one, "4", "0", "12"), one);
  assert.deepStrictEqual(new URLSearchParams(sawNow(many, "3", "0", "12")).getAll("seen"), ["7", "12"]);
});

test("what waits does not say what is said anew", () => {
  const one = "field=3&run=1&seen=0&text=a", many = "run=1&field=2&seen=7&text=x&field=3&seen=0&text=y";
  assert.strictEqual(without(one, "3"), "");
  assert.strictEqual(without("field=3&run=1&seen=0&mark=illegible", "3"), "");
  assert.strictEqual(without(one, "4"), one);
  const left = new URLSearchParams(without(many, "2"));
  assert.deepStrictEqual(["run", "field", "seen", "text"].map(name => left.getAll(name)), [["1"], ["3"], ["0"], ["y"]]);
  assert.strictEqual(without(without(many, "2"), "3"), "");
});

test("what answers mean", () => {
  for (const [status, want] of [[0, "again"], [200, "again"], [204, "again"], [303, "again"], [401, "login"], [404, "refused"], [409, "refused"], [422, "clash"], [429, "again"], [503, "again"]]) {
    assert.strictEqual(outcomeOf(status, null), want, String(status));
  }
  assert.strictEqual(outcomeOf(200, "true"), "kept", "only what says so");
  assert.ok(waitAfter(0) <= 500 && waitAfter(99) <= 20000 && waitAfter(3) > waitAfter(1));
});

test("undo and redo go back and forth", () => {
  const storage = memory(), past = makePast(storage, "1");
  past.said({page: "1", field: "0", id: 5, before: 0});
  past.said({page: "2", field: "3", id: 7, before: 6});
  assert.deepStrictEqual(past.last(false), {page: "2", field: "3", id: 7, before: 6});
  past.moved(false, 8); // correction 8 says what 6 said
  assert.strictEqual(past.last(false).id, 5);
  assert.deepStrictEqual(makePast(storage, "1").last(true), {page: "2", field: "3", id: 8, before: 7}, "also after a reload");
  past.moved(true, 9);
  assert.deepStrictEqual(past.last(false), {page: "2", field: "3", id: 9, before: 8});
  past.said({page: "1", field: "0", id: 10, before: 5});
  assert.strictEqual(past.last(true), undefined, "what is said anew ends redo");
});

test("what was said in one go is undone in one", () => {
  const past = makePast(memory(), "1"), one = {page: "1", field: "0", id: 5, before: 0, act: 5};
  past.said(one);
  past.said({page: "1", field: "3", id: 6, before: 0, act: 6}, {page: "1", field: "4", id: 7, before: 2, act: 6});
  const last = past.last(false);
  past.moved(false, 8);
  assert.ok(past.within(false, last));
  past.moved(false, 9);
  assert.ok(!past.within(false, last));
  assert.deepStrictEqual(past.last(false), one);
  const first = past.last(true);
  past.moved(true, 10);
  assert.ok(past.within(true, first), "and said again in one");
});
