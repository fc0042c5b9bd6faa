"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const {Draft, clone, same, uuid, ids, cellIds, newField, newTable, rename, tidied, diff, inverse, patch} = require("../draft.js");

const field = (id, name, more = {}) => ({id, name, type: "NORMAL", valueType: "ALL", box: [10, 20, 30, 40], ...more});
const template = (...fields) => tidied({name: "claim", lang: "ko", image: "a.png", width: 800, height: 1000, fields, tables: [], groups: [], combine: []});

// chance returns numbers in [0, n) that are the same in every run.
function chance(seed) {
  return n => {
    seed = seed * 1664525 + 1013904223 >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
  };
}

// edited returns doc with something changed in it at random.
function edited(doc, pick) {
  const d = clone(doc);
  switch (pick(8)) {
  case 0: d.fields.splice(pick(d.fields.length + 1), 0, newField("NORMAL", [pick(500), pick(500), 50.126, 20])); break;
  case 1: if (d.fields.length > 1) d.fields.splice(pick(d.fields.length), 1); break;
  case 2: if (d.fields.length > 0) d.fields.push(...d.fields.splice(pick(d.fields.length), 1)); break;
  case 3: if (d.fields.length > 0) d.fields[pick(d.fields.length)].name = "f" + pick(100); break;
  case 4: if (d.fields.length > 0) d.fields[pick(d.fields.length)].rules = pick(2) ? {required: true} : undefined; break;
  case 5: d.tables.push(newTable([0, 0, 100, 90], 3, 2, 1)); break;
  case 6: d.name = "n" + pick(100); break;
  case 7: d.combine = [{name: "c" + pick(9), parts: [{text: "-"}]}]; break;
  }
  return tidied(d);
}

const shared = JSON.parse(fs.readFileSync(path.join(__dirname, "../../internal/form/testdata/changes.json")));

for (const {name, changes, want, refused} of shared.cases) {
  test("as the server does it: " + name, () => {
    const is = patch(tidied(shared.document), changes);
    assert.deepEqual(tidied(is.doc), want);
    assert.deepEqual(is.refused, refused);
  });
}

test("changes make one document of another, and back", () => {
  const pick = chance(7);
  for (let i = 0; i < 300; i++) {
    let base = template(field("a", "a"), field("b", "b"), field("c", "c")), doc = base;
    for (let k = 0; k < 6; k++) base = edited(base, pick);
    doc = base;
    for (let k = 0; k < 8; k++) doc = edited(doc, pick);
    const changes = diff(base, doc), there = patch(base, changes);
    assert.deepEqual(there.doc, doc);
    assert.deepEqual(there.refused, []);
    const back = patch(doc, inverse(changes));
    assert.deepEqual(back.doc, base);
    assert.deepEqual(back.refused, []);
    assert.deepEqual(patch(doc, changes).doc, doc, "what is done already is done again");
  }
});

test("what somebody else changed stays", () => {
  const base = template(field("a", "a"), field("b", "b"), field("c", "c"));
  const mine = clone(base), theirs = clone(base);
  mine.fields[0].name = "mine";
  mine.fields[1].name = "mine too";
  mine.fields[1].box = [1, 1, 5, 5];
  mine.fields.splice(2, 1);
  theirs.fields[0].box = [0, 0, 9, 9];
  theirs.fields[1].name = "theirs";
  theirs.fields[2].name = "theirs too";
  theirs.fields.unshift(field("d", "d"));
  const {doc, refused} = patch(theirs, diff(base, mine));
  assert.deepEqual(refused, [{part: "fields", id: "c", property: ""}, {part: "fields", id: "b", property: "name"}]);
  assert.deepEqual(doc.fields.map(f => [f.id, f.name, f.box[0]]), [["d", "d", 10], ["a", "mine", 0], ["b", "theirs", 10], ["c", "theirs too", 10]]);
});

