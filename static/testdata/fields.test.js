"use strict";

const {test} = require("node:test"), assert = require("node:assert/strict");
const fields = require("../fields.js");

const table = () => ({
  id: "t", name: "내역", box: [0, 0, 60, 40], header: 1, rows: 3, columns: ["가", "나", "다"], columnIds: ["a", "b", "c"], rowIds: ["1", "2", "3"],
  cells: [0, 1, 2, 3].map(r => [[0, 10 * r, 10, 10], [10, 10 * r, 20, 10], [30, 10 * r, 30, 10]]),
});

test("a field of another kind keeps what it can, and has the rest again", () => {
  const kept = new Map(), field = {id: "f", name: "번호", type: "MULTI_BOX", box: [0, 0, 40, 10], boxes: [[0, 0, 10, 10], [30, 0, 10, 10]], rules: {pattern: "\\d", critical: true}};
  fields.setKind(field, "CHECKBOX", kept);
  assert.deepEqual(field, {id: "f", name: "번호", type: "CHECKBOX", box: [0, 0, 40, 10], rules: {critical: true}});
  Object.assign(field, {group: "g", checkedText: "예", box: [100, 0, 80, 10]});
  fields.setKind(field, "MULTI_BOX", kept);
  assert.deepEqual(field.boxes, [[100, 0, 20, 10], [160, 0, 20, 10]], "the boxes go where the field went");
  assert.deepEqual([field.rules, field.group, field.checkedText], [{pattern: "\\d", critical: true}, undefined, undefined]);
  fields.setKind(field, "CHECKBOX", kept);
  assert.deepEqual([field.group, field.checkedText], ["g", "예"]);
});

test("a new row of boxes has them as wide as high", () => {
  const field = {id: "f", type: "NORMAL", box: [0, 0, 65, 20]};
  fields.setKind(field, "MULTI_BOX", new Map());
  assert.equal(field.boxes.length, 3);
  fields.setCount(field, 1000);
  assert.equal(field.boxes.length, 100);
});

test("a column is like a field", () => {
  const t = table();
  fields.putColumn(t, 1, "rules", {required: true});
  fields.putColumn(t, 1, "label", "금액");
  assert.deepEqual([t.labels, fields.columnOf(t, 1).label], [["", "금액", ""], "금액"]);
  fields.putColumn(t, 1, "label", undefined);
  fields.putColumn(t, 2, "personal", "name");
  fields.putColumn(t, 0, "valueType", "NUMERIC");
  fields.putColumn(t, 2, "confidence", 0.99);
  assert.deepEqual(t.rules, [{}, {required: true}, {}]);
  assert.deepEqual(t.personal, ["", "", "name"]);
  assert.deepEqual(fields.columnOf(t, 2), {name: "다", type: "NORMAL", valueType: "ALL", rules: {}, personal: "name", confidence: 0.99});
  fields.moveColumn(t, 2, 0);
  assert.deepEqual([t.columns, t.columnIds, t.personal, t.valueTypes], [["다", "가", "나"], ["c", "a", "b"], ["name", "", ""], ["ALL", "NUMERIC", "ALL"]]);
  assert.deepEqual(t.cells[1], [[30, 10, 30, 10], [0, 10, 10, 10], [10, 10, 20, 10]]);
  fields.moveColumn(t, 0, 3);
  assert.deepEqual(t.columns, ["다", "가", "나"], "there is no such place");
});

test("a column stays where cells cover it and another", () => {
  const t = table();
  t.cells[2][0] = t.cells[2][1] = [0, 20, 30, 10];
  fields.moveColumn(t, 1, 2);
  assert.deepEqual(t.columns, ["가", "나", "다"]);
});

test("rows are divided evenly, and keep their ids", () => {
  const t = table();
  t.cells[2][0] = t.cells[2][1] = [0, 20, 30, 10];
  fields.setRows(t, 2);
  assert.deepEqual([t.rows, t.rowIds], [2, ["1", "2"]]);
  assert.deepEqual(t.cells.slice(1), [[[0, 10, 10, 15], [10, 10, 20, 15], [30, 10, 30, 15]], [[0, 25, 10, 15], [10, 25, 20, 15], [30, 25, 30, 15]]]);
  fields.setRows(t, 4);
  assert.equal(new Set(t.rowIds).size, 4);
});

test("the rule of a group goes with its checkboxes", () => {
  const box = (id, group) => ({id, name: id, type: "CHECKBOX", group});
  const doc = {fields: [box("1", "g"), box("2", "g"), box("3", "")], groups: [], tables: []};
  fields.setChoose(doc, "g", "one");
  fields.setGroup(doc, ["1"], "h");
  assert.deepEqual([fields.chooseOf(doc, "g"), fields.chooseOf(doc, "h")], ["one", "any"], "one is left in it");
  fields.setGroup(doc, ["2"], "i");
  assert.deepEqual([fields.groups(doc), fields.chooseOf(doc, "i")], [["i", "h"], "one"], "all of it went");
  fields.setGroup(doc, ["1", "2"], "");
  assert.deepEqual([doc.groups, fields.groups(doc)], [[], []]);
});

test("what sums and combined fields may name", () => {
  const doc = {tables: [table()], groups: [], fields: [{id: "f", name: "합계", type: "NORMAL"}, {id: "g", name: "부가세", type: "NORMAL"}, {id: "h", name: "동의", type: "CHECKBOX"}]};
  assert.deepEqual(fields.addends(doc, "f").map(a => a.value), ["부가세", "내역.가", "내역.나", "내역.다"]);
  assert.deepEqual(fields.addends(doc, "t", 1).map(a => a.value), ["가", "다", "합계", "부가세"]);
  assert.deepEqual(fields.places(doc).slice(2, 5), [{value: "동의", label: "동의"}, {value: "내역[1,0]", label: "내역 · 1 · 가"}, {value: "내역[1,1]", label: "내역 · 1 · 나"}]);
});
