// The cells of a table, by its dividers: pure functions, without a page. A
// table has boxes in rows and columns; neighbours with the same box are one
// cell. Axis 0 is across, with dividers between columns, and 1 is down.
"use strict";

const tables = (() => {
  const {round, rounded, right, bottom, same, bounds, clamp, merged, covered} =
    typeof module !== "undefined" ? require("./shapes.js") : shapes;

  // What a table has one of for each column.
  const perColumn = ["columns", "columnIds", "labels", "valueTypes", "rules", "personal", "review", "confidence"];

  const size = t => [t.cells[0].length, t.cells.length]; // columns, and rows with the header

  // span returns the rows and columns that the cell at (r, c) covers.
  function span(t, r, c) {
    const [columns, rows] = size(t), box = t.cells[r][c];
    const is = (i, j) => i >= 0 && j >= 0 && i < rows && j < columns && same(t.cells[i][j], box);
    const s = {r0: r, r1: r, c0: c, c1: c};
    while (is(s.r0 - 1, c)) s.r0--;
    while (is(s.r1 + 1, c)) s.r1++;
    while (is(r, s.c0 - 1)) s.c0--;
    while (is(r, s.c1 + 1)) s.c1++;
    return s;
  }

  // spans returns the span of each cell, row by row.
  const spans = t => t.cells.map((row, r) => row.map((_, c) => span(t, r, c)));

  const firstOf = (s, axis) => axis ? s.r0 : s.c0, lastOf = (s, axis) => axis ? s.r1 : s.c1;

  // each calls visit with the box and the span of each cell.
  function each(t, visit) {
    const all = spans(t);
    t.cells.forEach((row, r) => row.forEach((box, c) => visit(box, all[r][c], r, c)));
  }

  // dividers returns where the divider after each column or row but the last
  // is, or null where no two cells meet there.
  function dividers(t, axis) {
    const n = size(t)[axis] - 1;
    const ends = Array.from({length: n}, () => []), starts = Array.from({length: n}, () => []);
    each(t, (box, s) => {
      const last = lastOf(s, axis), first = firstOf(s, axis);
      if (last < n) ends[last].push(box[axis] + box[axis + 2]);
      if (first > 0) starts[first - 1].push(box[axis]);
    });
    const mean = list => list.reduce((a, b) => a + b, 0) / list.length;
    return ends.map((list, k) => list.length && starts[k].length ? round((mean(list) + mean(starts[k])) / 2) : null);
  }

  const leastCell = 3; // px

  // moveDivider moves the divider after column or row k, as far as the cells
  // beside it allow.
  function moveDivider(t, axis, k, to) {
    const at = dividers(t, axis)[k];
    if (at === null) return;
    let low = -Infinity, high = Infinity;
    each(t, (box, s) => {
      if (lastOf(s, axis) === k) low = Math.max(low, leastCell - box[axis + 2]);
      if (firstOf(s, axis) === k + 1) high = Math.min(high, box[axis + 2] - leastCell);
    });
    const by = clamp(to - at, Math.min(low, 0), Math.max(high, 0));
    each({cells: t.cells.map(row => row.map(b => [...b]))}, (_, s, r, c) => {
      const box = t.cells[r][c] = [...t.cells[r][c]];
      if (lastOf(s, axis) === k) box[axis + 2] = round(box[axis + 2] + by);
      if (firstOf(s, axis) === k + 1) {
        box[axis] = round(box[axis] + by);
        box[axis + 2] = round(box[axis + 2] - by);
      }
    });
  }

  // lineAt returns the column or row that a place is in.
  function lineAt(t, axis, at) {
    const list = dividers(t, axis);
    let k = 0;
    while (k < list.length && (list[k] === null || list[k] < at)) k++;
    return k;
  }

  // addDivider divides the column or row at a place. NewID makes an id, and
  // name a name for a column. It reports whether there was room.
  function addDivider(t, axis, at, newID, name) {
    const k = lineAt(t, axis, at), all = spans(t);
    const alone = s => firstOf(s, axis) === k && lastOf(s, axis) === k;
    const boxes = t.cells.flatMap((row, r) => row.filter((_, c) => alone(all[r][c])));
    if (boxes.length === 0 || boxes.some(b => at - b[axis] < leastCell || b[axis] + b[axis + 2] - at < leastCell)) return false;
    const halves = (box, s) => {
      if (!alone(s)) return [[...box], [...box]];
      const first = [...box], second = [...box];
      first[axis + 2] = round(at - box[axis]);
      second[axis] = round(at);
      second[axis + 2] = round(box[axis] + box[axis + 2] - at);
      return [first, second];
    };
    if (axis === 0) {
      t.cells = t.cells.map((row, r) => row.flatMap((box, c) => c === k ? halves(box, all[r][c]) : [[...box]]));
      insertColumn(t, k, newID, name);
    } else {
      t.cells = t.cells.flatMap((row, r) => {
        if (r !== k) return [row];
        const both = row.map((box, c) => halves(box, all[r][c]));
        return [both.map(b => b[0]), both.map(b => b[1])];
      });
      insertRow(t, k, newID);
    }
    return true;
  }

  function insertColumn(t, k, newID, name) {
    const n = t.columns.length, named = name(t);
    for (const key of perColumn) {
      if (Array.isArray(t[key]) && t[key].length === n) t[key] = t[key].toSpliced(k + 1, 0, t[key][k]);
    }
    t.columns[k + 1] = named;
    if (t.columnIds) t.columnIds[k + 1] = newID();
  }

  function insertRow(t, k, newID) {
    if (k < t.header) {
      t.header++;
      return;
    }
    t.rows++;
    if (t.rowIds) t.rowIds = t.rowIds.toSpliced(k - t.header + 1, 0, newID());
  }

  // removeDivider makes one of columns or rows k and k + 1. It reports whether
  // it could: a table keeps one row below its header.
  function removeDivider(t, axis, k) {
    const n = size(t)[axis];
    if (k < 0 || k + 1 >= n) return false;
    if (axis === 1 && k + 1 >= t.header && t.rows === 1) return false;
    const join = (a, b) => bounds([a, b]);
    if (axis === 0) {
      t.cells = t.cells.map(row => [...row.slice(0, k), join(row[k], row[k + 1]), ...row.slice(k + 2)]);
      for (const key of perColumn) {
        if (Array.isArray(t[key]) && t[key].length === n) t[key] = t[key].toSpliced(k + 1, 1);
      }
    } else {
      t.cells = [...t.cells.slice(0, k), t.cells[k].map((b, c) => join(b, t.cells[k + 1][c])), ...t.cells.slice(k + 2)];
      if (k + 1 < t.header) {
        t.header--;
      } else {
        t.rows--;
        if (t.rowIds) t.rowIds = t.rowIds.toSpliced(Math.max(0, k + 1 - t.header), 1);
      }
    }
    return true;
  }

  // setHeader makes the first n rows those of the header.
  function setHeader(t, n, newID) {
    const rows = t.cells.length, header = clamp(n, 0, rows - 1);
    if (t.rowIds) {
      while (t.rowIds.length > rows - header) t.rowIds = t.rowIds.slice(1);
      while (t.rowIds.length < rows - header) t.rowIds = [newID(), ...t.rowIds];
    }
    t.header = header;
    t.rows = rows - header;
  }

  // whole returns s grown so that it cuts no cell.
  function whole(t, s) {
    for (;;) {
      const grown = {...s};
      for (let r = s.r0; r <= s.r1; r++) {
        for (let c = s.c0; c <= s.c1; c++) {
          const o = span(t, r, c);
          grown.r0 = Math.min(grown.r0, o.r0);
          grown.r1 = Math.max(grown.r1, o.r1);
          grown.c0 = Math.min(grown.c0, o.c0);
          grown.c1 = Math.max(grown.c1, o.c1);
        }
      }
      if (["r0", "r1", "c0", "c1"].every(k => grown[k] === s[k])) return s;
      s = grown;
    }
  }

  // boxOf returns the box around the cells of a span.
  function boxOf(t, s) {
    return bounds(t.cells.slice(s.r0, s.r1 + 1).flatMap(row => row.slice(s.c0, s.c1 + 1)));
  }

  // merge makes one cell of all cells of a span. Those of the header stay apart
  // from those below it.
  function merge(t, s) {
    s = whole(t, s);
    if (s.r0 < t.header && s.r1 >= t.header || s.r0 === s.r1 && s.c0 === s.c1) return false;
    const box = boxOf(t, s);
    t.cells = t.cells.map((row, r) => row.map((b, c) => r >= s.r0 && r <= s.r1 && c >= s.c0 && c <= s.c1 ? [...box] : b));
    return true;
  }

  // separate divides a cell that covers several columns or rows.
  function separate(t, r, c) {
    const s = span(t, r, c), box = t.cells[r][c];
    if (s.r0 === s.r1 && s.c0 === s.c1) return false;
    const edges = (axis, first, last) => {
      const cuts = dividers(t, axis).slice(first, last), n = last - first + 1;
      return [box[axis], ...cuts.map((at, i) => at ?? box[axis] + box[axis + 2] * (i + 1) / n), box[axis] + box[axis + 2]];
    };
    const xs = edges(0, s.c0, s.c1), ys = edges(1, s.r0, s.r1);
    t.cells = t.cells.map((row, i) => row.map((b, j) => {
      if (i < s.r0 || i > s.r1 || j < s.c0 || j > s.c1) return b;
      const x = xs[j - s.c0], y = ys[i - s.r0];
      return rounded([x, y, xs[j - s.c0 + 1] - x, ys[i - s.r0 + 1] - y]);
    }));
    return true;
  }

  // even gives a table columns and rows of the same sizes in its box.
  function even(t, columns, rows, newID, name) {
    const w = t.box[2] / columns, h = t.box[3] / rows;
    const cells = Array.from({length: rows}, (_, r) =>
      Array.from({length: columns}, (_, c) => rounded([t.box[0] + c * w, t.box[1] + r * h, w, h])));
    replace(t, cells, newID, name);
  }

  // find gives a table the cells that are printed in its box. It reports
  // whether there are any.
  function find(t, lines, newID, name) {
    const [x, y, w, h] = t.box, slack = 4;
    const inside = (list, from, to, a, b) => merged(list.filter(l => l[1] > from - slack && l[0] < to + slack && l[2] < b && l[3] > a), 2)
      .filter(g => covered(g.parts, a, b) >= 0.4 * (b - a));
    const upright = inside(lines.x, x, x + w, y, y + h), level = inside(lines.y, y, y + h, x, x + w);
    const xs = edges(upright, x, x + w), ys = edges(level, y, y + h);
    if (xs.length < 1 || ys.length < 2 && xs.length < 2) return false;
    const cells = ys.map(([top, end]) => xs.map(([left, to]) => rounded([left, top, to - left, end - top])));
    joinOpen(cells, upright, level);
    replace(t, cells, newID, name);
    t.box = bounds(cells.flat());
    return true;
  }

  // edges returns the spaces between lines in [from, to], where its ends count
  // as lines.
  function edges(list, from, to) {
    const posts = [...list];
    if (!posts.length || posts[0].low > from + 8) posts.unshift({low: from, high: from, parts: []});
    if (posts.at(-1).high < to - 8) posts.push({low: to, high: to, parts: []});
    return posts.slice(1).map((p, i) => [posts[i].high, p.low]).filter(([a, b]) => b - a >= 2 * leastCell);
  }

  // joinOpen makes one cell of neighbours with no line between them: first
  // along the rows, then those below each other that are as wide.
  function joinOpen(cells, upright, level) {
    const open = (list, at, from, to) => covered(list.filter(g => Math.abs((g.low + g.high) / 2 - at) < 3).flatMap(g => g.parts), from, to) < 0.5 * (to - from);
    for (const row of cells) {
      for (let c = 1; c < row.length; c++) {
        const a = row[c - 1], b = row[c];
        if (!open(upright, (right(a) + b[0]) / 2, b[1], bottom(b))) continue;
        const all = bounds([a, b]);
        for (let k = c; k >= 0 && (k === c || same(row[k], a)); k--) row[k] = all;
      }
    }
    for (let r = 1; r < cells.length; r++) {
      for (let c = 0; c < cells[r].length; c++) {
        const a = cells[r - 1][c], b = cells[r][c];
        if (a[0] !== b[0] || a[2] !== b[2] || same(a, b) || !open(level, (bottom(a) + b[1]) / 2, b[0], right(b))) continue;
        const all = bounds([a, b]);
        for (const row of cells) row.forEach((box, k) => { if (box === a || box === b || same(box, a) || same(box, b)) row[k] = all; });
      }
    }
  }

  // replace gives a table other cells, and keeps what it says of the columns
  // and rows that are still there.
  function replace(t, cells, newID, name) {
    const n = t.columns.length, columns = cells[0].length;
    t.cells = cells.map(row => row.map(b => [...b]));
    for (const key of perColumn) {
      if (Array.isArray(t[key]) && t[key].length === n && key !== "columns" && key !== "columnIds") {
        t[key] = Array.from({length: columns}, (_, c) => t[key][Math.min(c, n - 1)]);
      }
    }
    t.columns = t.columns.slice(0, columns);
    while (t.columns.length < columns) t.columns.push(name(t));
    if (t.columnIds) t.columnIds = Array.from({length: columns}, (_, c) => t.columnIds[c] || newID());
    setHeader(t, Math.min(t.header, cells.length - 1), newID);
    if (t.rowIds) t.rowIds = Array.from({length: t.rows}, (_, r) => t.rowIds[r] || newID());
  }

  return {
    size, span, spans, dividers, moveDivider, lineAt, addDivider, removeDivider, setHeader, whole, boxOf, merge, separate, even, find,
  };
})();

if (typeof module !== "undefined") module.exports = tables;
