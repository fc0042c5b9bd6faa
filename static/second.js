// Values that are keyed from the picture: Enter takes one and goes to the next at
// once; the answer comes later. After the last, to the next page, which takes the
// place of this one and gets what was typed ahead.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const page = () => document.querySelector(".second"), say = words => { document.getElementById("saving").textContent = words; };
  const input = row => row.querySelector("textarea, select, button[name=take]");
  const open = () => [...page().querySelectorAll("form.keyed")].filter(row => !pending.has(row.id));
  const inHand = () => document.activeElement.closest("form.keyed");
  const pending = new Set();
  let unsaved = false, going = false;

  function next(row) {
    const all = open(), after = all.find(r => row.compareDocumentPosition(r) & Node.DOCUMENT_POSITION_FOLLOWING) || all[0];
    if (after) input(after).focus();
    else held.start(); // what is typed now is for the next page
  }

  // typing reports whether somebody is in the middle of another value.
  const typing = () => document.activeElement.matches("form.keyed textarea") && document.activeElement.value !== document.activeElement.defaultValue;

  // answered notes what came of what was keyed in a row. What was not taken stays in
  // it, to be keyed once more.
  function answered(id, outcome) {
    pending.delete(id);
    const row = document.getElementById(id);
    if (outcome !== "kept") {
      unsaved = outcome === "refused";
      held.stop(); // it was meant for another page
      if (row.matches("form") && !typing()) input(row).focus();
    }
    done();
  }

  // done goes on when nothing is left here, and nothing on its way.
  function done() {
    say(unsaved ? page().dataset.unsaved : pending.size > 0 ? page().dataset.saving : "");
    if (pending.size === 0 && !unsaved && !going && open().length === 0) go();
  }

  // go shows the next page. Where there is none, or none comes, the browser goes for it.
  async function go() {
    going = true;
    held.start();
    const address = page().dataset.next;
    const fresh = await fetchMain(address).catch(() => null);
    if (!fresh) {
      location.href = address;
      return;
    }
    window.history.replaceState(null, "", fresh.path);
    document.getElementById("main").replaceWith(fresh.main);
    document.title = fresh.title;
    for (const field of document.querySelectorAll("form[action='/language'] [name=next]")) field.value = fresh.path;
    htmx.process(fresh.main);
    going = false;
    begin();
    held.press(held.stop());
  }

  // fetchMain returns what a page consists of that has something to key, or null.
  async function fetchMain(address) {
    const answer = await outbox.asPerson(address);
    const html = new DOMParser().parseFromString(await answer.text(), "text/html"), main = html.getElementById("main");
    return answer.ok && main && main.querySelector(".second") ? {main: document.adoptNode(main), title: html.title, path: new URL(answer.url).pathname} : null;
  }

  function begin() {
    const first = open()[0];
    if (first) input(first).focus();
  }

  function enter(row) {
    const by = row.querySelector("button[value=text]");
    if (by) by.click(); // htmx knows a button by its click
    else row.requestSubmit();
  }

  function mark(what) {
    const row = inHand(), button = row && row.querySelector(`[name=mark][value=${what}]`);
    if (button) button.click();
  }

  keys.add("Enter", "second.key_enter", (_, row) => enter(row), {where: "field"});
  keys.add("F4", "key.illegible", () => mark("illegible"));
  keys.add("Shift+F4", "key.empty", () => mark("empty"));
  keys.add("F6", "key.not_applicable", () => mark("not_applicable"));

  document.addEventListener("htmx:beforeRequest", event => {
    const row = event.target.closest("form.keyed");
    if (!row) return;
    pending.add(row.id);
    unsaved = false;
    next(row);
    done();
  });
  document.addEventListener("htmx:afterRequest", event => {
    if (!event.detail.requestConfig.elt.matches("form.keyed")) return;
    const outcome = outcomeOfXHR(event.detail.xhr);
    if (!["again", "login"].includes(outcome)) answered(event.detail.requestConfig.elt.id, outcome); // else it is sent again
  });
  document.addEventListener("outbox:answered", event => answered(event.detail.id, event.detail.outcome));

  begin();
});
