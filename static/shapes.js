// The geometry of a template: pure functions, without a page. A box is
// [x, y, width, height] in template px; a thing is a field, a table or a title.
"use strict";

const shapes = (() => {
  const round = v => Math.round(v * 100) / 100; // as fine as the server keeps it
  const rounded = box => box.map(round);
  const right = b => b[0] + b[2], bottom = b => b[1] + b[3];
  const middle = b => [b[0] + b[2] / 2, b[1] + b[3] / 2];
  const same = (a, b) => a.every((v, i) => Math.abs(v - b[i]) < 0.01);
  const clamp = (v, low, high) => Math.max(low, Math.min(high, v));

  // between returns the box with these corners, in any order.
  function between(a, b) {
    return rounded([Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])]);
  }

  function bounds(boxes) {
    const x = Math.min(...boxes.map(b => b[0])), y = Math.min(...boxes.map(b => b[1]));
    return rounded([x, y, Math.max(...boxes.map(right)) - x, Math.max(...boxes.map(bottom)) - y]);
  }

  const contains = (b, [x, y]) => x >= b[0] && y >= b[1] && x <= right(b) && y <= bottom(b);
  const holds = (a, b) => b[0] >= a[0] && b[1] >= a[1] && right(b) <= right(a) && bottom(b) <= bottom(a);
  const touches = (a, b) => a[0] < right(b) && b[0] < right(a) && a[1] < bottom(b) && b[1] < bottom(a);

  // overlap is the share of what two boxes cover together that both cover.
  function overlap(a, b) {
    const w = Math.min(right(a), right(b)) - Math.max(a[0], b[0]), h = Math.min(bottom(a), bottom(b)) - Math.max(a[1], b[1]);
    if (w <= 0 || h <= 0) return 0;
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h);
  }

  // within moves a box by as little as brings it into a picture, and shrinks
  // one that is too large.
  function within(b, width, height) {
    const w = Math.min(b[2], width), h = Math.min(b[3], height);
    return rounded([clamp(b[0], 0, width - w), clamp(b[1], 0, height - h), w, h]);
  }

  const moved = (b, dx, dy) => rounded([b[0] + dx, b[1] + dy, b[2], b[3]]);

  const least = 2; // px; the side of a box that is drawn or resized

  // resized returns a box one handle of which, as "nw" or "e", was moved. The
  // other sides stay.
  function resized(b, handle, dx, dy) {
    let [x, y, w, h] = b;
    if (handle.includes("e")) w = Math.max(least, w + dx);
    if (handle.includes("s")) h = Math.max(least, h + dy);
    if (handle.includes("w")) {
      const d = Math.min(dx, w - least);
      x += d;
      w -= d;
    }
    if (handle.includes("n")) {
      const d = Math.min(dy, h - least);
      y += d;
      h -= d;
    }
    return rounded([x, y, w, h]);
  }

  // mapped returns the box that lies in one frame as b lies in another.
  function mapped(b, from, to) {
    const kx = to[2] / from[2], ky = to[3] / from[3];
    return rounded([to[0] + (b[0] - from[0]) * kx, to[1] + (b[1] - from[1]) * ky, b[2] * kx, b[3] * ky]);
  }

  // reshape changes all boxes of a thing.
  function reshape(thing, change) {
    thing.box = change(thing.box);
    if (thing.boxes) thing.boxes = thing.boxes.map(change);
    if (thing.ignore) thing.ignore = thing.ignore.map(change);
    if (thing.cells) thing.cells = thing.cells.map(row => row.map(change));
  }

  const move = (thing, dx, dy) => reshape(thing, b => moved(b, dx, dy));

  // fit brings a thing with all its parts into a box.
  function fit(thing, to) {
    const from = thing.box;
    reshape(thing, b => mapped(b, from, to));
    thing.box = rounded(to);
  }

  // align returns boxes with one side, or their middles, in one line.
  function align(boxes, how) {
    const all = bounds(boxes), [mx, my] = middle(all);
    return boxes.map(b => rounded({
      left: [all[0], b[1], b[2], b[3]],
      right: [right(all) - b[2], b[1], b[2], b[3]],
      top: [b[0], all[1], b[2], b[3]],
      bottom: [b[0], bottom(all) - b[3], b[2], b[3]],
      center: [mx - b[2] / 2, b[1], b[2], b[3]],
      middle: [b[0], my - b[3] / 2, b[2], b[3]],
    }[how]));
  }

  // distribute returns boxes with gaps of one size between them, across (axis
  // 0) or down (axis 1). The first and the last stay.
  function distribute(boxes, axis) {
    const order = boxes.map((_, i) => i).sort((a, b) => boxes[a][axis] - boxes[b][axis]);
    const all = bounds(boxes);
    const free = all[axis + 2] - boxes.reduce((sum, b) => sum + b[axis + 2], 0);
    const result = boxes.map(b => [...b]);
    let at = all[axis];
    for (const i of order) {
      result[i][axis] = round(at);
      at += boxes[i][axis + 2] + free / (boxes.length - 1);
    }
    return result;
  }

  // sized returns boxes as wide (axis 0) or high (axis 1) as the first.
  function sized(boxes, axis) {
    return boxes.map(b => b.with(axis + 2, boxes[0][axis + 2]));
  }

  // A target is where an edge may come to rest: {axis, at, side, from, to}.
  // Boxes lie inside of printed lines, so that a line has one place for edges
  // where a box begins and one for those where it ends.

  // targets returns those of printed lines and of the boxes beside.
  function targets(lines, boxes) {
    const list = [];
    for (const axis of [0, 1]) {
      for (const [low, high, from, to] of (axis ? lines.y : lines.x)) {
        list.push({axis, at: high, side: "start", from, to, printed: true}, {axis, at: low, side: "end", from, to, printed: true});
      }
      for (const b of boxes) {
        const from = b[1 - axis], to = from + b[3 - axis];
        list.push({axis, at: b[axis], from, to}, {axis, at: b[axis] + b[axis + 2], from, to});
      }
    }
    return list;
  }

  const beside = 60; // px; from a printed line to the box that may rest on it

  // snap returns by how much box is to be moved so that one of its edges rests
  // on a target not farther away than reach, for both axes, and the guides to
  // show. Edges are "w", "e", "n" and "s", those that may move.
  function snap(box, edges, list, reach) {
    const best = [null, null];
    for (const t of list) {
      for (const [edge, axis, side] of [["w", 0, "start"], ["e", 0, "end"], ["n", 1, "start"], ["s", 1, "end"]]) {
        if (axis !== t.axis || !edges.includes(edge) || t.side && t.side !== side) continue;
        const by = t.at - (box[axis] + (side === "end" ? box[axis + 2] : 0));
        const from = box[1 - axis], to = from + box[3 - axis];
        if (Math.abs(by) > reach || t.printed && (t.from > to + beside || t.to < from - beside)) continue;
        if (!best[axis] || Math.abs(by) < Math.abs(best[axis].by)) {
          best[axis] = {by, guide: {axis, at: t.at, from: Math.min(t.from, from), to: Math.max(t.to, to)}};
        }
      }
    }
    return {
      dx: best[0] ? best[0].by : 0, dy: best[1] ? best[1].by : 0,
      guides: best.filter(Boolean).map(b => b.guide),
    };
  }

  // row returns n boxes beside each other that fill a box, with space px
  // between them and gap px more after each whose number is in after.
  function row(box, n, space, after, gap) {
    const gaps = after.filter(k => k >= 1 && k < n).length;
    const w = (box[2] - (n - 1) * space - gaps * gap) / n;
    const list = [];
    let x = box[0];
    for (let i = 1; i <= n; i++) {
      list.push(rounded([x, box[1], w, box[3]]));
      x += w + space + (after.includes(i) ? gap : 0);
    }
    return list;
  }

  // tiles returns the boxes of rows and columns that divide a box, row by row.
  function tiles(box, columns, rows, spaceX, spaceY) {
    const w = (box[2] - (columns - 1) * spaceX) / columns, h = (box[3] - (rows - 1) * spaceY) / rows;
    const list = [];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) list.push(rounded([box[0] + c * (w + spaceX), box[1] + r * (h + spaceY), w, h]));
    }
    return list;
  }

  // steps returns copies of a box in rows and columns, without the first.
  function steps(box, columns, rows, dx, dy) {
    const list = [];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) list.push(moved(box, c * dx, r * dy));
    }
    return list.slice(1);
  }

  // merged puts together lines of one kind that have about the same place.
  function merged(lines, reach) {
    const groups = [];
    for (const line of [...lines].sort((a, b) => a[0] - b[0])) {
      const last = groups.at(-1);
      if (last && line[0] - last.high <= reach) {
        last.high = Math.max(last.high, line[1]);
        last.parts.push(line);
      } else {
        groups.push({low: line[0], high: line[1], parts: [line]});
      }
    }
    return groups;
  }

  // covered is how much of [from, to) the parts of a line cover.
  function covered(parts, from, to) {
    let sum = 0, at = from;
    for (const [, , a, b] of [...parts].sort((p, q) => p[2] - q[2])) {
      const start = Math.max(at, a), end = Math.min(to, b);
      if (end > start) {
        sum += end - start;
        at = end;
      }
    }
    return sum;
  }

  // singles returns the single boxes that are printed in a box, from left to
  // right, or none.
  function singles(lines, box) {
    const y = middle(box)[1], inset = 0.1 * box[3];
    const posts = merged(lines.x.filter(l => l[2] < y && l[3] > y && l[1] > box[0] - 4 && l[0] < right(box) + 4), 2);
    const spaces = posts.slice(1).map((p, i) => [posts[i].high, p.low]).filter(([a, b]) => b - a >= least);
    if (spaces.length < 2) return [];
    const widths = spaces.map(([a, b]) => b - a).sort((a, b) => a - b), usual = widths[widths.length >> 1];
    const level = lines.y.filter(l => l[2] < right(box) && l[3] > box[0]);
    const top = Math.max(box[1], ...level.filter(l => l[1] < box[1] + 2 * inset && l[1] > box[1] - 4).map(l => l[1]));
    const end = Math.min(bottom(box), ...level.filter(l => l[0] > bottom(box) - 2 * inset && l[0] < bottom(box) + 4).map(l => l[0]));
    return spaces.filter(([a, b]) => b - a >= 0.6 * usual).map(([a, b]) => rounded([a, top, b - a, end - top]));
  }

  // cellAt returns the box between the printed lines around a place, or null.
  function cellAt(lines, [x, y]) {
    const nearest = (list, at, across, side) => {
      let best = null;
      for (const [low, high, from, to] of list) {
        const edge = side < 0 ? high : low;
        if (from > across || to < across || (edge - at) * side < 0) continue;
        if (best === null || Math.abs(edge - at) < Math.abs(best - at)) best = edge;
      }
      return best;
    };
    const left = nearest(lines.x, x, y, -1), end = nearest(lines.x, x, y, 1);
    const top = nearest(lines.y, y, x, -1), under = nearest(lines.y, y, x, 1);
    if ([left, end, top, under].includes(null) || end - left < least || under - top < least) return null;
    return [left, top, end - left, under - top];
  }

  return {
    round, rounded, right, bottom, middle, same, clamp, between, bounds, contains, holds, touches, overlap, within,
    moved, resized, mapped, reshape, move, fit, align, distribute, sized, targets, snap, row, tiles, steps,
    merged, covered, singles, cellAt, least,
  };
})();

if (typeof module !== "undefined") module.exports = shapes;
