// The drawing over the picture of a template: fields, tables and suggestions in
// SVG, in template px. It shows, and decides nothing.
"use strict";

// openLayer draws on the picture in element what draft holds.
function openLayer(element, draft) {
  const {viewer, group, width} = openPage(element);
  const height = Number(element.dataset.height);
  const make = (name, parent, cls) => {
    const node = document.createElementNS(group.namespaceURI, name);
    if (cls) node.setAttribute("class", cls);
    return parent.appendChild(node);
  };
  const svg = group.ownerSVGElement;
  svg.setAttribute("aria-hidden", "true"); // the list says what there is
  const faint = make("g", group, "suggestions"), drawn = make("g", group, "things");
  const others = make("g", group, "others"), guides = make("path", group, "guides");
  const band = make("path", group, "band"), cells = make("path", group, "cells"), marks = make("g", group, "marks");
  const frame = make("path", marks, "frame");
  const handles = ["nw", "n", "ne", "e", "se", "s", "sw", "w"].map(name => {
    const node = make("rect", marks, "handle");
    node.dataset.handle = name;
    return node;
  });
  const size = make("text", group, "size");

  const nodes = new Map(); // by id: what is drawn of a thing, and the thing as it was drawn
  let shown = null;        // the box that has handles

  const path = boxes => boxes.map(([x, y, w, h]) => `M${x} ${y}h${w}v${h}h${-w}z`).join("");
  const scale = () => (viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(1, 0), true).x -
    viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(0, 0), true).x) / width; // screen px a template px
  const px = n => n / scale();

  // update draws one thing, as it is or as it would be.
  function update(node, kind, thing) {
    const [edge, head, inner, ignore] = node.children;
    edge.setAttribute("d", path([thing.box]));
    head.setAttribute("d", thing.cells ? path(thing.cells.slice(0, thing.header).flat()) : "");
    inner.setAttribute("d", path(thing.boxes || (thing.cells ? distinct(thing.cells) : [])));
    ignore.setAttribute("d", path(thing.ignore || []));
    node.querySelector("title").textContent = thing.name || "";
    node.setAttribute("class", "thing " + kind);
  }

  // distinct returns the boxes of cells, once for each that covers several.
  const distinct = rows => [...new Map(rows.flat().map(b => [b.join(), b])).values()];

  function newNode(parent, id) {
    const node = make("g", parent);
    node.dataset.id = id;
    for (const cls of ["edge", "head", "inner", "ignore"]) make("path", node, cls);
    make("title", node);
    return node;
  }

  // place draws things in parent, by id, touching only those that are others
  // than before, and removes the rest.
  function place(parent, things) {
    const there = new Set();
    for (const {id, kind, thing} of things) {
      there.add(id);
      let entry = nodes.get(id);
      if (!entry || entry.node.parentNode !== parent) {
        if (entry) entry.node.remove();
        entry = {node: newNode(parent, id)};
        nodes.set(id, entry);
      }
      if (entry.thing !== thing || entry.kind !== kind) {
        update(entry.node, kind, thing);
        Object.assign(entry, {thing, kind});
      }
    }
    for (const node of [...parent.children]) {
      if (there.has(node.dataset.id)) continue;
      nodes.delete(node.dataset.id);
      node.remove();
    }
  }

  // mark shows which things are selected, and the handles around a box.
  function mark(selection, box) {
    const chosen = new Set(selection);
    for (const [id, {node}] of nodes) node.classList.toggle("selected", chosen.has(id));
    shown = box;
    follow();
  }

  // follow keeps what has a size on the screen at that size.
  function follow() {
    if (!viewer.isOpen()) return;
    marks.classList.toggle("none", !shown);
    const side = px(8);
    if (shown) {
      const [x, y, w, h] = shown;
      frame.setAttribute("d", path([shown]));
      const small = w < px(20) && h < px(20);
      for (const node of handles) {
        const name = node.dataset.handle;
        const cx = x + (name.includes("e") ? w : name.includes("w") ? 0 : w / 2), cy = y + (name.includes("s") ? h : name.includes("n") ? 0 : h / 2);
        node.setAttribute("x", cx - side / 2);
        node.setAttribute("y", cy - side / 2);
        node.setAttribute("width", side);
        node.setAttribute("height", side);
        node.classList.toggle("none", small && name !== "se" && name !== "nw");
      }
    }
    for (const text of others.querySelectorAll("text")) text.setAttribute("font-size", px(12));
    size.setAttribute("font-size", px(12));
  }

  // handleAt returns the handle at a place on the sheet, or "".
  function handleAt([x, y]) {
    if (!shown) return "";
    const reach = px(7);
    const hit = handles.find(n => !n.classList.contains("none") &&
      Math.abs(Number(n.getAttribute("x")) + px(4) - x) <= reach && Math.abs(Number(n.getAttribute("y")) + px(4) - y) <= reach);
    return hit ? hit.dataset.handle : "";
  }

  // people shows what others have selected, each in a colour with the name.
  function people(list, boxOf) {
    others.replaceChildren();
    for (const {name, color, at} of list) {
      const boxes = at.map(boxOf).filter(Boolean);
      if (boxes.length === 0) continue;
      const node = make("g", others, "person color-" + color);
      make("path", node).setAttribute("d", path(boxes));
      const text = make("text", node);
      text.textContent = name;
      text.setAttribute("x", boxes[0][0]);
      text.setAttribute("y", boxes[0][1] - 2);
    }
    follow();
  }

  const sheetOf = event => {
    const zero = svg.getBoundingClientRect(), k = scale();
    const origin = viewer.viewport.pixelFromPoint(new OpenSeadragon.Point(0, 0), true);
    return [(event.clientX - zero.left - origin.x) / k, (event.clientY - zero.top - origin.y) / k];
  };

  // view returns the part of the sheet that is in view.
  function view() {
    const b = viewer.viewport.getBounds();
    return [b.x * width, b.y * width, b.width * width, b.height * width];
  }

  // reveal brings a box into view, and moves the picture only where it must.
  function reveal(box) {
    if (!viewer.isOpen() || shapes.holds(view(), box)) return;
    const [x, y] = shapes.middle(box), v = view();
    if (box[2] > v[2] || box[3] > v[3]) {
      const margin = 20;
      viewer.viewport.fitBounds(new OpenSeadragon.Rect((box[0] - margin) / width, (box[1] - margin) / width, (box[2] + 2 * margin) / width, (box[3] + 2 * margin) / width));
    } else {
      viewer.viewport.panTo(new OpenSeadragon.Point(x / width, y / width));
    }
  }

  // all shows the whole picture.
  function all(immediately) {
    const margin = 0.01;
    viewer.viewport.fitBounds(new OpenSeadragon.Rect(-margin, -margin, 1 + 2 * margin, height / width + 2 * margin), immediately);
  }

  // wide shows the whole width of the picture, from its top.
  function wide() {
    const box = viewer.viewport.getContainerSize();
    viewer.viewport.fitBounds(new OpenSeadragon.Rect(0, 0, 1, box.y / box.x), true);
  }

  viewer.gestureSettingsMouse.dblClickToZoom = false;
  viewer.addHandler("open", () => {
    wide();
    follow();
    element.dataset.open = "true";
  });
  viewer.addHandler("update-viewport", follow);
  element.querySelector("[data-zoom=fit]").addEventListener("click", () => all());

  return {
    svg, width, height, px, sheetOf, view, reveal, all, mark, handleAt, people,
    zoom: by => viewer.viewport.zoomBy(by),

    // drag lets the mouse pan the picture, or not.
    drag(on) { viewer.gestureSettingsMouse.dragToPan = viewer.gestureSettingsPen.dragToPan = on; },

    // draw draws all things and suggestions: lists of {id, kind, thing}.
    draw(things, suggestions) {
      place(faint, suggestions);
      place(drawn, things);
    },

    // preview draws a thing as it would be; draw brings it back.
    preview(id, thing) {
      const entry = nodes.get(id);
      if (!entry) return;
      update(entry.node, entry.kind, thing);
      entry.node.classList.add("selected");
      entry.thing = null;
    },

    // shift moves the drawings of things; 0, 0 brings them back.
    shift(ids, dx, dy) {
      const transform = dx || dy ? `translate(${dx} ${dy})` : "";
      for (const id of ids) nodes.get(id)?.node.setAttribute("transform", transform);
    },

    // hold draws handles around a box while it is dragged, and says how large
    // it is.
    hold(box) {
      shown = box;
      size.textContent = box ? box.map(v => Math.round(v)).join(", ") : "";
      if (box) {
        size.setAttribute("x", box[0]);
        size.setAttribute("y", shapes.bottom(box) + px(14));
      }
      follow();
    },

    guides(list) {
      guides.setAttribute("d", list.map(({axis, at, from, to}) => axis === 0 ? `M${at} ${from}V${to}` : `M${from} ${at}H${to}`).join(""));
    },
    band(box, cls = "") {
      band.setAttribute("class", "band " + cls);
      band.setAttribute("d", box ? path([box]) : "");
    },
    cells(boxes) { cells.setAttribute("d", path(boxes)); },

    // hover marks the suggestion with an id, or none.
    hover(id) {
      for (const node of faint.children) node.classList.toggle("hovered", node.dataset.id === id);
    },
    showSuggestions(on) { faint.classList.toggle("none", !on); },
    cursor(name) { svg.style.cursor = name; },
  };
}
