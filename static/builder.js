// The template builder: the picture with what is drawn on it, the list, and all
// that stands around them. The draft is kept by draft.js.
"use strict";

addEventListener("DOMContentLoaded", async () => {
  const root = document.getElementById("builder"), picture = document.getElementById("viewer");
  const said = document.getElementById("said"), words = JSON.parse(root.dataset.words);
  const draft = new Draft({fetch: (path, options) => outbox.asPerson(path, options)});

  const b = {
    draft,
    lines: {x: [], y: []},  // that are printed, as the server found them
    suggested: [],          // all suggestions: {id, kind, thing}
    showsSuggestions: true,
    tool: "select",
    part: null,             // of the one thing that is selected
    panning: false,         // the mouse moves the picture

    // words returns what the page says, with gaps filled in.
    words: (id, values = {}) => words[id].replace(/{(\w+)}/g, (_, k) => values[k]),
    // say tells who cannot see it what happened.
    say(id, values) { said.textContent = b.words(id, values); },
    label: command => root.querySelector(`[data-command=${command}] dd`).textContent,
    icon(name) {
      const icon = root.querySelector(".tools .icon").cloneNode(true), use = icon.firstElementChild;
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + name));
      return icon;
    },
    focusPicture: () => picture.focus({preventScroll: true}),
  };
  b.layer = openLayer(picture, draft);
  const commands = useCommands(b);
  const {layer} = b;

  // ---- What is selected, and what is shown. ----

  b.select = ids => {
    b.part = null;
    draft.select(ids);
    b.mark();
  };
  b.setPart = part => {
    b.part = part;
    b.mark();
  };
  b.mark = () => {
    b.part = b.soundPart();
    layer.mark(draft.selection, draft.readOnly ? null : b.frame());
    const table = b.oneTable();
    layer.cells(table && b.part ? [tables.boxOf(table, b.spanOf(table))] : []);
    b.list.mark();
    showSets();
  };

  let visible = []; // the suggestions that nothing covers

  b.suggestions = () => visible;
  function findVisible() {
    const there = b.all(), ids = new Set(there.map(t => t.id));
    const covers = (t, s) => shapes.touches(t.thing.box, s.thing.box) && t.kind !== "title" &&
      (shapes.overlap(t.thing.box, s.thing.box) > 0.5 || shapes.contains(t.thing.box, shapes.middle(s.thing.box)) && t.thing.box[2] * t.thing.box[3] > s.thing.box[2] * s.thing.box[3]);
    visible = draft.readOnly ? [] : b.suggested.filter(s => s.kind === "title" ? !ids.has("title") : !ids.has(s.id) && !there.some(t => covers(t, s)));
  }

  b.redraw = () => {
    findVisible();
    layer.draw(b.all(), b.showsSuggestions ? visible : []);
    b.list.draw();
    b.mark();
    document.getElementById("no-fields").hidden = b.all().length + visible.length > 0;
    document.getElementById("suggested-count").textContent = visible.length;
  };

  // inside moves a box into the picture; clipped cuts off what is outside.
  b.inside = box => shapes.within(box, layer.width, layer.height);
  b.clipped = ([x, y, w, h]) => {
    const left = shapes.clamp(x, 0, layer.width - shapes.least), top = shapes.clamp(y, 0, layer.height - shapes.least);
    return shapes.rounded([left, top, Math.max(shapes.least, Math.min(x + w, layer.width) - left), Math.max(shapes.least, Math.min(y + h, layer.height) - top)]);
  };
  // targets returns what the edges of a box may rest on.
  b.targets = () => {
    const moving = new Set(b.tool === "select" ? draft.selection : []);
    return shapes.targets(b.lines, b.all().filter(t => !moving.has(t.id)).map(t => t.thing.box));
  };

  // sayPlace says where what is selected is.
  b.sayPlace = () => {
    const box = b.frame();
    if (!box) return;
    const [x, y, w, h] = box.map(v => Math.round(v)), list = b.selected();
    const part = b.part && b.part.kind !== "cell" ? b.words("part_" + b.part.kind, {name: b.nameOf(list[0]), n: b.part.index + 1}) : "";
    if (list.length > 1) b.say("places", {count: list.length, x, y, w, h});
    else b.say("place", {name: part || b.nameOf(list[0]), x, y, w, h});
  };

  // setTool chooses what the mouse does.
  b.setTool = tool => {
    pointer.cancel();
    b.tool = tool;
    pan(tool === "hand");
    for (const button of root.querySelectorAll(".tools button")) button.setAttribute("aria-pressed", String(button.dataset.do === "tool_" + tool));
    b.say("tool", {tool: b.label("tool_" + tool)});
  };
  function pan(on) {
    b.panning = on;
    layer.drag(on);
    layer.cursor(on ? "grab" : "default");
  }

  b.list = openList(document.getElementById("fields"), b);
  const pointer = usePointer(b);

  Object.assign(commands, {
    suggestions() {
      b.showsSuggestions = !b.showsSuggestions;
      root.querySelector("[data-do=suggestions]").setAttribute("aria-pressed", String(b.showsSuggestions));
      b.redraw();
    },
    zoom_in: () => layer.zoom(1.4),
    zoom_out: () => layer.zoom(1 / 1.4),
    zoom_all: () => layer.all(),
    help: () => document.getElementById("keys").showModal(),
    fault: nextFault,
    rename: () => b.focusName(),
    enter,
    leave,
  });
  for (const tool of ["select", "field", "boxes", "checkbox", "table", "ignore", "title", "hand"]) commands["tool_" + tool] = () => b.setTool(tool);

  // enter accepts the suggestion that has the focus in the list, or goes to the
  // picture.
  function enter() {
    const suggestion = b.list.suggestion();
    if (!suggestion) {
      b.focusPicture();
      b.sayPlace();
      return;
    }
    const next = b.list.after();
    b.accept([suggestion]);
    if (next && next.isConnected) b.list.move(next);
  }

  // leave goes one step out: of a drag, cells, a tool, what is selected, the
  // picture.
  function leave() {
    if (pointer.cancel()) return;
    if (b.part) b.setPart(null);
    else if (b.tool !== "select") b.setTool("select");
    else if (document.activeElement === picture) b.list.focus();
    else b.select([]);
  }

  // ---- The panel of what is selected. ----

  const panelElement = document.getElementById("panel");
  b.focusName = () => {
    const input = document.getElementById("p-name");
    input.focus();
    input.select();
  };
  panelElement.addEventListener("keydown", event => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.key === "Escape" || event.key === "Enter" && event.target.id === "p-name") {
      event.preventDefault();
      b.focusPicture();
    }
  });

  // ---- Keys. ----

  const keys = new Map(); // by group and key: the command
  for (const row of document.querySelectorAll("#keys [data-command]")) {
    for (const key of row.dataset.keys.split(" ")) keys.set(row.closest("[data-group]").dataset.group + " " + key, row.dataset.command);
  }
  const named = {ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Comma: ",", Period: ".", Minus: "-", NumpadSubtract: "-", NumpadAdd: "+", NumpadEnter: "Enter"};

  // keyOf returns the name of a key as the help shows it. Letters are told by
  // their place: under an input method they have other names.
  function keyOf(event) {
    if (event.key === "?" || event.code === "Slash" && event.shiftKey) return "?";
    if (event.key === "+" || event.code === "Equal") return "+";
    const key = named[event.code] || event.code.replace(/^(Key|Digit|Numpad)(?=.$)/, "");
    return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey ? "Shift+" : "") + key;
  }

  // groups returns whose keys count where the focus is, the nearest first.
  function keyGroups() {
    if (b.list.hasFocus()) return ["list", "table", "tools", "new", "edit", "arrange", "suggested", "view"];
    return ["picture", "table", "tools", "new", "edit", "arrange", "suggested", "view", "list"];
  }

  const writes = element => element.matches("input, select, textarea, [contenteditable]");
  const ownKeys = new Set(["list_move", "list_more", "no_snap", "hold_hand", "accept", "copy", "cut", "paste"]);
  const tableOnly = new Set(["cell", "merge", "separate", "header", "column_add", "row_add", "column_remove", "row_remove", "cell_resize"]);
  const looks = new Set(["before", "after", "copy", "select_all", "zoom_in", "zoom_out", "zoom_all", "help", "fault", "enter", "leave", "rename", "cell", "tool_hand", "tool_select"]);

  document.addEventListener("keydown", event => {
    const at = event.target;
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]") || writes(at)) return;
    const inBar = at.closest("button, a, summary, [role=separator]");
    if (inBar && ["Enter", "Space"].includes(event.code)) return;
    if (event.code === "Space" && !inBar) {
      event.preventDefault();
      if (!event.repeat) pan(true);
      return;
    }
    const key = keyOf(event);
    const command = keyGroups().map(g => keys.get(g + " " + key)).find(c => c && !ownKeys.has(c) && commands[c] && (!tableOnly.has(c) || b.oneTable()));
    if (!command || inBar && /[←→↑↓]/.test(key)) return;
    event.preventDefault();
    run(command, key);
  });
  document.addEventListener("keyup", event => {
    if (event.code === "Space" && b.panning && b.tool !== "hand") pan(false);
  });
  addEventListener("blur", () => {
    if (b.panning && b.tool !== "hand") pan(false);
  });

  function run(command, key = "") {
    if (draft.readOnly && !looks.has(command)) return;
    commands[command](key);
  }

  root.addEventListener("click", event => {
    const button = event.target.closest("[data-do]");
    if (button) run(button.dataset.do);
    if (event.target.matches("[data-close]")) event.target.closest("dialog").close();
  });

  // The clipboard, where the browser tells of it: then no leave is asked for.
  for (const name of ["copy", "cut", "paste"]) {
    document.addEventListener(name, event => {
      if (writes(event.target) || document.querySelector("dialog[open]") || String(getSelection())) return;
      if (name === "paste") {
        event.preventDefault();
        b.pasted(event.clipboardData.getData("text/plain"));
        return;
      }
      const text = b.copied();
      if (!text) return;
      event.preventDefault();
      event.clipboardData.setData("text/plain", text);
      if (name === "cut" && !draft.readOnly) b.remove("cut");
    });
  }

  // ---- Bars: one stop of the Tab key each, arrows within. ----

  for (const bar of root.querySelectorAll("[role=toolbar]")) {
    const buttons = () => [...bar.querySelectorAll("button")].filter(x => !x.disabled && x.offsetParent);
    const enter = button => {
      for (const x of bar.querySelectorAll("button")) x.tabIndex = x === button ? 0 : -1;
    };
    enter(bar.querySelector("button"));
    bar.addEventListener("focusin", event => enter(event.target));
    bar.addEventListener("keydown", event => {
      const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
      if (!by || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      const list = buttons(), next = list[list.indexOf(document.activeElement) + by];
      if (next) next.focus();
    });
  }

  // showSets shows the buttons that what is selected has use for.
  function showSets() {
    const n = draft.selection.length, useful = {
      "": true, suggested: visible.length > 0 || b.suggested.length > 0 && !b.showsSuggestions, one: n > 0, many: n > 1, table: Boolean(b.oneTable()),
    };
    for (const set of root.querySelectorAll("[data-set]")) set.hidden = draft.readOnly || !useful[set.dataset.set];
    root.querySelector("[data-do=undo]").disabled = !draft.canUndo;
    root.querySelector("[data-do=redo]").disabled = !draft.canRedo;
    for (const button of root.querySelectorAll(".bar [data-do=split], .bar [data-do=merge], .bar [data-do=separate]")) button.disabled = Boolean(b.oneTable()) && !b.part;
  }

  // ---- Dialogs. ----

  // ask shows a dialog that prepare has filled in, and calls answer with its
  // values.
  function ask(id, prepare, answer) {
    const dialog = document.getElementById(id), form = dialog.querySelector("form");
    prepare(form);
    dialog.returnValue = "";
    dialog.showModal();
    form.querySelector("input:enabled").select();
    dialog.onclose = () => {
      b.focusPicture();
      if (dialog.returnValue !== "do") return;
      const values = Object.fromEntries([...new FormData(form)].map(([k, v]) => [k, k === "after" ? v : Number(v)]));
      answer(values);
    };
  }

  b.ask = {
    split() { ask("split", () => {}, v => b.split(v.columns, v.rows, v.space)); },

    array(one, box) {
      const boxes = one && one.kind === "MULTI_BOX";
      ask("array", form => {
        for (const set of form.querySelectorAll("fieldset")) set.hidden = set.disabled = (set.dataset.for === "boxes") !== Boolean(boxes);
        if (boxes && one.thing.boxes.length > 1) form.elements.count.value = one.thing.boxes.length;
        form.elements.dx.value = Math.round(box[2]);
        form.elements.dy.value = Math.round(box[3]);
      }, v => boxes ? divideBoxes(one.id, box, v) : copyAround(box, v));
    },
  };

  function divideBoxes(id, box, {count, space, after, gap}) {
    b.setBoxes(id, shapes.row(box, count, space, after.split(/[ ,]+/).filter(Boolean).map(Number), gap));
  }

  // copyAround puts copies of what is selected in rows and columns.
  function copyAround(box, {columns, rows, dx, dy}) {
    const things = b.selected().filter(t => t.kind !== "title").map(t => t.thing);
    const offsets = shapes.steps(box, columns, rows, dx, dy).map(c => [c[0] - box[0], c[1] - box[1]]);
    const all = shapes.bounds([box, ...offsets.map(by => shapes.moved(box, ...by))]);
    if (!shapes.same(b.clipped(all), all)) b.say("no_room");
    else if (offsets.length > 0 && b.addAll("array", things, offsets)) b.sayPlace();
  }

  // ---- Faults. ----

  const faults = document.getElementById("faults");
  let atFault = -1;

  function showFaults() {
    const list = draft.readOnly ? [] : draft.defects;
    faults.hidden = list.length === 0;
    faults.firstElementChild.textContent = b.words("faults", {count: list.length});
    const items = faults.querySelector("ul"), old = [...items.children];
    list.forEach((d, i) => {
      const item = old[i] || items.appendChild(document.createElement("li"));
      const button = item.firstElementChild || item.appendChild(document.createElement("button"));
      const thing = d.id && b.find(draft.doc, d.id), text = (thing ? (thing.name || b.words("unnamed")) + ": " : "") + d.words;
      button.type = "button";
      button.className = "plain";
      if (button.textContent !== text) button.textContent = text;
    });
    for (const item of old.slice(list.length)) item.remove();
  }
  faults.addEventListener("click", event => {
    const item = event.target.closest("li");
    if (item) goToFault([...item.parentNode.children].indexOf(item));
  });

  // goToFault leads to what is to be mended.
  function goToFault(n) {
    const d = draft.defects[n];
    atFault = n;
    const id = d.part === "title" ? "title" : d.id;
    b.select(id ? [id] : []);
    if (b.frame()) layer.reveal(b.frame());
    b.say("fault", {words: d.words});
    const control = document.getElementById("p-" + d.property.replaceAll(".", "-"));
    if (control && control.offsetParent) control.focus();
    else b.focusPicture();
  }
  function nextFault() {
    if (draft.defects.length === 0) b.say("no_faults");
    else goToFault((atFault + 1) % draft.defects.length);
  }

  // ---- Others, and what is saved. ----

  const colors = new Map(); // by name
  function showPeople() {
    const list = draft.people.filter(p => !p.self).map(p => {
      if (!colors.has(p.name)) colors.set(p.name, colors.size % 6);
      return {...p, color: colors.get(p.name)};
    });
    layer.people(list, id => b.find(draft.doc, id)?.box);
    const names = new Map(list.map(p => [p.name, p.color]));
    document.getElementById("people").replaceChildren(...[...names].map(([name, color]) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.className = "color-" + color;
      return item;
    }));
  }

  function showState() {
    const text = draft.readOnly ? "" : draft.gone ? b.words("gone") : b.words(draft.state, {count: draft.unsaved});
    const node = document.getElementById("saving");
    if (node.textContent !== text) node.textContent = text;
    node.classList.toggle("wrong", draft.gone || draft.state === "offline");
    if (draft.error && !draft.gone) document.getElementById("notice").textContent = draft.error;
  }

  draft.addEventListener("change", () => {
    b.redraw();
    showPeople();
  });
  draft.addEventListener("select", () => b.mark());
  let known = draft.defects;
  draft.addEventListener("sync", () => {
    showState();
    if (known === draft.defects) return;
    known = draft.defects;
    showFaults();
    b.list.draw();
  });
  draft.addEventListener("people", showPeople);
  draft.addEventListener("refused", () => {
    const r = draft.refused[0], thing = r.id && b.find(draft.doc, r.id);
    const text = b.words("refused", {by: r.by || "?", name: thing ? thing.name : r.property});
    said.textContent = text;
    document.getElementById("notice").textContent = text;
  });

  divideSide(root.querySelector(".side"), document.getElementById("divide"));

  // ---- Begin. ----

  panel(panelElement, draft);
  try {
    await draft.load(root.dataset.draft);
  } catch (e) {
    document.getElementById("notice").textContent = e.message || document.getElementById("notice").dataset.offline;
    return;
  }
  const {fields, tables: some, title} = draft.suggested; // null where nothing is
  const whole = thing => ({id: uuid(), ...thing, ...thing.cells && {columnIds: thing.columnIds || thing.columns.map(uuid), rowIds: thing.rowIds || Array.from({length: thing.rows}, uuid)}});
  b.suggested = [...title ? [{id: "title?", kind: "title", thing: title}] : [],
    ...[...fields || [], ...some || []].map(whole).map(thing => ({id: thing.id, kind: thing.cells ? "table" : thing.type, thing}))];
  for (const button of root.querySelectorAll(".tools button")) button.disabled = draft.readOnly && !looks.has(button.dataset.do);
  b.setTool("select");
  said.textContent = "";
  b.redraw();
  showFaults();
  showState();
  showPeople();
  outbox.asPerson(root.dataset.lines).then(answer => answer.ok ? answer.json() : Promise.reject()).then(lines => { b.lines = lines; }, () => b.say("lines_off"));
  root.dataset.ready = "true";
});

// divideSide lets a person share the height of the side between the list and
// the panel, by drag and by keys.
function divideSide(side, bar) {
  const set = share => {
    const n = Math.round(Math.max(10, Math.min(85, share)));
    bar.setAttribute("aria-valuenow", n);
    side.style.setProperty("--list", n + "%");
    storage.local.setItem("seosik/list", n);
  };
  set(Number(storage.local.getItem("seosik/list")) || 45);
  bar.addEventListener("pointerdown", event => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
    bar.focus();
  });
  bar.addEventListener("pointermove", event => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const box = side.getBoundingClientRect();
    set((event.clientY - box.top) / box.height * 100);
  });
  bar.addEventListener("keydown", event => {
    const by = {ArrowUp: -3, ArrowDown: 3, PageUp: -15, PageDown: 15}[event.key];
    if (!by) return;
    event.preventDefault();
    set(Number(bar.getAttribute("aria-valuenow")) + by);
  });
}
