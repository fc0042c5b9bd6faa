// Values that are keyed from the picture: Enter takes one and goes to the next at
// once; the answer comes later. After the last, to the next page.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector(".second"), saving = document.getElementById("saving");
  const input = row => row.querySelector("textarea, select, button[name=take]");
  const open = () => [...page.querySelectorAll("form.keyed")].filter(row => !pending.has(row.id));
  const pending = new Set();
  let unsaved = false;

  function next(row) {
    const all = open(), after = all.find(r => row.compareDocumentPosition(r) & Node.DOCUMENT_POSITION_FOLLOWING) || all[0];
    if (after) input(after).focus();
  }

  // typing reports whether somebody is in the middle of another value.
  const typing = () => document.activeElement.matches("textarea") && document.activeElement.value !== document.activeElement.defaultValue;

  // answered notes what came of what was keyed in a row. What was not taken stays in
  // it, to be keyed once more.
  function answered(id, outcome) {
    pending.delete(id);
    const row = document.getElementById(id);
    if (outcome !== "kept") {
      unsaved = outcome === "refused";
      if (row.matches("form") && !typing()) input(row).focus();
    }
    done();
  }

  // done goes on when nothing is left here, and nothing on its way.
  function done() {
    saving.textContent = unsaved ? page.dataset.unsaved : pending.size > 0 ? page.dataset.saving : "";
    if (pending.size === 0 && !unsaved && open().length === 0) location.href = page.dataset.next;
  }

  page.addEventListener("keydown", event => {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    if (event.key === "F4" && !event.repeat) {
      const row = event.target.closest("form.keyed"), mark = row && row.querySelector("[name=mark]");
      event.preventDefault();
      if (mark) mark.click(); // htmx knows a button by its click
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea, select")) return;
    event.preventDefault();
    if (event.repeat) return; // a key that is held says nothing
    const row = event.target.closest("form"), by = row.querySelector("button[value=text]");
    if (by) by.click();
    else row.requestSubmit();
  });

  page.addEventListener("htmx:beforeRequest", event => {
    const row = event.target.closest("form.keyed");
    if (!row) return;
    pending.add(row.id);
    unsaved = false;
    next(row);
    done();
  });
  page.addEventListener("htmx:afterRequest", event => {
    const outcome = outcomeOfXHR(event.detail.xhr);
    if (!["again", "login"].includes(outcome)) answered(event.detail.requestConfig.elt.id, outcome); // else it is sent again
  });
  document.addEventListener("outbox:answered", event => answered(event.detail.id, event.detail.outcome));

  const first = open()[0];
  if (first) input(first).focus();
});
