// What the builder can do with what is selected: every command by its name,
// whether a key, a button or the mouse asks for it.
"use strict";

// useCommands adds to the builder what changes its draft, and returns its
// commands, by name.
function useCommands(b) {
  const {draft, layer} = b;
  const least = shapes.least;

  // ---- What is there and what is selected. ----

  const kindOf = (id, thing) => id === "title" ? "title" : thing.cells ? "table" : thing.type;
  const find = (doc, id) => id === "title" ? doc.title : doc.fields.find(f => f.id === id) || doc.tables.find(t => t.id === id);
  const entry = (doc, id) => ({id, kind: kindOf(id, find(doc, id)), thing: find(doc, id)});
  const selected = () => draft.selection.filter(id => find(draft.doc, id)).map(id => entry(draft.doc, id));
  const one = () => draft.selection.length === 1 ? selected()[0] : null;
  const nameOf = t => t.thing.name || b.words(t.id === "title" ? "title" : "unnamed");

  // all returns the things of the draft, in its order.
  function all() {
    const {doc} = draft, list = [...doc.fields, ...doc.tables].map(thing => ({id: thing.id, kind: thing.cells ? "table" : thing.type, thing}));
    if (doc.title && doc.title.box[2] > 0) list.unshift({id: "title", kind: "title", thing: doc.title});
    return list;
  }

  // smallest returns the id of the smallest of things that holds a place, or "".
  function smallest(things, at) {
    const hit = things.filter(t => shapes.contains(t.thing.box, at)).sort((p, q) => p.thing.box[2] * p.thing.box[3] - q.thing.box[2] * q.thing.box[3]);
    return hit.length > 0 ? hit[0].id : "";
  }
  const thingAt = at => smallest(all(), at);
  const suggestionAt = at => b.showsSuggestions ? smallest(b.suggestions(), at) : "";

  function oneTable() {
    const t = one();
    return t && t.kind === "table" ? t.thing : null;
  }

  // cellAt returns the row and column of a table at a place, or null.
  function cellAt(table, at) {
    for (let r = 0; r < table.cells.length; r++) {
      const c = table.cells[r].findIndex(box => shapes.contains(box, at));
      if (c >= 0) return [r, c];
    }
    return null;
  }

  // ---- Parts: a box or an ignore area of a field, or cells of a table. ----

  const samePart = (p, q) => p && q && p.kind === q.kind && p.index === q.index;

  function partAt(id, at) {
    const {thing} = entry(draft.doc, id);
    for (const [kind, list] of [["ignore", thing.ignore], ["box", thing.boxes]]) {
      const index = (list || []).findIndex(box => shapes.contains(box, at));
      if (index >= 0) return {kind, index};
    }
    const cell = thing.cells && cellAt(thing, at);
    return cell ? {kind: "cell", from: cell, to: cell} : null;
  }

  // spanOf returns the rows and columns that are selected in a table.
  function spanOf(table, part = b.part) {
    const [[r, c], [s, d]] = [part.from, part.to];
    return tables.whole(table, {r0: Math.min(r, s), r1: Math.max(r, s), c0: Math.min(c, d), c1: Math.max(c, d)});
  }

  const partBoxes = (thing, part) => part.kind === "ignore" ? thing.ignore : thing.boxes;

  // soundPart returns the selected part, where there still is one.
  function soundPart() {
    const t = one();
    if (!t || !b.part) return null;
    if (b.part.kind === "cell") {
      const {from, to} = b.part;
      return t.kind === "table" && Math.max(from[0], to[0]) < t.thing.cells.length && Math.max(from[1], to[1]) < t.thing.columns.length ? b.part : null;
    }
    return (partBoxes(t.thing, b.part) || []).length > b.part.index ? b.part : null;
  }

  function choosePart(id, at) {
    if (draft.selection.length > 1) b.select([id]);
    else b.setPart(partAt(id, at));
  }

  function extendCells(at) {
    const table = oneTable(), cell = table && cellAt(table, at);
    if (cell) b.setPart({...b.part, to: cell});
  }

  // frame returns the box that the handles are around, or null.
  function frame() {
    const list = selected();
    if (list.length === 0) return null;
    if (b.part && b.part.kind !== "cell") return partBoxes(list[0].thing, b.part)[b.part.index];
    return shapes.bounds(list.map(t => t.thing.box));
  }

  // mapInto brings what is selected of a thing from one frame into another.
  function mapInto(thing, before, after) {
    if (b.part && b.part.kind !== "cell") {
      const list = partBoxes(thing, b.part);
      list[b.part.index] = shapes.mapped(list[b.part.index], before, after);
      if (b.part.kind === "box") thing.box = shapes.bounds(list);
    } else {
      shapes.fit(thing, shapes.mapped(thing.box, before, after));
    }
  }

  function mappedThings(before, after) {
    return selected().map(({id, thing}) => {
      const copy = clone(thing);
      mapInto(copy, before, after);
      return [id, copy];
    });
  }

  // ---- Changes. ----

  // change makes one step of the history, named for a command, and says what
  // came of it.
  function change(command, edit, options) {
    const made = draft.change(b.label(command), edit, options);
    if (!made) b.redraw();
    return made;
  }

  // edit changes all that is selected, as change does.
  function editSelected(command, edit, options) {
    const ids = draft.selection;
    const made = change(command, doc => ids.forEach((id, i) => edit(find(doc, id), i)), options);
    if (made) b.sayPlace();
    return made;
  }

  function mapSelection(before, after, command = "resize", options = undefined) {
    return editSelected(command, thing => mapInto(thing, before, after), options);
  }

  function moveSelection(dx, dy, options) {
    const before = frame();
    return mapSelection(before, shapes.moved(before, dx, dy), "nudge", options);
  }

  // uniqueName returns a name that no field or table of doc has yet.
  function uniqueName(doc, name) {
    if (!name) return "";
    const taken = new Set([...doc.fields, ...doc.tables].map(e => e.name)), base = name.replace(/ \d+$/, "");
    for (let n = 1, tried = name; ; tried = `${base} ${++n}`) if (!taken.has(tried)) return tried;
  }

  const columnName = table => {
    for (let n = table.columns.length + 1; ; n++) {
      const name = b.words("column", {n});
      if (!table.columns.includes(name)) return name;
    }
  };

  const most = 4000; // fields and cells, as of a template

  const places = doc => doc.fields.length + doc.tables.reduce((sum, t) => sum + t.cells.length * t.columns.length, 0);

  // add adds copies of things, with ids and names of their own, moved. It
  // returns their ids.
  function add(doc, things, dx = 0, dy = 0) {
    const added = [];
    for (const thing of things) {
      const copy = clone(thing);
      Object.assign(copy, {id: uuid(), name: uniqueName(doc, thing.name)});
      shapes.move(copy, dx, dy);
      if (copy.cells) {
        copy.columnIds = copy.columns.map(uuid);
        copy.rowIds = Array.from({length: copy.rows}, uuid);
        doc.tables.push(copy);
      } else {
        doc.fields.push(copy);
      }
      added.push(copy.id);
    }
    return added;
  }

  // addAll adds copies of things at each of offsets as one step, selects them,
  // and returns whether it did: a template has room for so many.
  function addAll(command, things, offsets) {
    const count = offsets.length * things.reduce((sum, t) => sum + (t.cells ? t.cells.length * t.columns.length : 1), 0);
    if (places(draft.doc) + count > most) {
      b.say("full");
      return false;
    }
    let added = [];
    const made = change(command, doc => { added = offsets.flatMap(([dx, dy]) => add(doc, things, dx, dy)); });
    if (made) b.select(added);
    return made;
  }

  // create makes a new thing of a tool in a box.
  function create(tool, box, {byMouse = false} = {}) {
    if (draft.readOnly) return;
    if (tool === "ignore") {
      addIgnore(box);
      return;
    }
    if (tool === "title") {
      if (change("new_title", doc => { doc.title = {name: "", text: "", ...doc.title, box}; })) created("title", byMouse);
      return;
    }
    const thing = newThing(tool, box);
    const made = change("new_" + tool, doc => (thing.cells ? doc.tables : doc.fields).push(thing));
    if (!made) return;
    created(thing.id, byMouse);
    if (tool === "boxes" && thing.boxes.length === 1) commands.array();
  }

  function newThing(tool, box) {
    if (tool === "table") {
      const table = newTable(box, 4, 3, 1);
      table.columns = [];
      for (let c = 0; c < 3; c++) table.columns.push(columnName(table));
      tables.find(table, b.lines, uuid, columnName);
      return table;
    }
    const field = newField({field: "NORMAL", boxes: "MULTI_BOX", checkbox: "CHECKBOX"}[tool], box);
    if (tool === "boxes") {
      const found = shapes.singles(b.lines, box);
      if (found.length > 0) Object.assign(field, {boxes: found, box: shapes.bounds(found)});
    }
    return field;
  }

  function created(id, byMouse) {
    b.select([id]);
    b.sayPlace();
    if (byMouse) b.focusName();
    else layer.reveal(frame());
  }

  function addIgnore(box) {
    const t = one();
    if (!t || t.kind === "table" || t.kind === "title") {
      b.say("choose_field");
      return;
    }
    const {id} = t;
    const made = change("new_ignore", doc => {
      const field = find(doc, id);
      field.ignore = [...field.ignore || [], box];
    });
    if (!made) return;
    b.setPart({kind: "ignore", index: draft.field(id).ignore.length - 1});
    b.sayPlace();
  }

  // createInView makes a new thing in the middle of the view.
  function createInView(tool) {
    const view = shapes.within(layer.view(), layer.width, layer.height), [x, y] = shapes.middle(view);
    const owner = one();
    if (tool === "ignore" && owner && owner.thing.box) {
      const [fx, fy, fw, fh] = owner.thing.box;
      create(tool, shapes.rounded([fx + fw / 3, fy + fh / 4, fw / 3, fh / 2]));
      return;
    }
    const unit = Math.max(layer.width, layer.height) / 297; // px a millimetre, if the page is A4
    const [w, h] = {field: [50, 8], boxes: [60, 8], checkbox: [4, 4], table: [120, 40], ignore: [10, 5], title: [80, 10]}[tool].map(v => v * unit);
    b.focusPicture();
    create(tool, shapes.within([x - w / 2, y - h / 2, w, h], layer.width, layer.height));
  }

  // accept takes suggestions into the draft, each before the first of those
  // that come after it, with the rules of their groups.
  function accept(ids) {
    if (draft.readOnly) return;
    const chosen = b.suggestions().filter(s => ids.includes(s.id));
    if (chosen.length === 0) return;
    const order = b.suggested.map(s => s.id);
    const added = [];
    const made = change("accept", doc => {
      for (const {id, kind, thing} of chosen) {
        if (kind === "title") {
          doc.title = clone(thing);
          added.push("title");
          continue;
        }
        const list = kind === "table" ? doc.tables : doc.fields, at = order.indexOf(id);
        const after = list.findIndex(e => order.indexOf(e.id) > at);
        const copy = {...clone(thing), id, name: uniqueName(doc, thing.name)};
        list.splice(after < 0 ? list.length : after, 0, copy);
        added.push(id);
        addGroup(doc, copy.group);
      }
    });
    if (!made) return;
    b.select(added);
    if (chosen.length === 1) b.say("accepted", {name: nameOf(chosen[0])});
    else b.say("accepted_many", {count: chosen.length});
  }

  function addGroup(doc, name) {
    const group = name && (draft.suggested.groups || []).find(g => g.name === name);
    if (group && !doc.groups.some(g => g.name === name)) doc.groups.push(clone(group));
  }

  // ---- Commands on a table. ----

  // onTable changes the selected table, and says what it is like then.
  function onTable(command, edit) {
    const table = oneTable();
    if (!table) {
      b.say("choose_one");
      return false;
    }
    let done = true;
    const made = change(command, doc => {
      const t = doc.tables.find(t => t.id === table.id);
      done = edit(t) !== false;
    });
    b.setPart(soundPart());
    if (!done) b.say("no_room");
    else if (made) sayTable(table.id);
    return made && done;
  }

  function sayTable(id) {
    const t = draft.table(id);
    b.say("cells", {name: t.name || b.words("kind_table"), columns: t.columns.length, rows: t.cells.length});
  }

  // divide adds a divider of a table at a place, on a printed line that is near.
  function divide(id, axis, at) {
    const lines = (axis ? b.lines.y : b.lines.x).map(l => (l[0] + l[1]) / 2).filter(v => Math.abs(v - at[axis]) <= layer.px(6));
    return onTable(axis ? "row_add" : "column_add", t => tables.addDivider(t, axis, lines[0] ?? shapes.round(at[axis]), uuid, columnName));
  }

  function moveDivider(id, axis, k, to) {
    if (onTable("cell_resize", t => tables.moveDivider(t, axis, k, to))) b.say("divider", {at: Math.round(tables.dividers(draft.table(id), axis)[k])});
  }

  function addLine(axis) {
    const table = oneTable();
    if (!table) return b.say("choose_one");
    const s = b.part ? spanOf(table) : {r0: table.cells.length - 1, r1: table.cells.length - 1, c0: table.columns.length - 1, c1: table.columns.length - 1};
    const box = tables.boxOf(table, axis ? {...s, r0: s.r1} : {...s, c0: s.c1});
    return onTable(axis ? "row_add" : "column_add", t => tables.addDivider(t, axis, shapes.round(box[axis] + box[axis + 2] / 2), uuid, columnName));
  }

  function removeLine(axis) {
    const table = oneTable();
    if (!table) return b.say("choose_one");
    const n = tables.size(table)[axis], s = b.part ? spanOf(table) : null;
    const k = s ? Math.min(axis ? s.r1 : s.c1, n - 2) : n - 2;
    return onTable(axis ? "row_remove" : "column_remove", t => tables.removeDivider(t, axis, k));
  }

  // nextCell moves the selected cell by a row or column, or extends the cells.
  function nextCell(dx, dy, extend) {
    const table = oneTable(), [r, c] = b.part.to, s = tables.span(table, r, c);
    const to = [dy > 0 ? s.r1 + 1 : dy < 0 ? s.r0 - 1 : r, dx > 0 ? s.c1 + 1 : dx < 0 ? s.c0 - 1 : c];
    if (to[0] < 0 || to[1] < 0 || to[0] >= table.cells.length || to[1] >= table.columns.length) return;
    b.setPart({kind: "cell", from: extend ? b.part.from : to, to});
    sayCell();
  }

  function sayCell() {
    const table = oneTable(), s = spanOf(table), box = tables.boxOf(table, s);
    b.say("cell", {row: s.r0 + 1, column: table.columns[s.c0], w: Math.round(box[2]), h: Math.round(box[3])});
  }

  // stretchCell moves the line on the right of the selected cell, or below it.
  function stretchCell(dx, dy) {
    const table = oneTable(), s = spanOf(table), axis = dx ? 0 : 1, k = axis ? s.r1 : s.c1;
    const at = tables.dividers(table, axis)[k];
    if (at === undefined || at === null) return b.say("no_room");
    return moveDivider(table.id, axis, k, at + (dx || dy));
  }

  // ---- Arrows. ----

  const arrows = {"←": [-1, 0], "→": [1, 0], "↑": [0, -1], "↓": [0, 1]};
  const arrowOf = key => arrows[key.at(-1)];

  function nudge(key, far) {
    const [x, y] = arrowOf(key);
    if (b.part && b.part.kind === "cell") return nextCell(x, y, far > 1);
    const before = frame();
    if (!before) return b.say("choose_one");
    const to = b.inside(shapes.moved(before, far * x, far * y));
    moveSelection(to[0] - before[0], to[1] - before[1], {merge: "nudge"});
    return layer.reveal(frame());
  }

  function resize(key, far) {
    const [x, y] = arrowOf(key);
    if (b.part && b.part.kind === "cell") return stretchCell(far * x, far * y);
    const before = frame();
    if (!before) return b.say("choose_one");
    return mapSelection(before, b.clipped(shapes.resized(before, "se", far * x, far * y)), "resize", {merge: "resize"});
  }

  // ---- Order, arrangement. ----

  // reorder moves the selected fields or tables by one in the order.
  function reorder(by) {
    const chosen = new Set(draft.selection);
    const made = change(by < 0 ? "order_up" : "order_down", doc => {
      for (const part of ["fields", "tables"]) {
        const list = by < 0 ? doc[part] : doc[part].toReversed();
        for (let i = 1; i < list.length; i++) {
          if (chosen.has(list[i].id) && !chosen.has(list[i - 1].id)) [list[i - 1], list[i]] = [list[i], list[i - 1]];
        }
        doc[part] = by < 0 ? list : list.toReversed();
      }
    });
    if (made) sayOrder(draft.selection[0]);
  }

  function sayOrder(id) {
    const list = [draft.doc.fields, draft.doc.tables].find(l => l.some(e => e.id === id)) || [];
    const n = list.findIndex(e => e.id === id);
    if (n >= 0) b.say("moved_up", {name: nameOf(entry(draft.doc, id)), n: n + 1});
  }

  // moveBefore puts a field or table before another one of its list, or last.
  function moveBefore(id, other) {
    change("order_up", doc => {
      for (const part of ["fields", "tables"]) {
        const at = doc[part].findIndex(e => e.id === id);
        if (at < 0 || other === id) continue;
        const [e] = doc[part].splice(at, 1), to = doc[part].findIndex(o => o.id === other);
        doc[part].splice(to < 0 ? doc[part].length : to, 0, e);
      }
    });
    sayOrder(id);
  }

  // arrange gives what is selected other boxes.
  function arrange(command, least, boxes) {
    const list = selected();
    if (list.length < least) return b.say("choose_one");
    const to = boxes(list.map(t => t.thing.box));
    return editSelected(command, (thing, i) => shapes.fit(thing, to[i]));
  }

  // join makes one of what is selected: boxes of a field, cells of a table, or
  // fields, whose first one stays.
  function join() {
    const t = one();
    if (b.part && b.part.kind === "cell") return commands.merge();
    if (t && t.kind === "MULTI_BOX" && b.part) return joinBoxes(t.id, b.part.index);
    const list = selected().filter(s => s.kind !== "table" && s.kind !== "title");
    if (list.length < 2) return b.say("choose_one");
    const boxes = list.some(s => s.kind === "MULTI_BOX") ? list.flatMap(s => s.thing.boxes || [s.thing.box]) : null;
    const made = change("join", doc => {
      const first = find(doc, list[0].id), ignore = list.flatMap(s => s.thing.ignore || []);
      if (boxes) Object.assign(first, {type: "MULTI_BOX", boxes: boxes.toSorted((p, q) => p[0] - q[0])});
      if (ignore.length > 0) first.ignore = ignore;
      first.box = shapes.bounds(list.map(s => s.thing.box));
      doc.fields = doc.fields.filter(f => f.id === first.id || !list.some(s => s.id === f.id));
    });
    if (!made) return undefined;
    b.select([list[0].id]);
    return b.sayPlace();
  }

  // joinBoxes makes one of a box of a field and the next one.
  function joinBoxes(id, index) {
    if (index + 1 >= draft.field(id).boxes.length) return b.say("no_room");
    const made = change("join", doc => {
      const field = find(doc, id);
      field.boxes = field.boxes.toSpliced(index, 2, shapes.bounds(field.boxes.slice(index, index + 2)));
    });
    return made && b.say("joined");
  }

  // split divides the selected cell, box or field.
  function split(columns, rows, space) {
    const t = one();
    if (!t || t.kind === "title") return b.say("choose_one");
    if (t.kind === "table") return splitCell(columns, rows);
    const whole = b.part ? partBoxes(t.thing, b.part)[b.part.index] : t.thing.box;
    const boxes = shapes.tiles(whole, columns, rows, space, space);
    if (boxes.some(box => box[2] < least || box[3] < least)) return b.say("no_room");
    let added = [];
    const made = change("split", doc => {
      const field = find(doc, t.id);
      if (b.part) Object.assign(field, {[b.part.kind === "box" ? "boxes" : "ignore"]: partBoxes(field, b.part).toSpliced(b.part.index, 1, ...boxes)});
      else if (field.boxes) field.boxes = boxes;
      else added = splitField(doc, field, boxes);
    });
    b.setPart(null);
    if (made && added.length > 0) b.select([t.id, ...added]);
    return made && b.sayPlace();
  }

  // splitField makes fields of boxes after the first, which stays what it was.
  function splitField(doc, field, boxes) {
    const at = doc.fields.indexOf(field);
    field.box = boxes[0];
    delete field.ignore;
    const added = [];
    for (const box of boxes.slice(1)) {
      const copy = {...clone(field), id: uuid(), name: uniqueName(doc, field.name), box};
      doc.fields.splice(at + 1 + added.length, 0, copy);
      added.push(copy.id);
    }
    return added;
  }

  function splitCell(columns, rows) {
    const table = oneTable();
    if (!b.part) return b.say("choose_one");
    const box = tables.boxOf(table, spanOf(table));
    return onTable("split", t => {
      let room = true;
      for (const [axis, n] of [[0, columns], [1, rows]]) {
        for (let i = 1; i < n; i++) room = tables.addDivider(t, axis, shapes.round(box[axis] + box[axis + 2] * i / n), uuid, columnName) && room;
      }
      return room;
    });
  }

  // setBoxes gives a MULTI_BOX its boxes.
  function setBoxes(id, boxes) {
    if (boxes.some(box => box[2] < least)) return b.say("no_room");
    const made = change("array", doc => Object.assign(find(doc, id), {boxes, box: shapes.bounds(boxes)}));
    return made && b.say("boxes", {name: nameOf(entry(draft.doc, id)), count: boxes.length});
  }

  // fitToPrint gives a field the place of what is printed around its middle.
  function fitToPrint() {
    const t = one();
    if (!t || t.kind === "title") return b.say("choose_one");
    if (t.kind === "table") return onTable("find", table => tables.find(table, b.lines, uuid, columnName)) || b.say("no_lines");
    if (t.kind === "MULTI_BOX") {
      const found = shapes.singles(b.lines, t.thing.box);
      return found.length > 0 ? setBoxes(t.id, found) : b.say("no_lines");
    }
    const box = shapes.cellAt(b.lines, shapes.middle(t.thing.box));
    return box ? editSelected("find", thing => { thing.box = box; }) : b.say("no_lines");
  }

  // remove deletes the selected part, or all that is selected.
  function remove(command = "delete") {
    const t = one(), part = b.part && b.part.kind !== "cell" ? b.part : null;
    if (draft.selection.length === 0) return b.say("choose_one");
    if (part && t && partBoxes(t.thing, part).length > (part.kind === "box" ? 1 : 0)) {
      b.setPart(null);
      change(command, doc => {
        const field = find(doc, t.id), key = part.kind === "box" ? "boxes" : "ignore";
        field[key] = field[key].toSpliced(part.index, 1);
        if (part.kind === "box") field.box = shapes.bounds(field.boxes);
      });
      return b.say("deleted", {count: 1});
    }
    const gone = new Set(draft.selection), list = all().map(t => t.id), next = list.slice(list.lastIndexOf(draft.selection.at(-1)) + 1).find(id => !gone.has(id)) || list.findLast(id => !gone.has(id));
    const made = change(command, doc => {
      doc.fields = doc.fields.filter(f => !gone.has(f.id));
      doc.tables = doc.tables.filter(t => !gone.has(t.id));
      if (gone.has("title")) delete doc.title;
    });
    if (!made) return undefined;
    b.list.goTo(next);
    return b.say("deleted", {count: gone.size});
  }

  // ---- The clipboard: JSON, also between templates. ----

  const mark = "seosik/fields";

  function copied() {
    const list = selected().filter(t => t.kind !== "title").map(t => t.thing);
    if (list.length === 0) return "";
    b.say("copied", {count: list.length});
    const text = JSON.stringify({type: mark, fields: list.filter(t => !t.cells), tables: list.filter(t => t.cells)});
    storage.local.setItem(mark, text);
    return text;
  }

  const isBox = box => Array.isArray(box) && box.length === 4 && box.every(Number.isFinite);
  const sound = thing => thing && isBox(thing.box) && [thing.boxes, thing.ignore, ...thing.cells || []].every(l => l === undefined || Array.isArray(l) && l.every(isBox));

  // pasted adds what a text holds, beside what is there already.
  function pasted(text) {
    let things;
    try {
      const clip = JSON.parse(text);
      things = clip.type === mark ? [...clip.fields, ...clip.tables].filter(sound) : [];
    } catch {
      things = [];
    }
    if (things.length === 0 || draft.readOnly) return b.say("nothing_pasted");
    const box = shapes.bounds(things.map(t => t.box)), to = b.inside(box);
    let dx = to[0] - box[0], dy = to[1] - box[1];
    const taken = () => all().some(t => things.some(n => shapes.overlap(t.thing.box, shapes.moved(n.box, dx, dy)) > 0.9));
    for (let i = 0; i < 50 && taken(); i++) {
      dx += 12;
      dy += 12;
    }
    const within = b.inside(shapes.moved(box, dx, dy));
    if (addAll("paste", things, [[within[0] - box[0], within[1] - box[1]]])) b.say("pasted", {count: things.length});
    return undefined;
  }

  function duplicate() {
    const list = selected().filter(t => t.kind !== "title").map(t => t.thing);
    if (list.length === 0) return b.say("choose_one");
    const box = shapes.bounds(list.map(t => t.box)), to = b.inside(shapes.moved(box, 12, 12));
    if (addAll("duplicate", list, [[to[0] - box[0], to[1] - box[1]]])) b.sayPlace();
    return undefined;
  }

  async function readClip() {
    try {
      return await navigator.clipboard.readText();
    } catch {
      return storage.local.getItem(mark) || "";
    }
  }

  function copy() {
    const text = copied();
    if (text && navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {}); // the copy of our own is there
  }

  // ---- The commands, by name. ----

  const commands = {
    nudge: key => nudge(key, 1),
    nudge_far: key => nudge(key, 10),
    resize: key => resize(key, 1),
    resize_far: key => resize(key, 10),
    before: () => step(-1),
    after: () => step(1),

    undo() {
      const label = draft.undoLabel;
      if (draft.undo()) b.say("undone", {label});
      else b.say("nothing_undone");
    },
    redo() {
      const label = draft.redoLabel;
      if (draft.redo()) b.say("redone", {label});
      else b.say("nothing_redone");
    },
    copy,
    cut() {
      copy();
      remove("cut");
    },
    paste: async () => pasted(await readClip()),
    duplicate,
    delete: () => remove(),
    select_all() {
      b.select(all().map(t => t.id));
      b.say("selected", {count: draft.selection.length});
    },
    order_up: () => reorder(-1),
    order_down: () => reorder(1),

    spread_across: () => arrange("spread_across", 3, boxes => shapes.distribute(boxes, 0)),
    spread_down: () => arrange("spread_down", 3, boxes => shapes.distribute(boxes, 1)),
    same_width: () => arrange("same_width", 2, boxes => shapes.sized(boxes, 0)),
    same_height: () => arrange("same_height", 2, boxes => shapes.sized(boxes, 1)),
    array: () => one() || draft.selection.length > 0 ? b.ask.array(one(), frame()) : b.say("choose_one"),
    split: () => one() && (one().kind !== "table" || b.part) ? b.ask.split() : b.say("choose_one"),
    join,

    cell() {
      if (!oneTable()) return;
      b.focusPicture();
      b.setPart({kind: "cell", from: [0, 0], to: [0, 0]});
      sayCell();
    },
    cell_resize: key => resize(key, 1),
    column_add: () => addLine(0),
    row_add: () => addLine(1),
    column_remove: () => removeLine(0),
    row_remove: () => removeLine(1),
    merge() {
      if (!oneTable() || !b.part) return b.say("choose_one");
      const s = spanOf(oneTable());
      return onTable("merge", t => tables.merge(t, s)) && b.say("merged");
    },
    separate() {
      if (!oneTable() || !b.part) return b.say("choose_one");
      return onTable("separate", t => tables.separate(t, ...b.part.from));
    },
    header() {
      const table = oneTable();
      if (!table) return b.say("choose_one");
      const upTo = b.part ? spanOf(table).r1 + 1 : 1;
      return onTable("header", t => tables.setHeader(t, t.header === upTo ? upTo - 1 : upTo, uuid));
    },
    find: fitToPrint,

    accept_all: () => {
      accept(b.suggestions().map(s => s.id));
      b.select([]); // a key that is pressed next must not hit all
    },
  };
  for (const how of ["left", "right", "top", "bottom", "center", "middle"]) {
    commands["align_" + how] = () => arrange("align_" + how, 2, boxes => shapes.align(boxes, how));
  }
  for (const tool of ["field", "boxes", "checkbox", "table", "ignore", "title"]) commands["new_" + tool] = () => createInView(tool);

  // step selects the thing before or after the selected one.
  function step(by) {
    const list = all(), n = list.findIndex(t => t.id === draft.selection.at(-1));
    const next = list[n < 0 ? (by > 0 ? 0 : list.length - 1) : n + by];
    if (!next) return;
    b.select([next.id]);
    layer.reveal(next.thing.box);
    b.sayPlace();
  }

  Object.assign(b, {
    find, all, selected, one, oneTable, nameOf, thingAt, suggestionAt, cellAt, partAt, samePart, soundPart, choosePart, extendCells, spanOf,
    frame, mappedThings, mapSelection, moveSelection, create, accept, divide, moveDivider, moveBefore, setBoxes, split, addAll, copied, pasted, remove,
  });
  return commands;
}
