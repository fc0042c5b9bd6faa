// What the mouse, a pen or a finger does on the picture: select, move, resize,
// draw. While something is dragged only its drawing changes, once a frame; the
// draft changes when it is let go.
"use strict";

function usePointer(b) {
  const {layer, draft} = b;
  let action = null; // {move(at, event), end(at, event, moved), cancel()}
  let from = null;   // where it began, on the sheet
  let moved = false;
  let last = null;   // the event that the next frame shows

  const threshold = 3; // screen px, from which a press is a drag

  layer.svg.addEventListener("pointerdown", event => {
    if (b.panning || event.button !== 0 || action) return;
    const at = layer.sheetOf(event);
    const next = begin(at, event);
    if (!next) return; // the viewer pans
    event.stopPropagation();
    event.preventDefault();
    b.focusPicture();
    layer.svg.setPointerCapture(event.pointerId);
    action = next;
    from = at;
    moved = false;
  });

  layer.svg.addEventListener("pointermove", event => {
    if (!action) {
      if (!b.panning) layer.cursor(cursorAt(layer.sheetOf(event)));
      return;
    }
    if (!last) requestAnimationFrame(frame);
    last = event;
  });

  function frame() {
    const event = last;
    last = null;
    if (!action || !event) return;
    const at = layer.sheetOf(event);
    if (!moved && Math.hypot(at[0] - from[0], at[1] - from[1]) < layer.px(threshold)) return;
    moved = true;
    action.move(at, event);
  }

  layer.svg.addEventListener("pointerup", event => {
    if (!action) return;
    if (last) frame();
    const done = action;
    action = null;
    last = null;
    done.end(layer.sheetOf(event), event, moved);
  });
  layer.svg.addEventListener("pointercancel", cancel);
  layer.svg.addEventListener("dblclick", event => {
    const at = layer.sheetOf(event), table = b.oneTable();
    if (table && !draft.readOnly && shapes.contains(table.box, at)) b.divide(table.id, event.shiftKey ? 1 : 0, at);
  });

  // cancel lets go of what is dragged, and leaves all as it was.
  function cancel() {
    if (!action) return false;
    action.cancel();
    action = null;
    last = null;
    return true;
  }

  // begin returns what a press at a place on the sheet begins.
  function begin(at, event) {
    if (b.tool !== "select" && !draft.readOnly) return drawing(at);
    const handle = draft.readOnly ? "" : layer.handleAt(at);
    if (handle) return resizing(handle);
    const divider = draft.readOnly ? null : dividerAt(at);
    if (divider) return dividing(divider);
    const id = b.thingAt(at);
    if (id) return grabbing(id, at, event);
    const suggestion = b.suggestionAt(at);
    if (!suggestion && event.pointerType === "touch") return null;
    return framing(suggestion, event);
  }

  function cursorAt(at) {
    if (b.tool !== "select") return "crosshair";
    const handle = draft.readOnly ? "" : layer.handleAt(at);
    if (handle) return handle + "-resize";
    const divider = draft.readOnly ? null : dividerAt(at);
    if (divider) return divider.axis === 0 ? "col-resize" : "row-resize";
    if (b.thingAt(at)) return draft.readOnly ? "pointer" : "move";
    const suggestion = b.suggestionAt(at);
    layer.hover(suggestion);
    return suggestion ? "copy" : "default";
  }

  // dividerAt returns the divider of the selected table at a place.
  function dividerAt(at) {
    const table = b.oneTable();
    if (!table || !shapes.contains(table.box, at)) return null;
    const reach = layer.px(4), [r, c] = b.cellAt(table, at) || [0, 0];
    const s = tables.span(table, r, c);
    for (const axis of [0, 1]) {
      const list = tables.dividers(table, axis), first = axis ? s.r0 : s.c0, end = axis ? s.r1 : s.c1;
      for (const k of [first - 1, end]) {
        if (k >= 0 && k < list.length && list[k] !== null && Math.abs(list[k] - at[axis]) <= reach) return {id: table.id, axis, k, at: list[k]};
      }
    }
    return null;
  }

  function dividing({id, axis, k}) {
    const goal = (at, event) => {
      const lines = event.ctrlKey || event.metaKey ? [] : (axis ? b.lines.y : b.lines.x);
      const near = lines.map(l => (l[0] + l[1]) / 2).filter(v => Math.abs(v - at[axis]) <= layer.px(5));
      return near.sort((p, q) => Math.abs(p - at[axis]) - Math.abs(q - at[axis]))[0] ?? at[axis];
    };
    return {
      move(at, event) {
        const table = clone(draft.table(id));
        tables.moveDivider(table, axis, k, goal(at, event));
        layer.preview(id, table);
      },
      end(at, event, moved) {
        if (moved) b.moveDivider(id, axis, k, goal(at, event));
        b.redraw();
      },
      cancel: b.redraw,
    };
  }

  // free reports whether nothing is to snap.
  const free = event => event.ctrlKey || event.metaKey;

  function snapped(box, edges, event, targets) {
    const found = free(event) ? {dx: 0, dy: 0, guides: []} : shapes.snap(box, edges, targets, layer.px(6));
    layer.guides(found.guides);
    return found;
  }

  // resizing drags a handle of what is selected.
  function resizing(handle) {
    const before = b.frame(), targets = b.targets();
    const goal = (at, event) => {
      let box = shapes.resized(before, handle, at[0] - from[0], at[1] - from[1]);
      const found = snapped(box, handle, event, targets);
      box = shapes.resized(before, handle, at[0] - from[0] + found.dx, at[1] - from[1] + found.dy);
      return b.clipped(box);
    };
    return {
      move(at, event) {
        const box = goal(at, event);
        for (const [id, thing] of b.mappedThings(before, box)) layer.preview(id, thing);
        layer.hold(box);
      },
      end(at, event, moved) {
        const box = goal(at, event);
        stop();
        if (moved) b.mapSelection(before, box);
        else b.redraw();
      },
      cancel: stop,
    };
  }

  // grabbing selects a thing, and moves what is selected with it.
  function grabbing(id, at, event) {
    const chosen = draft.selection.includes(id), part = b.part && chosen && b.partAt(id, at);
    const inPart = part && b.samePart(part, b.part);
    if (event.shiftKey) {
      if (b.part && b.part.kind === "cell" && chosen) return {move() {}, end: () => b.extendCells(at), cancel() {}};
      b.select(chosen ? draft.selection.filter(s => s !== id) : [...draft.selection, id]);
      return {move() {}, end() {}, cancel() {}};
    }
    if (!chosen) b.select([id]);
    if (chosen && b.part && !inPart) b.setPart(null);
    const before = b.frame(), targets = b.targets();
    const goal = (at, event) => {
      const dx = at[0] - from[0], dy = at[1] - from[1], box = shapes.moved(before, dx, dy);
      const found = snapped(box, "nsew", event, targets);
      const to = b.inside(shapes.moved(box, found.dx, found.dy));
      return [to[0] - before[0], to[1] - before[1]];
    };
    return {
      move(at, event) {
        if (draft.readOnly) return;
        const [dx, dy] = goal(at, event);
        if (b.part && b.part.kind !== "cell") {
          for (const [id, thing] of b.mappedThings(before, shapes.moved(before, dx, dy))) layer.preview(id, thing);
        } else {
          layer.shift(draft.selection, dx, dy);
        }
        layer.hold(shapes.moved(before, dx, dy));
      },
      end(at, event, moved) {
        const by = goal(at, event);
        stop();
        if (moved && !draft.readOnly) b.moveSelection(...by);
        else if (chosen && !moved) b.choosePart(id, at);
        else b.redraw();
      },
      cancel: stop,
    };
  }

  function stop() {
    layer.shift(draft.selection, 0, 0);
    layer.guides([]);
    layer.band(null);
    layer.hold(null);
    b.redraw();
  }

  // framing selects what a frame touches, and accepts the suggestions that are
  // wholly in it.
  function framing(suggestion, event) {
    const more = event.shiftKey ? draft.selection : [];
    return {
      move(at) { layer.band(shapes.between(from, at)); },
      end(at, event, moved) {
        layer.band(null);
        if (!moved) {
          if (suggestion) b.accept([suggestion]);
          else b.select(more);
          return;
        }
        const frame = shapes.between(from, at);
        const things = b.all().filter(t => shapes.touches(frame, t.thing.box) && !shapes.holds(t.thing.box, frame)).map(t => t.id);
        const inside = event.shiftKey ? [] : b.suggestions().filter(s => shapes.holds(frame, s.thing.box)).map(s => s.id);
        b.select([...more, ...things]);
        if (inside.length > 0) b.accept(inside);
      },
      cancel() { layer.band(null); },
    };
  }

  // drawing draws a new thing. A press without a drag takes the printed box
  // around it.
  function drawing(start) {
    const targets = b.targets(true), tool = b.tool;
    const goal = (at, event) => {
      let box = shapes.between(start, at);
      const edges = (at[0] < start[0] ? "we" : "ew") + (at[1] < start[1] ? "ns" : "sn");
      for (const edge of edges) {
        const found = snapped(box, edge, event, targets);
        box = shapes.resized(box, edge, found.dx, found.dy);
      }
      layer.guides(free(event) ? [] : shapes.snap(box, edges, targets, 0.5).guides);
      return b.clipped(box);
    };
    return {
      move(at, event) {
        const box = goal(at, event);
        layer.band(box, "drawn");
        layer.hold(box);
      },
      end(at, event, moved) {
        const box = moved ? goal(at, event) : shapes.cellAt(b.lines, start);
        stop();
        if (box) b.create(tool, box, {byMouse: true});
        else b.say("no_lines");
      },
      cancel: stop,
    };
  }

  return {cancel};
}
