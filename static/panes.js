// What stays as a person wants it, from page to page and from day to day: how wide
// the values are beside the picture, and in which order they stand.
"use strict";

const panes = (() => {
  const place = {width: "seosik.values", order: "seosik.order"};
  const root = () => document.querySelector(".reviewing");
  const least = 24, most = 72; // percent

  const kept = () => Math.min(most, Math.max(least, Number(storage.local.getItem(place.width)) || 40));

  // lay gives the values so many percent of the width.
  function lay(percent) {
    root().style.setProperty("--values", percent + "%");
    const divider = root().querySelector(".divider");
    if (divider) divider.setAttribute("aria-valuenow", String(Math.round(percent)));
  }
  function widen(percent) {
    storage.local.setItem(place.width, String(Math.min(most, Math.max(least, percent))));
    lay(kept());
  }

  // drag moves the divider with the mouse.
  function drag(event) {
    const divider = event.target.closest && event.target.closest(".divider");
    if (!divider || event.button !== 0) return;
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
    const box = root().getBoundingClientRect();
    const move = e => widen(100 * (box.right - e.clientX) / box.width);
    divider.addEventListener("pointermove", move);
    divider.addEventListener("lostpointercapture", () => divider.removeEventListener("pointermove", move), {once: true});
  }

  // ---- The order of the values. ----

  const byForm = () => storage.local.getItem(place.order) === "form";

  // index returns where a row lies on the form, or the first cell of a table.
  function index(element) {
    const field = element.querySelector("[name=field]");
    return field ? Number(field.value) : Infinity;
  }

  // arrange puts the rows and tables as they lie on the form, or as they came: the
  // doubtful ones first. An answer may have taken the place of a row meanwhile.
  function arrange(list) {
    const button = root().querySelector("[data-order]");
    if (!list || !button) return;
    button.setAttribute("aria-pressed", String(byForm()));
    if (!list.came && !byForm()) return; // as it came
    if (!list.came) list.came = [...list.children];
    const came = list.came.map(e => e.isConnected ? e : document.getElementById(e.id) || e);
    for (const e of came) if (e.matches("h2")) e.hidden = byForm();
    list.append(...(byForm() ? [...came].sort((a, b) => index(a) - index(b)) : came));
  }

  // turn changes the order, and leaves the focus where it is.
  function turn() {
    const at = document.activeElement;
    const list = root().querySelector(".rows");
    if (list && !list.came) list.came = [...list.children];
    storage.local.setItem(place.order, byForm() ? "doubt" : "form");
    arrange(list);
    if (at && at.isConnected) {
      at.focus({preventScroll: true});
      at.scrollIntoView({block: "nearest"});
    }
  }

  // open lays out a page that has just come.
  function open() {
    lay(kept());
    arrange(root().querySelector(".rows"));
  }

  function wire() {
    document.addEventListener("pointerdown", drag);
    document.addEventListener("keydown", event => {
      if (!event.target.matches(".divider")) return;
      const by = {ArrowLeft: 2, ArrowRight: -2}[event.key];
      if (!by || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      widen(kept() + by);
    });
    document.addEventListener("click", event => {
      if (event.target.closest("[data-order]")) turn();
    });
    keys.add("Alt+Shift+ArrowLeft", "key.wider", () => widen(kept() + 2), {repeat: true});
    keys.add("Alt+Shift+ArrowRight", "key.narrower", () => widen(kept() - 2), {repeat: true});
    keys.add("Alt+O", "key.order", turn);
  }

  return {open, wire};
})();