test("an order holds while somebody adds and removes", () => {
  const base = template(...[..."abcd"].map(id => field(id, id)));
  const mine = {...base, fields: [..."dcba"].map(id => base.fields.find(f => f.id === id))};
  const theirs = {...base, fields: [base.fields[0], field("x", "x"), base.fields[2], base.fields[3]]};
  assert.deepEqual(ids(patch(theirs, diff(base, mine)).doc), ["d", "x", "c", "a"]);
  const other = {...base, fields: [..."bacd"].map(id => base.fields.find(f => f.id === id))};
  assert.deepEqual(patch(other, diff(base, mine)).refused, [{part: "template", id: "", property: "order"}]);
});

test("values that say the same are the same", () => {
  assert.ok(same({a: 1, b: null, c: [], d: {}, e: ""}, {a: 1}));
  assert.ok(!same({a: 0}, {}));
  assert.ok(!same([1, 2], [2, 1]));
  assert.ok(!same({0: 1}, [1]));
});

test("new things", () => {
  assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(newField("MULTI_BOX", [1.234, 2, 3, 4]).boxes, [[1.23, 2, 3, 4]]);
  const t = newTable([10, 10, 100, 90], 3, 2, 1);
  assert.equal(t.rows, 2);
  assert.deepEqual(t.cells[2], [[10, 70, 50, 30], [60, 70, 50, 30]]);
  assert.deepEqual(cellIds(t).map(row => row.length), [2, 2]);
  assert.equal(cellIds(t)[1][0], t.rowIds[1] + "." + t.columnIds[0]);
});

test("who is renamed is so wherever it is named", () => {
  const d = template(field("a", "supply"), field("b", "total", {rules: {sum: ["supply", "items.amount"]}}));
  const t = newTable([0, 0, 10, 10], 2, 2);
  d.tables.push({...t, name: "items", columns: ["amount", "all"], rules: [{}, {sum: ["amount"]}]});
  d.combine.push({name: "c", parts: [{field: "supply"}, {text: "supply"}, {field: "items[1,0]"}]});
  rename(d, "a", "goods");
  rename(d, t.id, "rows");
  rename(d, t.id, "price", 0);
  assert.deepEqual(d.fields[1].rules.sum, ["goods", "rows.price"]);
  assert.deepEqual(d.tables[0].rules[1].sum, ["price"]);
  assert.deepEqual(d.combine[0].parts, [{field: "goods"}, {text: "supply"}, {field: "rows[1,0]"}]);
});

// A Server keeps a draft as the real one does.
class Server {
  doc = template(field("a", "a"), field("b", "b"));
  revision = 1;
  down = false;     // requests fail
  deaf = false;     // answers are lost
  status = 200;     // of answers to changes
  bad = "x";        // id of what cannot be changed
  requests = 0;
  atOnce = 0;
  most = 0;         // requests at once

  // fetch answers the requests of name.
  fetch(name) {
    return async (url, {method, body, signal}) => {
      this.requests++;
      this.most = Math.max(this.most, ++this.atOnce);
      await new Promise(done => setTimeout(done, 3));
      this.atOnce--;
      signal.throwIfAborted();
      if (this.down) throw new TypeError("fetch failed");
      const answer = this.answer(name, new URL(url, "http://x"), method, body);
      if (this.deaf) throw new TypeError("fetch failed");
      return answer;
    };
  }

  answer(name, url, method, body) {
    const say = o => new Response(JSON.stringify({revision: this.revision, people: [], changedBy: this.by || "", defects: [], ...o}));
    if (method === "GET" && url.pathname === "/d") return say({template: this.doc, suggested: {fields: [], tables: [], groups: [], title: null}});
    if (method === "GET") return Number(url.searchParams.get("revision")) === this.revision ? say({}) : say({template: this.doc});
    if (this.status !== 200) return new Response("no", {status: this.status});
    const {changes} = JSON.parse(body);
    if (changes.some(c => c.id === this.bad)) return new Response("no", {status: 422});
    const {doc, done, refused} = patch(this.doc, changes);
    const by = this.by;
    if (done.length > 0) {
      this.revision++;
      this.by = name;
    }
    this.doc = tidied(clone(doc));
    return say({template: this.doc, refused: refused.map(r => ({...r, by}))});
  }

