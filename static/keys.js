// The keys of a page: one table for all its scripts, so that no two of them take
// one key, with a help that lists it and a person's own keys.
"use strict";

const keys = (() => {
  const table = []; // {id, usual, act, where, repeat}, in the order they were added
  const place = "seosik.keys"; // in the browser, a person's own keys by id
  let own = {};

  // add gives a key something to do. A key is as nameOf writes it; several stand
  // apart by a space, and "Ctrl+1–9" are nine. id is of the words that say what it
  // does. where is "field" for keys that mean the value that has the focus, and
  // "page" for those that work everywhere. A held key acts once, unless repeat
  // lets it. act gets the event, the row of the field and the digit; where it
  // returns false, the key keeps what it does by itself. Without act the key is
  // only listed.
  function add(usual, id, act, {where = "page", repeat = false} = {}) {
    if (table.some(e => e.id === id)) throw new Error("keys: " + id + " is there already");
    for (const name of usual.split(" ").flatMap(expand)) {
      const taken = table.find(e => e.usual.split(" ").flatMap(expand).includes(name));
      if (taken) throw new Error(`keys: ${name} is ${taken.id} already`);
    }
    table.push({id, usual, act, where, repeat});
  }

  // expand returns the keys that "Ctrl+1–9" means.
  function expand(name) {
    const range = /^(.*)(\d)–(\d)$/.exec(name);
    if (!range) return [name];
    const list = [];
    for (let n = Number(range[2]); n <= Number(range[3]); n++) list.push(range[1] + n);
    return list;
  }

  const fixed = entry => !entry.act || /\d–\d$/.test(entry.usual);
  const keysOf = entry => (!fixed(entry) && own[entry.id] || entry.usual).split(" ").flatMap(expand);

  const codes = {Equal: "+", NumpadAdd: "+", Minus: "-", NumpadSubtract: "-"};

  // nameOf writes the key of an event as "Ctrl+Shift+F8". Letters and digits are
  // told by where they are on the keyboard, since an input method may have made
  // something else of them.
  function nameOf(event) {
    const code = event.code || "", held = event.ctrlKey || event.altKey || event.metaKey;
    let key = event.key;
    if (/^Key[A-Z]$/.test(code)) key = code.slice(3);
    else if (/^Digit\d$/.test(code) && (held || /^\d$/.test(key))) key = code.slice(5);
    else if (held && codes[code]) key = codes[code];
    else if (key === " ") key = "Space";
    const shift = event.shiftKey && (held || key.length > 1 || /^Key/.test(code));
    return (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.metaKey ? "Meta+" : "") + (shift ? "Shift+" : "") + key;
  }

  // composing reports whether an input method is at work, whose keys are its own.
  const composing = event => event.isComposing || event.keyCode === 229;

  const writes = target => Boolean(target.matches && target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));

  // rowOf returns the row whose value target is typed into, or null.
  function rowOf(target) {
    const row = target.closest && target.closest("form.value, form.keyed");
    return row && target.matches("[name=text], [name=checked]") ? row : null;
  }

  // press does what a key means, and reports whether it meant anything.
  function press(event) {
    if (event.defaultPrevented || composing(event) || !event.key) return false;
    const target = event.target, name = nameOf(event);
    if (target.closest && target.closest("dialog")) return false;
    if (name.length === 1 && writes(target)) return false;
    const row = rowOf(target);
    const entry = table.find(e => e.act && (e.where !== "field" || row) && keysOf(e).includes(name));
    if (!entry) return false;
    if (event.repeat && !entry.repeat) {
      event.preventDefault();
      return true;
    }
    if (entry.act(event, row, Number(name.slice(-1))) === false) return false;
    event.preventDefault();
    return true;
  }

  // ---- A person's own keys. ----

  function load() {
    try {
      own = JSON.parse(storage.local.getItem(place)) || {};
    } catch {
      own = {}; // what is kept there may be of another version
    }
  }

  // set gives what id names a key of the person's own, or with "" the usual one
  // again. What had that key gets the one that is free now.
  function set(id, name) {
    const entry = table.find(e => e.id === id), before = keysOf(entry).join(" ");
    const other = name && table.find(e => e.id !== id && keysOf(e).includes(name));
    if (other && fixed(other)) return false;
    if (name) own[id] = name;
    else delete own[id];
    if (other) own[other.id] = before;
    for (const e of table) if (own[e.id] === e.usual) delete own[e.id];
    storage.local.setItem(place, JSON.stringify(own));
    return true;
  }

  // ---- The help. ----

  const shown = {ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc"};
  const label = name => name.replace(/Arrow(Down|Up|Left|Right)|Escape/g, key => shown[key]);

  function help() {
    const dialog = document.getElementById("key-help");
    if (!dialog) return false;
    draw(dialog);
    if (!dialog.open) dialog.showModal();
  }

  function draw(dialog, waiting) {
    const words = JSON.parse(dialog.dataset.words);
    dialog.querySelector("tbody").replaceChildren(...table.filter(e => words[e.id]).map(entry => {
      const line = document.createElement("tr"), keyed = line.insertCell(), said = line.insertCell();
      said.textContent = words[entry.id];
      const names = fixed(entry) ? entry.usual.split(" ") : keysOf(entry);
      const holder = fixed(entry) ? keyed : keyed.appendChild(document.createElement("button"));
      if (holder !== keyed) {
        holder.type = "button";
        holder.className = "plain";
        holder.dataset.own = entry.id;
        holder.setAttribute("aria-label", `${names.map(label).join(", ")}: ${words[entry.id]}`);
      }
      if (waiting === entry.id) holder.textContent = dialog.dataset.press;
      else for (const name of names) holder.append(Object.assign(document.createElement("kbd"), {textContent: label(name)}), " ");
      return line;
    }));
    if (waiting) dialog.querySelector(`[data-own="${waiting}"]`).focus();
  }

  function wire() {
    load();
    document.addEventListener("keydown", press);
    let waiting = ""; // whose key is being chosen
    document.addEventListener("click", event => {
      const dialog = document.getElementById("key-help");
      if (event.target.closest("[data-help]")) help();
      if (!dialog || !dialog.contains(event.target)) return;
      const button = event.target.closest("[data-own]");
      waiting = button ? button.dataset.own : "";
      if (event.target.closest("[data-usual]")) {
        own = {};
        storage.local.removeItem(place);
      }
      if (!event.target.closest("form")) draw(dialog, waiting);
    });
    document.addEventListener("keydown", event => {
      const dialog = event.target.closest && event.target.closest("#key-help");
      if (!dialog || !waiting || composing(event) || ["Control", "Shift", "Alt", "Meta", "Tab"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const id = waiting, name = nameOf(event);
      if (name !== "Escape" && name.length > 1) set(id, name === "Delete" || name === "Backspace" ? "" : name);
      waiting = "";
      draw(dialog);
      dialog.querySelector(`[data-own="${id}"]`).focus();
    }, true);
    add("F1 ?", "key.help", help);
  }

  if (typeof document === "object") wire();
  return {add, press, nameOf, composing, expand, help, set, keysOf: id => keysOf(table.find(e => e.id === id))};
})();

if (typeof module === "object") module.exports = keys;
