// What the panel does to a field, a table and the groups of a template: functions
// on a document, without a page. They are for use within change of a draft.
"use strict";

const fields = (() => {
  const node = typeof module !== "undefined";
  const {mapped, rounded, bounds, same} = node ? require("./shapes.js") : shapes;
  const id = () => (node ? require("./draft.js") : globalThis).uuid();

  // What fields of one kind have and others do not.
  const own = {boxes: "MULTI_BOX", checkedText: "CHECKBOX", uncheckedText: "CHECKBOX", group: "CHECKBOX"};

  // setKind makes field one of another kind. What it cannot have as such is put
  // into kept, a Map by id, and had again when it can.
  function setKind(field, kind, kept) {
    const was = kept.get(field.id) || {box: field.box};
    for (const [k, of] of Object.entries(own)) {
      if (field[k] !== undefined && of !== kind) {
        was[k] = field[k];
        if (k === "boxes") was.box = field.box;
        delete field[k];
      } else if (field[k] === undefined && of === kind && was[k] !== undefined) {
        field[k] = k === "boxes" ? was.boxes.map(b => mapped(b, was.box, field.box)) : was[k];
      }
    }
    if (kind === "CHECKBOX" && field.rules) {
      was.rules = field.rules;
      field.rules = field.rules.critical ? {critical: true} : undefined;
    } else if (field.type === "CHECKBOX" && was.rules) {
      field.rules = {...was.rules, critical: field.rules && field.rules.critical};
    }
    field.type = kind;
    kept.set(field.id, was);
    if (kind === "MULTI_BOX" && !field.boxes) setCount(field, Math.max(1, Math.round(field.box[2] / field.box[3])));
  }

  const most = 100; // boxes of a field

  // setCount divides the box of field evenly.
  function setCount(field, n) {
    const [x, y, w, h] = field.box, count = Math.max(1, Math.min(most, n));
    field.boxes = Array.from({length: count}, (_, i) => rounded([x + w * i / count, y, w / count, h]));
  }

  // What a table has one of for each column, and what it says where nothing is said.
  const usual = {labels: "", valueTypes: "ALL", rules: {}, personal: "", review: "", confidence: 0};
  const lists = {label: "labels", valueType: "valueTypes", rules: "rules", personal: "personal", review: "review", confidence: "confidence"};

  // columnOf returns column i of table as if it were a field.
  function columnOf(table, i) {
    const column = {name: table.columns[i], type: "NORMAL", valueType: "ALL"};
    for (const [k, list] of Object.entries(lists)) {
      const v = (table[list] || [])[i];
      if (v !== undefined && v !== "" && v !== 0) column[k] = v;
    }
    return column;
  }

  // putColumn gives column i of table a property of a field; undefined for none.
  function putColumn(table, i, property, value) {
    const list = lists[property];
    table[list] = table.columns.map((_, k) => (table[list] || [])[k] ?? usual[list]);
    table[list][i] = value ?? usual[list];
  }

  // moveColumn moves a column of table, with its cells. Where cells cover several
  // columns on the way, it stays: what is not beside each other is not one cell.
  function moveColumn(table, from, to) {
    const n = table.columns.length, first = Math.min(from, to), last = Math.max(from, to);
    const joined = (row, c) => c > 0 && c < n && same(row[c - 1], row[c]);
    const cut = row => row.some((_, c) => c >= first && c <= last + 1 && joined(row, c));
    if (to < 0 || to >= n || table.cells.some(cut)) return;
    const move = list => {
      const rest = list.toSpliced(from, 1);
      return rest.toSpliced(to, 0, list[from]);
    };
    for (const k of ["columns", "columnIds", ...Object.keys(usual)]) {
      if (Array.isArray(table[k]) && table[k].length === n) table[k] = move(table[k]);
    }
    table.cells = table.cells.map(move);
  }

  // setRows divides what is below the header of table evenly into n rows.
  function setRows(table, n) {
    const header = table.cells.slice(0, table.header), body = table.cells.slice(table.header);
    const count = Math.max(1, Math.min(1000, n)), [, top, , height] = bounds(body.flat());
    const column = c => bounds([...body, ...header].map(row => row[c]).sort((a, b) => a[2] - b[2]).slice(0, 1)); // the narrowest: others span
    const columns = table.columns.map((_, c) => column(c));
    table.cells = [...header, ...Array.from({length: count}, (_, r) =>
      columns.map(b => rounded([b[0], top + height * r / count, b[2], height / count])))];
    table.rows = count;
    table.rowIds = Array.from({length: count}, (_, r) => (table.rowIds || [])[r] || id());
  }

  const members = (doc, group) => doc.fields.filter(f => f.type === "CHECKBOX" && f.group === group);

  // setGroup puts checkboxes into a group, "" for none. What their old one says
  // goes along where all of it goes, and goes away where none is left of it.
  function setGroup(doc, list, name) {
    const chosen = new Set(list), before = new Set();
    for (const f of doc.fields) {
      if (!chosen.has(f.id)) continue;
      if (f.group) before.add(f.group);
      f.group = name;
    }
    for (const old of before) {
      const rule = doc.groups.find(g => g.name === old);
      if (!rule || old === name || members(doc, old).length > 0) continue;
      if (name && !doc.groups.some(g => g.name === name)) rule.name = name;
      else doc.groups = doc.groups.filter(g => g !== rule);
    }
  }

  // groups returns the names of the groups of doc: those with a rule first.
  function groups(doc) {
    return [...new Set([...doc.groups.map(g => g.name), ...doc.fields.filter(f => f.type === "CHECKBOX").map(f => f.group || "")])].filter(Boolean);
  }

  const chooseOf = (doc, group) => (doc.groups.find(g => g.name === group) || {choose: "any"}).choose;

  function setChoose(doc, group, choose) {
    const rule = doc.groups.find(g => g.name === group);
    if (rule) rule.choose = choose;
    else doc.groups.push({id: id(), name: group, choose});
  }

  // addends returns what a sum of a field may name, or of a column of the table
  // with an id: {value, label}.
  function addends(doc, own, column) {
    const beside = [], list = doc.fields.filter(f => f.type !== "CHECKBOX" && f.id !== own).map(f => ({value: f.name, label: f.name}));
    for (const t of doc.tables) {
      t.columns.forEach((name, i) => {
        if (t.id !== own) list.push({value: t.name + "." + name, label: t.name + " · " + name});
        else if (i !== column) beside.push({value: name, label: name});
      });
    }
    return [...beside, ...list].filter(a => a.value);
  }

  // places returns what a combined field may name: {value, label}.
  function places(doc) {
    const list = doc.fields.map(f => ({value: f.name, label: f.name}));
    for (const t of doc.tables) {
      for (let r = t.header; r < t.cells.length; r++) {
        t.columns.forEach((name, c) => list.push({value: `${t.name}[${r},${c}]`, label: `${t.name} · ${r - t.header + 1} · ${name}`}));
      }
    }
    return list.filter(p => p.value);
  }

  return {setKind, setCount, columnOf, putColumn, moveColumn, setRows, members, setGroup, groups, chooseOf, setChoose, addends, places};
})();

if (typeof module !== "undefined") module.exports = fields;