  async open(t, name) {
    const draft = new Draft({fetch: this.fetch(name), within: 2, every: 10, wait: 5});
    t.after(() => draft.close());
    await draft.load("/d");
    return draft;
  }
}

async function until(what, holds) {
  for (let i = 0; i < 2000; i++) {
    if (holds()) return;
    await new Promise(done => setTimeout(done, 2));
  }
  assert.fail("never: " + what);
}

const saved = draft => until("saved", () => draft.state === "saved");
const name = (draft, id, to, options) => draft.change("name", d => { d.fields.find(f => f.id === id).name = to; }, options);

test("what is changed is saved, and seen by others", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), lee = await server.open(t, "lee");
  const changed = [];
  lee.addEventListener("change", e => changed.push(e.detail.why));
  assert.ok(name(kim, "a", "A"));
  assert.equal(kim.state, "saving");
  await saved(kim);
  assert.equal(server.doc.fields[0].name, "A");
  await until("lee sees it", () => lee.field("a").name === "A");
  assert.deepEqual(changed, ["sync"]);
  assert.equal(lee.changedBy, "kim");
  assert.ok(!name(kim, "a", "A"), "what is so already is no step");
});

test("two who change at once", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), lee = await server.open(t, "lee");
  let refused = [];
  for (const draft of [kim, lee]) draft.addEventListener("refused", e => { refused.push(...e.detail); });
  name(kim, "a", "kim's");
  lee.change("move", d => { d.fields[0].box = [1, 2, 3, 4]; });
  name(lee, "b", "lee's");
  await until("both have both", () => [kim, lee].every(d => d.field("a").name === "kim's" && d.field("a").box[0] === 1 && d.field("b").name === "lee's"));
  assert.deepEqual(refused, []);
  name(kim, "a", "one");
  name(lee, "a", "two");
  await until("one is told", () => refused.length > 0);
  await saved(kim);
  await saved(lee);
  await until("both see the first", () => kim.field("a").name === lee.field("a").name);
  assert.equal(refused.length, 1);
  assert.deepEqual({...refused[0], by: ""}, {part: "fields", id: "a", property: "name", by: ""});
});

test("nothing is lost while there is no line", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), lee = await server.open(t, "lee");
  const refused = [];
  kim.addEventListener("refused", e => refused.push(...e.detail));
  server.deaf = true;
  name(kim, "a", "first"); // is kept, and the answer lost
  await until("offline", () => kim.state === "offline");
  name(kim, "a", "second");
  kim.change("add", d => d.fields.push(field("c", "c")));
  assert.equal(kim.unsaved, 3);
  server.deaf = false;
  server.down = true;
  await until("tried again", () => server.requests > 8);
  server.down = false;
  await saved(kim);
  assert.deepEqual(refused, []);
  assert.deepEqual(server.doc.fields.map(f => f.name), ["second", "b", "c"]);
  await until("lee has it", () => lee.doc.fields.length === 3);
  assert.equal(server.most, 2, "one request of each at a time");
});

test("what is changed while it is being saved", async t => {
  const server = new Server(), kim = await server.open(t, "kim");
  for (let i = 0; i < 40; i++) {
    name(kim, "a", "n" + i);
    await new Promise(done => setTimeout(done, 1));
  }
  await saved(kim);
  assert.equal(server.doc.fields[0].name, "n39");
  assert.equal(kim.doc.fields[0].name, "n39");
});

test("what the server never takes is not asked for ever", async t => {
  const server = new Server(), kim = await server.open(t, "kim");
  const refused = [];
  kim.addEventListener("refused", e => refused.push(...e.detail));
  server.status = 422;
  name(kim, "a", "x");
  await until("refused", () => refused.length === 1);
  assert.equal(kim.field("a").name, "a");
  server.status = 404;
  name(kim, "a", "y");
  await until("gone", () => kim.gone);
  assert.ok(!name(kim, "a", "z"));
});

