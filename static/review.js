// The review screen: the picture of a page beside its values. Enter accepts a
// value and goes to the next one that is open; after the last, to the next page,
// which takes the place of this one without loading anything anew.
// Open is what a person should look at: in review the doubtful values, and where a
// template is tested those that nobody has called right.
//
// Other scripts hook in by events on the element of the page, .reviewing:
// review:open (a page is shown), review:focus, review:typed and review:accepted
// (detail.row), review:failed (detail.row, and status, 0 where no answer came), which
// keeps the person on the page unless it is prevented, and review:leave, which waits
// for what detail.until is given, and stays where that comes to false.
"use strict";

const workstation = (() => {
  const root = () => document.querySelector(".reviewing");
  const values = () => root().querySelector(".values");
  const input = row => row.querySelector("[name=text], [name=checked]");
  const rows = () => [...values().querySelectorAll("form.value")].filter(input);
  const rowOf = element => element.closest("form.value");
  const redraw = () => picture.draw([...rows(), ...values().querySelectorAll(".margin-row[data-open]")]);
  const say = words => { document.getElementById("saving").textContent = words; };

  let picture = null;
  // The rows whose values are on their way to the server, and those whose
  // values did not arrive.
  const pending = new Set(), unsaved = new Set();
  // Those that were accepted anew before the answer: they are sent after it.
  const again = new Set();
  const idle = []; // who waits until nothing is pending
  // Corrections that break rules, of which the person has been told.
  const warned = new Set();
  let leaving = false, going = false, underReview = false;
  let ahead = null; // the next page: {from, got}, got a promise of {root, path} or null

  const on = (type, act) => document.addEventListener(type, act);
  const tell = (type, detail) => root().dispatchEvent(new CustomEvent(type, {bubbles: true, cancelable: true, detail}));

  // ---- One page. ----

  // A row that is shut tells nothing of its value before somebody looks at it.
  const shut = row => row.hasAttribute("data-shut");

  // look has a row that is shut be as it is for who looks at it. Where it has the
  // focus, keys are kept until it is there.
  async function look(row) {
    if (row.contains(document.activeElement)) {
      awaited = row;
      held.start();
    }
    if (row.looking) return;
    row.looking = true;
    const answer = await wired.then(() => outbox.asPerson(row.dataset.shut)).catch(() => null);
    const html = answer && answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const fresh = html && row.isConnected && html.getElementById(row.id), wanted = awaited === row;
    row.looking = false;
    if (wanted) awaited = null;
    if (!fresh) missing = row;
    else put(row, fresh);
    saved();
    if (!wanted) return;
    const typed = held.stop();
    focus(fresh || row, true);
    held.press(typed);
  }
  let awaited = null; // the row that somebody waits to look at
  let missing = null; // one that did not come
  const wired = new Promise(done => addEventListener("DOMContentLoaded", () => setTimeout(done))); // the other scripts, too

  // put puts a row into the place of one that was shut, and leaves its picture.
  function put(row, fresh) {
    const crop = row.querySelector(".crop");
    if (crop) fresh.querySelector(".crop").replaceWith(crop);
    row.replaceWith(fresh);
    htmx.process(fresh);
    redraw();
  }

  function focus(row, instantly) {
    const field = input(row);
    field.focus({preventScroll: true});
    if (field.matches("input, textarea") && field.type !== "checkbox") field.select();
    row.scrollIntoView({block: "nearest"});
    if (instantly) picture.show(row, true);
  }

  // accept saves the value of row and moves on at once; the answer comes later.
  // Who has come to look at a page on which nothing is open stays there.
  function accept(row) {
    if (shut(row)) {
      look(row);
      return;
    }
    row.removeAttribute("data-open");
    row.removeAttribute("data-doubtful");
    const tick = row.querySelector("[name=right]");
    if (tick) tick.checked = true;
    const all = rows(), at = all.indexOf(row);
    const open = all.slice(at + 1).concat(all.slice(0, at)).find(r => r.hasAttribute("data-open"));
    if (pending.has(row.id)) again.add(row.id);
    else submit(row);
    tell("review:accepted", {row});
    if (open) {
      focus(open);
    } else if (underReview) {
      leave();
    } else if (all[at + 1]) {
      focus(all[at + 1]);
    }
  }

  function submit(row) {
    pending.add(row.id);
    row.requestSubmit();
  }

  // crops fetches the pictures of a row, and of those that are open after it, before
  // they are looked at.
  function crops(row) {
    const all = rows(), open = all.slice(all.indexOf(row) + 1).filter(r => r.hasAttribute("data-open"));
    for (const r of [row, ...open.slice(0, 3)]) {
      for (const img of r.querySelectorAll(".crop img")) img.loading = "eager";
    }
  }

  // choose takes what else a value may be, by its number.
  function choose(row, n) {
    const button = row.querySelectorAll("[data-pick]")[n - 1];
    if (button) type(row, button.dataset.pick);
  }

  // pick puts the next of what else a value may be into its field.
  function pick(row, step) {
    const field = input(row);
    if (field.type === "checkbox" || field.value.includes("\n")) return false;
    const texts = [field.dataset.initial, ...[...row.querySelectorAll("[data-pick]")].map(b => b.dataset.pick)];
    const at = texts.indexOf(field.value);
    if (texts.length > 1) type(row, texts[(Math.max(at, 0) + step + texts.length) % texts.length]);
  }

  // type puts a text into the field of row, as if it had been typed.
  function type(row, text) {
    if (shut(row)) return;
    const field = input(row);
    field.value = text;
    field.dispatchEvent(new InputEvent("input", {bubbles: true}));
  }

  function undo(row) {
    const field = input(row);
    if (field.type !== "checkbox") type(row, field.dataset.initial);
    else if (field.checked !== (field.dataset.initial === "true")) field.click();
  }

  function history(row) {
    const list = row.querySelector("details");
    if (list) list.open = !list.open;
  }

  // ---- From page to page. ----

  // leave goes to the next page, once all is saved.
  function leave() {
    leaving = true;
    if (root().dataset.next) held.start();
    onwards();
  }

  // onwards leaves where that is wanted and nothing speaks against it: but first it
  // goes to each correction that breaks a rule. It may be a slip, and its row is
  // far behind when that is known.
  function onwards() {
    if (!leaving || going || pending.size > 0 || unsaved.size > 0 || !root().dataset.next) return;
    const broken = ["[data-open]", "[data-ask]", ":has([data-broken])"].flatMap(which => rows().filter(r => r.matches(which))).find(r => !warned.has(r.id));
    if (broken) {
      warned.add(broken.id);
      stay(broken);
      return;
    }
    go(next());
  }

  // stay gives up leaving because of row. What was typed ahead was meant for
  // another page.
  function stay(row) {
    leaving = false;
    held.stop();
    focus(row);
  }

  // get returns a page from the server as {root, path}, or null.
  async function get(address) {
    const answer = await outbox.asPerson(address + (address.includes("?") ? "&" : "?") + "part=review");
    const there = new URL(answer.url);
    there.searchParams.delete("part");
    const html = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const element = html && !html.querySelector("body > main") && html.querySelector(".reviewing");
    return element ? {root: document.adoptNode(element), path: there.pathname + there.search} : null;
  }

  // following gets the page that comes next in the queue, or null where there is
  // none. ahead claims it for this person, who has not gone there yet.
  async function following(address, ahead) {
    const asked = new URL(address, location.href).searchParams;
    if (ahead) asked.set("with", "ahead");
    const answer = await outbox.asPerson("/queue/next", {method: "POST", body: asked, redirect: "error"});
    return answer.status === 200 ? get((await answer.json()).path) : null;
  }

  // prepare gets the next page, and its picture, while a person is busy with this one.
  function prepare() {
    const from = root(), address = from.dataset.next;
    if (!address || !from.dataset.path) return;
    const got = following(address, true).then(page => {
      if (!page || page.root.dataset.page === from.dataset.page) return null; // there is none but this one, by now
      if (root() === from) {
        picture.preload(page.root.querySelector("#viewer").dataset.image);
        firstCrops(page.root);
        ahead.path = page.path;
      }
      return page;
    }).catch(() => null);
    ahead = {from, got};
  }

  // firstCrops fetches and decodes the pictures of the rows that a page begins with.
  function firstCrops(element) {
    const open = element.querySelectorAll("form.value[data-open] .crop img");
    for (const img of [...open].slice(0, 4)) {
      img.loading = "eager";
      img.decode().catch(() => {}); // one that is not there is not shown either
    }
  }

  // ready reports whether the page at path is there with its picture, before anybody
  // goes to it.
  const ready = path => Boolean(ahead && ahead.from === root() && ahead.path === path && picture.ready(path + "/picture"));

  async function next() {
    const address = root().dataset.next;
    if (!root().dataset.path) return null;
    return (ahead && ahead.from === root() && await ahead.got) || following(address, false).catch(() => null);
  }

  // go shows the page that is promised. Where it does not come, the browser goes
  // for it, and says why.
  async function go(promised, {field = "", push = true, address = root().dataset.next} = {}) {
    going = true;
    held.start();
    const waits = [settled()];
    tell("review:leave", {until: promise => waits.push(promise)});
    const [page, ...waited] = await Promise.all([promised, ...waits]);
    going = leaving = false;
    if (waited.includes(false)) {
      held.stop();
      return;
    }
    if (!page && outbox.asking && push) { // the session is over: from here it goes on
      held.stop();
      return;
    }
    if (!page) {
      location.href = address;
      return;
    }
    remember();
    if (push) window.history.pushState(null, "", page.path);
    show(page.root, field);
    if (!awaited) held.press(held.stop());
  }

  // settled waits until nothing is on its way to the server: the answer belongs to
  // this page. Who is cut off does not wait for ever.
  function settled() {
    if (pending.size === 0) return null;
    return Promise.race([new Promise(done => idle.push(done)), new Promise(done => setTimeout(done, 5000))]);
  }

  // remember notes the page that is left, and at which field, for the key that goes
  // back and for the button of the browser.
  function remember() {
    const row = document.activeElement.closest("form.value") || lastRow, {path} = root().dataset;
    if (path) storage.tab.setItem("seosik.left", JSON.stringify({path, field: row ? row.id : ""}));
  }
  let lastRow = null;

  function back() {
    const left = JSON.parse(storage.tab.getItem("seosik.left"));
    if (left && root().dataset.path && !going) go(get(left.path).catch(() => null), {field: left.field, address: left.path});
  }

  // visit shows a page with a field focused.
  function visit(address, field) {
    if (!going) go(get(address).catch(() => null), {field, address});
  }

  // show puts another page in the place of this one. The picture stays, and shows
  // what belongs to it.
  function show(element, field) {
    const viewer = document.getElementById("viewer"), fresh = element.querySelector("#viewer");
    for (const name of ["image", "width", "height", "part", "unprinted", "why"]) {
      if (name in fresh.dataset) viewer.dataset[name] = fresh.dataset[name];
      else delete viewer.dataset[name];
    }
    pending.clear();
    again.clear();
    unsaved.clear();
    warned.clear();
    const old = root();
    fresh.replaceWith(viewer);
    old.replaceWith(element);
    document.title = element.dataset.title;
    for (const input of document.querySelectorAll("form[action='/language'] [name=next]")) input.value = element.dataset.path;
    htmx.process(element);
    open(field);
  }

  // open begins with the page that is there now.
  function open(field) {
    lastRow = awaited = null;
    underReview = rows().some(r => r.hasAttribute("data-open"));
    panes.open();
    picture.open();
    redraw();
    const at = field && document.getElementById(field);
    const first = at && input(at) ? at : rows().find(r => r.hasAttribute("data-open")) || rows()[0];
    if (first) focus(first, true);
    else picture.show(null, true);
    tell("review:open", {page: Number(root().dataset.page)});
    afterPaint(prepare); // this page is wanted before the next one
  }

  const afterPaint = act => document.hidden ? act() : requestAnimationFrame(() => setTimeout(act));

  // ---- What people and htmx do. ----

  function saved() {
    const {unsaved: kept, saving, unseen} = root().dataset;
    say(unsaved.size > 0 ? kept : pending.size > 0 ? saving : missing && missing.isConnected ? unseen : "");
  }

  function wire() {
    picture = openPicture(document.getElementById("viewer"), row => input(row).focus());
    on("click", event => {
      const picked = event.target.closest(".values [data-pick]"), button = event.target.closest(".entry button, #whole button");
      if (picked) {
        type(rowOf(picked), picked.dataset.pick);
        input(rowOf(picked)).focus({preventScroll: true});
      } else if (button) {
        event.preventDefault();
        accept(rowOf(button));
      } else if (event.target.closest("#next") && root().dataset.path && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        leaveUnasked();
      }
    });
    on("focusin", event => {
      const row = event.target.closest(".values form.value");
      if (!row) return;
      if (row !== lastRow) {
        lastRow = row;
        if (shut(row)) look(row);
        picture.show(row);
        crops(row);
        tell("review:focus", {row});
      }
    });
    on("input", event => {
      const row = event.target.closest(".values form.value");
      if (!row || event.target !== input(row)) return;
      row.classList.toggle("typed", event.target.type !== "checkbox" && event.target.value !== event.target.dataset.initial);
      tell("review:typed", {row});
    });
    on("change", event => {
      if (!event.target.closest(".values form.value")) return;
      if (event.target.name === "right") rowOf(event.target).requestSubmit();
      else if (event.target.type === "checkbox") event.target.nextElementSibling.classList.add("changed");
    });
    on("mousedown", event => {
      if (event.target.closest(".values [data-pick]")) event.preventDefault(); // the field keeps the focus
    });
    addEventListener("popstate", () => {
      if (!root().dataset.path) return;
      const address = location.pathname + location.search, left = JSON.parse(storage.tab.getItem("seosik.left"));
      const field = left && left.path === address ? left.field : "";
      go(get(address).catch(() => null), {field, push: false, address});
    });
    htmxTells();
  }

  function leaveUnasked() {
    for (const row of rows()) warned.add(row.id);
    leave();
  }

  // differs reports whether something else is in a row than what the server has.
  function differs(row) {
    const field = input(row);
    return (field.type === "checkbox" ? String(field.checked) : field.value) !== field.dataset.initial;
  }

  // ended goes on where a row is not on its way any more.
  function ended() {
    if (pending.size === 0) idle.splice(0).forEach(done => done());
    saved();
    onwards();
  }

  // What htmx tells of the forms' requests. When a request has ended, its form
  // may have been replaced by the answer.
  function htmxTells() {
    const idOf = event => {
      const form = event.detail.requestConfig.elt;
      if (!form.matches("form.value")) return "";
      const now = document.getElementById(form.id); // there may be another page's in its place
      return now && now.getAttribute("action") === form.getAttribute("action") ? form.id : "";
    };
    on("htmx:beforeRequest", event => {
      const id = idOf(event);
      if (!id) return;
      pending.add(id);
      unsaved.delete(id);
      saved();
    });
    on("htmx:afterRequest", event => {
      const id = idOf(event);
      if (!id || !pending.delete(id)) return;
      const row = document.getElementById(id);
      if (again.delete(id) && differs(row)) {
        row.removeAttribute("data-open");
        submit(row);
        return;
      }
      if (!event.detail.successful && tell("review:failed", {row, status: event.detail.xhr.status})) {
        unsaved.add(id);
        stay(row);
      }
      ended();
    });
    on("outbox:took", event => {
      if (pending.delete(event.detail.form.id)) ended();
    });
    on("htmx:afterSwap", redraw);
  }

  // reveal shows all that is masked on the page, until the next one or till it is
  // asked for again. The server is told before it is shown.
  async function reveal() {
    const page = root();
    if (page.classList.contains("revealed")) {
      page.classList.remove("revealed");
      return;
    }
    if (!page.querySelector(".veiled")) return;
    const answer = await outbox.asPerson("/pages/reveal", {method: "POST", body: new URLSearchParams({page: page.dataset.page})}).catch(() => null);
    if (answer && answer.ok) page.classList.add("revealed");
    if (page.matches(".revealed")) rows().filter(shut).forEach(look);
  }

  function addKeys() {
    const field = {where: "field"}, often = {repeat: true};
    keys.add("Enter", "key.enter", (_, row) => accept(row), field);
    keys.add("Shift+Enter", "key.line");
    keys.add("Tab", "key.tab");
    keys.add("Space", "key.space");
    keys.add("Escape", "key.esc", (_, row) => undo(row), field);
    keys.add("ArrowDown", "key.other", (_, row) => pick(row, 1), {where: "field", repeat: true});
    keys.add("ArrowUp", "key.other_up", (_, row) => pick(row, -1), {where: "field", repeat: true});
    keys.add("Ctrl+1–9", "key.pick", (_, row, n) => choose(row, n), field);
    keys.add("F2", "key.history", (_, row) => history(row), field);
    keys.add("F8", "key.next", leaveUnasked);
    if (root().dataset.path) keys.add("Shift+F8", "key.back", back);
    keys.add("Ctrl+Shift++", "key.zoom_in", () => picture.zoom(1.25), often);
    keys.add("Ctrl+Shift+-", "key.zoom_out", () => picture.zoom(1 / 1.25), often);
    keys.add("Ctrl+Shift+0", "key.zoom_fit", () => picture.fit());
    if (root().dataset.path) keys.add("Alt+V", "key.reveal", () => { reveal(); });
    keys.add("Alt+R", "key.turn", () => picture.turn(90));
    for (const [side, x, y] of [["Left", -60, 0], ["Right", 60, 0], ["Up", 0, -60], ["Down", 0, 60]]) {
      keys.add("Alt+Arrow" + side, "key.pan_" + side.toLowerCase(), () => picture.pan(x, y), often);
    }
  }

  addEventListener("DOMContentLoaded", () => {
    wire();
    addKeys();
    panes.wire();
    open("");
  });

  return {get root() { return root(); }, get picture() { return picture; }, rows, input, focus, accept, type, leave, visit, redraw, on, ready};
})();
