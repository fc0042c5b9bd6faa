// The words of the picture, put into the field that has the focus: by a click on one
// that is in no other field, by a click with Alt held on any, or by Alt and its number.
// With Shift they are added to what is there. They are read when they are wanted.
"use strict";

// Without a page: which words are near a place, and what adding one makes of a text.
const words = (() => {
  const bounds = points => {
    const all = points.split(" ").map(p => p.split(",").map(Number));
    const xs = all.map(p => p[0]), ys = all.map(p => p[1]);
    return {left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
  };

  // apart returns how far a box is from another, more up and down than sideways:
  // what belongs to a field stands beside it rather than in the line below.
  function apart(a, b) {
    const dx = Math.max(0, a.left - b.right, b.left - a.right), dy = Math.max(0, a.top - b.bottom, b.top - a.bottom);
    return dx + 3 * dy;
  }

  // nearest returns the words that get a number, at most nine: those nearest to a
  // field, in the order in which people read.
  function nearest(list, field) {
    const at = bounds(field);
    const near = list.map(word => ({word, box: bounds(word.outline)})).sort((a, b) => apart(a.box, at) - apart(b.box, at)).slice(0, 9);
    const line = (at.bottom - at.top) / 2;
    near.sort((a, b) => Math.abs(a.box.top - b.box.top) > Math.min(line, a.box.bottom - a.box.top) ? a.box.top - b.box.top : a.box.left - b.box.left);
    return near.map(n => n.word);
  }

  // at returns the word at a point, or null.
  const at = (list, x, y) => list.find(({outline}) => {
    const b = bounds(outline);
    return x >= b.left && x <= b.right && y >= b.top && y <= b.bottom;
  }) || null;

  const add = (text, more) => text && !/\s$/.test(text) ? text + " " + more : text + more;

  return {nearest, at, add, bounds};
})();

if (typeof module === "object") module.exports = words;

if (typeof document === "object") (() => {
  const on = (type, act, capture) => document.addEventListener(type, act, capture);
  let shown = [];     // the words with a number, while Alt is held
  let held = false;   // Alt is, in a field
  let asked = null;   // what is on its way, to be given up
  let waiting = 0;    // until Alt alone has been held for so long that numbers are wanted
  let pressed = null; // where the picture was pressed, for which row

  const rowOf = element => element && element.matches && element.matches("[name=text]") ? element.closest(".values form.value[data-outline]") : null;

  // ask gets the words at query, or null where there are none or others are wanted by
  // now.
  async function ask(query) {
    if (asked) asked.abort();
    const mine = asked = new AbortController();
    say(workstation.root.dataset.wordsRead);
    try {
      const answer = await outbox.asPerson(`/pages/${workstation.root.dataset.page}/words?${query}`, {signal: mine.signal});
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    } finally {
      if (asked === mine) {
        asked = null;
        say("");
      }
    }
  }

  function say(text) {
    const said = document.getElementById("saving");
    if (said) said.textContent = text;
  }

  // near shows the words around the field of row with their numbers.
  async function near(row) {
    const list = await ask("field=" + row.querySelector("[name=field]").value);
    if (!held || rowOf(document.activeElement) !== row || !list) return;
    shown = words.nearest(list, row.dataset.outline);
    draw(list);
  }

  const svg = name => document.createElementNS("http://www.w3.org/2000/svg", name);

  // draw marks words on the picture, those with a number by it.
  function draw(list) {
    clear();
    const group = document.querySelector("#viewer .outlines g");
    if (!group) return;
    const layer = svg("g");
    layer.classList.add("words");
    for (const word of list) {
      const shape = svg("polygon");
      shape.setAttribute("points", word.outline);
      layer.append(shape);
    }
    shown.forEach((word, i) => layer.append(label(word, i + 1)));
    group.after(layer);
    layer.setAttribute("transform", group.getAttribute("transform"));
    follow = new MutationObserver(() => layer.setAttribute("transform", group.getAttribute("transform")));
    follow.observe(group, {attributes: true, attributeFilter: ["transform"]});
  }
  let follow = null;

  // label is the number of a word, above its beginning, as large on every picture.
  function label(word, number) {
    const box = words.bounds(word.outline), size = Math.max(18, (box.bottom - box.top) * .8), mark = svg("g");
    const plate = svg("rect"), text = svg("text");
    for (const [name, value] of [["x", box.left - size], ["y", box.top], ["width", size], ["height", size]]) plate.setAttribute(name, value);
    for (const [name, value] of [["x", box.left - size / 2], ["y", box.top + size * .8], ["font-size", size * .85]]) text.setAttribute(name, value);
    text.textContent = number;
    mark.append(plate, text);
    return mark;
  }

  function clear() {
    if (follow) follow.disconnect();
    follow = null;
    for (const layer of document.querySelectorAll("#viewer .words")) layer.remove();
  }

  function release() {
    clearTimeout(waiting);
    held = false;
    shown = [];
    clear();
  }

  // put puts a word into the field of row: in the place of what is there, or with
  // Shift, or after another word, behind it.
  function put(row, word, more) {
    const field = workstation.input(row);
    workstation.type(row, more ? words.add(field.value, word.text) : word.text);
    field.setSelectionRange(field.value.length, field.value.length);
  }

  function take(event, row, digit) {
    if (!row || !rowOf(event.target) || !shown[digit - 1]) return false;
    put(row, shown[digit - 1], event.shiftKey);
  }

  // atPoint puts the word at a point of the screen into the field that has the focus.
  async function atPoint(event, row) {
    const group = document.querySelector("#viewer .outlines g"), matrix = group && group.getScreenCTM();
    if (!matrix) return;
    const {x, y} = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const more = event.shiftKey, list = await ask(`x=${x.toFixed(1)}&y=${y.toFixed(1)}`);
    const word = list && words.at(list, x, y);
    if (word && row.isConnected) put(document.getElementById(row.id), word, more);
  }

  on("keydown", event => {
    const row = rowOf(document.activeElement);
    if (event.key !== "Alt") {
      if (!/^Digit|^Shift/.test(event.code)) clearTimeout(waiting); // another key was meant
      return;
    }
    if (!row || event.repeat || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // it opens the menu of the browser otherwise
    held = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => near(row), 200);
  }, true);
  on("keyup", event => {
    if (event.key !== "Alt" || !held) return;
    event.preventDefault();
    release();
  });
  addEventListener("blur", release);
  on("review:focus", () => { if (held) release(); });
  on("review:leave", () => {
    if (asked) asked.abort();
    release();
  });
  // A press on the picture leaves the focus where it is. Where it does not move, and is
  // not meant for a field there, it is about a word.
  const viewerOf = event => event.target.closest && !event.target.closest("button") && event.target.closest("#viewer");
  on("mousedown", event => { if (viewerOf(event)) event.preventDefault(); }, true);
  on("pointerdown", event => {
    const row = viewerOf(event) && event.button === 0 ? rowOf(document.activeElement) : null;
    pressed = row && (event.altKey || !event.target.closest("polygon")) ? {row, x: event.clientX, y: event.clientY} : null;
  }, true);
  on("pointerup", event => {
    const from = pressed;
    pressed = null;
    if (!from || Math.hypot(event.clientX - from.x, event.clientY - from.y) > 4) return;
    if (event.altKey) event.stopPropagation();
    atPoint(event, from.row);
  }, true);
  addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector(".reviewing")) return;
    keys.add("Alt+1–9", "words.take", take, {where: "field"});
    keys.add("Alt+Shift+1–9", "words.add", take, {where: "field"});
  });
})();
