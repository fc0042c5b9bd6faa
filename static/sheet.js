// The sheet: one field of many pages, one below the other. Enter says that a value
// is right, or what was typed, and goes down; what is saved is told by its row.
"use strict";

addEventListener("DOMContentLoaded", () => {
  for (const control of document.querySelectorAll("#choice select, #choice [type=checkbox]")) {
    control.addEventListener("change", () => {
      if (control.id === "template") document.getElementById("field").disabled = true;
      control.form.submit();
    });
  }
  const beside = {F8: () => document.getElementById("next"), "Shift+F8": () => document.getElementById("before")};
  addEventListener("keydown", event => {
    if (event.key !== "F8" || composing(event)) return;
    const to = beside[event.shiftKey ? "Shift+F8" : "F8"]();
    event.preventDefault();
    if (to && !event.repeat) Promise.allSettled(pending).then(() => asked() || to.click());
  });
  const pending = new Set();
  let asked = () => false; // goes to what breaks a rule, before it is left for the first time
  const sheet = document.getElementById("sheet");
  if (!sheet) return;
  const body = sheet.tBodies[0], line = document.getElementById("said"), words = sheet.dataset;
  const markOf = event => ({F4: "illegible", "Shift+F4": "empty", F6: "not_applicable"})[(event.shiftKey ? "Shift+" : "") + event.key];
  const past = []; // rows of which something was said, the last one last
  let saved = 0, ended = false, loading = null;

  const rows = () => [...body.rows];
  const control = row => row.querySelector("input, textarea");
  const value = row => control(row).type === "checkbox" ? control(row).checked : control(row).value;
  function put(row, of) {
    if (control(row).type === "checkbox") control(row).checked = of;
    else control(row).value = of;
  }

  // remember notes what new rows are without what was typed, for Esc, as row.stood.
  function remember() {
    for (const row of rows()) {
      if (row.stood === undefined) row.stood = control(row).type === "checkbox" ? row.dataset.initial === "true" : row.dataset.initial;
    }
  }

  // keep has the server keep what is in a row and not accepted.
  function keep(row) {
    const {page, index, run, seen} = row.dataset, tick = control(row).type === "checkbox";
    outbox.keepTyped(page, index, new URLSearchParams({field: index, run, seen, ...(tick ? {checked: value(row)} : {text: value(row)})}));
  }

  const warned = new Set();
  asked = () => {
    const row = rows().find(r => "asks" in r.dataset && !warned.has(r));
    if (!row) return false;
    warned.add(row);
    focus(row);
    line.textContent = words.ask;
    return true;
  };

  function focus(row) {
    const field = control(row);
    field.focus({preventScroll: true});
    if (field.select && field.type !== "checkbox") field.select();
    row.scrollIntoView({block: "nearest"});
    if (rows().indexOf(row) > body.rows.length - 12) load();
  }

  // load has further rows come before they are asked for.
  function load() {
    if (ended || loading) return loading;
    const after = body.rows[body.rows.length - 1].dataset.page;
    loading = outbox.asPerson(words.more + "&after=" + after, {headers: {"HX-Request": "true"}})
      .then(response => response.ok ? response.text() : Promise.reject(new Error(String(response.status))))
      .then(html => {
        ended = html.trim() === "";
        body.insertAdjacentHTML("beforeend", html);
        remember();
      })
      .catch(() => { line.textContent = words.failed; })
      .finally(() => { loading = null; });
    return loading;
  }

  // accept says what is in a row, or a mark instead. What breaks a rule and is said once
  // more is kept so.
  async function accept(row, mark = "") {
    const at = rows().indexOf(row);
    const said = value(row), override = !mark && "asks" in row.dataset && said === row.stood;
    row.clashed = false;
    // Of what is said anew before the answer nobody knows what it contradicts.
    const sent = row.sent = Promise.resolve(row.sent).then(() => row.clashed ? undefined : send(row, said, mark, override));
    pending.add(sent);
    sent.finally(() => pending.delete(sent));
    if (at === body.rows.length - 1) await load();
    const next = body.rows[at + 1];
    if (next) focus(next);
    else line.textContent = words.end;
  }

  // send tells the server what is in a row, and the row what became of it.
  async function send(row, said, mark, override) {
    const tick = control(row).type === "checkbox";
    const state = row.querySelector(".mark span"), problems = row.querySelector(".problems"), typed = row.querySelector(".left");
    row.classList.remove("doubtful", "failed");
    if (typed) typed.remove();
    try {
      const became = await outbox.deliver("/sheet/say", row.dataset.page, {
        page: Number(row.dataset.page), run: Number(row.dataset.run), field: row.dataset.field,
        text: tick ? "" : said, checked: tick && said, mark, override, seen: Number(row.dataset.seen),
      }, row.dataset.index);
      row.dataset.seen = became.seen;
      const more = became.asks ? [words.ask] : override ? [words.kept] : became.elsewhere ? [words.elsewhere] : [];
      problems.replaceChildren(...[...became.problems, ...more].map(text => Object.assign(document.createElement("li"), {textContent: text})));
      if (became.conflict) {
        row.classList.add("failed");
        row.clashed = true;
        problems.append(Object.assign(document.createElement("li"), {textContent: words.conflict.replace("#", became.by) + (tick ? (became.checked ? "☑" : "☐") : became.text)}));
        focus(row);
        return;
      }
      if (problems.children.length) control(row).setAttribute("aria-describedby", problems.id);
      past.push({row, before: row.stood});
      row.toggleAttribute("data-asks", became.asks);
      if (mark && !tick && value(row) === said) put(row, "");
      row.stood = mark && !tick ? "" : said;
      row.classList.add(became.asks || became.elsewhere ? "failed" : "saved");
      state.textContent = became.asks || became.elsewhere ? "!" : mark ? row.querySelector(`[data-say=${mark}]`).lastChild.textContent : "✓";
      line.textContent = words.saved.replace("#", ++saved);
      if (value(row) !== row.stood) keep(row); // it was typed meanwhile, and has seen this now
    } catch {
      row.classList.add("failed");
      state.textContent = "!";
      line.textContent = words.failed;
      focus(row);
    }
  }

  body.addEventListener("keydown", event => {
    if (composing(event)) return;
    const row = event.target.closest("tr"), field = control(row);
    if (event.target !== field) return;
    const take = act => { event.preventDefault(); act(); };
    const list = rows(), at = list.indexOf(row);
    if (event.key === "Enter" && !(event.shiftKey && field.matches("textarea"))) take(() => event.repeat || accept(row));
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !field.matches("textarea")) take(() => {
      const to = list[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (to) focus(to);
    });
    else if (markOf(event)) take(() => event.repeat || accept(row, markOf(event)));
    else if (event.key === "Escape") {
      put(row, row.stood);
      keep(row);
    }
    else if (event.key === "F2") take(() => event.repeat || window.open("/pages/" + row.dataset.page, "_blank", "noopener"));
    else if (event.ctrlKey && event.key.toLowerCase() === "z" && value(row) === row.stood && past.length) take(() => {
      const last = past.pop();
      put(last.row, last.before);
      keep(last.row);
      focus(last.row);
    });
  });
  body.addEventListener("input", event => keep(event.target.closest("tr")));
  body.addEventListener("mousedown", event => event.target.closest("[data-say]") && event.preventDefault()); // the field keeps the focus
  body.addEventListener("click", event => {
    const button = event.target.closest("[data-say]");
    if (button) accept(button.closest("tr"), button.dataset.say);
  });

  remember();
  const first = rows().find(row => row.matches(".doubtful")) || rows()[0];
  focus(first);
});
