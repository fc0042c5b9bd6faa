// The list of the fields of a template, in their order: the way in for the
// keyboard. One of its options has the focus at a time.
"use strict";

// openList shows in element what b has, and returns the list.
function openList(element, b) {
  const {draft} = b;
  const nodes = new Map(); // by id, and by "?" and the id for a suggestion
  const groups = new Map(["title", "fields", "tables", "suggested"].map(name => [name, newGroup(name)]));
  let active = ""; // the key of the option that the Tab key comes to

  function newGroup(name) {
    const group = element.appendChild(document.createElement("div"));
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", b.words(name));
    if (name !== "title") {
      const head = group.appendChild(document.createElement("div"));
      head.className = "group-head";
      head.setAttribute("role", "presentation");
      head.textContent = b.words(name);
    }
    return group;
  }

  function newOption(key) {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.dataset.key = key;
    option.tabIndex = -1;
    option.innerHTML = "<span class=kind></span><span class=name></span><span class=fault></span><span class=unseen></span>";
    return option;
  }

  // fill shows in an option what a thing is.
  function fill(option, {kind, thing}, fault) {
    const [icon, name, mark, hidden] = option.children;
    if (option.dataset.kind !== kind) {
      option.dataset.kind = kind;
      icon.replaceChildren(b.icon({NORMAL: "field", MULTI_BOX: "boxes", CHECKBOX: "checkbox"}[kind] || kind));
    }
    const words = thing.name || (kind === "title" ? b.words("title") : b.words("unnamed"));
    if (name.textContent !== words) name.textContent = words;
    name.classList.toggle("none-yet", !thing.name);
    mark.textContent = fault ? "!" : "";
    mark.title = fault;
    hidden.textContent = `, ${b.words("kind_" + kind)}${fault ? ", " + b.words("has_fault") : ""}`;
  }

  // place shows entries as the options of a group, touching only what changed.
  function place(name, entries) {
    const group = groups.get(name), first = name === "title" ? 0 : 1;
    group.hidden = entries.length === 0;
    const keep = new Set(entries.map(e => e.key));
    for (const option of [...group.children].slice(first)) {
      if (keep.has(option.dataset.key)) continue;
      nodes.delete(option.dataset.key);
      option.remove();
    }
    entries.forEach((e, i) => {
      let node = nodes.get(e.key);
      if (!node) {
        node = {option: newOption(e.key)};
        node.option.draggable = !draft.readOnly && (name === "fields" || name === "tables");
        nodes.set(e.key, node);
      }
      if (node.thing !== e.thing || node.fault !== e.fault || node.kind !== e.kind) {
        fill(node.option, e, e.fault);
        Object.assign(node, {thing: e.thing, fault: e.fault, kind: e.kind});
      }
      if (group.children[first + i] !== node.option) group.insertBefore(node.option, group.children[first + i] || null);
    });
  }

  // draw shows all that is there. An option that has the focus keeps it, also
  // where it comes to stand elsewhere.
  function draw() {
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    const faults = new Map();
    for (const d of draft.defects) {
      const id = d.id || (d.part === "title" ? "title" : "");
      if (id && !faults.has(id)) faults.set(id, d.words);
    }
    const all = b.all().map(t => ({...t, key: t.id, fault: faults.get(t.id) || ""}));
    place("title", all.filter(t => t.kind === "title"));
    place("fields", all.filter(t => t.kind !== "title" && t.kind !== "table"));
    place("tables", all.filter(t => t.kind === "table"));
    place("suggested", b.showsSuggestions ? b.suggestions().map(s => ({...s, key: "?" + s.id, fault: ""})) : []);
    mark();
    if (focused && document.activeElement !== focused) (focused.isConnected ? focused : current() || element).focus();
  }

  const options = () => [...element.querySelectorAll("[role=option]")];

  // mark shows what is selected.
  function mark() {
    const chosen = new Set(draft.selection);
    for (const [key, {option}] of nodes) {
      option.setAttribute("aria-selected", String(chosen.has(key)));
      option.tabIndex = -1;
    }
    if (draft.selection.length > 0 && !active.startsWith("?")) active = draft.selection.at(-1);
    const node = nodes.get(active) || nodes.get(options()[0]?.dataset.key);
    if (!node) return;
    active = node.option.dataset.key;
    node.option.tabIndex = 0;
    node.option.scrollIntoView({block: "nearest"});
  }

  // activate makes an option the one that the Tab key comes to, and gives it
  // the focus where the list has it.
  function activate(option, focus) {
    active = option.dataset.key;
    mark();
    b.layer.hover(active.slice(1));
    const thing = nodes.get(active).thing;
    b.layer.reveal(thing.box);
    if (focus) option.focus();
  }

  // move goes to an option; extend keeps what is selected, and where it began.
  function move(option, extend) {
    if (!option) return;
    const key = option.dataset.key, before = extend ? [...draft.selection, active].filter(k => k !== key && !k.startsWith("?")) : [];
    active = key;
    if (!key.startsWith("?")) b.select([...before, key]);
    else if (!extend) b.select([]);
    activate(option, true);
  }

  const current = () => nodes.get(active)?.option;

  element.addEventListener("keydown", event => {
    const list = options(), at = list.indexOf(document.activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1, PageDown: Math.min(at + 10, list.length - 1), PageUp: Math.max(at - 10, 0)}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(list[to], event.shiftKey);
  });

  element.addEventListener("click", event => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const key = option.dataset.key;
    if (key.startsWith("?")) {
      active = key;
      b.accept([key.slice(1)]);
    } else if (event.ctrlKey || event.metaKey) {
      b.select(draft.selection.includes(key) ? draft.selection.filter(id => id !== key) : [...draft.selection, key]);
    } else if (event.shiftKey && draft.selection.length > 0) {
      const list = options().map(o => o.dataset.key).filter(k => !k.startsWith("?")), [p, q] = [list.indexOf(draft.selection[0]), list.indexOf(key)];
      const range = list.slice(Math.min(p, q), Math.max(p, q) + 1);
      b.select(p <= q ? range : range.toReversed());
    } else {
      b.select([key]);
    }
    if (nodes.has(key)) activate(option, true);
  });
  element.addEventListener("pointerover", event => {
    const option = event.target.closest("[role=option]");
    if (option) b.layer.hover(option.dataset.key.slice(1));
  });

  // Order by drag.
  let dragged = "";
  element.addEventListener("dragstart", event => {
    dragged = event.target.dataset.key || "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  const over = event => {
    const option = event.target.closest("[role=option]");
    return dragged && option && option.draggable && option.parentNode === nodes.get(dragged)?.option.parentNode ? option : null;
  };
  element.addEventListener("dragover", event => {
    const option = over(event);
    for (const o of element.querySelectorAll(".drop-before")) o.classList.remove("drop-before");
    if (!option) return;
    event.preventDefault();
    option.classList.add("drop-before");
  });
  element.addEventListener("drop", event => {
    const option = over(event);
    if (!option) return;
    event.preventDefault();
    b.moveBefore(dragged, option.dataset.key);
  });
  element.addEventListener("dragend", () => {
    dragged = "";
    for (const o of element.querySelectorAll(".drop-before")) o.classList.remove("drop-before");
  });

  return {
    draw, mark,

    // suggestion returns the id of the suggestion that has the focus, or "".
    suggestion: () => element.contains(document.activeElement) && active.startsWith("?") ? active.slice(1) : "",
    hasFocus: () => element.contains(document.activeElement),
    focus: () => (current() || element).focus(),

    // goTo selects a thing, and gives its option the focus where the list has it.
    goTo(id) {
      const node = nodes.get(id);
      b.select(id ? [id] : []);
      if (node) activate(node.option, element.contains(document.activeElement));
    },
    after() {
      const list = options(), at = list.indexOf(current());
      return list[at + 1] || list[at - 1];
    },
    move,
  };
}
