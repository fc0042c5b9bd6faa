// The review screen: the picture of a page beside its values. Enter accepts a
// value and goes to the next one that is open; after the last, to the next page.
// Open is what a person should look at: in review the doubtful values, and where a
// template is tested those that nobody has called right.
"use strict";

addEventListener("DOMContentLoaded", () => {
  const review = document.querySelector(".reviewing");
  const viewer = picture(document.getElementById("viewer"));
  const values = review.querySelector(".values");
  const saving = () => document.getElementById("saving");

  const input = row => row.querySelector("[name=text], [name=checked]");
  const rows = () => [...values.querySelectorAll("form.value")].filter(input);
  const rowOf = element => element.closest("form.value");

  // The rows whose values are on their way to the server, and those whose
  // values did not arrive.
  const pending = new Set(), unsaved = new Set();
  let leaving = false;
  // Corrections that break rules, of which the person has been told.
  const warned = new Set();
  const underReview = rows().some(r => r.hasAttribute("data-open"));

  function focus(row) {
    const field = input(row);
    field.focus({preventScroll: true});
    if (field.matches("input, textarea") && field.type !== "checkbox") field.select();
    row.scrollIntoView({block: "nearest"});
  }

  // accept saves the value of row and moves on at once; the answer comes later.
  // Who has come to look at a page on which nothing is open stays there.
  function accept(row) {
    row.removeAttribute("data-open");
    row.removeAttribute("data-doubtful");
    const tick = row.querySelector("[name=right]");
    if (tick) tick.checked = true;
    pending.add(row.id);
    const all = rows(), at = all.indexOf(row);
    const open = all.slice(at + 1).concat(all.slice(0, at)).find(r => r.hasAttribute("data-open"));
    row.requestSubmit();
    if (open) {
      focus(open);
    } else if (underReview) {
      leaving = true;
      leave();
    } else if (all[at + 1]) {
      focus(all[at + 1]);
    }
  }

  // leave goes to the next page, but first to each correction that breaks a
  // rule: it may be a slip, and its row is far behind when that is known.
  function leave() {
    if (!leaving || pending.size > 0 || unsaved.size > 0 || !review.dataset.next) return;
    const broken = rows().find(r => r.querySelector("[data-broken]") && !warned.has(r.id));
    if (!broken) {
      location.href = review.dataset.next;
      return;
    }
    warned.add(broken.id);
    leaving = false;
    focus(broken);
  }

  values.addEventListener("keydown", event => {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work
    const row = rowOf(event.target), field = row && input(row);
    if (!field || event.target !== field) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      accept(row);
    } else if (event.key === "Escape") {
      if (field.type === "checkbox") field.checked = field.dataset.initial === "true";
      else if (field.dataset.initial !== undefined) field.value = field.dataset.initial;
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && field.type === "text") {
      event.preventDefault();
      pick(row, field, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "F2") {
      event.preventDefault();
      const history = row.querySelector("details");
      history.open = !history.open;
    }
  });
  // pick puts the next of what else a value may be into its field.
  function pick(row, field, step) {
    const texts = [field.dataset.initial, ...[...row.querySelectorAll("[data-pick]")].map(b => b.dataset.pick)];
    const at = texts.indexOf(field.value);
    if (texts.length > 1) field.value = texts[(Math.max(at, 0) + step + texts.length) % texts.length];
  }

  values.addEventListener("click", event => {
    const picked = event.target.closest("[data-pick]");
    if (!picked) return;
    const field = input(rowOf(picked));
    field.value = picked.dataset.pick;
    field.focus({preventScroll: true});
  });
  values.addEventListener("click", event => {
    const button = event.target.closest(".entry button, #whole button");
    if (!button) return;
    event.preventDefault();
    accept(rowOf(button));
  });
  addEventListener("keydown", event => {
    if (event.key === "F8") {
      event.preventDefault();
      for (const row of rows()) warned.add(row.id);
      leaving = true;
      leave();
    }
  });

  values.addEventListener("focusin", event => {
    const row = rowOf(event.target);
    if (row && row.dataset.outline) viewer.show(row);
  });
  values.addEventListener("change", event => {
    if (event.target.name === "right") {
      rowOf(event.target).requestSubmit();
    } else if (event.target.type === "checkbox") {
      event.target.nextElementSibling.classList.add("changed");
    }
  });

  // What htmx tells of the forms' requests. When a request has ended, its form
  // may have been replaced by the answer.
  document.body.addEventListener("htmx:beforeRequest", event => {
    if (!event.detail.requestConfig.elt.matches("form.value")) return;
    const id = event.detail.requestConfig.elt.id;
    pending.add(id);
    unsaved.delete(id);
    tell();
  });
  document.body.addEventListener("htmx:afterRequest", event => {
    if (!event.detail.requestConfig.elt.matches("form.value")) return;
    const id = event.detail.requestConfig.elt.id;
    pending.delete(id);
    if (!event.detail.successful) {
      unsaved.add(id);
      leaving = false;
      focus(document.getElementById(id));
    }
    tell();
    leave();
  });
  document.body.addEventListener("htmx:afterSwap", () => viewer.draw(rows()));

  function tell() {
    saving().textContent = unsaved.size > 0 ? review.dataset.unsaved : pending.size > 0 ? review.dataset.saving : "";
  }

  viewer.draw(rows());
  const first = rows().find(r => r.hasAttribute("data-open")) || rows()[0];
  if (first) focus(first);
});

// picture shows the page in element with outlines drawn on it.
function picture(element) {
  if (!element.dataset.image) return {draw() {}, show() {}};
  const {viewer, group, width, part} = openPage(element);
  viewer.addHandler("open", () => {
    fit();
    if (shown) show(shown);
  });

  let shown = null;
  const bounds = row => {
    const ps = row.dataset.outline.split(" ").map(p => p.split(",").map(Number));
    const xs = ps.map(p => p[0]), ys = ps.map(p => p[1]);
    const x = Math.min(...xs), y = Math.min(...ys);
    return new OpenSeadragon.Rect(x / width, y / width, (Math.max(...xs) - x) / width, (Math.max(...ys) - y) / width);
  };

  // fit shows the whole width of the page, or of its part of the picture, from
  // its top.
  function fit() {
    const box = viewer.viewport.getContainerSize();
    viewer.viewport.fitBounds(new OpenSeadragon.Rect(part.x, part.y, part.width, part.width * box.y / box.x), true);
  }

  // show marks the row's field and brings it into view. The picture moves only
  // where it must.
  function show(row) {
    shown = row;
    for (const shape of group.children) shape.classList.toggle("shown", shape.dataset.row === row.id);
    if (!viewer.isOpen()) return;
    const want = bounds(row), view = viewer.viewport.getBounds();
    const margin = view.height * 0.08;
    const inside = want.x >= view.x && want.x + want.width <= view.x + view.width &&
      want.y >= view.y + margin && want.y + want.height <= view.y + view.height - margin;
    if (!inside) viewer.viewport.panTo(want.getCenter());
  }

  // draw outlines the fields of all rows.
  function draw(rows) {
    group.replaceChildren(...rows.filter(row => row.dataset.outline).map(row => {
      const shape = polygon(row.dataset.outline);
      shape.dataset.row = row.id;
      shape.classList.toggle("doubtful", row.hasAttribute("data-doubtful"));
      shape.classList.toggle("shown", shown !== null && shown.id === row.id);
      shape.addEventListener("pointerup", () => document.getElementById(row.id + "-input").focus());
      return shape;
    }));
  }

  element.querySelector("[data-zoom=fit]").addEventListener("click", fit);
  return {draw, show};
}
