// What is written where no field is: its list, on the page under review and over all
// pages, and the key that shows the page without what its form has printed on it.
"use strict";

{
  const open = () => [...document.querySelectorAll(".margin-row[data-open]")];
  const text = row => row.querySelector("[name=text]");
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

  // answered goes on from a place to the next one, and from the last to what is open
  // on the page.
  function answered(row) {
    const all = [...document.querySelectorAll(".margin-row")], at = all.indexOf(row);
    const next = all.slice(at + 1).concat(all.slice(0, at)).find(r => r.hasAttribute("data-open"));
    if (row.hasAttribute("data-open")) go(row);
    else if (next) go(next);
    else if (reviewing()) {
      const value = workstation.rows().find(r => r.hasAttribute("data-open"));
      if (value) workstation.focus(value);
      else document.getElementById("next").focus();
    } else row.querySelector("button").focus();
    if (!reviewing()) return;
    workstation.redraw();
    const bar = document.getElementById("queue-bar"), {page, query} = bar.dataset;
    htmx.ajax("GET", `/pages/${page}/queue` + (query ? "?" + query : ""), {target: bar, swap: "outerHTML"});
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
    if (!reviewing()) return;
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
