// What is written where no field is: its list, on the page under review and over all
// pages, and the key that shows the page without what its form has printed on it.
"use strict";

{
  const text = row => row.querySelector("[name=text]"); // none for who may only look
  const open = () => [...document.querySelectorAll(".margin-row[data-open]")].filter(text);
  const reviewing = () => typeof workstation === "object";
  const say = words => { document.getElementById("saving").textContent = words; };

  function go(row) {
    text(row).focus({preventScroll: true});
    row.scrollIntoView({block: "nearest"});
  }

  // lead goes to the first place that nobody has answered, or to the one after that
  // which has the focus.
  function lead() {
    const all = open(), at = all.findIndex(row => row.contains(document.activeElement));
    if (all.length === 0) return false;
    go(all[(at + 1) % all.length]);
  }

  // onwards goes from a place to the next one, and from the last to what is open on
  // the page.
  function onwards(row) {
    const all = [...document.querySelectorAll(".margin-row")], at = all.indexOf(row), left = open();
    const next = left.find(r => all.indexOf(r) >= at) || left[0];
    if (next) go(next);
    else if (reviewing()) {
      const value = workstation.rows().find(r => r.hasAttribute("data-open"));
      if (value) workstation.focus(value);
      else document.getElementById("next").focus();
    } else row.querySelector("button").focus();
  }

  // answered goes on where nobody is elsewhere by then.
  function answered(row) {
    if (document.activeElement === document.body || row.contains(document.activeElement)) onwards(row);
    if (!reviewing()) return;
    workstation.redraw();
    const bar = document.getElementById("queue-bar"), {page, query} = bar.dataset;
    htmx.ajax("GET", `/pages/${page}/queue` + (query ? "?" + query : ""), {target: bar, swap: "outerHTML"});
  }

  // ---- What is on its way to the server. ----

  const sent = new Map(); // by the id of a row: {text, kept, done}, where kept promises whether it is

  function asked(row) {
    const said = text(row) ? text(row).value : "", before = sent.get(row.id);
    if (before) before.text = said;
    else {
      let done;
      const kept = new Promise(resolve => { done = resolve; });
      sent.set(row.id, {text: said, kept, done});
    }
  }

  function told(id, outcome) {
    const was = sent.get(id);
    if (!was || ["again", "login"].includes(outcome)) return; // it is sent again
    sent.delete(id);
    was.done(outcome === "kept");
  }

  // keep has the server keep what is typed into a row, and promises whether it has. A
  // note that cannot be kept has the focus.
  async function keep(row) {
    const before = sent.get(row.id);
    if (!before || before.text !== text(row).value) row.querySelector("[value=note]").click(); // htmx knows a button by its click
    const kept = sent.has(row.id) && await sent.get(row.id).kept;
    if (!kept) go(row);
    return kept;
  }

  // ---- The page without its form. ----

  const button = () => document.getElementById("unprint");

  function reset() {
    const b = button(), {why} = document.getElementById("viewer").dataset;
    b.setAttribute("aria-pressed", "false");
    b.toggleAttribute("aria-disabled", Boolean(why));
    if (why) b.setAttribute("aria-disabled", "true");
    b.dataset.usual = b.dataset.usual || b.title;
    b.title = why || b.dataset.usual;
  }

  async function unprint() {
    const {unprinted, why} = document.getElementById("viewer").dataset, b = button();
    if (why) return say(why);
    const wanted = b.getAttribute("aria-pressed") !== "true";
    b.setAttribute("aria-pressed", String(wanted));
    if (wanted) say(b.dataset.waiting);
    const done = await workstation.picture.lay(wanted ? unprinted : "");
    if (done === null) return; // another page is there by now, or it is not wanted any more
    say(done ? "" : b.dataset.failed);
    if (!done) b.setAttribute("aria-pressed", "false");
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.addEventListener("htmx:afterSwap", event => {
      const id = event.detail.requestConfig && event.detail.requestConfig.elt.id;
      const row = id && document.getElementById(id);
      if (row && row.matches(".margin-row") && event.detail.elt.matches(".margin-row")) answered(row);
    });
    document.addEventListener("htmx:beforeRequest", event => {
      const {elt} = event.detail.requestConfig;
      if (elt.matches(".margin-row")) asked(elt);
    });
    document.addEventListener("htmx:afterRequest", event => told(event.detail.requestConfig.elt.id, outcomeOfXHR(event.detail.xhr)));
    document.addEventListener("outbox:answered", event => {
      const {id, outcome} = event.detail, row = document.getElementById(id);
      if (!row.matches(".margin-row")) return;
      told(id, outcome);
      if (outcome === "kept") answered(row);
    });
    if (!reviewing()) return;
    document.addEventListener("review:leave", event => {
      for (const row of open()) if (text(row).value.trim() !== "") event.detail.until(keep(row));
    });
    document.addEventListener("review:open", reset);
    document.addEventListener("click", event => {
      if (event.target.closest("#unprint")) unprint();
      if (event.target.closest("[data-margin]") && lead() !== false) event.preventDefault();
    });
    document.addEventListener("focusin", event => {
      const row = event.target.closest(".margin-row");
      if (row) workstation.picture.show(row);
    });
    keys.add("F9", "margin.unprint", () => { unprint(); });
    keys.add("Alt+M", "margin.key", lead);
  });
}
