// Tables under review as grids of cells: arrows lead from cell to cell, a range of
// a spreadsheet is pasted, lines are put in and taken out, and sums are told while
// somebody types. A cell is a row of the review screen as any other.
"use strict";

(() => {
  const on = (type, act, capture) => document.addEventListener(type, act, capture);
  const cellOf = element => element.closest ? element.closest(".table form.cell") : null;
  const input = cell => cell.querySelector("[name=text]");
  const textOf = cell => input(cell).value;
  const place = "seosik.tables"; // in the browser: where people want them

  let edited = null; // the cell within which arrows move

  // gridOf returns the cells of a table that can be typed into, each in all its
  // places; only those that may be told by others where open is wanted.
  function gridOf(table, {open = false} = {}) {
    const grid = [...table.querySelectorAll("tbody tr")].map(() => []);
    table.querySelectorAll("tbody tr").forEach((tr, r) => {
      let c = 0;
      for (const td of tr.querySelectorAll("td")) {
        while (c in grid[r]) c++;
        const form = td.querySelector("form.cell"), cell = input(form) && !(open && form.hasAttribute("data-secret")) ? form : null;
        for (let i = 0; i < td.rowSpan; i++) for (let k = 0; k < td.colSpan; k++) grid[r + i][c + k] = cell;
      }
    });
    return grid;
  }

  function find(grid, cell) {
    const row = grid.findIndex(line => line.includes(cell));
    return {row, column: grid[row].indexOf(cell)};
  }

  // ---- Keys. ----

  function keydown(event) {
    const cell = cellOf(event.target);
    if (!cell || event.target !== input(cell) || keys.composing(event)) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const done = event.key === "F2" ? edit(cell) : event.key.startsWith("Arrow") ? arrow(cell, event.key) : event.key === "Escape" && leaveEdit(cell);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  function edit(cell) {
    const field = input(cell);
    edited = edited === cell ? null : cell;
    if (edited) field.setSelectionRange(field.value.length, field.value.length);
    else field.select();
    return true;
  }

  function leaveEdit(cell) {
    const field = input(cell);
    if (edited !== cell || field.value !== field.dataset.initial) return false;
    return edit(cell);
  }

  // arrow goes to the next cell, unless the caret can move within what was typed.
  function arrow(cell, key) {
    if (edited === cell) return false;
    const field = input(cell), touched = field.value !== field.dataset.initial;
    if (touched && key === "ArrowLeft" && field.selectionEnd > 0) return false;
    if (touched && key === "ArrowRight" && field.selectionStart < field.value.length) return false;
    const grid = gridOf(cell.closest(".table")), {row, column} = find(grid, cell);
    const next = cells.step(grid, row, column, key);
    if (next) go(next);
    return true;
  }

  function go(cell) {
    if (cell.closest(".spare")) showAll(cell.closest(".table"));
    workstation.focus(cell);
  }

  function showAll(table) {
    table.classList.add("all");
  }

  // ---- Many cells at once. ----

  // send has the server keep changes, all or none, and shows them meanwhile: where it
  // does not answer they wait for it. Words are said when it has.
  async function send(table, changes, words) {
    if (changes.length === 0) return;
    await sending; // what comes after it has seen it
    changes = changes.map(c => ({...c, cell: document.getElementById(c.cell.id)}));
    const open = new Set(changes.filter(c => c.open).map(c => c.cell.id));
    const before = changes.map(({cell, open}) => ({id: cell.id, text: textOf(cell), open}));
    const sorted = [...changes].sort((a, b) => fieldOf(a.cell) - fieldOf(b.cell));
    const body = new URLSearchParams({run: table.dataset.run});
    for (const {cell, text} of sorted) {
      body.append("field", fieldOf(cell));
      body.append("seen", cell.querySelector("[name=seen]").value);
      body.append("text", text);
    }
    const at = document.activeElement.id;
    for (const {cell, text} of changes) {
      const field = input(cell);
      field.value = text;
      field.dataset.sent = field.value;
    }
    const {outcome, text} = await (sending = outbox.post(table.dataset.action, workstation.root.dataset.page, body, sorted.map(c => String(fieldOf(c.cell)))));
    sending = null;
    if (!table.isConnected) return;
    if (outcome !== "refused") outbox.drawMany(text, outcome);
    for (const {cell, text} of back(before)) {
      const field = input(cell);
      if (outcome !== "kept" && field.value === field.dataset.sent) field.value = text;
      delete field.dataset.sent;
    }
    if (outcome === "kept") {
      for (const id of open) document.getElementById(id).setAttribute("data-open", "");
      say(words, () => send(table, back(before), ""));
    }
    const cell = at && document.activeElement.id === at && cellOf(document.getElementById(at));
    if (cell && textOf(cell) === input(cell).dataset.initial) { // else somebody types there
      workstation.focus(cell);
      cell.closest(".table").scrollIntoView({block: "nearest"});
    }
    workstation.redraw();
    tellSums();
  }
  let sending = null; // what is on its way

  const fieldOf = cell => Number(cell.querySelector("[name=field]").value);

  // back returns the changes that bring what cells held before.
  const back = before => before.map(({id, text, open}) => ({cell: document.getElementById(id), text, open}));

  function say(words, undo) {
    const said = document.getElementById("grid-said");
    said.textContent = words;
    if (!words) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = said.closest(".tables").dataset.back;
    button.addEventListener("click", undo);
    said.append(" ", button);
  }

  // line puts a line in above the one of cell, or takes that one out. What a person
  // has still to look at is to be looked at in the line where it is then.
  function line(cell, what) {
    const table = cell.closest(".table"), grid = gridOf(table, {open: true}), {row} = find(gridOf(table), cell);
    const words = table.closest(".tables").dataset;
    const changes = cells[what](grid, row, textOf);
    if (!changes) {
      say("", null);
      document.getElementById("grid-said").textContent = what === "insert" && cells.remove(grid, row, textOf) ? words.full : words.merged;
      return;
    }
    const step = what === "insert" ? -1 : 1;
    for (const change of changes) {
      const {row: r, column} = find(grid, change.cell), from = grid[r + step] && grid[r + step][column];
      change.open = change.text !== "" && Boolean(from) && from.hasAttribute("data-open");
    }
    showAll(table);
    send(table, changes, what === "insert" ? words.inserted : words.removed);
  }

  function paste(event) {
    const cell = cellOf(event.target), text = event.clipboardData && event.clipboardData.getData("text/plain");
    if (!cell || !text || !cells.isRange(text)) return;
    event.preventDefault();
    event.stopPropagation();
    const table = cell.closest(".table"), grid = gridOf(table, {open: true}), {row, column} = find(gridOf(table), cell);
    const filled = cells.fill(grid, row, column, cells.parse(text), textOf, c => c.hasAttribute("data-open"));
    const words = table.closest(".tables").dataset;
    showAll(table);
    if (filled.over.length > 0 || filled.left > 0) ask(table, filled, words);
    else send(table, filled.changes, words.pasted);
  }

  // ask shows what a range would overwrite, and what has no place.
  function ask(table, {changes, over, left}, words) {
    const dialog = document.getElementById("grid-over");
    document.getElementById("grid-over-title").textContent = words.over;
    document.getElementById("grid-over-left").textContent = left > 0 ? `${words.left} ${left}` : "";
    dialog.querySelector("tbody").replaceChildren(...over.map(({cell, text}) => {
      const tr = document.createElement("tr");
      for (const said of [input(cell).getAttribute("aria-label"), textOf(cell), text]) tr.insertCell().textContent = said;
      return tr;
    }));
    dialog.querySelector(".scroll").hidden = over.length === 0;
    dialog.onclose = () => {
      if (dialog.returnValue === "keep") send(table, changes, words.pasted);
    };
    dialog.returnValue = "";
    dialog.showModal();
  }

  // ---- Sums. ----

  const field = index => document.getElementById(`field-${index}-input`);
  const textsOf = list => list.split(" ").map(field).filter(Boolean).map(f => f.value);

  function tellSums() {
    for (const column of document.querySelectorAll(".table .sum")) {
      const own = amount.sum(textsOf(column.dataset.cells));
      column.querySelector(".added").textContent = own.filled > 0 && !own.odd ? amount.format(own.value) : "";
      for (const total of column.querySelectorAll(".total")) tellTotal(total);
    }
  }

  // tellTotal says whether a total is what its parts come to.
  function tellTotal(element) {
    const {value, filled, odd} = amount.sum(textsOf(element.dataset.parts));
    const total = field(element.dataset.total), said = total && amount.parse(total.value), {fits, off, none} = element.dataset;
    element.classList.toggle("off", filled > 0 && !odd && said !== null && said !== value);
    if (odd) element.textContent = element.dataset.odd;
    else if (filled === 0) element.textContent = "";
    else if (said === null) element.textContent = none;
    else element.textContent = said === value ? fits : `${off} ${amount.format(said - value)}`;
  }

  // ---- Where they stand. ----

  function stand() {
    const below = storage.local.getItem(place) === "below", tables = document.querySelector(".tables");
    workstation.root.classList.toggle("tables-below", below && tables !== null);
    if (tables) for (const button of tables.querySelectorAll("[data-place]")) button.setAttribute("aria-pressed", String(below));
  }

  function click(event) {
    const table = event.target.closest && event.target.closest(".table"), button = event.target.closest("button");
    if (event.target.closest("#grid-over button")) event.target.closest("dialog").close(button.value);
    if (!table || !button) return;
    const cell = cellOf(document.activeElement) || table.lastCell;
    if ("line" in button.dataset && cell && cell.isConnected) line(document.getElementById(cell.id), button.dataset.line);
    if ("spare" in button.dataset) showAll(table);
    if ("place" in button.dataset) {
      storage.local.setItem(place, storage.local.getItem(place) === "below" ? "" : "below");
      stand();
    }
  }

  on("keydown", keydown, true);
  on("paste", paste, true);
  on("click", click);
  on("mousedown", event => {
    // A button above the table is about the cell that has the focus, and leaves it there.
    if (event.target.closest(".above button")) event.preventDefault();
    const cell = cellOf(event.target);
    if (!cell || event.target !== input(cell)) return;
    if (document.activeElement === event.target) {
      edited = cell;
    } else {
      event.preventDefault();
      workstation.focus(cell);
    }
  });
  on("focusin", event => {
    const cell = cellOf(event.target);
    if (cell !== edited) edited = null;
    if (!cell) return;
    const table = cell.closest(".table");
    table.lastCell = cell;
    if (cell.closest(".spare")) showAll(table);
    table.scrollIntoView({block: "nearest"}); // with the strip
  });
  on("input", tellSums);
  on("review:open", () => {
    stand();
    tellSums();
  });
  on("review:leave", event => { if (sending) event.detail.until(sending); });
  on("htmx:afterSwap", tellSums);
  addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector(".reviewing")) return;
    keys.add("Alt+Insert", "grid.insert", (_, row) => cellOf(row) ? line(row, "insert") : false, {where: "field"});
    keys.add("Alt+Delete", "grid.remove", (_, row) => cellOf(row) ? line(row, "remove") : false, {where: "field"});
  });
})();