test("one change that the server never takes keeps no other from being saved", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), refused = [];
  kim.addEventListener("refused", e => refused.push(...e.detail));
  server.bad = "x7";
  kim.change("many", d => {
    for (let i = 0; i < 20; i++) d.fields.push(field("x" + i, "x" + i));
  });
  await until("refused", () => refused.length === 1);
  await saved(kim);
  assert.equal(refused[0].id, "x7");
  assert.equal(server.doc.fields.length, 21);
  assert.deepEqual(ids(kim.doc), ids(server.doc));
});

test("undo and redo, without end", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), pick = chance(3);
  const states = [kim.doc];
  for (let i = 0; i < 300; i++) {
    if (kim.change("step " + i, d => Object.assign(d, edited(d, pick)))) states.push(kim.doc);
  }
  assert.ok(states.length > 200);
  for (let i = states.length - 2; i >= 0; i--) {
    assert.ok(kim.undo());
    assert.deepEqual(kim.doc, states[i]);
    if (i % 50 === 0) await saved(kim);
  }
  assert.ok(!kim.canUndo);
  for (let i = 1; i < states.length; i++) {
    assert.ok(kim.redo());
    assert.deepEqual(kim.doc, states[i]);
  }
  assert.ok(!kim.canRedo);
  await saved(kim);
  assert.deepEqual(server.doc, states.at(-1));
});

test("undo leaves what others did", async t => {
  const server = new Server(), kim = await server.open(t, "kim"), lee = await server.open(t, "lee");
  kim.select(["a"]);
  kim.change("both", d => {
    d.fields[0].name = "kim's";
    d.fields[1].name = "kim's too";
  });
  kim.select(["b"]);
  kim.change("add", d => d.fields.push(field("c", "c")));
  await until("lee has it", () => lee.doc.fields.length === 3);
  name(lee, "a", "lee's");
  lee.change("move", d => { d.fields[1].box = [0, 0, 1, 1]; });
  await until("kim has it", () => kim.field("a").name === "lee's" && kim.field("b").box[2] === 1);
  assert.ok(kim.undo());
  assert.deepEqual(ids(kim.doc), ["a", "b"]);
  assert.ok(kim.undo());
  assert.equal(kim.field("a").name, "lee's");
  assert.equal(kim.field("b").name, "b");
  assert.equal(kim.field("b").box[2], 1);
  assert.deepEqual(kim.selection, ["a"]);
  assert.deepEqual(kim.refused.map(r => r.property), ["name"]);
  assert.ok(kim.redo());
  assert.equal(kim.field("a").name, "lee's");
  assert.equal(kim.field("b").name, "kim's too");
});

test("steps of one kind that follow at once are one", async t => {
  const server = new Server(), kim = await server.open(t, "kim");
  for (const typed of ["n", "na", "nam"]) name(kim, "a", typed, {merge: "name a"});
  name(kim, "b", "x", {merge: "name b"});
  kim.undo();
  assert.equal(kim.field("a").name, "nam");
  kim.undo();
  assert.equal(kim.field("a").name, "a");
  assert.ok(!kim.canUndo);
});

test("what is gone is not selected", async t => {
  const server = new Server(), kim = await server.open(t, "kim");
  let told = 0;
  kim.addEventListener("select", () => told++);
  kim.select(["b", "a", "b", "none", "title"]);
  assert.deepEqual(kim.selection, ["b", "a"]);
  kim.change("title", d => { d.title = {text: "청구서", box: [0, 0, 9, 9]}; });
  kim.select(["title", "a"]);
  kim.change("remove", d => { d.fields.shift(); delete d.title; });
  assert.deepEqual(kim.selection, []);
  assert.equal(told, 3);
});

test("a version is read-only", async t => {
  const server = new Server(), kim = new Draft({fetch: server.fetch("kim"), within: 1, every: 1});
  t.after(() => kim.close());
  await kim.load("/d?version=3");
  assert.ok(kim.readOnly);
  assert.ok(!name(kim, "a", "x"));
  await new Promise(done => setTimeout(done, 20));
  assert.equal(server.requests, 1);
});
